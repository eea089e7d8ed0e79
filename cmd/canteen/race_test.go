package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// Two at once, again and again (security.md, RC): whatever the order, both answers and what is left fit one after the other.

var races = flag.Int("races", 40, "how often each TestRC… lets two commands race; those that hash passwords a tenth of it")

// racing is a server without rates whose data is checked at the end, and how often to race.
func racing(t *testing.T) (*house, int) {
	t.Helper()
	h, n := openIn(t, memory(t), false), *races
	if testing.Short() {
		n = min(n, 10)
	}
	t.Cleanup(func() { checkInvariants(t, h.dir) })
	return h, n
}

// memory is a directory for data that need not outlive the test; in memory where there is one, so that a race is not always
// won by who waits less for the disk.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "canteen")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// both runs two commands at once and gives the status of each refusal, 0 for done.
func both(t *testing.T, first, second func() error) (a, b int) {
	t.Helper()
	var ready, done sync.WaitGroup
	ready.Add(2)
	run := func(f func() error, status *int) {
		ready.Done()
		ready.Wait()
		err := f()
		if *status = client.Status(err); err != nil && (*status == 0 || *status >= 500) {
			t.Errorf("failed: %v", err)
		}
	}
	done.Go(func() { run(first, &a) })
	done.Go(func() { run(second, &b) })
	done.Wait()
	return a, b
}

// oneOf fails when status is none of want.
func oneOf(t *testing.T, what string, status int, want ...int) {
	t.Helper()
	for _, w := range want {
		if status == w {
			return
		}
	}
	t.Errorf("%s: %d, want one of %v", what, status, want)
}

func (h *house) general() string {
	h.t.Helper()
	for _, r := range must[[]wire.MyRoom](h.t)(h.as("bob").Rooms(context.Background())) {
		if r.Name == "general" {
			return r.ID
		}
	}
	h.t.Fatal("bob is not in general")
	return ""
}

func (h *house) post(who, room string, n int) wire.Message {
	h.t.Helper()
	return must[wire.Message](h.t)(h.as(who).Post(context.Background(), room, wire.PostMessage{ClientID: uuid(n), Text: "hello"}))
}

// patch changes a user as somebody.
func (h *house) patch(by, user string, change wire.UpdateUser) error {
	return h.as(by).Do(context.Background(), http.MethodPatch, "/users/"+h.id[user], change, nil)
}

func ptr[T any](v T) *T { return &v }

func TestRCSameInvite(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	for i := range max(n/10, 3) {
		invite := must[wire.MadeInvite](t)(h.as("ada").AddInvite(ctx, wire.NewInviteBody{MaxUses: ptr(1)}))
		signUp := func(side string) func() error {
			handle := fmt.Sprintf("%s%d", side, i)
			return func() error {
				_, err := client.New(h.url, "").SignUp(ctx, wire.SignUp{
					Invite: invite.Secret, Name: handle, Handle: handle, Email: handle + "@example.com", Password: "a quiet place to eat",
				})
				return err
			}
		}
		a, b := both(t, signUp("left"), signUp("right"))
		oneOf(t, "the sum of 0 and 404", a+b, http.StatusNotFound)
	}
}

func TestRCSameRoom(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	for i := range n {
		make := func(who string) func() error {
			return func() error {
				_, err := h.as(who).AddRoom(ctx, wire.NewRoomBody{Kind: "public", Name: fmt.Sprintf("room-%d", i)})
				return err
			}
		}
		a, b := both(t, make("alice"), make("bob"))
		oneOf(t, "the sum of 0 and 409", a+b, http.StatusConflict)
	}
}

func TestRCSameDirectRoom(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	for i := range n {
		handle, ids := fmt.Sprintf("fresh%d", i/2%5), [2]string{} // few people, met anew by each pair of the others
		if h.id[handle] == "" {
			h.add(handle)
		}
		pair := [][2]string{{handle, "alice"}, {handle, "bob"}}[i%2]
		others := []string{h.id["eve"], h.id["ada"], h.id["gus"]}[:i/10%4]
		make := func(side int) func() error {
			return func() error {
				r, err := h.as(pair[side]).AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: append([]string{h.id[pair[1-side]]}, others...)})
				ids[side] = r.ID
				return err
			}
		}
		a, b := both(t, make(0), make(1))
		if a != 0 || b != 0 || ids[0] != ids[1] {
			t.Errorf("%d %s and %d %s", a, ids[0], b, ids[1])
		}
	}
}

