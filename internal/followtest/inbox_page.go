package followtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/settings"
)

// Lister is a home that has consumers of its own, which keep lists that reads need.
type Lister interface{ Lists() []follow.Consumer }

// positioned is the model with positions of followers.
type positioned struct {
	*model.Store
	at map[string]int64
}

func (p *positioned) Position(_ context.Context, follower, room string) (int64, error) {
	return p.at[follower+" "+room], nil
}

func (p *positioned) SavePosition(_ context.Context, follower, room string, rev int64) error {
	p.at[follower+" "+room] = rev
	return nil
}

// clocked is a home whose inboxes and consumers run at a time that a test sets.
type clocked struct {
	Home
	inboxes  *attention.Inboxes
	follower func() *follow.Follower // another process each time
}

func clockedAt(h Home, clock chat.Clock) clocked {
	consumers := []follow.Consumer{&attention.Inbox{Store: h, Keywords: &attention.Keywords{Store: h, Clock: clock}, Clock: clock}}
	if l, ok := h.(Lister); ok {
		consumers = append(consumers, l.Lists()...)
	}
	return clocked{h, &attention.Inboxes{Store: h, Clock: clock}, func() *follow.Follower { return newFollower(h, consumers...) }}
}

var filters = []string{"all", "unread", "mentions", "reactions"}

// told is a user's whole inbox as text, read in pages of a size.
func (c clocked) told(t failer, user, filter string, limit int) string {
	t.Helper()
	ctx := context.Background()
	u, err := c.User(ctx, user)
	must(t, err)
	var out []string
	q := chat.InboxPageQuery{Filter: filter, Bound: chat.Bound{Limit: limit, Bytes: chat.PageBytes}}
	for {
		p, err := c.inboxes.Page(ctx, u, q)
		must(t, err)
		if len(out) == 0 {
			out = append(out, fmt.Sprint(p.Unread, " unread"))
		}
		for _, i := range p.Items {
			out = append(out, fmt.Sprintf("%s %s %d by %v at %v read %v: %s",
				i.Key, i.Cause, i.Message.Seq, i.By, i.At.Sub(noon), i.Read, i.Reason))
		}
		if p.Next == "" {
			return strings.Join(out, "\n")
		}
		next := placeOf(t, p.Next)
		q.After = &next
	}
}

// placeOf reads a cursor.
func placeOf(t failer, s string) chat.InboxPlace {
	t.Helper()
	ms, key, _ := strings.Cut(s, ".")
	var n int64
	if _, err := fmt.Sscan(ms, &n); err != nil {
		t.Fatal(err)
	}
	return chat.InboxPlace{At: time.UnixMilli(n).UTC(), Key: key}
}

// pages compares inboxes with those of the model, through random histories in two rooms.
func pages(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	rapid.Check(t, func(rt *rapid.T) {
		h, _ := open(t)
		now := noon
		clock := func() time.Time { return now }
		homes := []clocked{clockedAt(h, clock), clockedAt(&positioned{model.New(nil), map[string]int64{}}, clock)}
		story := &inboxStory{T: rt, homes: homes, now: &now, rooms: []string{room, "kitchen"}}
		story.begin()
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 1000, 60_000, 3_600_000}).Draw(rt, "pause")) * time.Millisecond)
			story.step()
		}
		story.compare()
	})
}

// inboxStory does the same to a home and the model.
type inboxStory struct {
	*rapid.T
	homes []clocked
	now   *time.Time
	rooms []string
	posts int
	last  map[string]int64
	roots map[string][]int64
}

var everybody = []string{"mira", "jonas", "ada"}

