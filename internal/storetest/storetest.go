// Package storetest is the contract suite of stores. Run compares a store with the simple model in storetest/model, command by
// command: answers, errors, announcements with their audiences, and all reads afterwards.
//
// It may import chat, card, text, its model, and rapid.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/settings"
)

// Open creates an empty store that announces to feed.
type Open func(t *testing.T, feed chat.Feed) Opened

// Opened is a store to be tested.
type Opened struct {
	chat.Store
	Slow   bool   // reads take milliseconds: only one in five pages is compared
	Settle func() // waits until all earlier commits are announced; nil if commits are announced at once
	Close  func()
}

// Run tests the contract of chat.Store.
func Run(t *testing.T, open Open) {
	t.Run("like the model", func(t *testing.T) { likeTheModel(t, open) })
	t.Run("together", func(t *testing.T) { together(t, open) })
	t.Run("refusals", func(t *testing.T) { refusals(t, open) })
	t.Run("digests", func(t *testing.T) { digests(t, open) })
	t.Run("workspace", func(t *testing.T) { workspace(t, open) })
	t.Run("custom emoji", func(t *testing.T) { customEmoji(t, open) })
	t.Run("previews", func(t *testing.T) { previews(t, open) })
	t.Run("cards", func(t *testing.T) { cards(t, open) })
	t.Run("files", func(t *testing.T) { files(t, open) })
	t.Run("audit log", func(t *testing.T) { auditLog(t, open) })
	t.Run("feedback", func(t *testing.T) { feedback(t, open) })
	t.Run("own posts", func(t *testing.T) { ownPostsMoveThePointer(t, open) })
	t.Run("broadcasts", func(t *testing.T) { broadcastsCount(t, open) })
	t.Run("hooks", func(t *testing.T) { hooks(t, open) })
	t.Run("bots", func(t *testing.T) { bots(t, open) })
	t.Run("many bots", func(t *testing.T) { manyBots(t, open) })
	t.Run("bots together", func(t *testing.T) { botsTogether(t, open) })
	t.Run("streams", func(t *testing.T) { streams(t, open) })
	t.Run("polls", func(t *testing.T) { polls(t, open) })
	t.Run("threads", func(t *testing.T) { threads(t, open) })
	t.Run("left threads", func(t *testing.T) { leavingEndsThreads(t, open) })
	t.Run("pages of threads", func(t *testing.T) { pagesOfThreads(t, open) })
	t.Run("history", func(t *testing.T) { history(t, open) })
	t.Run("moments", func(t *testing.T) { momentsAreFound(t, open) })
	t.Run("browsing", func(t *testing.T) { browsing(t, open) })
	t.Run("briefs", func(t *testing.T) { briefs(t, open) })
	t.Run("by handle", func(t *testing.T) { byHandle(t, open) })
	t.Run("names of guests", func(t *testing.T) { guestsTellNoNames(t, open) })
	t.Run("handles", func(t *testing.T) { handlesChangeSeldom(t, open) })
	t.Run("settings", func(t *testing.T) { settingsAreOnesOwn(t, open) })
	t.Run("sections", func(t *testing.T) { sectionsOfManyDevices(t, open) })
	t.Run("levels", func(t *testing.T) { levelsOfNewRooms(t, open) })
	t.Run("invites of now", func(t *testing.T) { invitesOfNow(t, open) })
	t.Run("bounded sessions", func(t *testing.T) { boundedSessions(t, open) })
}

// recorder collects announcements.
type recorder struct {
	mu     sync.Mutex
	all    []chat.Announcement
	settle func()
}

func (h *recorder) feed(as []chat.Announcement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, as...)
}

// take gives the announcements since the last call, with sorted audiences.
func (h *recorder) take() []chat.Announcement {
	if h.settle != nil {
		h.settle()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.all
	h.all = nil
	for i := range out {
		out[i].To = slices.Sorted(slices.Values(out[i].To))
	}
	return out
}

func opened(t *testing.T, open Open, h *recorder) Opened {
	o := open(t, h.feed)
	h.settle = o.Settle
	return o
}

var began = time.Date(2099, 11, 24, 9, 0, 0, 0, time.UTC)

func user(handle string, role chat.Role) chat.NewUser {
	return chat.NewUser{
		User: chat.User{
			ID: "u" + handle, Handle: handle, Name: handle, Role: role, Email: handle + "@example.com", Settings: settings.Default(),
			Epoch: 1,
		},
		EmailFold: handle + "@example.com", PasswordHash: "hash",
	}
}

var people = []string{"umira", "ujonas", "uada", "ugus"}

const general = "rgeneral"

// furnish sets up a workspace with four users. It settles after each of them, so that audiences are those at the commit.
func furnish(ctx context.Context, s chat.Store, settle func()) error {
	_, err := s.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{general}}, Owner: user("mira", chat.Owner),
		RoomID: general, At: began,
	})
	for _, n := range []chat.NewUser{user("jonas", chat.Member), user("ada", chat.Admin), user("gus", chat.Guest)} {
		_, e := s.AddUser(ctx, chat.AddUser{User: n, Rooms: []string{general}, At: began})
		err = errors.Join(err, e)
		if settle != nil {
			settle()
		}
	}
	return err
}

