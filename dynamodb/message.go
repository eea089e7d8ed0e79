package dynamodb

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/thread"
)

// changesLife is how long revision entries are kept.
const changesLife = 30 * 24 * time.Hour

// Sort keys under a room: messages and the entries that index them.
func messageSK(seq int64) string               { return "M#" + table.Ordinal(seq) }
func timelineSK(seq int64) string              { return "T#" + table.Ordinal(seq) }
func replySK(root, seq int64) string           { return "P#" + table.Ordinal(root) + "#" + table.Ordinal(seq) }
func changeSK(rev int64) string                { return "C#" + table.Ordinal(rev) }
func reactionSK(seq int64, rest string) string { return "R#" + table.Ordinal(seq) + "#" + rest }
func voteSK(seq int64, user string) string     { return "L#" + table.Ordinal(seq) + "#" + user }
func versionSK(seq, n int64) string            { return "V#" + table.Ordinal(seq) + "#" + table.Ordinal(n) }
func broadcastSK(seq int64) string             { return "B#" + table.Ordinal(seq) }
func mentionSK(user string, seq int64) string  { return "@" + user + "#" + table.Ordinal(seq) }

func messageKey(room string, seq int64) table.Key {
	return table.NewKey(messages, messagePK(room), messageSK(seq))
}

func clientKey(room, author, clientID string) table.Key {
	return table.NewKey(idempotency, author+"#"+room, clientID)
}

// message is the item of a message: its present state, and its last change for the stream.
type message struct {
	Room        string          `dynamodbav:"room"`
	Seq         int64           `dynamodbav:"seq"`
	Rev         int64           `dynamodbav:"rev"`
	Author      string          `dynamodbav:"author"`
	ClientID    string          `dynamodbav:"client_id,omitempty"`
	Text        string          `dynamodbav:"text"`
	CreatedAt   int64           `dynamodbav:"created_at"`
	EditedAt    *int64          `dynamodbav:"edited_at,omitempty"`
	DeletedAt   *int64          `dynamodbav:"deleted_at,omitempty"`
	Thread      int64           `dynamodbav:"thread,omitempty"`
	AlsoInRoom  bool            `dynamodbav:"also_in_room,omitempty"`
	Replies     int             `dynamodbav:"replies,omitempty"`
	LastReplyAt int64           `dynamodbav:"last_reply_at,omitempty"`
	Repliers    []string        `dynamodbav:"repliers,omitempty"`
	Mentions    []string        `dynamodbav:"mentions,omitempty"`
	Broadcast   chat.Broadcast  `dynamodbav:"broadcast,omitempty"`
	SystemWhat  string          `dynamodbav:"system_what,omitempty"`
	SystemValue string          `dynamodbav:"system_value,omitempty"`
	Reactions   []reaction      `dynamodbav:"reactions,omitempty"`
	Versions    int64           `dynamodbav:"versions,omitempty"` // number of earlier texts, those that are no longer kept included
	Parts       *parts          `dynamodbav:"parts,omitempty"`
	RoomVersion int64           `dynamodbav:"room_version"`      // version of the room at the last change; selects the audience
	Reacted     *reactionChange `dynamodbav:"reacted,omitempty"` // the last change, if it was a reaction
	Tally       *tally          `dynamodbav:"tally,omitempty"`
	Polled      *pollChange     `dynamodbav:"polled,omitempty"` // the last change, if it was one of the poll
	// InThread is the root of the thread in which the last change was a new, edited or deleted reply.
	InThread int64 `dynamodbav:"in_thread,omitempty"`
	Posted   bool  `dynamodbav:"posted,omitempty"` // the message has not changed since it was posted
}

// reaction sums up one emoji on a message.
type reaction struct {
	Emoji string   `dynamodbav:"e"`
	Count int      `dynamodbav:"n"`
	Users []string `dynamodbav:"u,omitempty"` // at most MaxReactionUsers
}

type reactionChange struct {
	User     string   `dynamodbav:"user"`
	Added    bool     `dynamodbav:"added"`
	Reaction reaction `dynamodbav:"reaction"`
}