func (s *inboxStory) begin() {
	ctx := context.Background()
	s.last, s.roots = map[string]int64{}, map[string][]int64{}
	for _, h := range s.homes {
		setUp(s, h)
		words := []string{"soup"}
		in := &settings.Input{Attention: &settings.AttentionInput{Keywords: &words}}
		_, err := h.UpdateUser(ctx, chat.UpdateUser{User: "jonas", Settings: in, At: noon})
		must(s, err)
		_, err = h.AddUser(ctx, chat.AddUser{User: chat.NewUser{User: chat.User{
			ID: "ada", Handle: "ada", Name: "ada", Role: chat.Member, Email: "ada@example.com", Settings: settings.Default(), Epoch: 1,
		}, EmailFold: "ada@example.com"}, Rooms: []string{room}, At: noon})
		must(s, err)
		add := chat.AddRoom{Room: chat.Room{ID: "kitchen", Kind: chat.Public, Name: "kitchen", CreatedBy: "mira", CreatedAt: noon}}
		for _, u := range everybody {
			add.Members = append(add.Members, chat.RoomMembership{User: u, Role: chat.RoomMember, JoinedAt: noon})
		}
		_, _, err = h.AddRoom(ctx, add)
		must(s, err)
	}
}

// each does something to all homes. They must agree on whether it is an error.
func (s *inboxStory) each(what string, do func(clocked) error) {
	s.Helper()
	var codes []string
	for _, h := range s.homes {
		err := do(h)
		codes = append(codes, fmt.Sprint(err))
	}
	if codes[0] != codes[1] {
		s.Fatalf("%s: %s; the model: %s", what, codes[0], codes[1])
	}
}

func (s *inboxStory) step() {
	ctx := context.Background()
	in, user := rapid.SampledFrom(s.rooms).Draw(s.T, "room"), rapid.SampledFrom(everybody).Draw(s.T, "user")
	seq := int64(rapid.IntRange(0, int(s.last[in])).Draw(s.T, "seq"))
	steps := []string{"post", "post", "post", "reply", "reply", "react", "read", "read thread", "delete", "edit", "mute", "follow", "clear",
		"clear", "clear before", "see", "catch up", "catch up", "leave"}
	switch step := rapid.SampledFrom(steps).Draw(s.T, "step"); step {
	case "post", "reply":
		s.post(in, user, step == "reply")
	case "react":
		s.each(step, func(h clocked) error {
			_, err := h.SetReaction(ctx, chat.SetReaction{Room: in, Seq: seq, User: user, Emoji: "🎉", Added: s.posts%3 > 0, At: *s.now})
			return err
		})
	case "read":
		s.each(step, func(h clocked) error {
			_, err := h.SetRead(ctx, chat.SetRead{Room: in, User: user, Seq: seq})
			return err
		})
	case "read thread", "follow":
		if root := s.root(in); root > 0 {
			s.each(step, func(h clocked) (err error) {
				if step == "follow" {
					_, err = h.FollowThread(ctx, chat.FollowThread{Room: in, Root: root, User: user, On: s.posts%2 > 0})
				} else {
					_, err = h.ReadThread(ctx, chat.ReadThread{Room: in, Root: root, User: user, Seq: seq})
				}
				return err
			})
		}
	case "delete":
		s.each(step, func(h clocked) error {
			return h.DeleteMessage(ctx, chat.DeleteMessage{Room: in, Seq: seq, At: *s.now})
		})
	case "edit":
		s.each(step, func(h clocked) error {
			edit := chat.EditMessage{Room: in, Seq: seq, By: "mira", Text: "soup", Mentions: []string{user}, At: *s.now}
			_, err := h.EditMessage(ctx, edit)
			return err
		})
	case "mute":
		muted := s.posts%2 > 0
		s.each(step, func(h clocked) error {
			_, err := h.UpdateMyRoom(ctx, chat.UpdateMyRoom{Room: in, User: user, Muted: &muted})
			return err
		})
	case "clear":
		cause := rapid.SampledFrom([]chat.InboxCause{chat.InboxMention, chat.InboxReaction, chat.InboxThread}).Draw(s.T, "cause")
		key := inbox.Key(cause, in, seq)
		s.each(step, func(h clocked) error { return h.inboxes.Clear(ctx, user, key, *s.now) })
	case "clear before":
		s.each(step, func(h clocked) error {
			return h.inboxes.Mark(ctx, user, chat.InboxMarks{ClearedBefore: s.now.Add(-time.Minute)})
		})
	case "see":
		s.each(step, func(h clocked) error { return h.inboxes.Mark(ctx, user, chat.InboxMarks{SeenAt: *s.now}) })
	case "leave":
		s.each(step, func(h clocked) error { return s.rejoin(h, in, user) })
	default:
		s.catchUp()
	}
}

