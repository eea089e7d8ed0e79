package attention

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/thread"
)

// messagesAtOnce is the number of candidates whose messages are loaded together.
const messagesAtOnce = 100

// enough is after how many messages a page looks at no more of them for its number of unread entries. It is too low then.
const enough = 1000

// countAll counts what is unread in the whole inbox: threads, and what rooms found. It loads the messages of the page along with theirs.
// If much of what a room found says no longer what it did, it asks for more, up to maxRounds.
func (p *page) countAll(ctx context.Context, threads []candidate, rooms []source, page []candidate) error {
	for round := 1; ; round++ {
		found := threads
		for _, s := range rooms {
			found = append(found, s.found...)
		}
		if found, err := p.standing(ctx, found); err != nil {
			return err
		} else if err := p.count(ctx, found, page); err != nil {
			return err
		}
		p.out.Unread = min(len(p.unread), chat.MaxUnread)
		rooms = slices.DeleteFunc(rooms, func(s source) bool { return s.horizon == nil })
		if len(rooms) == 0 || p.out.Unread == chat.MaxUnread || len(p.messages) >= enough || round == maxRounds {
			return nil
		}
		threads, page = nil, nil
		ranges := make([]inbox.Range, len(rooms))
		for i, s := range rooms {
			ranges[i] = s.asked
			ranges[i].Before = s.found[len(s.found)-1].At
		}
		rows, err := p.store.InboxIn(ctx, p.user.ID, ranges)
		if err != nil {
			return err
		}
		for i := range rooms {
			rooms[i] = p.sourceOf(ranges[i], rows[i])
		}
	}
}

// count counts the unread entries among candidates. Threads that were found are unread.
func (p *page) count(ctx context.Context, found, page []candidate) error {
	found = slices.DeleteFunc(found, func(c candidate) bool {
		if c.thread != nil {
			p.unread[c.Key] = true
		}
		return c.thread != nil
	})
	load := page[:min(len(page), p.q.Limit+1)]
	for chunk := range slices.Chunk(found, messagesAtOnce) {
		if len(p.unread) >= chat.MaxUnread || len(p.messages) >= enough {
			break
		}
		if err := p.load(ctx, slices.Concat(chunk, load)); err != nil {
			return err
		}
		for _, c := range chunk {
			if i, ok := p.item(c); ok && !i.Read {
				p.unread[c.Key] = true
			}
		}
		load = nil
	}
	return nil
}

// fill puts candidates into the page, until it is full.
func (p *page) fill(ctx context.Context, found []candidate) error {
	for len(found) > 0 && !p.full {
		n := min(len(found), p.q.Limit+1)
		replies, err := p.loadAll(ctx, found[:n])
		if err != nil {
			return err
		}
		for _, c := range found[:n] {
			i, ok := p.item(c)
			if c.thread != nil {
				i, ok = p.threadItem(c, replies)
			}
			if !ok || p.q.Filter == "unread" && i.Read {
				continue
			}
			if p.full = !p.q.Take(i.Message); p.full {
				break
			}
			p.out.Items, p.last = append(p.out.Items, i), c.InboxPlace
		}
		found = found[n:]
	}
	return nil
}

// loadAll loads what candidates are drawn from.
func (p *page) loadAll(ctx context.Context, of []candidate) (map[inbox.MessagePlace]inbox.Replies, error) {
	var threads []thread.Place
	for _, c := range of {
		if c.thread != nil {
			threads = append(threads, *c.thread)
		}
	}
	out := map[inbox.MessagePlace]inbox.Replies{}
	if len(threads) > 0 {
		found, err := p.store.InboxReplies(ctx, p.user.ID, threads)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			out[inbox.MessagePlace{Room: r.Latest.Room, Seq: r.Root}] = r
		}
	}
	return out, p.load(ctx, of)
}

// load loads the messages of candidates that are not loaded yet.
func (p *page) load(ctx context.Context, of []candidate) error {
	var places []inbox.MessagePlace
	for _, c := range of {
		if c.thread != nil {
			continue
		}
		at := placeOf(c.rows[0])
		if _, ok := p.messages[at]; !ok {
			p.messages[at] = inbox.Message{}
			if at.Thread = c.rows[0].Thread; c.rows[0].Seq <= p.rooms[at.Room].ReadSeq || c.rows[0].Cause == chat.InboxReaction {
				at.Thread = 0 // its pointer does not matter
			}
			places = append(places, at)
		}
	}
	if len(places) == 0 {
		return nil
	}
	found, err := p.store.InboxMessages(ctx, p.user.ID, places)
	for _, m := range found {
		p.messages[inbox.MessagePlace{Room: m.Room, Seq: m.Seq}] = m
	}
	return err
}