// indexEntry lists a message in the timeline or in a thread. It holds what is asked without reading the message.
type indexEntry struct {
	Seq       int64  `dynamodbav:"seq"`
	Author    string `dynamodbav:"author"`
	CreatedAt int64  `dynamodbav:"at"`
	System    bool   `dynamodbav:"system,omitempty"`
	Deleted   bool   `dynamodbav:"deleted,omitempty"`
}

// broadcastEntry lists a message to the whole room, which counts as a mention of each member but its author.
type broadcastEntry struct {
	Seq    int64  `dynamodbav:"seq"`
	Author string `dynamodbav:"author"`
	Thread int64  `dynamodbav:"thread"` // as in mentionEntry
	At     int64  `dynamodbav:"at"`     // when it was posted; entries of earlier releases do not say
}

func broadcastKey(room string, seq int64) table.Key {
	return table.NewKey(messages, messagePK(room), broadcastSK(seq))
}

// mentionEntry lists a message that mentions somebody by name. Entries of earlier releases do not say in which thread it is.
type mentionEntry struct {
	Thread int64 `dynamodbav:"thread"` // root of the message's thread; 0 if none
}

// revisionEntry says which message a revision changed.
type revisionEntry struct {
	Rev int64 `dynamodbav:"rev"`
	Seq int64 `dynamodbav:"seq"`
	TTL int64 `dynamodbav:"ttl"`
}

func (m message) toChat() chat.Message {
	out := chat.Message{
		Room: m.Room, Seq: m.Seq, Rev: m.Rev, Author: m.Author, ClientID: m.ClientID, Text: m.Text, CreatedAt: table.At(m.CreatedAt),
		EditedAt:  table.OptionalAt(m.EditedAt),
		DeletedAt: table.OptionalAt(m.DeletedAt), Edits: m.Versions, Thread: m.Thread, AlsoInRoom: m.AlsoInRoom, Mentions: m.Mentions,
		Broadcast: m.Broadcast,
	}
	if m.Replies > 0 {
		out.ThreadInfo = &thread.Info{Replies: m.Replies, LastReplyAt: table.At(m.LastReplyAt), Repliers: m.Repliers}
	}
	if m.SystemWhat != "" {
		out.System = &chat.System{What: chat.What(m.SystemWhat), Value: m.SystemValue}
	}
	for _, r := range m.Reactions {
		out.Reactions = append(out.Reactions, r.toChat())
	}
	if m.Parts != nil {
		out.Parts = m.Parts.Parts
	}
	if m.Tally != nil {
		out.Tally = m.Tally.Tally
	}
	return out
}

// setFromChat takes over the attributes that package chat knows, and clears Reacted, Polled, InThread and Posted. RoomVersion stays.
func (m *message) setFromChat(c chat.Message) {
	*m = message{
		Room: c.Room, Seq: c.Seq, Rev: c.Rev, Author: c.Author, ClientID: c.ClientID, Text: c.Text, CreatedAt: table.Millis(c.CreatedAt),
		EditedAt: table.OptionalMillis(c.EditedAt), DeletedAt: table.OptionalMillis(c.DeletedAt), Thread: c.Thread, AlsoInRoom: c.AlsoInRoom,
		Mentions: c.Mentions, Broadcast: c.Broadcast, Versions: c.Edits, RoomVersion: m.RoomVersion,
	}
	if i := c.ThreadInfo; i != nil {
		m.Replies, m.LastReplyAt, m.Repliers = i.Replies, table.Millis(i.LastReplyAt), i.Repliers
	}
	if c.System != nil {
		m.SystemWhat, m.SystemValue = string(c.System.What), c.System.Value
	}
	if !c.Parts.None() {
		m.Parts = &parts{c.Parts}
	}
	if c.Tally != nil {
		m.Tally = &tally{c.Tally}
	}
	for _, r := range c.Reactions {
		m.Reactions = append(m.Reactions, reactionOf(r))
	}
}

func reactionOf(r chat.Reaction) reaction {
	return reaction{Emoji: r.Emoji, Count: r.Count, Users: r.Users}
}

func (r reaction) toChat() chat.Reaction {
	return chat.Reaction{Emoji: r.Emoji, Count: r.Count, Users: r.Users}
}

func (m message) inTimeline() bool { return m.Thread == 0 || m.AlsoInRoom }

