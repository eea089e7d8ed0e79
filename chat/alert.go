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
