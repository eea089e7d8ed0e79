package server_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// Each test lets two commands race, repeatedly. Both answers and the data afterwards must be those of one of the two orders.

var races = flag.Int("races", 40, "number of races in each TestRC…; a tenth of it in tests that hash passwords")

// racing starts a server without rate limits, whose data is checked at the end. n is the number of races.
func racing(t *testing.T) (*world.World, int) {
	t.Helper()
	h, n := world.OpenFast(t), *races
	if testing.Short() {
		n = min(n, 10)
	}
	t.Cleanup(func() { checkInvariants(t, h.Dir) })
	return h, n
}

// both runs two commands at once. It gives the status of each refusal, 0 for success.
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

// oneOf fails if status is not one of want.
func oneOf(t *testing.T, what string, status int, want ...int) {
	t.Helper()
	for _, w := range want {
		if status == w {
			return
		}
	}
	t.Errorf("%s: %d, want one of %v", what, status, want)
}

func TestRCSameInvite(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	oneWins(t, max(n/10, 3), [2]string{"left", "right"}, http.StatusNotFound, func(i int) func(side string) error {
		invite := world.Must[wire.MadeInvite](t)(h.As("ada").AddInvite(ctx, wire.NewInviteBody{MaxUses: new(1)}))
		return func(side string) error {
			handle := fmt.Sprintf("%s%d", side, i)
			_, err := client.New(h.URL, "").SignUp(ctx, wire.SignUp{
				Invite: invite.Secret, Name: handle, Handle: handle, Email: handle + "@example.com", Password: world.Password,
			})
			return err
		}
	})
}

func TestRCSameRoom(t *testing.T) {
	h, n := racing(t)
	oneWins(t, n, [2]string{"mira", "jonas"}, http.StatusConflict, func(i int) func(who string) error {
		return func(who string) error {
			_, err := h.As(who).AddRoom(context.Background(), wire.NewRoomBody{Kind: "public", Name: fmt.Sprintf("room-%d", i)})
			return err
		}
	})
}

// oneWins lets two sides do the same at once, in each round: one does it, the other is refused. prepare makes ready what a round
// is about, before the two begin.
func oneWins(t *testing.T, rounds int, sides [2]string, refused int, prepare func(round int) func(side string) error) {
	t.Helper()
	for i := range rounds {
		do := prepare(i)
		a, b := both(t, func() error { return do(sides[0]) }, func() error { return do(sides[1]) })
		oneOf(t, fmt.Sprintf("the sum of 0 and %d", refused), a+b, refused)
	}
}

func TestRCSameDirectRoom(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	for i := range n {
		handle, ids := fmt.Sprintf("fresh%d", i/2%5), [2]string{} // five handles; the other members vary
		if h.ID[handle] == "" {
			h.Add(handle, chat.Member)
		}
		pair := [][2]string{{handle, "mira"}, {handle, "jonas"}}[i%2]
		others := []string{h.ID["sam"], h.ID["ada"], h.ID["kim"]}[:i/10%4]
		make := func(side int) func() error {
			return func() error {
				r, err := h.As(pair[side]).AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: append([]string{h.ID[pair[1-side]]}, others...)})
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
	ctx, room := context.Background(), h.General()
	for i := range n {
		var got [2]wire.Message
		post := func(side int) func() error {
			return func() (err error) {
				got[side], err = h.As("jonas").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(i), Text: fmt.Sprintf("from %d", side)})
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
	ctx, room := context.Background(), h.General()
	jonas, again := h.As("jonas"), h.As("jonas")
	for i := range n {
		m := h.Post("jonas", room, i)
		edited, deleted := both(t,
			func() error { _, err := jonas.Edit(ctx, room, m.Seq, "other"); return err },
			func() error { return again.Delete(ctx, room, m.Seq) })
		oneOf(t, "edit", edited, 0, http.StatusGone)
		oneOf(t, "deletion", deleted, 0)
		page := world.Must[wire.Page](t)(jonas.Page(ctx, room, nil))
		if last := page.Messages[len(page.Messages)-1]; last.DeletedAt == nil || last.Text != "" {
			t.Errorf("left %+v", last)
		}
	}
}

func TestRCLeaveAndPost(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := h.Room("mira", "private", "leads", "jonas")
	posted, live := int64(0), h.Live("mira")
	for i := range n {
		left, status := both(t,
			func() error { return h.As("jonas").RemoveMember(ctx, room, h.ID["jonas"]) },
			func() error {
				_, err := h.As("jonas").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(i), Text: "hello"})
				return err
			})
		oneOf(t, "leaving", left, 0)
		oneOf(t, "posting", status, 0, http.StatusNotFound)
		if before := world.UpTo(t, live, "members", `"member_count":1`); status == 0 {
			posted++
			holds(t, before, "message", world.UUID(i))
		}
		if page := world.Must[wire.Page](t)(h.As("mira").Page(ctx, room, nil)); page.Head != posted {
			t.Fatalf("%d posts were acknowledged, the room is at rev %d", posted, page.Head)
		}
		world.Must[wire.Member](t)(h.As("mira").PutMember(ctx, room, h.ID["jonas"], ""))
	}
}

