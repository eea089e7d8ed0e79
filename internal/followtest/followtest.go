// Package followtest is the contract suite for followers of the commit feed. Commits that are repeated, reordered or lost, and the end
// of the process at any point, must do no harm. Each store that holds positions runs it.
package followtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/frequent"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/settings"
)

// Home is a store with the methods that followers need.
type Home interface {
	chat.Store
	chat.EmojiUseStore
	inbox.Store
	inbox.HearerStore
	follow.Positions
}

// noon is in the future: emulators delete rows whose time is over, and those of an inbox live for 90 days.
var noon = time.Date(2099, 3, 2, 12, 0, 0, 0, time.UTC)

const room = "general"

// Run runs the contract suite. open creates an empty store; again opens the same store as another process would.
func Run(t *testing.T, open func(t *testing.T) (home Home, again func() Home)) {
	t.Run("random histories", func(t *testing.T) { histories(t, open) })
	t.Run("a position is not stored before its work is done", func(t *testing.T) { killed(t, open) })
	t.Run("a store that was restored", func(t *testing.T) { restored(t, open) })
	t.Run("several consumers", func(t *testing.T) { several(t, open) })
	t.Run("emoji", func(t *testing.T) { emoji(t, open) })
	t.Run("inbox", func(t *testing.T) { inboxes(t, open) })
	t.Run("listeners", func(t *testing.T) { listeners(t, open) })
	t.Run("mentioned in a thread", func(t *testing.T) { mentioned(t, open) })
	t.Run("inbox, cleared", func(t *testing.T) { cleared(t, open) })
	t.Run("inbox, cleared while it is written", func(t *testing.T) { raced(t, open) })
	t.Run("inbox, bounded", func(t *testing.T) { bounded(t, open) })
	t.Run("inbox like the model", func(t *testing.T) { pages(t, open) })
}

// index is a consumer that upserts messages under their key. It fails after a given number of messages.
type index struct {
	held map[int64]chat.Message
	wait int // number of messages until it fails; negative: never
}

var errKilled = errors.New("killed")

func (*index) Name() string { return "index" }

func (x *index) Apply(_ context.Context, _ string, ms []chat.Message) (bool, error) {
	for i, m := range ms {
		if x.wait == 0 {
			return i > 0, errKilled // in the middle of a page
		}
		x.wait--
		if was, ok := x.held[m.Seq]; ok && was.Rev > m.Rev {
			return true, fmt.Errorf("message %d goes back from revision %d to %d", m.Seq, was.Rev, m.Rev)
		}
		x.held[m.Seq] = m
	}
	return len(ms) > 0, nil
}

// setUp sets up the workspace, with Mira and Jonas in the room general.
func setUp(t failer, h Home) {
	user := func(id string, role chat.Role) chat.NewUser {
		return chat.NewUser{User: chat.User{
			ID: id, Handle: id, Name: id, Role: role, Email: id + "@example.com", Settings: settings.Default(), Epoch: 1,
		}, EmailFold: id + "@example.com"}
	}
	_, err := h.Setup(context.Background(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{room}}, Owner: user("mira", chat.Owner),
		RoomID: room, At: noon,
	})
	must(t, err)
	_, err = h.AddUser(context.Background(), chat.AddUser{User: user("jonas", chat.Member), Rooms: []string{room}, At: noon})
	must(t, err)
}

type failer interface {
	Helper()
	Fatal(...any)
}

