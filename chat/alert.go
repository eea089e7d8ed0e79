package chat

// Listens says whether each message of a room may alert a member with this level. It is the question that can be answered without the
// member's other settings.
func Listens(k Kind, n Notify, muted bool) bool {
	return !muted && (n == NotifyAll || k == Direct && n != NotifyNothing)
}

// AlertOf is the alert of a message for a user, without its reason.
func AlertOf(m Message, user string) Alerted {
	return Alerted{User: user, Room: m.Room, Seq: m.Seq, Thread: m.Thread, AlsoInRoom: m.AlsoInRoom}
}

// Target chooses the connection that gets the alert, of all that the user has: that whose user did something last, of the active ones if
// there are any. A user who is away works in another program, and hears of it there. There is none if an active connection has the message
// on its screen.
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
