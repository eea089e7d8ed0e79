package chat

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/card"
)

// Page is a stretch of a timeline or thread, by ascending seq.
type Page struct {
	Head       int64 // the room's rev when, or just before, the page was read
	Messages   []Message
	MoreBefore bool
	MoreAfter  bool
}

// Changes are messages changed after a revision, in their present state, each once, by rev.
type Changes struct {
	Head     int64
	Next     int64 // go on from here; Head on the last page
	More     bool
	Messages []Message
}

// KnowsRev is Gone when a room at revision head has not come to since yet: the client knows another history.
func KnowsRev(since, head int64) error {
	if since > head {
		return Errorf(Gone, "The room has no revision %d yet. Load the room again.", since)
	}
	return nil
}

// Bound is how much a read may give: at most Limit messages, and none after the one that reaches Bytes.
type Bound struct{ Limit, Bytes int }

// Take says whether one more message may be given, and counts it.
func (b *Bound) Take(m Message) bool {
	if b.Full() {
		return false
	}
	b.Limit, b.Bytes = b.Limit-1, b.Bytes-m.size()
	return true
}

// Full says whether no more may be given.
func (b *Bound) Full() bool { return b.Limit <= 0 || b.Bytes <= 0 }

// PageStore reads messages. Callers have checked that viewer may see the room.
type PageStore interface {
	Message(ctx context.Context, room string, seq int64, viewer string) (Message, error)
	Page(ctx context.Context, q PageQuery) (Page, error)
	// Changes is Gone when since is beyond the room's rev, or further back than is known.
	Changes(ctx context.Context, room string, since int64, b Bound, viewer string) (Changes, error)
	// Versions are newest, the present one, first. NotFound for a tombstone.
	Versions(ctx context.Context, q VersionQuery) (History, error)
}

// VersionQuery asks for versions of a message: those with a number below Before, if that is not nil. The read ends with the version
// that reaches Bytes.
type VersionQuery struct {
	Room   string
	Seq    int64
	Before *int64
	Bytes  int
}

// History is a part of the versions of a message.
type History struct {
	Versions []Version
	More     bool // there are older ones
}

// Add adds a version unless q's bytes are reached, and says whether it did. For stores: the one place that says where a part ends.
func (h *History) Add(q VersionQuery, v Version) bool {
	size := 0
	for _, v := range h.Versions {
		size += versionBytes + len(v.Text)
	}
	h.More = size >= q.Bytes
	if !h.More {
		h.Versions = append(h.Versions, v)
	}
	return !h.More
}

// versionBytes is about what a version adds to an answer besides its text.
const versionBytes = 64

// PageQuery asks for a page; at most one of Before, After, Around and At is not nil, none of them asks for the latest.
type PageQuery struct {
	Room   string
	Thread int64 // the root's seq: its replies; 0: the timeline
	Before *int64
	After  *int64
	Around *int64
	At     *time.Time
	Bound
	Viewer string
}

// PageInput asks for a page; at most one of Before, After, Around, At.
type PageInput struct {
	Before, After, Around, Thread *int64
	At                            *time.Time
	Limit                         *int
}

// Messages is a page of the timeline, or of a thread's replies.
func (c *Canteen) Messages(ctx context.Context, a Actor, room string, in PageInput) (Page, error) {
	limit, err := pageLimit(in.Limit, DefaultPage, MaxPage)
	if err != nil {
		return Page{}, err
	}
	q := PageQuery{Room: room, Before: in.Before, After: in.After, Around: in.Around, At: in.At, Bound: Bound{limit, PageBytes}}
	var given []string
	for _, p := range []struct {
		name  string
		value *int64
		least int64
	}{{"before", in.Before, 1}, {"after", in.After, 0}, {"around", in.Around, 1}, {"thread", in.Thread, 1}} {
		if p.value == nil {
			continue
		}
		if *p.value < p.least {
			return Page{}, InvalidField(p.name, "A whole number from %d is needed.", p.least)
		}
		if p.name != "thread" {
			given = append(given, p.name)
		}
	}
	if in.At != nil {
		given = append(given, "at")
	}
	if len(given) > 1 {
		return Page{}, InvalidField(given[1], "Give only one of before, after, around and at.")
	}
	return perform(ctx, c, a, CmdMessages, use[Page]{room: room, do: func(at *attempt) (Page, error) {
		q.Viewer = at.User.ID
		if in.Thread != nil {
			q.Thread = *in.Thread
			root, err := c.store.Message(ctx, room, q.Thread, at.User.ID)
			if err != nil {
				return Page{}, err
			}
			if root.Thread != 0 {
				return Page{}, InvalidField("thread", "Message %d is a reply itself; its thread is %d.", q.Thread, root.Thread)
			}
		}
		return c.store.Page(ctx, q)
	}})
}

// size is about how much a message adds to a page.
func (m Message) size() int {
	n := 512 + len(m.Text) + len(m.Files)*512 + m.Poll.Size() + m.Tally.Size() + card.Size(m.Cards)
	if p := m.Preview; p != nil {
		n += 256 + len(p.URL) + len(p.Title) + len(p.Description)
	}
	for _, r := range m.Reactions {
		n += 64 + 16*len(r.Users)
	}
	return n
}

func pageLimit(n *int, normal, most int) (int, error) {
	if n == nil {
		return normal, nil
	}
	if *n < 1 || *n > most {
		return 0, InvalidField("limit", "A number from 1 to %d is needed.", most)
	}
	return *n, nil
}

// Changes are what changed in the room after revision since.
func (c *Canteen) Changes(ctx context.Context, a Actor, room string, since int64, limit *int) (Changes, error) {
	n, err := pageLimit(limit, MaxChangesPage, MaxChangesPage)
	if err != nil {
		return Changes{}, err
	}
	if since < 0 {
		return Changes{}, InvalidField("since", "A whole number from 0 is needed.")
	}
	return perform(ctx, c, a, CmdChanges, use[Changes]{room: room, do: func(at *attempt) (Changes, error) {
		return c.store.Changes(ctx, room, since, Bound{n, PageBytes}, at.User.ID)
	}})
}

// History is what texts a message has had, newest first, with a number below before; NotFound for a tombstone.
func (c *Canteen) History(ctx context.Context, a Actor, room string, seq int64, before *int64) (History, error) {
	if before != nil && *before < 1 {
		return History{}, InvalidField("before", "A whole number from 1 is needed.")
	}
	return perform(ctx, c, a, CmdHistory, use[History]{room: room, do: func(*attempt) (History, error) {
		return c.store.Versions(ctx, VersionQuery{Room: room, Seq: seq, Before: before, Bytes: PageBytes})
	}})
}