func (m message) indexEntry() indexEntry {
	return indexEntry{Seq: m.Seq, Author: m.Author, CreatedAt: m.CreatedAt, System: m.SystemWhat != "", Deleted: m.DeletedAt != nil}
}

// message loads the item of a message.
func (t *tx) message(room string, seq int64) (message, error) {
	return loadItem[message](t, messageKey(room, seq))
}

// PostedMessage implements chat.MessageStore.
func (s *Store) PostedMessage(ctx context.Context, room, author, clientID string) (chat.Message, error) {
	return read(ctx, s, func(t *tx) (chat.Message, error) {
		h, err := loadItem[idempotencyEntry](t, clientKey(room, author, clientID))
		if err != nil {
			return chat.Message{}, err
		}
		return t.messageFor(room, h.Seq, author)
	})
}

// idempotencyEntry is stored under an idempotency key.
type idempotencyEntry struct {
	Seq int64 `dynamodbav:"seq"`
}

// messageFor returns a message as viewer sees it.
func (t *tx) messageFor(room string, seq int64, viewer string) (chat.Message, error) {
	m, err := t.message(room, seq)
	if err != nil {
		return chat.Message{}, err
	}
	out := m.toChat()
	return out, t.setMe(viewer, &out)
}

// PostMessage implements chat.MessageStore. It takes one round trip if this process has cached the room: the transaction
// itself checks the idempotency key.
func (s *Store) PostMessage(ctx context.Context, cmd chat.PostMessage) (chat.Message, bool, error) {
	created := false
	m, err := writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Message, error) {
		t.requireFacts(cmd.Facts)
		created = false
		k := clientKey(cmd.Room, cmd.Author, cmd.ClientID)
		if t.Returned[k] != nil { // the last attempt failed because the key exists
			return t.earlierPost(cmd)
		}
		m, err := t.post(cmd)
		if err == nil {
			created = true
			return m, t.Put(k, idempotencyEntry{m.Seq})
		}
		if t.UsedCached() {
			return m, err
		}
		if i, e := t.Load(k); e != nil || i != nil {
			if e != nil {
				return m, e
			}
			return t.earlierPost(cmd)
		}
		return m, err
	})
	return m, err == nil && created, err
}

// earlierPost returns the message that was posted with the same idempotency key, whether or not the facts hold now.
func (t *tx) earlierPost(cmd chat.PostMessage) (chat.Message, error) {
	t.Reset()
	t.events = nil
	h, err := loadItem[idempotencyEntry](t, clientKey(cmd.Room, cmd.Author, cmd.ClientID))
	if err != nil {
		return chat.Message{}, err
	}
	return t.messageFor(cmd.Room, h.Seq, cmd.Author)
}

func (t *tx) post(cmd chat.PostMessage) (chat.Message, error) {
	t.UseCached(roomKey(cmd.Room))
	keys := []table.Key{roomKey(cmd.Room)}
	if cmd.Thread > 0 {
		keys = append(keys, messageKey(cmd.Room, cmd.Thread))
		keys = append(keys, threadKeys(threadRef{cmd.Room, cmd.Thread}, cmd.Author)...)
	}
	for _, u := range cmd.Mentions {
		keys = append(keys, userRoomKey(u, cmd.Room))
	}
	for _, f := range cmd.AllFiles() {
		keys = append(keys, fileKey(f.ID))
	}
	if _, err := t.Load(keys...); err != nil {
		return chat.Message{}, err
	}
	if cmd.Thread > 0 {
		root, err := t.message(cmd.Room, cmd.Thread)
		if err == nil {
			err = root.toChat().Answerable()
		}
		if err != nil {
			return chat.Message{}, err
		}
	}
	m, err := t.insert(cmd.Message(t.isMember(cmd.Room)))
	if err == nil {
		err = t.attach(m.toChat())
	}
	if err == nil {
		err = t.enterFeedback(m.toChat())
	}
	if err != nil {
		return chat.Message{}, err
	}
	if m.inTimeline() {
		t.moveOwnPointer(cmd, m.Seq)
	}
	if m.Thread > 0 {
		if err := t.addReply(m); err != nil {
			return chat.Message{}, err
		}
		return m.toChat(), t.followReply(m)
	}
	return m.toChat(), nil
}

