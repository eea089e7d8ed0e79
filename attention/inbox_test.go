package attention_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/settings"
)

// lunch is the room of these tests.
const lunch = "lunch"

// office is a workspace with Mira, whose inbox it is, Jonas and Kim. Each post happens a minute after the one before, and is followed.
type office struct {
	t       *testing.T
	store   *model.Store
	inboxes *attention.Inboxes
	inbox   *attention.Inbox
	now     time.Time
	posts   int
}

func open(t *testing.T) *office {
	o := &office{t: t, store: model.New(nil), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return o.now }
	o.inboxes = &attention.Inboxes{Store: o.store, Clock: clock}
	o.inbox = &attention.Inbox{Store: o.store, Keywords: &attention.Keywords{Store: o.store, Clock: clock}, Clock: clock}
	person := func(id string) chat.NewUser {
		return chat.NewUser{User: chat.User{
			ID: id, Handle: id, Name: id, Role: chat.Owner, Email: id + "@example.com", Settings: settings.Default(), Epoch: 1,
		}, EmailFold: id + "@example.com"}
	}
	_, err := o.store.Setup(t.Context(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{lunch}}, Owner: person("mira"), RoomID: lunch, At: o.now,
	})
	o.must(err)
	for _, id := range []string{"jonas", "kim"} {
		_, err := o.store.AddUser(t.Context(), chat.AddUser{User: person(id), Rooms: []string{lunch}, At: o.now})
		o.must(err)
	}
	o.hears("Soup")
	return o
}

// must fails on the last of values, if it is an error.
func (o *office) must(values ...any) {
	o.t.Helper()
	if err, ok := values[len(values)-1].(error); ok && err != nil {
		o.t.Fatal(err)
	}
}

// hears makes Mira have keywords.
func (o *office) hears(words ...string) {
	in := &settings.Input{Attention: &settings.AttentionInput{Keywords: &words}}
	o.must(o.store.UpdateUser(o.t.Context(), chat.UpdateUser{User: "mira", Settings: in, At: o.now}))
	o.inbox.Keywords.Heard([]chat.Announcement{{Event: chat.UserChanged{}}})
}

func (o *office) mute(muted bool) {
	o.must(o.store.UpdateMyRoom(o.t.Context(), chat.UpdateMyRoom{Room: lunch, User: "mira", Muted: &muted}))
}

func mentionsIn(text string) (out []string) {
	if strings.Contains(text, "@mira") {
		out = []string{"mira"}
	}
	return out
}

// post posts a message, or a reply if root is not 0.
func (o *office) post(by string, root int64, text string) int64 {
	o.t.Helper()
	o.posts++
	o.now = o.now.Add(time.Minute)
	cmd := chat.PostMessage{
		Room: lunch, Author: by, ClientID: fmt.Sprint(o.posts), Text: text, Thread: root, Mentions: mentionsIn(text), At: o.now,
	}
	for _, b := range []chat.Broadcast{chat.BroadcastRoom, chat.BroadcastHere} {
		if strings.Contains(text, "@"+string(b)) {
			cmd.Broadcast = b
		}
	}
	m, _, err := o.store.PostMessage(o.t.Context(), cmd)
	o.must(err)
	o.follow()
	return m.Seq
}

// follow has the consumer see all messages again.
func (o *office) follow() {
	o.t.Helper()
	c, err := o.store.Changes(o.t.Context(), lunch, 0, chat.Bound{Limit: 500, Bytes: chat.PageBytes}, "")
	o.must(err)
	o.must(o.inbox.Apply(o.t.Context(), lunch, c.Messages))
}

func (o *office) edit(seq int64, text string) {
	o.t.Helper()
	o.must(o.store.EditMessage(o.t.Context(), chat.EditMessage{
		Room: lunch, Seq: seq, By: "jonas", Text: text, Mentions: mentionsIn(text), At: o.now,
	}))
}

func (o *office) read(seq int64) {
	o.must(o.store.SetRead(o.t.Context(), chat.SetRead{Room: lunch, User: "mira", Seq: seq}))
}

