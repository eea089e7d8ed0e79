package attention

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/inbox"
)

// AlertStore is what Alerts read of a store.
type AlertStore interface {
	// Listeners are the members of a room whom each of its messages may alert by chat.Listens. It is read with each message: it must not
	// load what people have set elsewhere. A level that was changed within the last minute may be missed.
	Listeners(ctx context.Context, room string) ([]string, error)
	// Hearers are as of inbox.HearerStore.
	Hearers(ctx context.Context, room string, users []string) (chat.Kind, []inbox.Hearer, error)
	// FollowersAt are as of audience.Membership.
	FollowersAt(ctx context.Context, room string, root, version int64) ([]string, error)
}

// Online knows the live connections. Only those whose clients are there are given.
type Online interface {
	// Users are all who have a connection.
	Users() []string
	// Connections are those of a user.
	Connections(user string) []connection.Connection
}

// Alerts decides whom a message alerts that was just posted. It is no consumer that catches up: whoever had no connection when the message
// came is not alerted later, and edits alert nobody.
//
// It reads the settings only of those who have a connection, do not look at the message, and have a cause that may alert. Of most messages
// that is nobody. A broadcast may concern all who are connected in the room; people can send one a minute.
type Alerts struct {
	Store    AlertStore
	Keywords *Keywords
	Clock    chat.Clock
}

// alertsWithin is how old a message may be that alerts somebody, where announcements come late.
const alertsWithin = 5 * time.Minute

// Of are the alerts of a new message, one for each person at most.
func (x *Alerts) Of(ctx context.Context, m chat.Message, online Online) ([]chat.Alerted, error) {
	if m.DeletedAt != nil || m.System != nil || x.Clock.Time().Sub(m.CreatedAt) > alertsWithin {
		return nil, nil
	}
	words, err := x.Keywords.matched(ctx, m)
	if err != nil {
		return nil, err
	}
	users, err := x.concerned(ctx, m, words, online)
	if err != nil {
		return nil, err
	}
	away := map[string]bool{}
	users = slices.DeleteFunc(users, func(u string) bool {
		c, reached := connection.Target(chat.AlertOf(m, u), online.Connections(u))
		away[u] = c.Away
		return !reached || u == m.Author
	})
	if len(users) == 0 {
		return nil, nil
	}
	kind, hearers, err := x.Store.Hearers(ctx, m.Room, users)
	if err != nil {
		return nil, err
	}
	follows, err := x.followers(ctx, m, hearers)
	if err != nil {
		return nil, err
	}
	var out []chat.Alerted
	now := x.Clock.Time()
	for _, h := range hearers {
		w := wishes(kind, h, now)
		w.Follows = slices.Contains(follows, h.ID)
		why := causes(m, h.ID, kind, words)
		if away[h.ID] && m.Broadcast == chat.BroadcastHere { // it calls those who are there
			why = slices.DeleteFunc(why, func(c Cause) bool { return c == Broadcast })
		}
		if effect, why := strongest(why, w); effect == Alerting {
			a := chat.AlertOf(m, h.ID)
			a.Cause, a.Reason = string(why.Cause), why.String()
			out = append(out, a)
		}
	}
	return out, nil
}

// concerned are those whom the message may alert, each once. They may be no members.
func (x *Alerts) concerned(ctx context.Context, m chat.Message, words map[string]string, online Online) ([]string, error) {
	if m.Broadcast != "" {
		return online.Users(), nil
	}
	listeners, err := x.Store.Listeners(ctx, m.Room)
	users := slices.Concat(listeners, m.Counted())
	for u := range words {
		users = append(users, u)
	}
	slices.Sort(users)
	return slices.Compact(users), err
}

// followers are those who follow the thread of a reply, if that may alert one of the hearers.
func (x *Alerts) followers(ctx context.Context, m chat.Message, hearers []inbox.Hearer) ([]string, error) {
	if m.Thread == 0 || !slices.ContainsFunc(hearers, func(h inbox.Hearer) bool { return h.Settings.Attention.ThreadAlerts }) {
		return nil, nil
	}
	return x.Store.FollowersAt(ctx, m.Room, m.Thread, 0)
}

// causes are those that a message has for a member. A reply that is only in its thread is no message of the room, except in direct rooms,
// where each message is a direct one.
func causes(m chat.Message, user string, kind chat.Kind, words map[string]string) []Cause {
	out := concerns(m, user, words)
	if m.Thread > 0 {
		out = append(out, ThreadReply)
	}
	if m.InTimeline() || kind == chat.Direct {
		out = append(out, AnyMessage)
	}
	return out
}

// concerns are the causes that the text of a message has for a member. words are those with a keyword that it has.
func concerns(m chat.Message, user string, words map[string]string) (out []Cause) {
	if slices.Contains(m.Counted(), user) {
		out = append(out, Mention)
	}
	if m.Broadcast != "" {
		out = append(out, Broadcast)
	}
	if _, hit := words[user]; hit {
		out = append(out, Keyword)
	}
	return out
}