// furnished opens a store for the test and furnishes it. What that announced is taken already.
func furnished(t *testing.T, open Open) (Opened, *recorder) {
	t.Helper()
	h := &recorder{}
	s := opened(t, open, h)
	t.Cleanup(s.Close)
	if err := furnish(context.Background(), s, h.settle); err != nil {
		t.Fatal(err)
	}
	h.take()
	return s, h
}

// together checks that concurrent posts are stored and announced one after the other.
func together(t *testing.T, open Open) {
	ctx := context.Background()
	s, h := furnished(t, open)
	posts := 200
	if s.Slow {
		posts = 60
	}
	var wg sync.WaitGroup
	for i := range posts {
		for range 2 { // each twice, like a client that received no answer
			wg.Go(func() {
				_, _, err := s.PostMessage(ctx, chat.PostMessage{
					Room: general, Author: people[i%len(people)], ClientID: fmt.Sprint(i), Text: "hello", At: began,
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	var revs []int64
	for _, a := range h.take() {
		m, ok := a.Event.(chat.MessageChanged)
		if !ok {
			t.Fatalf("%T was announced", a.Event)
		}
		if m.Message.Seq != m.Message.Rev || len(a.To) != len(people) {
			t.Errorf("seq %d, rev %d, to %v", m.Message.Seq, m.Message.Rev, a.To)
		}
		revs = append(revs, m.Message.Rev)
	}
	for i, r := range revs {
		if r != int64(i+1) {
			t.Fatalf("announcement %d holds rev %d", i+1, r)
		}
	}
	if len(revs) != posts {
		t.Errorf("%d messages of %d", len(revs), posts)
	}
	once(t, s)
}

// once checks that an invite for one use lets in one of several concurrent users.
func once(t *testing.T, s chat.Store) {
	ctx, h := context.Background(), chat.HashSecret("invite")
	i := chat.Invite{ID: "i", By: "umira", Role: chat.Member, CreatedAt: began, ExpiresAt: began.Add(time.Hour), MaxUses: 1}
	if err := s.AddInvite(ctx, chat.Facts{}, i, h); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	in := 0
	for n := range 20 {
		wg.Go(func() {
			_, err := s.AddUser(ctx, chat.AddUser{User: user(fmt.Sprintf("new%d", n), chat.Member), Invite: &h, At: began})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				in++
			} else if chat.ErrorCode(err) != chat.NotFound {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if in != 1 {
		t.Errorf("%d users were created by an invite for one", in)
	}
}

// likeTheModel executes the same random commands on the store and the model.
func likeTheModel(t *testing.T, open Open) {
	rapid.Check(t, func(rt *rapid.T) {
		ctx, hs, hm := context.Background(), &recorder{}, &recorder{}
		s := opened(t, open, hs)
		defer s.Close()
		m := model.New(hm.feed)
		withBot := addOwned("ubot", "ujonas")
		if err := errors.Join(furnish(ctx, s, hs.settle), furnish(ctx, m, nil), withBot(ctx, s.Store), withBot(ctx, m)); err != nil {
			rt.Fatal(err)
		}
		same(rt, "announcements of the setup", hs.take(), hm.take())
		w := &walk{rt: rt, at: began}
		for range rapid.IntRange(1, 40).Draw(rt, "commands") {
			name, command := w.next()
			got, gotErr := command(ctx, s)
			want, wantErr := command(ctx, m)
			same(rt, name+" answers", outcome(got, gotErr), outcome(want, wantErr))
			announced := hs.take()
			same(rt, name+" announces", announced, hm.take())
			sameAudiences(ctx, rt, m, announced)
		}
		compare(ctx, rt, s, m, true, s.Slow)
	})
}

// outcome is an answer, or the code and field of an error.
func outcome(v any, err error) any {
	if errors.Is(err, chat.ErrStale) {
		return "stale"
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return fmt.Sprintf("%s %s", e.Code, e.Field)
	}
	if err != nil {
		return err.Error()
	}
	return v
}

func same(rt *rapid.T, what string, got, want any) {
	rt.Helper()
	if g, w := fmt.Sprintf("%+v", plain(got, counters...)), fmt.Sprintf("%+v", plain(want, counters...)); g != w {
		rt.Fatalf("%s\n got %s\nwant %s", what, g, w)
	}
}

// counters are fields that stores may increase by different steps.
var counters = []string{"Version", "SettingsRev"}

// plain prepares a value for printing: it follows pointers, omits the fields in but, and makes nil and empty lists equal.
func plain(v any, but ...string) any {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Interface:
		if r.IsNil() {
			return nil
		}
		return plain(r.Elem().Interface(), but...)
	case reflect.Slice:
		out := make([]any, r.Len())
		for i := range out {
			out[i] = plain(r.Index(i).Interface(), but...)
		}
		return out
	case reflect.Struct:
		if t, ok := v.(time.Time); ok {
			return t.UTC().String()
		}
		out := map[string]any{}
		for i := range r.NumField() {
			if name := r.Type().Field(i).Name; !slices.Contains(but, name) {
				out[name] = plain(r.Field(i).Interface(), but...)
			}
		}
		return out
	}
	return v
}