func TestRCSameClientID(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.general()
	for i := range n {
		var got [2]wire.Message
		post := func(side int) func() error {
			return func() (err error) {
				got[side], err = h.as("bob").Post(ctx, room, wire.PostMessage{ClientID: uuid(i), Text: fmt.Sprintf("from %d", side)})
				return err
			}
		}
		a, b := both(t, post(0), post(1))
		if a != 0 || b != 0 || got[0].Seq != int64(i+1) || got[1].Seq != got[0].Seq || got[0].Text != got[1].Text {
			t.Errorf("%d %+v and %d %+v", a, got[0], b, got[1])
		}
	}
}

func TestRCEditAndDelete(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.general()
	bob, again := h.as("bob"), h.as("bob")
	for i := range n {
		m := h.post("bob", room, i)
		edited, deleted := both(t,
			func() error { _, err := bob.Edit(ctx, room, m.Seq, "other"); return err },
			func() error { return again.Delete(ctx, room, m.Seq) })
		oneOf(t, "edit", edited, 0, http.StatusGone)
		oneOf(t, "deletion", deleted, 0)
		page := must[wire.Page](t)(bob.Page(ctx, room, nil))
		if last := page.Messages[len(page.Messages)-1]; last.DeletedAt == nil || last.Text != "" {
			t.Errorf("left %+v", last)
		}
	}
}

func TestRCLeaveAndPost(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := must[wire.MyRoom](t)(h.as("alice").AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads", Members: []string{h.id["bob"]}})).ID
	posted, live := int64(0), h.live("alice")
	for i := range n {
		left, status := both(t,
			func() error { return h.as("bob").RemoveMember(ctx, room, h.id["bob"]) },
			func() error {
				_, err := h.as("bob").Post(ctx, room, wire.PostMessage{ClientID: uuid(i), Text: "hello"})
				return err
			})
		oneOf(t, "leaving", left, 0)
		oneOf(t, "posting", status, 0, http.StatusNotFound)
		if before := upTo(t, live, "members", `"member_count":1`); status == 0 {
			posted++
			holds(t, before, "message", uuid(i))
		}
		if page := must[wire.Page](t)(h.as("alice").Page(ctx, room, nil)); page.Head != posted {
			t.Fatalf("%d posts were acknowledged, the room is at rev %d", posted, page.Head)
		}
		must[wire.Member](t)(h.as("alice").PutMember(ctx, room, h.id["bob"], ""))
	}
}

func TestRCDemoteAndAct(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := must[wire.MyRoom](t)(h.as("bob").AddRoom(ctx, wire.NewRoomBody{Kind: "public", Name: "leads", Members: []string{h.id["alice"], h.id["ada"]}})).ID
	if err := h.patch("ada", "eve", wire.UpdateUser{Role: ptr("admin")}); err != nil {
		t.Fatal(err)
	}
	h.addToken("eve") // one that administers
	topic := func(s string) error {
		return h.as("alice").Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]string{"topic": s}, nil)
	}
	live := h.live("alice")
	for i := range n {
		must[wire.Member](t)(h.as("bob").PutMember(ctx, room, h.id["alice"], "owner"))
		if err := h.patch("ada", "eve", wire.UpdateUser{Role: ptr("admin")}); err != nil {
			t.Fatal(err)
		}
		h.post("bob", room, i)
		upTo(t, live, "message", uuid(i))
		demoted, acted := both(t,
			func() error { _, err := h.as("bob").PutMember(ctx, room, h.id["alice"], "member"); return err },
			func() error { return topic(fmt.Sprint(i)) })
		oneOf(t, "demotion in the room", demoted, 0)
		oneOf(t, "topic", acted, 0, http.StatusForbidden)
		if before := upTo(t, live, "members", room); acted == 0 {
			holds(t, before, "room", fmt.Sprintf(`"topic":"%d"`, i))
		}
		demoted, acted = both(t,
			func() error { return h.patch("ada", "eve", wire.UpdateUser{Role: ptr("member")}) },
			func() error { return h.patch("eve", "gus", wire.UpdateUser{Title: ptr(fmt.Sprint(i))}) })
		oneOf(t, "demotion", demoted, 0)
		oneOf(t, "an admin's act", acted, 0, http.StatusForbidden)
		if before := upTo(t, live, "user", h.id["eve"]); acted == 0 {
			holds(t, before, "user", fmt.Sprintf(`"title":"%d"`, i))
		}
		oneOf(t, "topic afterwards", client.Status(topic("after")), http.StatusForbidden)
		oneOf(t, "an admin's act afterwards", client.Status(h.patch("eve", "gus", wire.UpdateUser{Title: ptr("after")})), http.StatusForbidden)
	}
}

