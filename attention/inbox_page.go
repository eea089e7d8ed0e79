package attention

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/thread"
)

// PageStore is what [Inboxes] need of a store.
type PageStore interface {
	inbox.Store
	inbox.HearerStore
	// MyThread is as of chat.ThreadStore.
	MyThread(ctx context.Context, room string, root int64, user string) (chat.MyThread, error)
}

// Inboxes implements chat.Inboxes. Rows of mentions, keywords and reactions are stored, see [Inbox]. Entries of messages to a whole room
// and of threads are derived when an inbox is read: from the index of such messages, and from the list of a user's threads.
type Inboxes struct {
	Store PageStore
	Clock chat.Clock
}

// maxRounds is how often a page asks each source for more, when many of the messages that it found were deleted or no longer concern the
// user. After that, the page ends early.
const maxRounds = 4

// Page implements chat.Inboxes.
func (x *Inboxes) Page(ctx context.Context, u chat.User, q chat.InboxPageQuery) (chat.InboxPage, error) {
	p := &page{
		store: x.Store, user: u, q: q, rooms: map[string]inbox.Room{}, messages: map[inbox.MessagePlace]inbox.Message{},
		unread: map[string]bool{},
	}
	rooms, marks, err := x.Store.InboxRooms(ctx, u.ID)
	if err != nil {
		return p.out, err
	}
	p.all, p.marks, p.oldest = rooms, marks, x.Clock.Time().Add(-chat.InboxLife)
	if marks.ClearedBefore.After(p.oldest) {
		p.oldest = marks.ClearedBefore
	}
	for _, r := range rooms {
		p.rooms[r.ID] = r
	}
	err = p.read(ctx)
	return p.out, err
}

// page is one page that is being read.
type page struct {
	store    PageStore
	user     chat.User
	q        chat.InboxPageQuery
	all      []inbox.Room
	rooms    map[string]inbox.Room // of all, by id
	marks    chat.InboxMarks
	oldest   time.Time // what is not newer has been cleared, or is too old
	messages map[inbox.MessagePlace]inbox.Message
	unread   map[string]bool // what is known to be unread, by key
	extra    int             // how many more candidates each source is asked for
	full     bool
	last     chat.InboxPlace // of the last item
	out      chat.InboxPage
}

// candidate is what may be an entry. It has a thread, or rows of the same message: the one that says most comes first.
type candidate struct {
	chat.InboxPlace
	rows   []inbox.Row
	thread *thread.Place
}

// source is what one place to look has found, newest first. horizon is the place down to which that is complete; nil if it has no more.
type source struct {
	found   []candidate
	horizon *chat.InboxPlace
	asked   inbox.Range // if it is a room
}

// source is a source that was asked for up to limit candidates. What is older than the inbox it need not have.
func (p *page) source(found []candidate, limit int) source {
	if len(found) < limit || !found[len(found)-1].At.After(p.oldest) {
		return source{found: found}
	}
	return source{found: found, horizon: &found[len(found)-1].InboxPlace}
}

// sourceByTime is a source that orders candidates of the same millisecond differently from InboxPlace.Compare: some of the last millisecond
// can be missing.
func (p *page) sourceByTime(found []candidate, limit int) source {
	s := p.source(found, limit)
	if s.horizon != nil {
		s.horizon = &chat.InboxPlace{At: s.horizon.At.Add(time.Millisecond), Key: afterKeys}
	}
	return s
}

// afterKeys sorts after all keys.
const afterKeys = "~"

func (p *page) read(ctx context.Context) error {
	after, counted := p.q.After, false
	for round := 1; ; round++ {
		found, horizon, err := p.find(ctx, after, !counted)
		for counted = true; err == nil && after != nil && horizon != nil && horizon.Compare(*after) <= 0; {
			p.extra = 4*p.extra + 100 // more in one millisecond than was asked for
			found, horizon, err = p.find(ctx, after, false)
		}
		if err == nil {
			err = p.fill(ctx, found)
		}
		switch {
		case err != nil:
			return err
		case p.full:
			p.out.Next = p.last.String()
			return nil
		case horizon == nil:
			return nil
		case round == maxRounds:
			p.out.Next = horizon.String()
			return nil
		}
		after, p.extra = horizon, 0
	}
}

