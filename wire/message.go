package wire

import "github.com/canteen-chat/canteen/chat"

// Message is a message in its state at rev. A deleted message is a tombstone: its text and lists are empty.
type Message struct {
	Room        string      `json:"room" format:"id"`
	Seq         int64       `json:"seq" minimum:"1" example:"12" doc:"Its place in the room, dense from 1"`
	Rev         int64       `json:"rev" minimum:"1" example:"18" doc:"The room's revision at its last change"`
	Author      string      `json:"author" format:"id" doc:"User id"`
	Text        string      `json:"text" maxLength:"20000" doc:"Markdown"`
	ClientID    string      `json:"client_id,omitempty" format:"uuid"`
	CreatedAt   Time        `json:"created_at" format:"date-time"`
	EditedAt    *Time       `json:"edited_at,omitempty" format:"date-time"`
	StreamingAt *Time       `json:"streaming_at,omitempty" format:"date-time" doc:"When its bot last wrote. Done after 10 minutes of silence"`
	DeletedAt   *Time       `json:"deleted_at,omitempty" format:"date-time"`
	Thread      int64       `json:"thread,omitempty" minimum:"1" doc:"The seq of the message this one answers"`
	AlsoInRoom  bool        `json:"also_in_room,omitempty" doc:"A reply shown in the timeline too"`
	ThreadInfo  *ThreadInfo `json:"thread_info,omitempty" doc:"Absent while there are no replies"`
	Mentions    []string    `json:"mentions" nullable:"false" maxItems:"40" format:"id" doc:"User ids"`
	Broadcast   string      `json:"broadcast,omitempty" enum:"here,room" doc:"Whom @here or @room calls: those there now, or all members"`
	Files       []File      `json:"files" nullable:"false" maxItems:"10"`
	Preview     *Preview    `json:"preview,omitempty" doc:"What the page behind its link says about itself"`
	Origin      *Origin     `json:"origin,omitempty" doc:"The message that it forwards. GET it to show it; 404 to who does not see it"`
	Poll        *Poll       `json:"poll,omitempty"`
	Feedback    *Feedback   `json:"feedback,omitempty" doc:"It is feedback about Canteen"`
	Cards       []Card      `json:"cards,omitempty" nullable:"false" maxItems:"20" doc:"What another system says"`
	Fallback    bool        `json:"fallback,omitempty" doc:"The text only repeats the cards. Who shows the cards leaves it out"`
	Sender      *Sender     `json:"sender,omitempty" doc:"An incoming webhook posted it, and calls itself so"`
	Confirm     bool        `json:"confirm,omitempty" doc:"An owner of the room asks the members to confirm that they have read it"`
	System      *System     `json:"system,omitempty" doc:"The server wrote it"`
	Reactions   []Reaction  `json:"reactions" nullable:"false" maxItems:"20" doc:"Emoji in the order in which each came to count 1"`
}

// ThreadInfo sums up a message's replies.
type ThreadInfo struct {
	Replies     int      `json:"replies" minimum:"1"`
	LastReplyAt Time     `json:"last_reply_at" format:"date-time"`
	Repliers    []string `json:"repliers" nullable:"false" maxItems:"5" format:"id" doc:"The first 5 user ids, by first reply"`
}

// Origin names a message, of any room.
type Origin struct {
	Room string `json:"room" format:"id"`
	Seq  int64  `json:"seq" minimum:"1" maximum:"9007199254740991" example:"12"`
}

// System is the content of a system message.
type System struct {
	What  string `json:"what" enum:"renamed,topic,archived,unarchived,posting,admin_joined,made_public,made_private"`
	Value string `json:"value,omitempty" doc:"The new name, topic or posting"`
}

// Reaction is one emoji on a message.
type Reaction struct {
	Emoji string   `json:"emoji" format:"emoji"`
	Count int      `json:"count" minimum:"0"`
	Users []string `json:"users" nullable:"false" format:"id" doc:"The first 20 user ids, in order of reacting"`
	Me    *bool    `json:"me,omitempty" doc:"Whether the viewer is among them; absent in live events"`
}