func (o *office) readThread(root, seq int64) {
	o.must(o.store.ReadThread(o.t.Context(), chat.ReadThread{Room: lunch, Root: root, User: "mira", Seq: seq}))
}

func (o *office) react(by string, seq int64, emoji string) {
	o.t.Helper()
	o.must(o.store.SetReaction(o.t.Context(), chat.SetReaction{Room: lunch, Seq: seq, User: by, Emoji: emoji, Added: true, At: o.now}))
	o.follow()
}

func (o *office) clear(c chat.InboxCause, seq int64, at time.Time) {
	o.t.Helper()
	o.must(o.inboxes.Clear(o.t.Context(), "mira", inbox.Key(c, lunch, seq), at))
}

func (o *office) page(filter string) chat.InboxPage {
	o.t.Helper()
	u, err := o.store.User(context.Background(), "mira")
	o.must(err)
	p, err := o.inboxes.Page(o.t.Context(), u, chat.InboxPageQuery{Filter: filter, Bound: chat.Bound{Limit: 50, Bytes: chat.PageBytes}})
	o.must(err)
	return p
}

// holds compares Mira's inbox: the seq and cause of each entry, * for what is unread, and the number of those.
func (o *office) holds(what, filter, want string) {
	o.t.Helper()
	var out []string
	p := o.page(filter)
	for _, i := range p.Items {
		s := fmt.Sprintf("%d %s", i.Message.Seq, i.Cause)
		if !i.Read {
			s += "*"
		}
		out = append(out, s)
	}
	if got := fmt.Sprintf("%s (%d)", strings.Join(out, ", "), p.Unread); got != want {
		o.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestInbox: an entry stands in the inbox while its message says what it did, and is read when the pointer is.
func TestInbox(t *testing.T) {
	o := open(t)
	for _, text := range []string{"@mira one", "@room two", "soup three", "four", "@mira five"} {
		o.post("jonas", 0, text)
	}
	o.holds("new", "all", "5 mention*, 3 keyword*, 2 broadcast*, 1 mention* (4)")
	o.read(2)
	o.holds("read up to 2", "all", "5 mention*, 3 keyword*, 2 broadcast, 1 mention (2)")
	o.holds("read up to 2", "unread", "5 mention*, 3 keyword* (2)")
	o.edit(3, "soups three")
	o.holds("the keyword was edited out", "all", "5 mention*, 2 broadcast, 1 mention (1)")
	o.edit(3, "SOUP, three")
	o.holds("and in", "all", "5 mention*, 3 keyword*, 2 broadcast, 1 mention (2)")
	o.hears("stew")
	o.holds("another keyword", "all", "5 mention*, 2 broadcast, 1 mention (1)")
	o.hears("Soup")
	o.edit(2, "two")
	o.edit(1, "one")
	o.must(o.store.DeleteMessage(t.Context(), chat.DeleteMessage{Room: lunch, Seq: 5, At: o.now}))
	o.holds("edited and deleted", "mentions", "3 keyword* (1)")

	own := o.post("mira", 0, "mine")
	o.react("mira", own, "🎉")
	o.holds("her own reaction", "reactions", " (0)")
	o.react("jonas", own, "🎉")
	o.holds("a reaction does not count", "all", "6 reaction*, 3 keyword (0)")
	o.must(o.inboxes.Mark(t.Context(), "mira", chat.InboxMarks{SeenAt: o.now}))
	o.holds("a reaction is seen", "all", "6 reaction, 3 keyword (0)")
	o.holds("a reaction is seen", "reactions", "6 reaction (0)")
	o.clear(chat.InboxKeyword, 3, o.now)
	o.holds("cleared", "all", "6 reaction (0)")
	o.must(o.inboxes.Mark(t.Context(), "mira", chat.InboxMarks{ClearedBefore: o.now}))
	o.holds("all cleared", "all", " (0)")
	o.now = o.now.Add(time.Minute)
	o.react("jonas", own, "🚀")
	o.holds("something newer", "all", "6 reaction* (0)")
	o.must(o.store.RemoveMember(t.Context(), chat.RemoveMember{Room: lunch, User: "mira", Reason: chat.Left}))
	o.holds("after leaving", "all", " (0)")
	o.must(o.store.AddMembers(t.Context(), chat.AddMembers{Room: lunch, Users: []string{"mira"}, Role: chat.RoomMember, At: o.now}))
	o.holds("back", "all", "6 reaction* (0)")
	o.now = o.now.Add(91 * 24 * time.Hour)
	o.holds("after 91 days", "all", " (0)")
}

// TestInboxBroadcasts: a message to everybody stands in the inbox of who hears it, without a row, once, and until it is cleared.
func TestInboxBroadcasts(t *testing.T) {
	o := open(t)
	o.post("jonas", 0, "@room one")
	o.post("jonas", 0, "@here two")
	o.post("mira", 0, "@room three")
	o.holds("of others, and not of who is there", "all", "1 broadcast (0)")
	o.post("jonas", 0, "@room soup")
	o.holds("with a keyword of hers", "all", "4 broadcast*, 1 broadcast (1)")
	rows, err := o.store.InboxRows(t.Context(), "kim", []string{inbox.Key(chat.InboxBroadcast, lunch, 1)})
	if err != nil || len(rows) > 0 {
		t.Errorf("there is a row for each member: %+v, %v", rows, err)
	}
	o.clear(chat.InboxBroadcast, 4, o.now)
	o.holds("cleared, with its row", "all", "1 broadcast (0)")
	o.mute(true)
	o.holds("muted", "all", " (0)")
	o.mute(false)
	for _, key := range []string{"m.lunch.2", "m.lunch.99", "r.lunch.1", "t.lunch.1", "m.room.1", "m.lunch.01", "x.lunch.1", "m.lunch"} {
		if err := o.inboxes.Clear(t.Context(), "mira", key, o.now); chat.ErrorCode(err) != chat.NotFound {
			t.Errorf("clear %s: %v", key, err)
		}
	}
	o.clear(chat.InboxBroadcast, 1, o.now.Add(-24*time.Hour))
	o.holds("cleared until before it", "all", "1 broadcast (0)")
	o.clear(chat.InboxBroadcast, 1, o.now)
	o.holds("both cleared", "all", " (0)")
	o.post("jonas", 0, "@room @mira five")
	o.holds("who is named too", "all", "5 mention* (1)")
	o.edit(5, "@room five")
	o.holds("until that is edited out", "all", "5 broadcast* (1)")
	o.must(o.store.RemoveMember(t.Context(), chat.RemoveMember{Room: lunch, User: "mira", Reason: chat.Left}))
	o.now = o.now.Add(time.Minute)
	if err := o.inboxes.Clear(t.Context(), "mira", "m.lunch.5", o.now); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("clear what is in a room that one has left: %v", err)
	}
	o.must(o.store.AddMembers(t.Context(), chat.AddMembers{Room: lunch, Users: []string{"mira"}, Role: chat.RoomMember, At: o.now}))
	o.holds("from before she came", "all", " (0)")
}

// TestInboxThreads: a followed thread stands in the inbox once, unless its user answered last; it is read with the thread, and cleared
// until there is a newer reply.
func TestInboxThreads(t *testing.T) {
	o := open(t)
	root := o.post("mira", 0, "root")
	o.holds("no replies", "all", " (0)")
	o.post("jonas", root, "two")
	o.post("kim", root, "three")
	o.holds("two replies", "all", "3 thread* (1)")
	i := o.page("all").Items[0]
	if i.Reason != "You follow this thread." || !slices.Equal(i.By, []string{"kim", "jonas"}) || !i.At.Equal(o.now) {
		t.Errorf("the entry is %+v", i)
	}
	o.read(3)
	o.holds("the room was read", "all", "3 thread* (1)")
	o.readThread(root, 2)
	if i := o.page("unread").Items[0]; !slices.Equal(i.By, []string{"kim"}) {
		t.Errorf("the unread reply is by %v", i.By)
	}
	o.readThread(root, 3)
	o.holds("the thread was read", "all", "3 thread (0)")
	for _, f := range []string{"unread", "mentions", "reactions"} {
		o.holds(f, f, " (0)")
	}
	o.post("mira", root, "four")
	o.holds("she answered", "all", " (0)")
	o.readThread(root, 0)
	o.holds("and marked it as unread", "all", "4 thread* (1)")
	o.post("jonas", root, "five")
	o.readThread(root, 4)
	o.holds("and was answered", "all", "5 thread* (1)")
	shown := o.now
	o.post("jonas", root, "six")
	o.clear(chat.InboxThread, root, shown)
	o.holds("cleared what was shown, before a newer reply", "all", "6 thread* (1)")
	o.clear(chat.InboxThread, root, o.now)
	o.holds("cleared", "all", " (0)")
	seq := o.post("jonas", root, "@mira seven")
	o.mute(true)
	o.holds("a newer reply, which mentions her", "all", "7 mention*, 7 thread* (2)")
	o.readThread(root, seq)
	o.holds("both were read in the thread", "all", "7 mention, 7 thread (0)")
	if i := o.page("all").Items[1]; i.Reason != "You follow this thread. You muted this room." {
		t.Errorf("the reason is %s", i.Reason)
	}
	o.must(o.inboxes.Mark(t.Context(), "mira", chat.InboxMarks{ClearedBefore: o.now}))
	o.holds("all cleared", "all", " (0)")
	o.post("jonas", root, "eight")
	o.holds("a newer one", "all", "8 thread* (1)")
	o.must(o.store.FollowThread(t.Context(), chat.FollowThread{Room: lunch, Root: root, User: "mira"}))
	o.holds("not followed", "all", " (0)")
	err := o.inboxes.Clear(t.Context(), "mira", inbox.Key(chat.InboxThread, lunch, root), o.now)
	if chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("clear a thread that one does not follow: %v", err)
	}
}