func placeOf(r inbox.Row) inbox.MessagePlace { return inbox.MessagePlace{Room: r.Room, Seq: r.Seq} }

// item is the entry that a candidate's rows make of the message as it is now; false when they make none. A tombstone holds nothing of what
// rows say.
func (p *page) item(c candidate) (chat.InboxItem, bool) {
	for _, r := range c.rows {
		if m := p.messages[placeOf(r)]; m.Seq > 0 {
			if i, ok := p.rowItem(r, m); ok {
				return i, true
			}
		}
	}
	return chat.InboxItem{}, false
}

func (p *page) rowItem(r inbox.Row, m inbox.Message) (chat.InboxItem, bool) {
	in := p.rooms[r.Room]
	i := chat.InboxItem{
		Key: r.Key, Cause: r.Cause, Reason: r.Reason, Message: m.Message, By: []string{m.Author}, At: r.At,
		Read: r.Seq <= in.ReadSeq || r.Seq <= m.ThreadRead,
	}
	switch r.Cause {
	case chat.InboxMention:
		return i, slices.Contains(m.Mentions, p.user.ID)
	case chat.InboxBroadcast:
		i.Reason, _ = p.reason(Broadcast, in)
		return i, m.Broadcast == chat.BroadcastRoom && m.Author != p.user.ID
	case chat.InboxKeyword:
		return i, text.HasWords(text.Words(m.Text), text.Words(r.Keyword))
	}
	i.By, i.Read = reactedBy(m.Message, p.user.ID), !r.At.After(p.marks.SeenAt)
	return i, len(i.By) > 0
}

// threadItem is the entry of a thread; false for a thread that its user has answered last, unless something in it is unread.
func (p *page) threadItem(c candidate, all map[inbox.MessagePlace]inbox.Replies) (chat.InboxItem, bool) {
	r, ok := all[inbox.MessagePlace{Room: c.thread.Room, Seq: c.thread.Root}]
	read := len(r.By) == 0
	if !ok || read && r.Latest.Author == p.user.ID {
		return chat.InboxItem{}, false
	}
	i := chat.InboxItem{
		Key: c.Key, Cause: chat.InboxThread, Message: r.Latest, By: r.By, At: r.Latest.CreatedAt, Read: read,
	}
	if read {
		i.By = []string{r.Latest.Author}
	}
	i.Reason, _ = p.reason(ThreadReply, p.rooms[c.thread.Room])
	return i, true
}

// Clear implements chat.Inboxes. Rows of mentions, keywords and reactions are stored; messages to everybody and followed threads have none.
func (x *Inboxes) Clear(ctx context.Context, user, key string, at time.Time) error {
	kind, of, ok := inbox.ParseKey(key)
	if !ok {
		return chat.ErrNotFound()
	}
	if _, in, err := x.Store.Hearers(ctx, of.Room, []string{user}); err != nil || len(in) == 0 {
		return orNotFound(err)
	}
	if kind == "t" {
		if t, err := x.Store.MyThread(ctx, of.Room, of.Seq, user); err != nil || t.Follow == thread.FollowOff {
			return orNotFound(err)
		}
		return x.Store.ClearInbox(ctx, user, key, at)
	}
	rows, err := x.Store.InboxRows(ctx, user, []string{key})
	if err != nil {
		return err
	}
	if kind == "m" && len(rows) == 0 {
		ms, err := x.Store.InboxMessages(ctx, user, []inbox.MessagePlace{of})
		if err != nil || len(ms) == 0 || ms[0].Broadcast != chat.BroadcastRoom {
			return orNotFound(err)
		}
	} else if len(rows) == 0 {
		return chat.ErrNotFound()
	}
	return x.Store.ClearInbox(ctx, user, key, at)
}

func orNotFound(err error) error {
	if err == nil {
		err = chat.ErrNotFound()
	}
	return err
}

// Mark implements chat.Inboxes.
func (x *Inboxes) Mark(ctx context.Context, user string, m chat.InboxMarks) error {
	return x.Store.MarkInbox(ctx, user, m)
}

// reactedBy are those of the first users of each emoji who are not this one, each once.
func reactedBy(m chat.Message, other string) (out []string) {
	for _, r := range m.Reactions {
		for _, u := range r.Users {
			if u != other && !slices.Contains(out, u) {
				out = append(out, u)
			}
		}
	}
	return out
}
