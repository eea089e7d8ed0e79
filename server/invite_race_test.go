package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// In each round the maker of an invite loses what it gives while somebody signs up by it. Either the sign-up was committed first, as the
// order of events on a socket shows, or nobody came in.

func TestRCInviteDemotion(t *testing.T) {
	raceInvite(t, ending{
		role: chat.Admin, hears: "ada", event: `"role":"member"`,
		end: func(h *world.World, _ string) error {
			return h.Patch("ada", "gus", wire.UpdateUser{Role: new("member")})
		},
		undo: func(h *world.World, _ string) error {
			return h.Patch("ada", "gus", wire.UpdateUser{Role: new("admin")})
		},
	})
}

func TestRCInviteRemoval(t *testing.T) {
	raceInvite(t, ending{
		role: chat.Guest, inRoom: true, hears: "gus", event: `"type":"left"`,
		end: func(h *world.World, room string) error {
			return h.As("jonas").RemoveMember(context.Background(), room, h.ID["gus"])
		},
		undo: func(h *world.World, room string) error {
			_, err := h.As("jonas").PutMember(context.Background(), room, h.ID["gus"], "")
			return err
		},
	})
}

func TestRCInviteDeactivation(t *testing.T) {
	raceInvite(t, ending{
		role: chat.Member, hears: "ada", event: `"deactivated":true`,
		end: func(h *world.World, _ string) error {
			return h.Patch("ada", "gus", wire.UpdateUser{Deactivated: new(true)})
		},
		undo: func(h *world.World, _ string) error {
			defer h.AddToken("gus")
			return h.Patch("ada", "gus", wire.UpdateUser{Deactivated: new(false)})
		},
	})
}

// ending is how Gus loses what his invite gives, and how he gets it back. hears is who is told of it, by an event with this part.
type ending struct {
	role         chat.Role
	inRoom       bool
	hears, event string
	end, undo    func(h *world.World, room string) error
}

func raceInvite(t *testing.T, e ending) {
	h, n := racing(t)
	ctx, in := context.Background(), 0
	if n < 100 {
		n = max(n/10, 3) // each hashes a password
	}
	h.Add("gus", chat.Admin)
	room := h.Room("jonas", "private", "plans", "gus")
	l := listen(t, h.As(e.hears))
	defer l.live.Close()
	began := time.Now()
	h.Add("first", chat.Member)
	hashing := time.Since(began)
	for i := range n {
		body := wire.NewInviteBody{Role: string(e.role)}
		if e.inRoom {
			body.Rooms = []string{room}
		}
		invite := world.Must[wire.MadeInvite](t)(h.As("gus").AddInvite(ctx, body))
		signUp := func(handle string) error {
			_, err := client.New(h.URL, "").SignUp(ctx, wire.SignUp{
				Invite: invite.Secret, Name: handle, Handle: handle, Email: handle + "@example.com", Password: world.Password,
			})
			return err
		}
		handle := fmt.Sprintf("new%dcomer", i)
		l.settled()
		ended, came := both(t,
			func() error {
				time.Sleep(hashing * time.Duration(i%13) / 10) // a sign-up hashes the password between its reads and its commit
				return e.end(h, room)
			},
			func() error { return signUp(handle) })
		oneOf(t, "the end", ended, 0)
		oneOf(t, "the sign-up", came, 0, http.StatusNotFound)
		heard := l.settled()
		entry, end := strings.Index(heard, `"handle":"`+handle+`"`), strings.Index(heard, e.event)
		if end < 0 || (came == 0) != (entry >= 0) || entry > end {
			t.Fatalf("round %d: the sign-up gave %d; its event is at %d, and that of the end at %d", i, came, entry, end)
		}
		if came == 0 {
			in++
		}
		if err := signUp(fmt.Sprintf("late%dcomer", i)); client.Status(err) != http.StatusNotFound {
			t.Fatalf("round %d: signed up after the end: %v", i, err)
		}
		if err := e.undo(h, room); err != nil {
			t.Fatal(err)
		}
		if done := i + 1; done == n || done%100 == 0 {
			t.Logf("%d rounds: %d sign-ups came first", done, in)
		}
	}
}