// TestInboxOfMany: what is unread is counted exactly to 99, in every source, and pages have each entry once.
func TestInboxOfMany(t *testing.T) {
	o := open(t)
	for n := range 120 {
		o.post("jonas", 0, []string{"@mira", "@room", "soup"}[n%3])
		if n == 98 || n == 99 {
			if p := o.page("all"); p.Unread != n+1 {
				t.Errorf("after %d posts %d are unread", n+1, p.Unread)
			}
		}
	}
	for _, gone := range []int{3, 0, 2} { // which of each three is deleted: first none
		var want []int64
		for n := range 120 {
			if n%3 == gone && n > 30 {
				o.must(o.store.DeleteMessage(t.Context(), chat.DeleteMessage{Room: lunch, Seq: int64(n + 1), At: o.now}))
			}
		}
		for n := 119; n >= 0; n-- {
			if m, err := o.store.Message(t.Context(), lunch, int64(n+1), ""); err == nil && m.DeletedAt == nil {
				want = append(want, m.Seq)
			}
		}
		for limit := 1; limit <= 12; limit++ {
			if got := o.seqs(limit); !slices.Equal(got, want) {
				t.Fatalf("pages of %d: %v, want %v", limit, got, want)
			}
		}
	}
}

// seqs are the messages of all entries, read in pages.
func (o *office) seqs(limit int) (seqs []int64) {
	o.t.Helper()
	u, err := o.store.User(o.t.Context(), "mira")
	o.must(err)
	q := chat.InboxPageQuery{Filter: "all", Bound: chat.Bound{Limit: limit, Bytes: chat.PageBytes}}
	for {
		p, err := o.inboxes.Page(o.t.Context(), u, q)
		o.must(err)
		for _, i := range p.Items {
			seqs = append(seqs, i.Message.Seq)
		}
		if p.Next == "" {
			return seqs
		}
		ms, key, _ := strings.Cut(p.Next, ".")
		at, err := strconv.ParseInt(ms, 10, 64)
		o.must(err)
		q.After = &chat.InboxPlace{At: time.UnixMilli(at).UTC(), Key: key}
	}
}

