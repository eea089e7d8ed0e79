package apigateway

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// expiring gives a user a token of one hour, which the next connections come with.
func (f *fixture) expiring(who string) {
	f.t.Helper()
	hour := int64(3600)
	s, err := f.rules.SignIn(f.t.Context(), chat.Visitor(""), chat.SignInInput{Email: who + "@example.com", Password: "a quiet place to eat"})
	if err != nil {
		f.t.Fatal(err)
	}
	_, secret, err := f.rules.AddToken(f.t.Context(), s.Actor, chat.NewTokenInput{Name: "test", ExpiresIn: &hour})
	if err == nil {
		f.actor[who], err = f.rules.ByToken(f.t.Context(), secret)
	}
	if err != nil {
		f.t.Fatal(err)
	}
}

// TestExpiredTokenEndsItsConnections: once a token is over its connections get no event, typing included, and are closed.
func TestExpiredTokenEndsItsConnections(t *testing.T) {
	for what, then := range map[string]func(f *fixture, id string){
		"an event": func(f *fixture, _ string) { f.post("ada", "after the moment"); f.fanOut() },
		"a frame": func(f *fixture, id string) {
			if ok, err := f.sockets.Frame(f.t.Context(), id, []byte(`{"type":"ping"}`), false); ok || err != nil {
				t.Errorf("a frame of an expired token: %v %v", ok, err)
			}
		},
	} {
		f := open(t)
		f.expiring("bob")
		id := f.live("bob", f.general)
		f.clock.now.Add((time.Hour - time.Second).Milliseconds())
		f.say(id, `{"type":"ping"}`)
		f.post("ada", "before the moment")
		f.fanOut()
		if heard := strings.Join(f.lines.heard(id), ""); !strings.Contains(heard, "before the moment") {
			t.Errorf("%s: heard %s", what, heard)
		}
		f.clock.now.Add(time.Second.Milliseconds())
		if err := f.rules.Typing(t.Context(), f.actor["ada"], f.general); err != nil {
			t.Fatal(err)
		}
		then(f, id)
		heard := f.lines.heard(id)
		if all := strings.Join(heard, ""); bye(t, heard) != wire.CloseEnded || strings.Contains(all, "after") || strings.Contains(all, "typing") {
			t.Errorf("%s: heard %q", what, heard)
		}
	}
}

// TestEndedThoughItCannotBeTold: a connection whose session has ended is closed although it does not take the frame that says why.
func TestEndedThoughItCannotBeTold(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusRequestEntityTooLarge} {
		f := open(t)
		id := f.live("bob", f.general)
		f.lines.answer = func(string, int, []byte) error { return StatusError(status) }
		yes := true
		if _, err := f.rules.UpdateUser(t.Context(), f.actor["ada"], f.actor["bob"].User.ID, chat.UpdateUserInput{Deactivated: &yes}); err != nil {
			t.Fatal(err)
		}
		f.fanOut()
		if !f.lines.closed[id] {
			t.Errorf("a connection that answers %d is left open", status)
		}
	}
}

// TestUsedSessionKeepsItsConnections: a session that was used meanwhile is not over when it would have been.
func TestUsedSessionKeepsItsConnections(t *testing.T) {
	f := open(t)
	in := chat.SignInInput{Email: "bob@example.com", Password: "a quiet place to eat"}
	s, err := f.rules.SignIn(t.Context(), chat.Visitor(""), in)
	if err != nil {
		t.Fatal(err)
	}
	f.clock.now.Add((chat.SessionIdle - time.Hour).Milliseconds())
	f.actor["bob"] = s.Actor
	f.actor["bob"] = must(t)(f.rules.Still(t.Context(), s.Actor))
	id := f.live("bob", f.general)
	must(t)(f.rules.BySession(t.Context(), s.Secret))
	f.clock.now.Add(time.Minute.Milliseconds())
	f.say(id, `{"type":"ping"}`)
	f.clock.now.Add(time.Hour.Milliseconds())
	f.post("ada", "hello")
	f.fanOut()
	if heard := f.lines.heard(id); !strings.Contains(strings.Join(heard, ""), "hello") || bye(t, heard) != 0 {
		t.Errorf("heard %q", heard)
	}
}

func must(t *testing.T) func(chat.Actor, error) chat.Actor {
	return func(a chat.Actor, err error) chat.Actor {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
}