func (s *inboxStory) rejoin(h clocked, in, user string) error {
	ctx := context.Background()
	if err := h.RemoveMember(ctx, chat.RemoveMember{Room: in, User: user, Reason: chat.Left}); err != nil {
		return err
	}
	return h.AddMembers(ctx, chat.AddMembers{Room: in, Users: []string{user}, Role: chat.RoomMember, At: s.now.Add(time.Second)})
}

func (s *inboxStory) root(in string) int64 {
	if len(s.roots[in]) == 0 {
		return 0
	}
	return rapid.SampledFrom(s.roots[in]).Draw(s.T, "root")
}

func (s *inboxStory) post(in, user string, reply bool) {
	s.posts++
	cmd := chat.PostMessage{
		Room: in, Author: user, ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", s.posts), At: *s.now,
		Text:     rapid.SampledFrom([]string{"soup", "hello"}).Draw(s.T, "text"),
		Mentions: rapid.SampledFrom([][]string{nil, {"jonas"}, {"mira", "ada"}}).Draw(s.T, "mentions"),
	}
	if rapid.IntRange(0, 3).Draw(s.T, "broadcast") == 0 {
		cmd.Broadcast = chat.BroadcastRoom
	}
	if reply {
		cmd.Thread = s.root(in)
		cmd.AlsoInRoom = cmd.Thread > 0 && s.posts%4 == 0
	}
	var posted chat.Message
	s.each("post", func(h clocked) (err error) {
		posted, _, err = h.PostMessage(context.Background(), cmd)
		return err
	})
	if posted.Seq > 0 {
		s.last[in] = posted.Seq
	}
	if posted.Seq > 0 && cmd.Thread == 0 {
		s.roots[in] = append(s.roots[in], posted.Seq)
	}
}

func (s *inboxStory) catchUp() {
	for _, in := range s.rooms {
		s.each("catch up", func(h clocked) error { return h.follower().CatchUp(context.Background(), in) })
	}
}

// compare compares everybody's inbox, with each filter, in large pages and small ones.
func (s *inboxStory) compare() {
	s.catchUp()
	for _, user := range everybody {
		for _, f := range filters {
			want := s.homes[1].told(s, user, f, 100)
			for _, limit := range []int{100, 1, 3} {
				for i, h := range s.homes {
					if got := h.told(s, user, f, limit); got != want {
						s.Fatalf("%s of %s by %d in home %d:\n%s\nthe model in one page:\n%s", f, user, limit, i, got, want)
					}
				}
			}
		}
	}
}

// counted is a home that counts the rows, broadcasts, threads and messages that an inbox reads.
type counted struct {
	Home
	read int
}

func (c *counted) Inbox(ctx context.Context, q inbox.Query) ([]inbox.Row, error) {
	out, err := c.Home.Inbox(ctx, q)
	c.read += len(out)
	return out, err
}

func (c *counted) InboxIn(ctx context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	out, err := c.Home.InboxIn(ctx, user, ranges)
	for _, rows := range out {
		c.read += len(rows)
	}
	return out, err
}

func (c *counted) InboxMessages(ctx context.Context, user string, places []inbox.MessagePlace) ([]inbox.Message, error) {
	c.read += len(places)
	return c.Home.InboxMessages(ctx, user, places)
}

func (c *counted) InboxRows(ctx context.Context, user string, keys []string) ([]inbox.Row, error) {
	c.read += len(keys)
	return c.Home.InboxRows(ctx, user, keys)
}