// find asks each source for what comes after a place, and returns what belongs into the page, down to the horizon: below that, a source has
// more. In the first round it also counts what is unread in the whole inbox.
func (p *page) find(ctx context.Context, after *chat.InboxPlace, first bool) ([]candidate, *chat.InboxPlace, error) {
	// What fits, and three more: the last one of the page before, the first one of the next page, and the one at the horizon.
	limit := p.q.Limit + 3 + p.extra
	rows, err := p.store.Inbox(ctx, p.rowQuery(after, limit))
	if err != nil {
		return nil, nil, err
	}
	sources := []source{p.source(ofRows(rows), limit)}
	found, unread, err := p.findInRooms(ctx, after, limit, first)
	if err != nil {
		return nil, nil, err
	}
	threads, unreadThreads, err := p.findThreads(ctx, after, limit, first)
	if err != nil {
		return nil, nil, err
	}
	sources = append(append(sources, found...), threads...)
	horizon := horizonOf(sources)
	var all []candidate
	for _, s := range sources {
		all = append(all, s.found...)
	}
	all = slices.DeleteFunc(all, func(c candidate) bool {
		return after != nil && c.Compare(*after) <= 0 || horizon != nil && c.Compare(*horizon) > 0
	})
	if all, err = p.standing(ctx, all); err != nil || !first {
		return all, horizon, err
	}
	return all, horizon, p.countAll(ctx, unreadThreads, unread, all)
}

// horizonOf is the place down to which all sources are complete; nil if they are complete.
func horizonOf(sources []source) *chat.InboxPlace {
	var out *chat.InboxPlace
	for _, s := range sources {
		if s.horizon != nil && (out == nil || s.horizon.Compare(*out) < 0) {
			out = s.horizon
		}
	}
	return out
}

// rowQuery asks for rows by time. Of those that are unread it asks for reactions only: others are found by room.
func (p *page) rowQuery(after *chat.InboxPlace, limit int) inbox.Query {
	q := inbox.Query{User: p.user.ID, After: after, Oldest: p.oldest, Limit: limit, Reactions: true, Others: true}
	switch p.q.Filter {
	case "mentions":
		q.Reactions = false
	case "reactions":
		q.Others = false
	case "unread":
		if q.Others = false; p.marks.SeenAt.After(q.Oldest) {
			q.Oldest = p.marks.SeenAt
		}
	}
	return q
}

// findInRooms finds messages to whole rooms, and what is unread.
func (p *page) findInRooms(ctx context.Context, after *chat.InboxPlace, limit int, first bool) (found, unread []source, err error) {
	onlyUnread := p.q.Filter == "unread"
	var ranges []inbox.Range
	if first {
		ranges = p.unreadRanges(nil, max(limit, chat.MaxUnread+1))
	}
	counted := len(ranges)
	switch {
	case onlyUnread && after != nil:
		ranges = append(ranges, p.unreadRanges(after, limit)...)
	case p.q.Filter == "all" || p.q.Filter == "mentions":
		ranges = append(ranges, p.broadcastRanges(after, limit)...)
	}
	rows, err := p.store.InboxIn(ctx, p.user.ID, ranges)
	for i, rs := range rows {
		s := p.sourceOf(ranges[i], rs)
		if i < counted {
			unread = append(unread, s)
		}
		if i >= counted || onlyUnread && after == nil {
			found = append(found, s)
		}
	}
	return found, unread, err
}

// sourceOf is a room that was asked for a range.
func (p *page) sourceOf(asked inbox.Range, rows []inbox.Row) source {
	s := p.sourceByTime(ofRows(rows), asked.Limit)
	s.asked = asked
	return s
}

// ofRows are candidates with one row each.
func ofRows(rows []inbox.Row) []candidate {
	out := make([]candidate, len(rows))
	for i, r := range rows {
		out[i] = candidate{InboxPlace: r.Place(), rows: []inbox.Row{r}}
	}
	return out
}

// unreadRanges ask each room for what is after its read pointer, where there can be something.
func (p *page) unreadRanges(after *chat.InboxPlace, limit int) (out []inbox.Range) {
	for _, r := range p.all {
		in := inbox.Range{Room: r.ID, After: r.ReadSeq, Before: timeOf(after), Limit: limit}
		if r.Kind == chat.Direct || r.LastSeq <= r.ReadSeq {
			continue
		}
		if r.LastMention > r.ReadSeq || len(p.user.Settings.Attention.Keywords) > 0 {
			out = append(out, in)
		}
		if in.Broadcasts = true; r.LastBroadcast > r.ReadSeq && p.hears(r) {
			out = append(out, in)
		}
	}
	return out
}

