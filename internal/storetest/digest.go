package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

// digests checks chat.DigestStore: the states that changes of users make, which of them are due, and that one of several moves a state.
func digests(t *testing.T, open Open) {
	s, _ := furnished(t, open)
	ds, ok := s.Store.(chat.DigestStore)
	if !ok {
		t.Fatalf("%T keeps no digests", s.Store)
	}
	w := digestWalk{t, context.Background(), s.Store, ds}
	w.due(began.Add(time.Hour), 10)
	if _, err := ds.Digest(w.ctx, "umira"); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("of somebody who never wanted one: %v", err)
	}
	w.want("umira", settings.DigestHourly, began.Add(2*time.Second))
	w.want("ujonas", settings.DigestDaily, began.Add(time.Second))
	w.want("uada", settings.DigestDaily, began.Add(time.Hour))
	w.want("uada", settings.DigestOff, began.Add(time.Hour)) // still looked at once
	w.due(began, 10)
	w.due(began.Add(time.Second), 10, "ujonas")
	w.due(began.Add(time.Hour), 10, "ujonas", "umira", "uada")
	w.due(began.Add(time.Hour), 2, "ujonas", "umira")

	was := w.get("umira")
	if !was.Equal(chat.DigestState{User: "umira", Due: began.Add(2 * time.Second)}) {
		t.Errorf("at first: %+v", was)
	}
	now := chat.DigestState{
		User: "umira", Due: began.Add(time.Minute), Last: began, Since: began.Add(-time.Second), Key: "secret", Tries: 3,
	}
	w.move(was, now, nil)
	w.move(was, now, chat.ErrStale)
	if got := w.get("umira"); !got.Equal(now) {
		t.Errorf("moved to %+v, want %+v", got, now)
	}
	w.due(began.Add(59*time.Second), 10, "ujonas")
	w.due(began.Add(time.Minute), 10, "ujonas", "umira")

	w.want("umira", settings.DigestDaily, began.Add(10*time.Second)) // moves it, and keeps the rest
	now.Due = began.Add(10 * time.Second)
	if got := w.get("umira"); !got.Equal(now) {
		t.Errorf("after a change: %+v, want %+v", got, now)
	}
	w.want("umira", settings.DigestOff, began.Add(20*time.Second))
	w.want("umira", settings.DigestDaily, began.Add(30*time.Second)) // begins anew
	if got := w.get("umira"); !got.Equal(chat.DigestState{User: "umira", Due: began.Add(30 * time.Second)}) {
		t.Errorf("turned on again: %+v", got)
	}
	off := w.get("umira")
	off.Due = time.Time{}
	w.move(w.get("umira"), off, nil)
	w.due(began.Add(24*time.Hour), 10, "ujonas", "uada")
	w.race()
}

type digestWalk struct {
	t   *testing.T
	ctx context.Context
	s   chat.Store
	ds  chat.DigestStore
}

func (w digestWalk) want(user string, d settings.Digest, at time.Time) {
	w.t.Helper()
	_, err := w.s.UpdateUser(w.ctx, chat.UpdateUser{
		User: user, Settings: &settings.Input{Attention: &settings.AttentionInput{Digest: &d}}, At: at,
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w digestWalk) get(user string) chat.DigestState {
	w.t.Helper()
	d, err := w.ds.Digest(w.ctx, user)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w digestWalk) move(was, now chat.DigestState, want error) {
	w.t.Helper()
	if err := w.ds.MoveDigest(w.ctx, was, now); !errors.Is(err, want) {
		w.t.Errorf("move to %+v: %v, want %v", now, err, want)
	}
}

func (w digestWalk) due(at time.Time, limit int, want ...string) {
	w.t.Helper()
	got, err := w.ds.DueDigests(w.ctx, at, limit)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, d := range got {
		ids = append(ids, d.User)
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		w.t.Errorf("due at %s: %v, want %v", at.Sub(began), ids, want)
	}
}

// race lets several replace the same state: one does.
func (w digestWalk) race() {
	was, wins := w.get("ujonas"), atomic.Int64{}
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			now := was
			now.Due = began.Add(time.Duration(n+1) * time.Hour)
			switch err := w.ds.MoveDigest(w.ctx, was, now); {
			case err == nil:
				wins.Add(1)
			case !errors.Is(err, chat.ErrStale):
				w.t.Error(err)
			}
		})
	}
	if all.Wait(); wins.Load() != 1 {
		w.t.Errorf("%d moved the same state", wins.Load())
	}
}