// bounded checks that a page of a long inbox reads no more than of a short one, whether all is read, unread or cleared.
func bounded(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, _ := open(t)
	setUp(t, h)
	const all = 250
	ctx, rows, last := t.Context(), []inbox.Row(nil), int64(0)
	for n := range all {
		cmd := chat.PostMessage{Text: "@jonas", Mentions: []string{"jonas"}}
		if n%10 == 0 {
			cmd = chat.PostMessage{Text: "@room", Broadcast: chat.BroadcastRoom}
		}
		m := say(t, h, n, cmd)
		if last = m.Seq; cmd.Broadcast == "" {
			rows = append(rows, inbox.Row{
				User: "jonas", Key: inbox.Key(chat.InboxMention, room, m.Seq), Cause: chat.InboxMention, Room: room, Seq: m.Seq,
				At: noon.Add(time.Duration(n) * time.Second),
			})
		}
	}
	_, err := h.PutInbox(ctx, rows)
	must(t, err)
	c := &counted{Home: h}
	x := clockedAt(c, func() time.Time { return noon.Add(time.Hour) })
	u, err := h.User(ctx, "jonas")
	must(t, err)
	page := func(what string, unread, most int) {
		t.Helper()
		c.read = 0
		p, err := x.inboxes.Page(ctx, u, chat.InboxPageQuery{Filter: "all", Bound: chat.Bound{Limit: 20, Bytes: chat.PageBytes}})
		if must(t, err); p.Unread != unread || c.read > most {
			t.Errorf("%s: %d unread, want %d; %d are read, more than %d", what, p.Unread, unread, c.read, most)
		}
	}
	page("all unread", chat.MaxUnread, 400)
	read := func(seq int64) {
		t.Helper()
		_, err = h.SetRead(ctx, chat.SetRead{Room: room, User: "jonas", Seq: seq})
		must(t, err)
	}
	read(last - 5)
	page("five unread", 5, 90)
	read(last)
	page("none unread", 0, 80)
	var keys []string
	for _, r := range rows[len(rows)-100:] {
		keys = append(keys, r.Key)
	}
	for _, k := range keys {
		must(t, h.ClearInbox(ctx, "jonas", k, noon.Add(time.Hour)))
	}
	page("many cleared", 0, 110)
	must(t, h.MarkInbox(ctx, "jonas", chat.InboxMarks{ClearedBefore: noon.Add(time.Hour)}))
	page("all cleared", 0, 30)
}

// raced: what is newer than what was cleared stands, whichever of the two was written first.
func raced(t *testing.T, open func(t *testing.T) (Home, func() Home)) {
	h, _ := open(t)
	setUp(t, h)
	say(t, h, 1, chat.PostMessage{Text: "hello"})
	row := func(n int) inbox.Row {
		return inbox.Row{
			User: "mira", Key: "r.general.1", Cause: chat.InboxReaction, Room: room, Seq: 1, Print: fmt.Sprint(n), Count: n,
			At: noon.Add(time.Duration(n) * time.Second),
		}
	}
	const rounds = 10
	done := make(chan error, 2)
	go func() {
		for n := range rounds {
			if _, err := h.PutInbox(context.Background(), []inbox.Row{row(n + 1)}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	go func() {
		for n := range rounds {
			if err := h.ClearInbox(context.Background(), "mira", "r.general.1", noon.Add(time.Duration(n)*time.Second)); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	must(t, <-done)
	must(t, <-done)
	if got, want := standing(t, h, "mira"), "r.general.1 reaction 0"; got != want {
		t.Errorf("after all was cleared but the last: %q, want %q", got, want)
	}
	must(t, h.ClearInbox(t.Context(), "mira", "r.general.1", noon.Add(rounds*time.Second)))
	if got := standing(t, h, "mira"); got != "" {
		t.Errorf("after the last was cleared: %q", got)
	}
}