func TestRCArchiveAndPost(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := must[wire.MyRoom](t)(h.as("alice").AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads", Members: []string{h.id["bob"]}})).ID
	archive := func(on bool) error {
		return h.as("alice").Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]bool{"archived": on}, nil)
	}
	for i := range n {
		var m wire.Message
		archived, posted := both(t,
			func() error { return archive(true) },
			func() (err error) {
				m, err = h.as("bob").Post(ctx, room, wire.PostMessage{ClientID: uuid(i), Text: "hello"})
				return err
			})
		oneOf(t, "archiving", archived, 0)
		oneOf(t, "posting", posted, 0, http.StatusConflict)
		page := must[wire.Page](t)(h.as("bob").Page(ctx, room, nil))
		if last := page.Messages[len(page.Messages)-1]; last.System == nil || last.Seq <= m.Seq {
			t.Errorf("after the archiving stands %+v", last)
		}
		if err := archive(false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRCReactAndTakeBack(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.general()
	h.post("alice", room, 0)
	for i := range n {
		react := func(who string, on bool) func() error {
			return func() error { _, err := h.as(who).React(ctx, room, 1, firework, on); return err }
		}
		a, b := both(t, react("bob", true), react("bob", false))
		oneOf(t, "both of one's own", a+b, 0)
		a, b = both(t, react("bob", i%2 == 0), react("eve", i%3 == 0))
		oneOf(t, "two people's", a+b, 0)
		want := 0
		for _, on := range []bool{i%2 == 0, i%3 == 0} {
			if on {
				want++
			}
		}
		got := 0
		for _, r := range must[wire.Page](t)(h.as("bob").Page(ctx, room, nil)).Messages[0].Reactions {
			got = r.Count
		}
		if got != want {
			t.Errorf("%d reactions, want %d", got, want)
		}
	}
}

func TestRCDeactivateAndSignIn(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	for range max(n/10, 3) {
		c := client.New(h.url, "")
		deactivated, signedIn := both(t,
			func() error { return h.patch("ada", "eve", wire.UpdateUser{Deactivated: ptr(true)}) },
			func() error {
				_, err := c.SignIn(ctx, "eve@example.com", "a quiet place to eat")
				return err
			})
		oneOf(t, "deactivation", deactivated, 0)
		oneOf(t, "signing in", signedIn, 0, http.StatusUnauthorized)
		_, err := c.Me(ctx)
		oneOf(t, "the session afterwards", client.Status(err), http.StatusUnauthorized)
		if err := h.patch("ada", "eve", wire.UpdateUser{Deactivated: ptr(false)}); err != nil {
			t.Fatal(err)
		}
		_, err = c.Me(ctx)
		oneOf(t, "the session after the return", client.Status(err), http.StatusUnauthorized)
	}
}

func TestRCDeactivateAndPost(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.general()
	h.add("dan")
	live := h.live("alice")
	for i := range max(n/10, 3) { // a new token each
		h.addToken("dan")
		dan := h.as("dan")
		post := func(n int) error {
			_, err := dan.Post(ctx, room, wire.PostMessage{ClientID: uuid(n), Text: "hello"})
			return err
		}
		deactivated, posted := both(t, func() error { return h.patch("ada", "dan", wire.UpdateUser{Deactivated: ptr(true)}) }, func() error { return post(2 * i) })
		oneOf(t, "deactivation", deactivated, 0)
		oneOf(t, "posting", posted, 0, http.StatusUnauthorized)
		if before := upTo(t, live, "user", `"deactivated":true`); posted == 0 {
			holds(t, before, "message", uuid(2*i))
		}
		oneOf(t, "posting afterwards", client.Status(post(2*i+1)), http.StatusUnauthorized)
		if err := h.patch("ada", "dan", wire.UpdateUser{Deactivated: ptr(false)}); err != nil {
			t.Fatal(err)
		}
		oneOf(t, "the token after the return", client.Status(post(2*i+1)), http.StatusUnauthorized)
	}
}

// TestRCRemoveAndOpen: a socket that opens a room while its user is removed hears nobody type there afterwards.
func TestRCRemoveAndOpen(t *testing.T) {
	h, n := racing(t)
	ctx, general := context.Background(), h.general()
	room := must[wire.MyRoom](t)(h.as("alice").AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "leads"})).ID
	eve, alice := h.live("eve"), h.live("alice")
	say := func(l *client.Live, kind, room string) {
		if err := l.Send(map[string]string{"type": kind, "room": room}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		must[wire.Member](t)(h.as("alice").PutMember(ctx, room, h.id["eve"], ""))
		removed, _ := both(t,
			func() error { return h.as("alice").RemoveMember(ctx, room, h.id["eve"]) },
			func() error { return eve.Send(map[string]string{"type": "open", "room": room}) })
		oneOf(t, "removal", removed, 0)
		if err := eve.Send(map[string]string{"type": "ping"}); err != nil {
			t.Fatal(err)
		}
		upTo(t, eve, "pong", "") // the open has been taken
		say(alice, "typing", room)
		if err := alice.Send(map[string]string{"type": "ping"}); err != nil {
			t.Fatal(err)
		}
		upTo(t, alice, "pong", "") // and the typing told
		h.post("bob", general, i)
		for _, e := range upTo(t, eve, "message", uuid(i)) {
			if e.Type == "typing" {
				t.Errorf("after the removal came %s", e.JSON)
			}
		}
	}
}

func (h *house) live(who string) *client.Live {
	h.t.Helper()
	l := must[*client.Live](h.t)(h.as(who).Dial(context.Background()))
	h.t.Cleanup(func() { _ = l.Close() })
	if e, err := l.Next(); err != nil || e.Type != "hello" {
		h.t.Fatalf("first came %s, %v", e.JSON, err)
	}
	return l
}

// holds fails unless an event is among those that came before: commits are told in their order.
func holds(t *testing.T, before []client.Event, kind, text string) {
	t.Helper()
	for _, e := range before {
		if e.Type == kind && strings.Contains(string(e.JSON), text) {
			return
		}
	}
	t.Errorf("no %s with %s came before", kind, text)
}

// upTo reads events to one of a kind that holds a text, without it.
func upTo(t *testing.T, l *client.Live, kind, holds string) (before []client.Event) {
	t.Helper()
	if err := l.Send(map[string]string{"type": "presence", "state": "active"}); err != nil { // who only listens is closed as silent
		t.Fatal(err)
	}
	for {
		e, err := l.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == kind && strings.Contains(string(e.JSON), holds) {
			return before
		}
		before = append(before, e)
	}
}

func TestRCLastOwners(t *testing.T) {
	h, n := racing(t)
	promote := func(by, who string) {
		t.Helper()
		if err := h.patch(by, who, wire.UpdateUser{Role: ptr("owner")}); err != nil {
			t.Fatal(err)
		}
	}
	// A token administers only when it was made by who did. Those of the two live through the changes of their roles.
	demote := func(by, who string) func() error {
		return func() error { return h.patch(by, who, wire.UpdateUser{Role: ptr("member")}) }
	}
	promote("ada", "bob")
	h.addToken("bob")
	for i := range n {
		other := http.StatusForbidden
		a, b := 0, 0
		if i%2 == 0 { // each the other: who is first makes the other one a member, who may not
			a, b = both(t, demote("ada", "bob"), demote("bob", "ada"))
		} else { // each themselves: somebody has to stay
			a, b = both(t, demote("bob", "bob"), demote("ada", "ada"))
			other = http.StatusConflict
		}
		oneOf(t, fmt.Sprintf("round %d: the sum of 0 and %d", i, other), a+b, other)
		switch { // who is owner still makes the other one again
		case a == 0: // bob is none any more
			promote("ada", "bob")
		default:
			promote("bob", "ada")
		}
	}
}
