package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/settings"
)

// hooks checks chat.HookStore: a hook is made with its bot or not at all, shows the bot as of now, and is listed with those of its room.
func hooks(t *testing.T, open Open) {
	ctx, h := context.Background(), &recorder{}
	s := opened(t, open, h)
	defer s.Close()
	m := model.New(nil)
	bot := func(id string) chat.NewUser {
		return chat.NewUser{
			User:      chat.User{ID: id, Handle: "hook-" + id, Name: id, Role: chat.Guest, Bot: true, Settings: settings.Default(), Epoch: 1},
			EmailFold: "bot " + id,
		}
	}
	add := func(id, room, handle string, facts chat.Facts, seconds int) step {
		return func(ctx context.Context, s chat.Store) error {
			b := bot(id)
			if handle != "" {
				b.User.Handle = handle
			}
			_, err := s.AddUser(ctx, chat.AddUser{Facts: facts, User: b, At: began, Hook: &chat.Hook{
				ID: id, Room: room, By: "uada", Calls: id == "hb", CreatedAt: began.Add(time.Duration(seconds) * time.Second), Epoch: 1,
				Secret: chat.HashSecret(id),
			}})
			return err
		}
	}
	yes, used := true, began.Add(time.Hour)
	stale := chat.Facts{Member: &chat.MemberFact{Room: general, User: "uada", Role: chat.RoomOwner}}
	for n, do := range []step{
		func(ctx context.Context, s chat.Store) error { return furnish(ctx, s, nil) },
		add("hb", general, "", chat.Facts{}, 2), add("ha", general, "", chat.Facts{}, 2), add("hc", general, "", chat.Facts{}, 1),
		add("hd", "relsewhere", "", chat.Facts{}, 0),
		add("he", general, "mira", chat.Facts{}, 0), // its handle is taken
		add("hf", general, "", stale, 0),
		func(ctx context.Context, s chat.Store) error { return s.TouchHook(ctx, "ha", used) },
		func(ctx context.Context, s chat.Store) error { return s.TouchHook(ctx, "nobody", used) },
		updateUser(chat.UpdateUser{User: "hc", Deactivated: &yes, EndSessions: true, At: began}),
	} {
		got, want := do(ctx, s), do(ctx, m)
		if chat.ErrorCode(got) != chat.ErrorCode(want) {
			t.Errorf("step %d: %v, want %v", n, got, want)
		}
	}
	for _, id := range []string{"ha", "hb", "hc", "hd", "he", "hf", "umira"} {
		got, err := s.Hook(ctx, id)
		want, wanted := m.Hook(ctx, id)
		if chat.ErrorCode(err) != chat.ErrorCode(wanted) || !reflect.DeepEqual(got, want) {
			t.Errorf("hook %s: %+v, %v; want %+v, %v", id, got, err, want, wanted)
		}
	}
	for _, room := range []string{general, "relsewhere", "rnone"} {
		got, err := s.Hooks(ctx, room)
		want, _ := m.Hooks(ctx, room)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("hooks of %s: %+v, %v; want %+v", room, got, err, want)
		}
	}
	if h, err := m.Hook(ctx, "hc"); err != nil || h.Bot.Epoch != 2 || !h.Bot.Deactivated {
		t.Fatalf("the premise: %+v, %v", h, err)
	}
}