// NewReaction maps a reaction for one viewer.
func NewReaction(r chat.Reaction) Reaction {
	me := r.Me
	return Reaction{Emoji: r.Emoji, Count: r.Count, Users: list(r.Users), Me: &me}
}

// NewMessage maps a message for one viewer.
func NewMessage(m chat.Message) Message {
	w := liveMessage(m)
	w.Poll = newPoll(m.Poll, m.Tally, false)
	for i := range w.Reactions {
		w.Reactions[i].Me = &m.Reactions[i].Me
	}
	return w
}

// liveMessage maps a message for all its recipients, without the me field of reactions and the mine field of polls.
func liveMessage(m chat.Message) Message {
	w := Message{
		Room: m.Room, Seq: m.Seq, Rev: m.Rev, Author: m.Author, Text: m.Text, ClientID: m.ClientID, CreatedAt: Time{m.CreatedAt},
		EditedAt: optionalTime(m.EditedAt), StreamingAt: optionalTime(m.StreamingAt), DeletedAt: optionalTime(m.DeletedAt),
		Thread: m.Thread, AlsoInRoom: m.AlsoInRoom,
		Mentions: list(m.Mentions), Broadcast: string(m.Broadcast), Confirm: m.Confirm, Files: newFiles(m.Files),
		Reactions: make([]Reaction, len(m.Reactions)), Cards: newCards(m.Cards), Fallback: m.Fallback, Sender: newSender(m.Sender),
	}
	w.Preview = newPreview(m.Preview)
	if t := m.ThreadInfo; t != nil {
		w.ThreadInfo = &ThreadInfo{Replies: t.Replies, LastReplyAt: Time{t.LastReplyAt}, Repliers: list(t.Repliers)}
	}
	if o := m.Origin; o != nil {
		w.Origin = &Origin{Room: o.Room, Seq: o.Seq}
	}
	w.Feedback = newFeedback(m.Feedback)
	if s := m.System; s != nil {
		w.System = &System{What: string(s.What), Value: s.Value}
	}
	w.Poll = newPoll(m.Poll, m.Tally, true)
	for i, r := range m.Reactions {
		w.Reactions[i] = Reaction{Emoji: r.Emoji, Count: r.Count, Users: list(r.Users)}
	}
	return w
}

func newMessages(ms []chat.Message) []Message {
	out := make([]Message, len(ms))
	for i, m := range ms {
		out[i] = NewMessage(m)
	}
	return out
}

// Page is a contiguous part of a timeline or thread, by ascending seq.
type Page struct {
	Head       int64     `json:"head" minimum:"0" doc:"The room's revision that the page reflects"`
	Messages   []Message `json:"messages" nullable:"false" maxItems:"200"`
	MoreBefore bool      `json:"more_before"`
	MoreAfter  bool      `json:"more_after"`
}

// NewPage maps a page.
func NewPage(p chat.Page) Page {
	return Page{Head: p.Head, Messages: newMessages(p.Messages), MoreBefore: p.MoreBefore, MoreAfter: p.MoreAfter}
}

// Changes are the messages that changed after a revision, in their current state, by ascending rev.
type Changes struct {
	Head     int64     `json:"head" minimum:"0"`
	Next     int64     `json:"next" minimum:"0" doc:"Go on with since=next while more is true"`
	More     bool      `json:"more"`
	Messages []Message `json:"messages" nullable:"false" maxItems:"500"`
}

// NewChanges maps changes.
func NewChanges(c chat.Changes) Changes {
	return Changes{Head: c.Head, Next: c.Next, More: c.More, Messages: newMessages(c.Messages)}
}