func TestRCDemoteAndAct(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := h.Room("jonas", "public", "leads", "mira", "ada")
	if err := h.Patch("ada", "sam", wire.UpdateUser{Role: new("admin")}); err != nil {
		t.Fatal(err)
	}
	h.AddToken("sam") // a token with the scope admin
	topic := func(s string) error {
		return h.As("mira").Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]string{"topic": s}, nil)
	}
	live := h.Live("mira")
	for i := range n {
		world.Must[wire.Member](t)(h.As("jonas").PutMember(ctx, room, h.ID["mira"], "owner"))
		if err := h.Patch("ada", "sam", wire.UpdateUser{Role: new("admin")}); err != nil {
			t.Fatal(err)
		}
		h.Post("jonas", room, i)
		world.UpTo(t, live, "message", world.UUID(i))
		demoted, acted := both(t,
			func() error { _, err := h.As("jonas").PutMember(ctx, room, h.ID["mira"], "member"); return err },
			func() error { return topic(fmt.Sprint(i)) })
		oneOf(t, "demotion in the room", demoted, 0)
		oneOf(t, "topic", acted, 0, http.StatusForbidden)
		if before := world.UpTo(t, live, "members", room); acted == 0 {
			holds(t, before, "room", fmt.Sprintf(`"topic":"%d"`, i))
		}
		demoted, acted = both(t,
			func() error { return h.Patch("ada", "sam", wire.UpdateUser{Role: new("member")}) },
			func() error { return h.Patch("sam", "kim", wire.UpdateUser{Title: new(fmt.Sprint(i))}) })
		oneOf(t, "demotion", demoted, 0)
		oneOf(t, "an admin's act", acted, 0, http.StatusForbidden)
		if before := world.UpTo(t, live, "user", h.ID["sam"]); acted == 0 {
			holds(t, before, "user", fmt.Sprintf(`"title":"%d"`, i))
		}
		oneOf(t, "topic afterwards", client.Status(topic("after")), http.StatusForbidden)
		oneOf(t, "an admin's act afterwards", client.Status(h.Patch("sam", "kim", wire.UpdateUser{Title: new("after")})), http.StatusForbidden)
	}
}

func TestRCArchiveAndPost(t *testing.T) {
	h, n := racing(t)
	ctx := context.Background()
	room := h.Room("mira", "private", "leads", "jonas")
	archive := func(on bool) error {
		return h.As("mira").Do(ctx, http.MethodPatch, "/rooms/"+room, map[string]bool{"archived": on}, nil)
	}
	for i := range n {
		var m wire.Message
		archived, posted := both(t,
			func() error { return archive(true) },
			func() (err error) {
				m, err = h.As("jonas").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(i), Text: "hello"})
				return err
			})
		oneOf(t, "archiving", archived, 0)
		oneOf(t, "posting", posted, 0, http.StatusConflict)
		page := world.Must[wire.Page](t)(h.As("jonas").Page(ctx, room, nil))
		if last := page.Messages[len(page.Messages)-1]; last.System == nil || last.Seq <= m.Seq {
			t.Errorf("the last message after archiving is %+v", last)
		}
		if err := archive(false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRCReactAndTakeBack(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.General()
	h.Post("mira", room, 0)
	for i := range n {
		react := func(who string, on bool) func() error {
			return func() error { _, err := h.As(who).React(ctx, room, 1, firework, on); return err }
		}
		a, b := both(t, react("jonas", true), react("jonas", false))
		oneOf(t, "both of one's own", a+b, 0)
		a, b = both(t, react("jonas", i%2 == 0), react("sam", i%3 == 0))
		oneOf(t, "two people's", a+b, 0)
		want := 0
		for _, on := range []bool{i%2 == 0, i%3 == 0} {
			if on {
				want++
			}
		}
		got := 0
		for _, r := range world.Must[wire.Page](t)(h.As("jonas").Page(ctx, room, nil)).Messages[0].Reactions {
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
		c := client.New(h.URL, "")
		deactivated, signedIn := both(t,
			func() error { return h.Patch("ada", "sam", wire.UpdateUser{Deactivated: new(true)}) },
			func() error {
				_, err := c.SignIn(ctx, "sam@example.com", world.Password)
				return err
			})
		oneOf(t, "deactivation", deactivated, 0)
		oneOf(t, "signing in", signedIn, 0, http.StatusUnauthorized)
		_, err := c.Me(ctx)
		oneOf(t, "the session afterwards", client.Status(err), http.StatusUnauthorized)
		if err := h.Patch("ada", "sam", wire.UpdateUser{Deactivated: new(false)}); err != nil {
			t.Fatal(err)
		}
		_, err = c.Me(ctx)
		oneOf(t, "the session after the return", client.Status(err), http.StatusUnauthorized)
	}
}

func TestRCDeactivateAndPost(t *testing.T) {
	h, n := racing(t)
	ctx, room := context.Background(), h.General()
	h.Add("dan", chat.Member)
	live := h.Live("mira")
	for i := range max(n/10, 3) { // a new token each
		h.AddToken("dan")
		dan := h.As("dan")
		post := func(n int) error {
			_, err := dan.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(n), Text: "hello"})
			return err
		}
		deactivated, posted := both(t,
			func() error { return h.Patch("ada", "dan", wire.UpdateUser{Deactivated: new(true)}) },
			func() error { return post(2 * i) })
		oneOf(t, "deactivation", deactivated, 0)
		oneOf(t, "posting", posted, 0, http.StatusUnauthorized)
		if before := world.UpTo(t, live, "user", `"deactivated":true`); posted == 0 {
			holds(t, before, "message", world.UUID(2*i))
		}
		oneOf(t, "posting afterwards", client.Status(post(2*i+1)), http.StatusUnauthorized)
		if err := h.Patch("ada", "dan", wire.UpdateUser{Deactivated: new(false)}); err != nil {
			t.Fatal(err)
		}
		oneOf(t, "the token after the return", client.Status(post(2*i+1)), http.StatusUnauthorized)
	}
}