// TestInboxOfAMoment: what was posted in the same millisecond has a place in a page too.
func TestInboxOfAMoment(t *testing.T) {
	o := open(t)
	moment := o.now
	root := o.post("mira", 0, "root")
	var want []int64
	for n := range 40 {
		o.now = moment
		seq := o.post("jonas", []int64{0, 0, root}[n%3], []string{"@room", "@mira", "@room soup"}[n%3])
		want = append(want, seq)
	}
	want = append(want, want[38]) // the thread, with its last reply
	slices.Sort(want)
	for limit := 1; limit <= 12; limit++ {
		got := o.seqs(limit)
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("pages of %d have %v, want %v", limit, got, want)
		}
	}
}

// TestInboxCountsBelowWhatWasDeleted: what is unread counts, however much of what came after it says no longer what it did.
func TestInboxCountsBelowWhatWasDeleted(t *testing.T) {
	o := open(t)
	o.post("jonas", 0, "@mira one, with soup")
	for range 150 {
		m := o.post("jonas", 0, "@mira, @room: soup")
		o.must(o.store.DeleteMessage(o.t.Context(), chat.DeleteMessage{Room: lunch, Seq: m, At: o.now}))
	}
	o.holds("150 deleted messages", "all", "1 mention* (1)")
	for range 150 {
		o.post("jonas", 0, "soup")
	}
	o.hears("Leek")
	if n := o.page("all").Unread; n != 1 {
		t.Errorf("150 with a former keyword: %d unread", n)
	}
	for n := range 98 {
		o.post("jonas", 0, fmt.Sprint("@mira ", n))
	}
	if n := o.page("all").Unread; n != 99 {
		t.Errorf("98 more mentions: %d unread", n)
	}
}

