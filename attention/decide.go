package attention

import (
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/inbox"
)

// Cause says why a message concerns somebody.
type Cause string

// Causes.
const (
	DirectMessage Cause = "direct"    // any message of a direct room
	Mention       Cause = "mention"   // it mentions the person by name
	Broadcast     Cause = "broadcast" // it mentions everybody in the room: @room or @here
	ThreadReply   Cause = "reply"     // a reply in a thread
	Keyword       Cause = "keyword"   // it has a keyword of the person
	AnyMessage    Cause = "message"   // any message of another room
	ReactionToOwn Cause = "reaction"  // a reaction to a message of the person
)

// Effect says how a person is told. A higher one includes the lower ones.
type Effect int

// Effects, lowest first.
const (
	None     Effect = iota // not at all
	InInbox                // it stands in the inbox
	Badged                 // it counts on the badge of the room or thread
	Alerting               // a notification
)

// String implements fmt.Stringer.
func (e Effect) String() string { return [...]string{"none", "inbox", "badge", "alert"}[e] }

// Level is what a person wants to hear of a room: the level that they chose, or that they muted it, which hides the level.
type Level string

// Levels.
const (
	All      Level = Level(chat.NotifyAll)
	Mentions Level = Level(chat.NotifyMentions)
	Nothing  Level = Level(chat.NotifyNothing)
	Muted    Level = "muted"
)

// Wishes are what a person wants to hear of a room, at some moment.
type Wishes struct {
	Notify       chat.Notify
	Muted        bool
	Direct       bool // the room is a direct one
	Follows      bool // the person follows the thread; for replies
	ThreadAlerts bool // replies in followed threads alert
	Quiet        bool // do not disturb is on
}

// level is the column of the table that the wishes stand for.
func (w Wishes) level() Level {
	if w.Muted {
		return Muted
	}
	return Level(w.Notify)
}

// row is the row of the table that a cause stands for: in a direct room each message is a direct one. What has a row that says more
// keeps it.
func (w Wishes) row(c Cause) Cause {
	if w.Direct && (c == Broadcast || c == Keyword || c == AnyMessage) {
		return DirectMessage
	}
	return c
}

// Decide says how somebody is told of something, and for which reason.
func Decide(c Cause, w Wishes) (Effect, Reason) {
	r := Reason{Cause: w.row(c), Level: w.level()}
	e := effect(r.Cause, r.Level)
	switch {
	case r.Cause == ThreadReply && !w.Follows:
		e = None
	case r.Cause == ThreadReply && r.Level == All && w.ThreadAlerts:
		e = Alerting
	}
	if e == Alerting && w.Quiet {
		e, r.Quiet = Badged, true
	}
	return e, r
}

// strongest is what Decide says of the cause with the highest effect. Of causes with the same effect it takes the most specific one: a
// mention before a broadcast.
func strongest(causes []Cause, w Wishes) (most Effect, why Reason) {
	for _, c := range []Cause{Mention, Broadcast, Keyword, ThreadReply, DirectMessage, AnyMessage} {
		if !slices.Contains(causes, c) {
			continue
		}
		if e, r := Decide(c, w); e > most {
			most, why = e, r
		}
	}
	return most, why
}

// wishes are those of a member of a room of this kind.
func wishes(kind chat.Kind, h inbox.Hearer, now time.Time) Wishes {
	a := h.Settings.Attention
	zone, err := time.LoadLocation(h.TimeZone)
	if err != nil { // the zone is in a newer list of time zones than this machine's
		zone = time.UTC
	}
	return Wishes{
		Notify: h.Notify, Muted: h.Muted, Direct: kind == chat.Direct, ThreadAlerts: a.ThreadAlerts, Quiet: a.Quiet.On(now, zone),
	}
}

// effect is a cell of the table.
func effect(c Cause, l Level) Effect {
	if l != All && l != Mentions && l != Nothing {
		l = Muted
	}
	heard := l == All || l == Mentions
	switch c {
	case DirectMessage, Mention:
		if heard {
			return Alerting
		}
		return Badged
	case Broadcast, Keyword:
		if heard {
			return Alerting
		}
	case ThreadReply:
		if heard {
			return Badged
		}
		return InInbox
	case AnyMessage:
		if l == All {
			return Alerting
		}
	case ReactionToOwn:
		return InInbox
	}
	return None
}

// Reason is why somebody was told as they were: the row and the column of the table, and whether do not disturb made an alert a badge.
type Reason struct {
	Cause Cause
	Level Level
	Quiet bool
}

// String is the reason in a sentence or two, for the question "Why was I notified?".
func (r Reason) String() string {
	why := map[Cause]string{
		DirectMessage: "This is a direct message.",
		Mention:       "This message mentions you.",
		Broadcast:     "This message mentions everybody in the room.",
		ThreadReply:   "You follow this thread.",
		Keyword:       "This message has one of your keywords.",
		AnyMessage:    "This room notifies you of every message.",
		ReactionToOwn: "This is a reaction to your message.",
	}[r.Cause]
	switch {
	case r.Quiet:
		return why + " Do not disturb was on."
	case r.Level == Muted:
		return why + " You muted this room."
	case r.Level == Nothing:
		return why + " This room notifies you of nothing."
	}
	return why
}