// PostMessage is the body of POST /rooms/{room}/messages.
type PostMessage struct {
	ClientID   string   `json:"client_id,omitempty" format:"uuid" doc:"Your UUID: the idempotency key. Without it, repeating posts twice"`
	Text       string   `json:"text,omitempty" format:"text" doc:"1–20,000 characters of Markdown, not only white space. A part beside it makes it optional"`
	Preview    string   `json:"preview,omitempty" maxLength:"64" doc:"The id of a preview. Ignored when it is out of date, or the text lacks its link"`
	Thread     *int64   `json:"thread,omitempty" minimum:"1" maximum:"9007199254740991" doc:"The seq of the message to answer"`
	AlsoInRoom bool     `json:"also_in_room,omitempty" doc:"Show the reply in the timeline too"`
	Forward    *Origin  `json:"forward,omitempty" doc:"A message that you see, of any room"`
	Poll       *NewPoll `json:"poll,omitempty" doc:"A poll that the message holds. Editing the text keeps it"`
	Confirm    bool     `json:"confirm,omitempty" doc:"Ask the members to confirm that they have read it; for owners of the room"`
	Files      []string `json:"files,omitempty" nullable:"false" maxItems:"10" format:"id" doc:"Ids of files of yours that are done and in no message"`
	Cards      []Card   `json:"cards,omitempty" nullable:"false" maxItems:"20" doc:"For bots; 403 for people. 32 kB of JSON at most"`
	Stream     bool     `json:"stream,omitempty" doc:"For bots: the text follows by PATCH, and may be empty now. Only files may go with it"`
}

// Input maps the body to the input of package chat.
func (b PostMessage) Input() chat.PostInput {
	in := chat.PostInput{
		ClientID: b.ClientID, Text: b.Text, Thread: b.Thread, AlsoInRoom: b.AlsoInRoom, Preview: b.Preview, Files: b.Files,
		Poll: b.Poll.input(), Confirm: b.Confirm, Cards: cardsInput(b.Cards), Stream: b.Stream,
	}
	if o := b.Forward; o != nil {
		in.Forward = &chat.Origin{Room: o.Room, Seq: o.Seq}
	}
	return in
}

// EditMessage is the body of PATCH /rooms/{room}/messages/{seq}.
type EditMessage struct {
	Text    string  `json:"text" format:"text" doc:"1–20,000 characters of Markdown, not only white space; empty only with files"`
	Preview *string `json:"preview,omitempty" maxLength:"64" doc:"As in a post; empty: none. Absent: it stays while the text has the link"`
	Cards   []Card  `json:"cards,omitzero" nullable:"false" maxItems:"20" doc:"As in a post: in place of all cards. Absent: they stay"`
	Done    *bool   `json:"done,omitempty" doc:"Of a message that is streamed: whether the text is the last one. 409 once it is done"`
}

// Input maps the body to the input of package chat.
func (b EditMessage) Input() chat.EditInput {
	return chat.EditInput{Text: b.Text, Preview: b.Preview, Cards: cardsInput(b.Cards), Done: b.Done}
}

// Version is one version of a message's text.
type Version struct {
	N    int64  `json:"n" minimum:"0" doc:"The number of edits before it"`
	Text string `json:"text" maxLength:"20000"`
	At   Time   `json:"at" format:"date-time" doc:"When it was written"`
}

// Versions are versions of a message, newest first. Without before, the first is the current one.
type Versions struct {
	Versions []Version `json:"versions" nullable:"false" maxItems:"100"`
	More     bool      `json:"more" doc:"There are older ones"`
}

// NewVersions maps a history.
func NewVersions(h chat.History) Versions {
	w := Versions{Versions: make([]Version, len(h.Versions)), More: h.More}
	for i, v := range h.Versions {
		w.Versions[i] = Version{N: v.N, Text: v.Text, At: Time{v.At}}
	}
	return w
}

// Reactions is the answer of GET /rooms/{room}/messages/{seq}/reactions.
type Reactions struct {
	Reactions []Reaction `json:"reactions" nullable:"false"`
}

// Emoji is the answer of GET /me/emoji.
type Emoji struct {
	Emoji []string `json:"emoji" nullable:"false" format:"emoji" maxItems:"24" doc:"Most used first"`
}
