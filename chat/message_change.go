package chat

import (
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/text"
)

// ErrDeleted is the answer to changing or answering a tombstone.
func ErrDeleted() *Error { return Errorf(Gone, "The message was deleted.") }

// InTimeline says whether the room shows the message, not only its thread.
func (m Message) InTimeline() bool { return m.Thread == 0 || m.AlsoInRoom }

// Changeable is [ErrDeleted] for a tombstone, which can neither be edited nor reacted to.
func (m Message) Changeable() error {
	if m.DeletedAt != nil {
		return ErrDeleted()
	}
	return nil
}

// Version is the present text and when it was written.
func (m Message) Version() Version {
	if m.EditedAt != nil {
		return Version{N: m.Edits, Text: m.Text, At: *m.EditedAt}
	}
	return Version{N: m.Edits, Text: m.Text, At: m.CreatedAt}
}

// OldestVersion is the number of the oldest version that is kept.
func (m Message) OldestVersion() int64 { return max(0, m.Edits-MaxVersions+1) }

// Brief is the message as the list of rooms shows it. Its text is cut between two characters as people see them, never within
// an emoji. LastMessageLength+1 characters of the text are enough to decide where.
func (m Message) Brief() *LastMessage {
	return &LastMessage{Seq: m.Seq, Author: m.Author, Text: text.Truncate(m.Text, LastMessageLength), CreatedAt: m.CreatedAt}
}

// Tombstone is what is left of the message once it is deleted: where and when it was, by whom, and its thread.
func (m Message) Tombstone(at time.Time) Message {
	m.Text, m.Edits, m.Mentions, m.Broadcast, m.System, m.Reactions = "", 0, nil, "", nil, nil
	m.DeletedAt, m.Parts, m.Tally = &at, Parts{}, nil
	return m
}

// Message is the message as it is posted, without seq and rev. Mentions are those of cmd.Mentions who are members of the room.
func (cmd PostMessage) Message(member func(user string) bool) Message {
	return Message{
		Room: cmd.Room, Author: cmd.Author, ClientID: cmd.ClientID, Text: cmd.Text, CreatedAt: cmd.At, Thread: cmd.Thread,
		AlsoInRoom: cmd.AlsoInRoom, Mentions: distinct(cmd.Mentions, member), Broadcast: cmd.Broadcast, Parts: cmd.Parts,
		Tally: cmd.Poll.NewTally(),
	}
}

// Changes says whether the command changes the message.
func (cmd EditMessage) Changes(m Message) bool {
	return m.Text != cmd.Text || m.StreamingAt != nil && !cmd.Passing() || cmd.SetPreview && (cmd.Preview != nil || m.Preview != nil) ||
		cmd.SetCards && !card.Same(cmd.Cards, m.Cards)
}

// Apply is the message after the command, without its rev. Mentions are those of cmd.Mentions who are members of the room.
func (cmd EditMessage) Apply(m Message, member func(user string) bool) Message {
	m.Text, m.StreamingAt = cmd.Text, cmd.streaming()
	if !cmd.Passing() {
		m.Mentions = distinct(cmd.Mentions, member)
	}
	if cmd.Stream == nil {
		m.EditedAt, m.Edits = &cmd.At, m.Edits+1
	}
	m.Broadcast = m.Broadcast.stays(cmd.Text)
	if cmd.SetPreview {
		m.Preview = cmd.Preview
	}
	m.Fallback = false // the text was written for its own sake
	if cmd.SetCards {
		m.Cards, m.CardPictures, m.Fallback = cmd.Cards, cmd.CardPictures, cmd.Fallback
	}
	if !m.Preview.in(cmd.Text) {
		m.Preview = nil
	}
	return m
}

// Counted are those whom the message mentions by name, but for its author. A message to [BroadcastRoom] counts for all other members
// as well, each message once.
func (m Message) Counted() []string {
	return distinct(m.Mentions, func(u string) bool { return u != m.Author })
}
