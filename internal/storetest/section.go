package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

// sectionsOfManyDevices checks that devices of one user which add sections at the same time lose none of them, if each names the sections
// on which its change rests and begins anew when they are others.
func sectionsOfManyDevices(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	const devices, each = 4, 3
	add := func(name string) error {
		for {
			u, err := s.User(ctx, "ujonas")
			if err != nil {
				return err
			}
			was := u.Settings.Sections
			next, version := append(slices.Clone(was), chat.Section{ID: name, Name: name}), u.Settings.SectionsVersion()
			in := &settings.Input{Sections: &next, SectionsWere: &version}
			if _, err = s.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Settings: in, At: began}); chat.ErrorCode(err) != chat.Conflict {
				return err
			}
		}
	}
	var devicesDone sync.WaitGroup
	for d := range devices {
		devicesDone.Go(func() {
			for n := range each {
				if err := add(fmt.Sprintf("%d of device %d", n, d)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	devicesDone.Wait()
	u, err := s.User(ctx, "ujonas")
	if err != nil || len(u.Settings.Sections) != devices*each {
		t.Errorf("%d sections, %v: %+v", len(u.Settings.Sections), err, u.Settings.Sections)
	}
}
