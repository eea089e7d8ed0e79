package chat

import (
	"slices"
	"time"
)

// ThreadInfo sums up a root's undeleted replies.
type ThreadInfo struct {
	Replies     int
	LastReplyAt time.Time
	Repliers    []string // the first 5 user ids, by first reply
}

// Add is the sum with one more reply, which came after all others. It leaves t as it is.
func (t ThreadInfo) Add(author string, at time.Time) ThreadInfo {
	t.Replies++
	if at.After(t.LastReplyAt) {
		t.LastReplyAt = at
	}
	if len(t.Repliers) < MaxRepliers && !slices.Contains(t.Repliers, author) {
		t.Repliers = append(slices.Clip(t.Repliers), author)
	}
	return t
}

// Answerable says what keeps the message from being the root of a thread: Invalid, with field "thread", for a reply and a
// system message, Gone for a tombstone.
func (m Message) Answerable() error {
	if m.Thread != 0 || m.System != nil {
		return InvalidField("thread", "You cannot reply to message %d. It is a notice, or a reply itself.", m.Seq)
	}
	return m.Changeable()
}