func must(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func post(t failer, h Home, n int, text string) chat.Message {
	t.Helper()
	m, _, err := h.PostMessage(context.Background(), chat.PostMessage{
		Room: room, Author: "mira", ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Text: text, At: noon,
	})
	must(t, err)
	return m
}

func newFollower(h Home, c ...follow.Consumer) *follow.Follower {
	return follow.New(h, h, slog.New(slog.DiscardHandler), c...)
}

// present is the present state of every message of the room.
func present(t failer, h Home) map[int64]chat.Message {
	t.Helper()
	out := map[int64]chat.Message{}
	for since, more := int64(0), true; more; {
		c, err := h.Changes(context.Background(), room, since, chat.Bound{Limit: chat.MaxChangesPage, Bytes: chat.PageBytes}, "")
		must(t, err)
		for _, m := range c.Messages {
			out[m.Seq] = m
		}
		since, more = c.Next, c.More
	}
	return out
}

// same fails unless the consumer holds the present state of all messages.
func same(t *rapid.T, held, want map[int64]chat.Message) {
	if !slices.Equal(slices.Sorted(maps.Keys(held)), slices.Sorted(maps.Keys(want))) {
		t.Fatalf("holds messages %v, want %v", slices.Sorted(maps.Keys(held)), slices.Sorted(maps.Keys(want)))
	}
	for seq, m := range want {
		h := held[seq]
		if h.Rev != m.Rev || h.Text != m.Text || (h.DeletedAt == nil) != (m.DeletedAt == nil) ||
			len(h.Reactions) != len(m.Reactions) {
			t.Fatalf("message %d: holds %+v, want %+v", seq, h, m)
		}
	}
}

// histories draws changes, hints that come late, twice or never, and ends of the process. One hint at the end must bring the consumer
// up to date.
func histories(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	posts, held := 0, map[int64]chat.Message{}
	x := &index{held: held, wait: -1}
	f := newFollower(h, x)
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			seq := int64(rapid.IntRange(1, max(1, posts)).Draw(t, "seq"))
			steps := []string{"post", "post", "edit", "delete", "react", "hint", "hint", "kill", "restart"}
			switch rapid.SampledFrom(steps).Draw(t, "step") {
			case "post":
				posts++
				post(t, h, posts, fmt.Sprint("message ", posts))
			case "edit":
				_, err := h.EditMessage(ctx, chat.EditMessage{Room: room, Seq: seq, By: "mira", Text: fmt.Sprint("edit ", posts), At: noon})
				allowed(t, err)
			case "delete":
				allowed(t, h.DeleteMessage(ctx, chat.DeleteMessage{Room: room, Seq: seq, At: noon}))
			case "react":
				_, err := h.SetReaction(ctx, chat.SetReaction{
					Room: room, Seq: seq, User: "jonas", Emoji: "🎉", Added: posts%2 == 0, At: noon,
				})
				allowed(t, err)
			case "hint":
				must(t, f.CatchUp(ctx, room))
			case "kill":
				x.wait = rapid.IntRange(0, 3).Draw(t, "applications")
				if err := f.CatchUp(ctx, room); err != nil && !errors.Is(err, errKilled) {
					t.Fatal(err)
				}
				x = &index{held: held, wait: -1} // it keeps what the killed consumer has written
				f = newFollower(again(), x)
			case "restart":
				f = newFollower(again(), x)
			}
		}
		must(t, f.CatchUp(ctx, room))
		same(t, held, present(t, h))
	})
}

// allowed fails on errors other than NotFound and Gone, which random commands may get.
func allowed(t failer, err error) {
	t.Helper()
	if code := chat.ErrorCode(err); err != nil && code != chat.NotFound && code != chat.Gone {
		t.Fatal(err)
	}
}

func killed(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	for n := range 5 {
		post(t, h, n, "hello")
	}
	x := &index{held: map[int64]chat.Message{}, wait: 3}
	if err := newFollower(h, x).CatchUp(t.Context(), room); !errors.Is(err, errKilled) {
		t.Fatalf("got %v, want the consumer's error", err)
	}
	if rev, err := again().Position(t.Context(), x.Name(), room); err != nil || rev != 0 {
		t.Errorf("position %d, %v: no page was completed", rev, err)
	}
	x.wait = -1
	must(t, newFollower(again(), x).CatchUp(t.Context(), room))
	if len(x.held) != 5 {
		t.Errorf("%d of 5 messages", len(x.held))
	}
	if rev, err := again().Position(t.Context(), x.Name(), room); err != nil || rev != 5 {
		t.Errorf("position %d, %v, want 5", rev, err)
	}
	must(t, newFollower(again(), x).CatchUp(t.Context(), "nowhere"))
}

// restored: after a position beyond the room's revision the follower starts at the beginning.
func restored(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, _ := open(t)
	setUp(t, h)
	post(t, h, 1, "hello")
	x := &index{held: map[int64]chat.Message{}, wait: -1}
	must(t, h.SavePosition(t.Context(), x.Name(), room, 1000))
	must(t, newFollower(h, x).CatchUp(t.Context(), room))
	if rev, err := h.Position(t.Context(), x.Name(), room); err != nil || rev != 1 || len(x.held) != 1 {
		t.Errorf("position %d, %v, %d messages; want 1, 1", rev, err, len(x.held))
	}
}

