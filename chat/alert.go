package chat

import "context"

// Listens says whether each message of a room may alert a member with this level. It is the question that can be answered without the
// member's other settings.
func Listens(k Kind, n Notify, muted bool) bool {
	return !muted && (n == NotifyAll || k == Direct && n != NotifyNothing)
}

// AlertOf is the alert of a message for a user, without its reason.
func AlertOf(m Message, user string) Alerted {
	return Alerted{User: user, Room: m.Room, Seq: m.Seq, Thread: m.Thread, AlsoInRoom: m.AlsoInRoom}
}

// Target chooses the one of a user's connections that gets the alert: among the active ones, or among all if none is active, the one on
// which the user did something last. Users who are away get alerts too, since most of them work in another program. ok is false if an
// active connection has the message on its screen, or if there is no connection.
func (e Alerted) Target(all []Connection) (target Connection, ok bool) {
	for _, c := range all {
		switch {
		case !c.Away && e.shownOn(c):
			return Connection{}, false
		case !ok || c.nearer(target):
			target, ok = c, true
		}
	}
	return target, ok
}

// nearer says whether c is more likely than o to be where their user is.
func (c Connection) nearer(o Connection) bool {
	if c.Away != o.Away {
		return o.Away
	}
	return c.activeAfter(o)
}

// shownOn says whether the message is where the connection's user looks: the room, or for a reply its thread.
func (e Alerted) shownOn(c Connection) bool {
	inRoom := e.Thread == 0 || e.AlsoInRoom
	return c.Room == e.Room && (inRoom || c.Thread == e.Thread)
}

// activeAfter orders connections by activity. New ones, whose users have done nothing yet, are ordered by their beginning.
func (c Connection) activeAfter(o Connection) bool {
	if !c.ActiveAt.Equal(o.ActiveAt) {
		return c.ActiveAt.After(o.ActiveAt)
	}
	return c.MadeAt.After(o.MadeAt)
}

// HearerStore knows what people want to hear of.
type HearerStore interface {
	// Hearers are those of users who are members of the room, all members if users is nil; with the room's kind.
	Hearers(ctx context.Context, room string, users []string) (Kind, []Hearer, error)
}

// Hearer is a member of a room, with what they want to hear of it.
type Hearer struct {
	User
	Notify Notify
	Muted  bool
}