// TestRCRemoveAndOpen: a socket that opens a room while its user is removed receives no typing events of the room afterwards.
func TestRCRemoveAndOpen(t *testing.T) {
	h, n := racing(t)
	ctx, general := context.Background(), h.General()
	room := h.Room("mira", "private", "leads")
	sam, mira := h.Live("sam"), h.Live("mira")
	say := func(l *client.Live, kind, room string) {
		if err := l.Send(map[string]string{"type": kind, "room": room}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		world.Must[wire.Member](t)(h.As("mira").PutMember(ctx, room, h.ID["sam"], ""))
		removed, _ := both(t,
			func() error { return h.As("mira").RemoveMember(ctx, room, h.ID["sam"]) },
			func() error { return sam.Send(map[string]string{"type": "open", "room": room}) })
		oneOf(t, "removal", removed, 0)
		if err := sam.Send(map[string]string{"type": "ping"}); err != nil {
			t.Fatal(err)
		}
		world.UpTo(t, sam, "pong", "") // the server has handled open
		say(mira, "typing", room)
		if err := mira.Send(map[string]string{"type": "ping"}); err != nil {
			t.Fatal(err)
		}
		world.UpTo(t, mira, "pong", "") // the server has handled typing
		h.Post("jonas", general, i)
		for _, e := range world.UpTo(t, sam, "message", world.UUID(i)) {
			if e.Type == "typing" {
				t.Errorf("after the removal came %s", e.JSON)
			}
		}
	}
}

// holds fails unless an event is among those before: events come in the order of their commits.
func holds(t *testing.T, before []client.Event, kind, text string) {
	t.Helper()
	for _, e := range before {
		if e.Type == kind && strings.Contains(string(e.JSON), text) {
			return
		}
	}
	t.Errorf("no %s with %s came before", kind, text)
}

func TestRCLastOwners(t *testing.T) {
	h, n := racing(t)
	promote := func(by, who string) {
		t.Helper()
		if err := h.Patch(by, who, wire.UpdateUser{Role: new("owner")}); err != nil {
			t.Fatal(err)
		}
	}
	// A token has the scope admin only if its owner was an admin when it was created. Both tokens survive the changes of role.
	demote := func(by, who string) func() error {
		return func() error { return h.Patch(by, who, wire.UpdateUser{Role: new("member")}) }
	}
	promote("ada", "jonas")
	h.AddToken("jonas")
	for i := range n {
		other := http.StatusForbidden
		a, b := 0, 0
		if i%2 == 0 { // each demotes the other: the second one is a member by then and may not
			a, b = both(t, demote("ada", "jonas"), demote("jonas", "ada"))
		} else { // each demotes themselves: one owner must remain
			a, b = both(t, demote("jonas", "jonas"), demote("ada", "ada"))
			other = http.StatusConflict
		}
		oneOf(t, fmt.Sprintf("round %d: the sum of 0 and %d", i, other), a+b, other)
		switch { // the remaining owner promotes the other one again
		case a == 0: // jonas is no longer an owner
			promote("ada", "jonas")
		default:
			promote("jonas", "ada")
		}
	}
}
