package attention

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/text"
)

// Store is what the consumer needs of a store.
type Store interface {
	chat.InboxStore
	// Users is the whole directory, as of chat.UserStore.
	Users(ctx context.Context) ([]chat.User, int64, error)
}

// Inbox implements follow.Consumer: it writes the rows of inboxes. A row is keyed by its message, so that a repetition writes nothing.
type Inbox struct {
	Store Store
	Clock chat.Clock

	stale    atomic.Bool // a user has changed since keywords were read
	mu       sync.Mutex
	keywords keywords  // guarded by mu
	loaded   time.Time // when keywords were read; guarded by mu
}

const (
	// freshness is how old what a message says may be. What is older concerns nobody anew: a reaction makes the consumer look at its
	// message again, and levels may be others by now.
	freshness = 7 * 24 * time.Hour
	// keywordsLife is how long the keywords of all users are kept in memory.
	keywordsLife = time.Minute
)

// keywords are those of all users by their first word.
type keywords map[string][]keyword

type keyword struct {
	user, text string
	words      []string
}

// Name implements follow.Consumer.
func (*Inbox) Name() string { return "inbox" }

// Heard notes that users have changed, so that new keywords count at once where the consumer hears of it, and within keywordsLife
// elsewhere. It never blocks.
func (x *Inbox) Heard(as []chat.Announcement) {
	for _, a := range as {
		switch a.Event.(type) {
		case chat.UserChanged, chat.SettingsChanged:
			x.stale.Store(true)
		}
	}
}

// Apply implements follow.Consumer.
func (x *Inbox) Apply(ctx context.Context, _ string, ms []chat.Message) (wrote bool, err error) {
	var rows []chat.InboxRow
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
	kept, err := x.Store.InboxRows(ctx, rows)
	if err != nil {
		return false, err
	}
	if rows = renewed(rows, kept); len(rows) == 0 {
		return false, nil
	}
	return true, x.Store.PutInbox(ctx, rows)
}

// renewed are the rows that are not kept yet, and those of reactions that have changed since.
func renewed(rows, kept []chat.InboxRow) (out []chat.InboxRow) {
	before := map[[2]string]chat.InboxRow{}
	for _, k := range kept {
		before[[2]string{k.User, k.Key}] = k
	}
	for _, r := range rows {
		k, ok := before[[2]string{r.User, r.Key}]
		switch {
		case ok && (r.Cause != chat.InboxReaction || r.Print == k.Print):
			continue
		case ok && r.Count < k.Count: // somebody took one back, which is nothing new
			r.At, r.Cleared = k.At, k.Cleared
		}
		out = append(out, r)
	}
	return out
}

// reactions is the row of the reactions to a message for its author; false when nobody else reacted.
func (x *Inbox) reactions(m chat.Message) (chat.InboxRow, bool) {
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
	return chat.InboxRow{
		User: m.Author, Key: chat.InboxKey(chat.InboxReaction, m.Room, m.Seq), Cause: chat.InboxReaction,
		Reason: Reason{Cause: ReactionToOwn}.String(), Room: m.Room, Seq: m.Seq, At: x.Clock.Time().Truncate(time.Millisecond),
		Print: strconv.FormatUint(print.Sum64(), 36), Count: count,
	}, len(m.ReactedBy(m.Author)) > 0
}

// told are the rows of those whom the text of a message concerns.
func (x *Inbox) told(ctx context.Context, m chat.Message) ([]chat.InboxRow, error) {
	matched, err := x.matched(ctx, m)
	if err != nil {
		return nil, err
	}
	named := m.Counted()
	var users []string // nil: all members
	if m.Broadcast == "" {
		users = slices.Clone(named)
		for u := range matched {
			users = append(users, u)
		}
		if len(users) == 0 {
			return nil, nil
		}
	}
	kind, hearers, err := x.Store.Hearers(ctx, m.Room, users)
	if err != nil || kind == chat.Direct { // a direct room stands above the inbox, with each message
		return nil, err
	}
	var out []chat.InboxRow
	for _, h := range hearers {
		word, hit := matched[h.ID]
		causes := map[Cause]bool{Mention: slices.Contains(named, h.ID), Broadcast: m.Broadcast != "", Keyword: hit}
		cause, reason, ok := strongest(causes, h, x.Clock.Time())
		if !ok || h.ID == m.Author {
			continue
		}
		row := chat.InboxRow{
			User: h.ID, Cause: chat.InboxCause(cause), Reason: reason.String(), Room: m.Room, Seq: m.Seq, At: m.CreatedAt,
		}
		if row.Key = chat.InboxKey(row.Cause, m.Room, m.Seq); cause == Keyword {
			row.Keyword = word
		}
		out = append(out, row)
	}
	return out, nil
}

// strongest is the cause with the highest effect; false when none has one.
func strongest(causes map[Cause]bool, h chat.Hearer, now time.Time) (cause Cause, reason Reason, ok bool) {
	w, most := wishes(h, now), None
	for _, c := range []Cause{Mention, Broadcast, Keyword} {
		if !causes[c] {
			continue
		}
		if e, r := Decide(c, w); e > most {
			cause, reason, most = c, r, e
		}
	}
	return cause, reason, most > None
}

func wishes(h chat.Hearer, now time.Time) Wishes {
	a := h.Settings.Attention
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil { // of a newer list of time zones
		zone = time.UTC
	}
	return Wishes{Notify: h.Notify, Muted: h.Muted, ThreadAlerts: a.ThreadAlerts, Quiet: a.Quiet.On(now, zone)}
}

// matched are those with a keyword that the message has, and which one.
func (x *Inbox) matched(ctx context.Context, m chat.Message) (map[string]string, error) {
	all, err := x.index(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	words, out := text.Words(m.Text), map[string]string{}
	for i, w := range words {
		for _, k := range all[w] {
			if _, done := out[k.user]; !done && k.user != m.Author && len(words)-i >= len(k.words) && text.HasWords(words[i:i+len(k.words)], k.words) {
				out[k.user] = k.text
			}
		}
	}
	return out, nil
}

// index is the keywords of all users.
func (x *Inbox) index(ctx context.Context) (keywords, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.Clock.Time()
	if stale := x.stale.Swap(false); !stale && x.keywords != nil && now.Sub(x.loaded) < keywordsLife {
		return x.keywords, nil
	}
	users, _, err := x.Store.Users(ctx)
	if err != nil {
		x.stale.Store(true)
		return nil, err
	}
	x.keywords, x.loaded = keywords{}, now
	for _, u := range users {
		if u.Deactivated {
			continue
		}
		for _, k := range u.Settings.Attention.Keywords {
			if words := text.Words(k); len(words) > 0 {
				x.keywords[words[0]] = append(x.keywords[words[0]], keyword{u.ID, k, words})
			}
		}
	}
	return x.keywords, nil
}