// moveOwnPointer moves the author's read pointer to their own message, if the author is a member.
func (t *tx) moveOwnPointer(cmd chat.PostMessage, seq int64) {
	k := userRoomKey(cmd.Author, cmd.Room)
	if f := cmd.Facts.Member; f == nil || f.User != cmd.Author || f.Role == "" {
		if i, err := t.Load(k); err != nil || i == nil {
			return
		}
	}
	t.Update(k, table.Item{"read_seq": table.Number(seq)}, table.Item{"read_rev": table.Number(1)})
}

// isMember returns a function that says whether a user is in the room. The command must have loaded the memberships.
func (t *tx) isMember(room string) func(user string) bool {
	return func(u string) bool { return t.Seen[userRoomKey(u, room)] != nil }
}

// insert gives the message the next seq and rev, and writes it with its index entries.
func (t *tx) insert(c chat.Message) (message, error) {
	m := messageOf(c)
	r, err := t.changeRoom(m.Room, func(r *room) {
		r.LastSeq++
		r.Rev++
		m.Seq, m.Rev = r.LastSeq, r.Rev
		r.Trace = append(r.Trace, trace{Rev: m.Rev, Seq: m.Seq, Thread: m.Thread, Posted: true, InTimeline: m.inTimeline()})
		if m.inTimeline() {
			r.LastTimeline, r.Last = m.Seq, briefOf(m.toChat())
		}
		if len(m.Mentions) > 0 {
			r.LastMention = m.Seq
		}
		if m.Broadcast == chat.BroadcastRoom {
			r.LastBroadcast = m.Seq
		}
	})
	if err != nil {
		return m, err
	}
	m.Posted = true
	if err := t.putMessage(&m, r); err != nil {
		return m, err
	}
	if m.inTimeline() {
		if err := t.Put(table.NewKey(messages, messagePK(m.Room), timelineSK(m.Seq)), m.indexEntry()); err != nil {
			return m, err
		}
	}
	if m.Thread > 0 {
		if err := t.Put(table.NewKey(messages, messagePK(m.Room), replySK(m.Thread, m.Seq)), m.indexEntry()); err != nil {
			return m, err
		}
	}
	if m.Broadcast == chat.BroadcastRoom {
		if err := t.Put(broadcastKey(m.Room, m.Seq), broadcastEntry{m.Seq, m.Author, m.Thread, m.CreatedAt}); err != nil {
			return m, err
		}
	}
	return m, t.putMentions(m.toChat(), nil)
}

// putMessage writes a message that got a new rev, and the entry of that revision.
func (t *tx) putMessage(m *message, r room) error {
	m.RoomVersion = r.Version
	if err := t.Put(messageKey(m.Room, m.Seq), *m); err != nil {
		return err
	}
	return t.Put(table.NewKey(messages, messagePK(m.Room), changeSK(m.Rev)),
		revisionEntry{Rev: m.Rev, Seq: m.Seq, TTL: table.Seconds(t.s.clock().Add(changesLife))})
}

// putMentions updates the entries by which mentions are counted. before lists who was mentioned until now.
func (t *tx) putMentions(m chat.Message, before []string) error {
	after := m.Counted()
	for _, u := range after {
		if !slices.Contains(before, u) {
			k := table.NewKey(messages, messagePK(m.Room), mentionSK(u, m.Seq))
			if err := t.Overwrite(k, mentionEntry{m.Thread}); err != nil {
				return err
			}
		}
	}
	for _, u := range before {
		if !slices.Contains(after, u) {
			t.Discard(table.NewKey(messages, messagePK(m.Room), mentionSK(u, m.Seq)))
		}
	}
	return nil
}

func (t *tx) postSystem(room string, p chat.SystemPost, now time.Time) error {
	_, err := t.insert(p.Message(room, now))
	return err
}

// revise gives a message the room's next rev and writes it.
func (t *tx) revise(m *message) (room, error) {
	r, err := t.changeRoom(m.Room, func(r *room) {
		r.Rev++
		m.Rev = r.Rev
		r.Trace = append(r.Trace, trace{Rev: m.Rev, Seq: m.Seq, Thread: m.Thread, InTimeline: m.inTimeline()})
	})
	if err != nil {
		return r, err
	}
	return r, t.putMessage(m, r)
}
