package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

// settingsAreOnesOwn checks that a change of settings is announced to its user alone and leaves the version of the directory, so that
// nobody else fetches the directory again.
func settingsAreOnesOwn(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	title := "Cook"
	attentive := settings.Attention{
		DefaultNotify: chat.NotifyNothing, ThreadAlerts: true, Keywords: []string{"soup", "C++"}, Sound: settings.SoundQuiet,
		Digest: settings.DigestDaily, PushDelay: time.Minute,
	}
	calm := attentive
	calm.Quiet = quiet.Quiet{Until: &began, Schedule: &quiet.Schedule{Days: []quiet.Day{"mon", "sun"}, From: "22:00", To: "07:00"}}
	zone := "Europe/Berlin"
	to := func(s settings.Settings) chat.UpdateUser { return chat.UpdateUser{Settings: settingsTo(s)} }
	kept := []chat.Section{{ID: "kitchen", Name: "Kitchen", Folded: true, Rooms: []string{general, "gone"}}, {Name: "Empty"}}
	for _, c := range []struct {
		what  string
		cmd   chat.UpdateUser
		to    []string
		grows bool
	}{
		{"a theme", to(settings.Settings{Theme: "dark"}), []string{"ujonas"}, false},
		{"a skin tone", to(settings.Settings{Theme: "dark", SkinTone: 2}), []string{"ujonas"}, false},
		{"the same", to(settings.Settings{Theme: "dark", SkinTone: 2}), nil, false},
		{"sections", to(settings.Settings{Theme: "dark", SkinTone: 2, Sections: kept}), []string{"ujonas"}, false},
		{"the same sections", to(settings.Settings{Theme: "dark", SkinTone: 2, Sections: kept}), nil, false},
		{"keywords", to(settings.Settings{Attention: attentive}), []string{"ujonas"}, false},
		{"a schedule without a time zone", to(settings.Settings{Attention: calm}), nil, false},
		{"a time zone", chat.UpdateUser{TimeZone: &zone}, []string{"uada", "ugus", "ujonas", "umira"}, true},
		{"do not disturb", to(settings.Settings{Attention: calm}), []string{"uada", "ugus", "ujonas", "umira"}, true},
		{"the same again", to(settings.Settings{Attention: calm}), nil, false},
		{"an end of it", to(settings.Settings{Attention: attentive}), []string{"uada", "ugus", "ujonas", "umira"}, true},
		{"a title", chat.UpdateUser{Title: &title}, []string{"uada", "ugus", "ujonas", "umira"}, true},
	} {
		_, before, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		c.cmd.User, c.cmd.At = "ujonas", began
		_, err = s.UpdateUser(ctx, c.cmd)
		if refused := strings.Contains(c.what, "without"); refused != (chat.ErrorCode(err) == chat.Invalid) || !refused && err != nil {
			t.Fatalf("%s: %v", c.what, err)
		} else if refused {
			continue
		}
		u, err := s.User(ctx, "ujonas")
		if in := c.cmd.Settings; err != nil || in != nil && !reflect.DeepEqual(u.Settings, in.Apply(settings.Settings{})) {
			t.Errorf("%s: settings %+v, %v", c.what, u.Settings, err)
		}
		_, after, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if (after > before) != c.grows {
			t.Errorf("%s: the version of the directory goes from %d to %d", c.what, before, after)
		}
		var to []string
		for _, a := range h.take() {
			to = append(to, a.To...)
		}
		if !slices.Equal(to, c.to) {
			t.Errorf("%s is announced to %v, want %v", c.what, to, c.to)
		}
	}
}

// settingsTo changes all settings to these.
func settingsTo(s settings.Settings) *settings.Input {
	a := s.Attention
	return &settings.Input{
		Theme: &s.Theme, SkinTone: &s.SkinTone, EnterSends: &s.EnterSends, Sections: &s.Sections, Attention: &settings.AttentionInput{
			DefaultNotify: &a.DefaultNotify, ThreadAlerts: &a.ThreadAlerts, Keywords: &a.Keywords, Quiet: &a.Quiet, Sound: &a.Sound,
			Digest: &a.Digest, PushDelay: &a.PushDelay,
		},
	}
}

// guestsTellNoNames checks that a guest is always ambiguous and makes nobody else so, whatever they are called, and that a new role
// is compared like a new name.
func guestsTellNoNames(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	guest, member, mira := chat.Guest, chat.Member, "Mira"
	for _, c := range []struct {
		what      string
		cmd       chat.UpdateUser
		ambiguous string
		announced int
	}{
		{"a guest takes a member's name", chat.UpdateUser{User: "ugus", Name: &mira}, "ugus", 1},
		{"becomes a member", chat.UpdateUser{User: "ugus", Role: &member}, "ugus umira", 2},
		{"and a guest again", chat.UpdateUser{User: "ugus", Role: &guest}, "ugus", 2},
		{"a member becomes a guest", chat.UpdateUser{User: "ujonas", Role: &guest}, "ugus ujonas", 1},
		{"takes a name", chat.UpdateUser{User: "ujonas", Name: &mira}, "ugus ujonas", 1},
		{"becomes a member", chat.UpdateUser{User: "ujonas", Role: &member}, "ugus ujonas umira", 2},
	} {
		c.cmd.At = began
		if _, err := s.UpdateUser(ctx, c.cmd); err != nil {
			t.Fatal(err)
		}
		all, _, err := s.Users(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var ambiguous []string
		for _, u := range all {
			if u.Ambiguous {
				ambiguous = append(ambiguous, u.ID)
			}
		}
		slices.Sort(ambiguous)
		if got, told := strings.Join(ambiguous, " "), len(h.take()); got != c.ambiguous || told != c.announced {
			t.Errorf("%s: %s are ambiguous, want %s; %d announcements, want %d", c.what, got, c.ambiguous, told, c.announced)
		}
	}
}

// handlesChangeSeldom checks that a store remembers when a handle was changed: the change beyond the limit is refused in the command
// itself, so that of parallel ones no more are done.
func handlesChangeSeldom(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	change := func(n int, at time.Time) error {
		handle := fmt.Sprint("jonas", n)
		_, err := s.UpdateUser(ctx, chat.UpdateUser{User: "ujonas", Handle: &handle, At: at})
		return err
	}
	var wg sync.WaitGroup
	var done atomic.Int32
	for n := range 2 * chat.MaxHandleChanges {
		wg.Go(func() {
			switch err := change(n, began.Add(time.Duration(n))); {
			case err == nil:
				done.Add(1)
			case chat.ErrorCode(err) != chat.RateLimited:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != chat.MaxHandleChanges {
		t.Errorf("%d changes at once, want %d", done.Load(), chat.MaxHandleChanges)
	}
	u, err := s.User(ctx, "ujonas")
	if err != nil || len(u.HandleChanges) != chat.MaxHandleChanges {
		t.Errorf("%v, %v: want the times of %d changes", u.HandleChanges, err, chat.MaxHandleChanges)
	}
	if err := change(7, began.Add(chat.HandleChangesWithin-time.Minute)); chat.ErrorCode(err) != chat.RateLimited {
		t.Errorf("within the month: %v", err)
	}
	if err := change(8, began.Add(chat.HandleChangesWithin+time.Minute)); err != nil {
		t.Errorf("after the month: %v", err)
	}
	if u, err = s.User(ctx, "ujonas"); err != nil || len(u.HandleChanges) != chat.MaxHandleChanges {
		t.Errorf("%v, %v: want the latest %d", u.HandleChanges, err, chat.MaxHandleChanges)
	}
}
