package attention

import (
	"context"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
)

// RowStore is what [Inbox] needs of a store.
type RowStore interface {
	inbox.HearerStore
	// PutInbox is as of inbox.Store.
	PutInbox(ctx context.Context, rows []inbox.Row) (wrote bool, err error)
}

// Inbox implements follow.Consumer: it writes the rows of inboxes. A row is keyed by its message, so that a repetition writes nothing. A
// message to everybody in a room gets no row for each: see [Inboxes].
type Inbox struct {
	Store    RowStore
	Keywords *Keywords
	Clock    chat.Clock
}

// freshness is the age up to which a text gets rows. A reaction makes the consumer look at its message again, whose text may be old and
// concern nobody anew, and by then people may have other levels and keywords.
const freshness = 7 * 24 * time.Hour

// Name implements follow.Consumer.
func (*Inbox) Name() string { return "inbox" }

// Apply implements follow.Consumer.
func (x *Inbox) Apply(ctx context.Context, _ string, ms []chat.Message) (wrote bool, err error) {
	var rows []inbox.Row
	for _, m := range ms {
		if m.DeletedAt != nil || m.System != nil {
			continue // whoever reads an inbox leaves it out
		}
		age := x.Clock.Time().Sub(m.Version().At)
		if r, ok := x.reactions(m); ok && age < chat.InboxLife {
			rows = append(rows, r)
		}
		if age > freshness {
			continue
		}
		told, err := x.told(ctx, m)
		if err != nil {
			return false, err
		}
		rows = append(rows, told...)
	}
	if len(rows) == 0 {
		return false, nil
	}
	return x.Store.PutInbox(ctx, rows)
}

// reactions is the row of the reactions to a message for its author; false when nobody else reacted.
func (x *Inbox) reactions(m chat.Message) (inbox.Row, bool) {
	print, count := fnv.New64a(), 0
	for _, r := range m.Reactions {
		count += r.Count
		for _, u := range r.Users {
			if u == m.Author {
				count--
			} else {
				print.Write([]byte(r.Emoji + " " + u + "\n"))
			}
		}
	}
	return inbox.Row{
		User: m.Author, Key: inbox.Key(chat.InboxReaction, m.Room, m.Seq), Cause: chat.InboxReaction,
		Reason: Reason{Cause: ReactionToOwn}.String(), Room: m.Room, Seq: m.Seq, At: x.Clock.Time().Truncate(time.Millisecond),
		Print: strconv.FormatUint(print.Sum64(), 36), Count: count,
	}, len(reactedBy(m, m.Author)) > 0
}

// told are the rows of those whom the text of a message concerns.
func (x *Inbox) told(ctx context.Context, m chat.Message) ([]inbox.Row, error) {
	matched, err := x.Keywords.matched(ctx, m)
	if err != nil {
		return nil, err
	}
	named := m.Counted()
	users := slices.AppendSeq(slices.Clone(named), maps.Keys(matched))
	if len(users) == 0 {
		return nil, nil
	}
	kind, hearers, err := x.Store.Hearers(ctx, m.Room, users)
	if err != nil || kind == chat.Direct { // a direct room stands above the inbox, with each message
		return nil, err
	}
	var out []inbox.Row
	for _, h := range hearers {
		word, hit := matched[h.ID]
		var causes []Cause
		if slices.Contains(named, h.ID) {
			causes = append(causes, Mention)
		}
		if hit {
			causes = append(causes, Keyword)
		}
		effect, reason := strongest(causes, wishes(kind, h, x.Clock.Time()))
		if effect == None || h.ID == m.Author {
			continue
		}
		row := inbox.Row{
			User: h.ID, Cause: chat.InboxCause(reason.Cause), Reason: reason.String(), Room: m.Room, Seq: m.Seq, Thread: m.Thread,
			At: m.CreatedAt,
		}
		if row.Key = inbox.Key(row.Cause, m.Room, m.Seq); reason.Cause == Keyword {
			row.Keyword = word
		}
		out = append(out, row)
	}
	return out, nil
}