// broadcastRanges ask each room for the messages that call everybody.
func (p *page) broadcastRanges(after *chat.InboxPlace, limit int) (out []inbox.Range) {
	for _, r := range p.all {
		if r.Kind != chat.Direct && r.LastBroadcast > 0 && p.hears(r) {
			out = append(out, inbox.Range{Room: r.ID, Broadcasts: true, Before: timeOf(after), Limit: limit})
		}
	}
	return out
}

func timeOf(after *chat.InboxPlace) time.Time {
	if after == nil {
		return time.Time{}
	}
	return after.At
}

// reason says why something of this cause stands in the inbox, as the user hears the room now; false when it does not.
func (p *page) reason(c Cause, r inbox.Room) (string, bool) {
	e, why := Decide(c, Wishes{Notify: r.Notify, Muted: r.Muted, Follows: true})
	return why.String(), e > None
}

// hears says whether messages to everybody in the room concern the user.
func (p *page) hears(r inbox.Room) bool {
	_, ok := p.reason(Broadcast, r)
	return ok
}

// findThreads finds threads that belong into the page, and in the first round those that are unread.
func (p *page) findThreads(ctx context.Context, after *chat.InboxPlace, limit int, first bool,
) (found []source, unread []candidate, err error) {
	wanted := p.q.Filter == "all" || p.q.Filter == "unread"
	if !wanted && !first {
		return nil, nil, nil
	}
	q := inbox.ThreadQuery{User: p.user.ID, Unread: p.q.Filter == "unread", Before: timeOf(after), Limit: limit}
	if !wanted {
		q.Limit = 0
	}
	threads, open, err := p.store.InboxThreads(ctx, q)
	if wanted {
		found = []source{p.sourceByTime(ofThreads(threads), limit)}
	}
	return found, ofThreads(open), err
}

func ofThreads(threads []thread.State) []candidate {
	out := make([]candidate, len(threads))
	for i, t := range threads {
		key := inbox.Key(chat.InboxThread, t.Room, t.Root)
		out[i] = candidate{InboxPlace: chat.InboxPlace{At: t.At, Key: key}, thread: &t.Place}
	}
	return out
}

// standing are those candidates that concern the user and were not cleared, in their order, each once.
func (p *page) standing(ctx context.Context, all []candidate) (out []candidate, err error) {
	all = slices.DeleteFunc(all, func(c candidate) bool { return !p.concerns(c) })
	slices.SortStableFunc(all, func(a, b candidate) int { return a.Compare(b.InboxPlace) })
	var derived []string // what may have been cleared without a row
	for _, c := range all {
		if n := len(out); n > 0 && out[n-1].Compare(c.InboxPlace) == 0 {
			out[n-1].rows = append(out[n-1].rows, c.rows...)
			continue
		}
		out = append(out, c)
		if (c.thread != nil || c.rows[0].Cause == chat.InboxBroadcast) && !c.At.After(p.marks.KeysCleared) {
			derived = append(derived, c.Key)
		}
	}
	for _, c := range out {
		slices.SortStableFunc(c.rows, func(a, b inbox.Row) int { return cmp.Compare(rank(a.Cause), rank(b.Cause)) })
	}
	if len(derived) == 0 {
		return out, nil
	}
	rows, err := p.store.InboxRows(ctx, p.user.ID, derived)
	cleared := map[string]time.Time{}
	for _, r := range rows {
		cleared[r.Key] = r.ClearedAt
	}
	return slices.DeleteFunc(out, func(c candidate) bool {
		at, ok := cleared[c.Key]
		return ok && !c.At.After(at)
	}), err
}

// rank orders the causes of one message: the one that says most comes first.
func rank(c chat.InboxCause) int {
	return slices.Index([]chat.InboxCause{chat.InboxMention, chat.InboxBroadcast, chat.InboxKeyword}, c)
}

// concerns says whether a candidate concerns the user, as far as that is known without its message.
func (p *page) concerns(c candidate) bool {
	if !c.At.After(p.oldest) {
		return false
	}
	if c.thread != nil {
		_, in := p.rooms[c.thread.Room]
		return in
	}
	row := c.rows[0]
	r, in := p.rooms[row.Room]
	switch {
	case !in:
		return false
	case row.Cause == chat.InboxBroadcast:
		return p.hears(r) && !row.At.Before(r.JoinedAt)
	case row.Cause == chat.InboxKeyword:
		return slices.Contains(p.user.Settings.Attention.Keywords, row.Keyword)
	}
	return true
}