// named is an index with a name of its own.
type named struct {
	*index
	name string
}

func (n named) Name() string { return n.name }

// counting is a source that counts how often changes are read.
type counting struct {
	Home
	reads int
}

func (c *counting) Changes(ctx context.Context, room string, since int64, b chat.Bound, viewer string) (chat.Changes, error) {
	c.reads++
	return c.Home.Changes(ctx, room, since, b, viewer)
}

// several: the changes of a room are read once for all consumers. Each gets those after its own position, while others fail, are new, or
// have seen what the store has lost since.
func several(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	source := &counting{Home: h}
	var all []follow.Consumer
	held := map[string]*index{}
	add := func(name string) {
		held[name] = &index{held: map[int64]chat.Message{}, wait: -1}
		all = append(all, named{held[name], name})
	}
	n := 0
	posts := func(count int) {
		for range count {
			n++
			post(t, h, n, "hello")
		}
	}
	catchUp := func(reads int, fails bool, want ...int) { // how many messages each consumer holds
		t.Helper()
		source.reads = 0
		err := follow.New(source, again(), slog.New(slog.DiscardHandler), all...).CatchUp(t.Context(), room)
		if fails != errors.Is(err, errKilled) || !fails && err != nil {
			t.Errorf("got %v", err)
		}
		for i, c := range all {
			if got := len(held[c.Name()].held); got != want[i] {
				t.Errorf("%s holds %d messages, want %d", c.Name(), got, want[i])
			}
			rev, err := h.Position(t.Context(), c.Name(), room)
			if must(t, err); rev != int64(want[i]) {
				t.Errorf("the position of %s is %d, want %d", c.Name(), rev, want[i])
			}
		}
		if source.reads != reads {
			t.Errorf("the changes were read %d times, want %d", source.reads, reads)
		}
	}
	add("one")
	add("two")
	posts(3)
	catchUp(1, false, 3, 3)
	held["one"].wait = 0
	posts(2)
	catchUp(1, true, 3, 5)
	held["two"].held, held["one"].wait = map[int64]chat.Message{}, -1
	posts(1)
	add("new")
	must(t, h.SavePosition(t.Context(), "two", room, 5))
	source.reads = 0
	must(t, newFollower(again(), all...).CatchUp(t.Context(), room))
	if got := []int{len(held["one"].held), len(held["two"].held), len(held["new"].held)}; !slices.Equal(got, []int{6, 1, 6}) {
		t.Errorf("they hold %v messages: each gets those after its position", got)
	}
	must(t, h.SavePosition(t.Context(), "two", room, 1000))
	catchUp(3, false, 6, 6, 6) // the one behind, the one whose position is gone, and that one from the beginning
}

// emoji tests frequent.Emoji: a use is recorded once, however often the consumer sees it.
func emoji(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, again := open(t)
	setUp(t, h)
	consumer := func(h Home) follow.Consumer {
		return &frequent.Emoji{Store: h, Reactions: h, Clock: func() time.Time { return noon.Add(time.Hour) }}
	}
	post(t, h, 1, "done 🎉🎉 and 🚀")
	m := post(t, h, 2, "`🐛` is code; ")
	f := newFollower(h, consumer(h))
	must(t, f.CatchUp(t.Context(), room))
	for range 3 {
		_, err := h.SetReaction(t.Context(), chat.SetReaction{Room: room, Seq: m.Seq, User: "mira", Emoji: "👍", Added: true, At: noon})
		must(t, err)
		must(t, f.CatchUp(t.Context(), room))
		must(t, h.SavePosition(t.Context(), "frequent-emoji", room, 0))
		f = newFollower(again(), consumer(again()))
	}
	uses, err := h.EmojiUses(t.Context(), "mira", 10)
	must(t, err)
	var got []string
	for _, u := range uses {
		got = append(got, fmt.Sprint(u.Seq, u.Emoji))
	}
	if slices.Sort(got); !slices.Equal(got, []string{"1🎉", "1🚀", "2👍"}) {
		t.Errorf("uses %v", got)
	}
	if few, err := h.EmojiUses(t.Context(), "mira", 2); err != nil || len(few) != 2 {
		t.Errorf("%d of 2 uses, %v", len(few), err)
	}
	if none, err := h.EmojiUses(t.Context(), "jonas", 10); err != nil || len(none) != 0 {
		t.Errorf("uses of somebody else: %v, %v", none, err)
	}
}