// asked counts how often rooms are asked for what stands in an inbox.
type asked struct {
	attention.PageStore
	times int
}

func (s *asked) InboxIn(ctx context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	s.times++
	return s.PageStore.InboxIn(ctx, user, ranges)
}

// TestInboxCountEnds: the search for what is unread ends where nothing of very much is.
func TestInboxCountEnds(t *testing.T) {
	o := open(t)
	for range 450 {
		o.post("jonas", 0, "soup")
	}
	o.hears("Leek")
	s := &asked{PageStore: o.store}
	if o.inboxes.Store = s; o.page("reactions").Unread != 0 || s.times != 4 {
		t.Errorf("asked %d times", s.times)
	}
}

// flooded is the inbox of somebody in 50 rooms, each with any number of mentions that were deleted.
type flooded struct {
	attention.PageStore
	loaded int
}

func (s *flooded) InboxRooms(context.Context, string) ([]inbox.Room, chat.InboxMarks, error) {
	rooms := make([]inbox.Room, 50)
	for i := range rooms {
		rooms[i] = inbox.Room{ID: fmt.Sprint("room", i), Kind: chat.Public, LastSeq: 9000, LastMention: 9000}
	}
	return rooms, chat.InboxMarks{}, nil
}

func (s *flooded) InboxIn(_ context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	out := make([][]inbox.Row, len(ranges))
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	for i, r := range ranges {
		for n := range r.Limit {
			key := inbox.Key(chat.InboxMention, r.Room, int64(9000-n))
			out[i] = append(out[i], inbox.Row{
				User: user, Key: key, Cause: chat.InboxMention, Room: r.Room, Seq: int64(9000 - n), At: at,
			})
		}
	}
	return out, nil
}

func (s *flooded) InboxMessages(_ context.Context, _ string, places []inbox.MessagePlace) ([]inbox.Message, error) {
	s.loaded += len(places)
	return nil, nil
}

// TestInboxOfAFlood: what somebody posted and deleted in many rooms does not make the inbox dear.
func TestInboxOfAFlood(t *testing.T) {
	o := open(t)
	s := &flooded{PageStore: o.store}
	if o.inboxes.Store = s; o.page("reactions").Unread != 0 || s.loaded > 1000 {
		t.Errorf("%d messages were loaded", s.loaded)
	}
}
