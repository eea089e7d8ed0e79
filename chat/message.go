package chat

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/thread"
)

// Message is one message of a room, in its state at revision Rev. Tombstones (DeletedAt) keep Room, Seq, Rev, Author,
// the times, Thread, AlsoInRoom and ThreadInfo; their text and lists are empty.
type Message struct {
	Room       string
	Seq        int64
	Rev        int64 // the room's revision at this message's last change
	Author     string
	ClientID   string
	Text       string
	CreatedAt  time.Time
	EditedAt   *time.Time
	Edits      int64 // how often the text was changed: the number of the present version
	DeletedAt  *time.Time
	Thread     int64 // the root's seq; 0 when this is no reply
	AlsoInRoom bool
	ThreadInfo *thread.Info // nil while there are no replies
	Mentions   []string     // user ids
	Broadcast  Broadcast    // whom it calls together; "" for nobody
	System     *System
	Reactions  []Reaction
	Tally      *poll.Tally // of its poll; nil without one
	Parts
}

// SystemPost is a system message to be posted with a command.
type SystemPost struct {
	By     string
	System System
	Text   string
}

// MessageStore changes messages. Every change takes the room's next rev; a reply and the deletion of a reply take two,
// first the reply's, then its root's. viewer decides Reaction.Me in what is returned.
type MessageStore interface {
	// A new, edited or deleted reply announces ThreadChanged after the messages.

	// PostMessage posts and, in the timeline, moves the author's read pointer to the message. That raises read_rev, and is
	// announced by the message alone. A message of the author in the room with the same ClientID is returned as it is now instead
	// (false), whatever the facts. Thread must name a root of the room: NotFound when there is no such message, Invalid (field
	// "thread") when it is a reply or a system message, Gone when it is a tombstone. The author of a reply and the author of its root
	// follow the thread from then on, if they are members (see thread.Row.Replied and thread.Row.Heard).
	PostMessage(ctx context.Context, c PostMessage) (m Message, created bool, err error)
	// PostedMessage finds by client id; NotFound when there is none.
	PostedMessage(ctx context.Context, room, author, clientID string) (Message, error)
	// EditMessage keeps the earlier version, and deletes what is older than the newest MaxVersions. The same text changes nothing.
	// Gone for a tombstone. A text of a message that is being written keeps no version; see [Stream], and [EditMessage.Passing] for those
	// that announce no ThreadChanged.
	EditMessage(ctx context.Context, c EditMessage) (Message, error)
	// DeleteMessage makes a tombstone, deletes versions, mentions, reactions and votes. Of a tombstone: nothing changes.
	DeleteMessage(ctx context.Context, c DeleteMessage) error
}

// PostMessage posts a message.
type PostMessage struct {
	Facts      Facts
	Room       string
	Author     string
	ClientID   string
	Text       string
	Thread     int64
	AlsoInRoom bool
	Mentions   []string // user ids; those who are not members of the room are left out
	Broadcast  Broadcast
	At         time.Time
	Parts
}

// EditMessage changes a text.
type EditMessage struct {
	Facts    Facts
	Room     string
	Seq      int64
	By       string
	Text     string
	Mentions []string // as in PostMessage
	At       time.Time

	SetPreview bool     // Preview is the message's from now on; otherwise it keeps its own while the text has its link
	Preview    *Preview // nil for none

	SetCards     bool // Cards are the message's from now on; otherwise it keeps its own
	Cards        []card.Card
	CardPictures []File
	Fallback     bool

	Stream *Stream // the message is being written; see [EditMessage.Holds]
}

// DeleteMessage makes a tombstone.
type DeleteMessage struct {
	Facts Facts
	Room  string
	Seq   int64
	At    time.Time
}

// What says what a system message tells.
type What string

// The closed list of system messages: one for each field changed.
const (
	Renamed       What = "renamed"
	TopicChanged  What = "topic"
	RoomArchived  What = "archived"
	RoomUnarchive What = "unarchived"
	PostingSet    What = "posting"
	AdminJoined   What = "admin_joined"
	MadePublic    What = "made_public"
	MadePrivate   What = "made_private"
)

// System marks a message that the server wrote. Its Message.Text says the same in English for simple clients.
type System struct {
	What  What
	Value string // the new name, topic or posting; empty otherwise
}

// Version is one text a message has had. N is the number of edits before it: 0 for the text that was posted.
type Version struct {
	N    int64
	Text string
	At   time.Time // when it was written
}

// PostInput is a message to be posted. ClientID is a UUID, unique per author and room for ever. Without one the message gets a fresh
// one, so that nothing protects its author from posting twice.
type PostInput struct {
	ClientID, Text string
	Thread         *int64
	AlsoInRoom     bool
	Preview        string       // the id of a preview, as Canteen.Preview returned it; one that is out of date is ignored
	Forward        *Origin      // the message that it forwards; the text may then be empty
	Poll           *poll.Poll   // its question is the text, where that is empty
	Confirm        bool         // asks the members to confirm that they have read it
	Files          []string     // ids of ready files of the author's
	Cards          []card.Card  // of a bot; the text may then be empty
	Sender         *card.Sender // of a hook; see [card.FitSender]
	Stream         bool         // more of the text follows, by StreamMessage; for bots
	feedback       *Feedback
	carried        carried
}

// check returns the text that is posted, and completes the client id and the question of a poll. Invalid names what is wrong.
func (in *PostInput) check() (body string, err error) {
	if in.ClientID == "" {
		in.ClientID = text.NewUUID()
	}
	if !text.IsUUID(in.ClientID) {
		return "", InvalidField("client_id", "A UUID is needed, such as 7d444840-9dc0-11d1-b245-5ffdce74fad2.")
	}
	in.ClientID = strings.ToLower(in.ClientID)
	if err := in.takePoll(); err != nil {
		return "", err
	}
	if in.carried, err = carry(in.Cards, &in.Text); err != nil {
		return "", err
	}
	if err := in.streams(); err != nil {
		return "", err
	}
	if err := fileIDs(in.Files); err != nil {
		return "", err
	}
	if in.Thread != nil && *in.Thread < 1 {
		return "", InvalidField("thread", "The seq of a message of this room is needed.")
	}
	if in.Confirm && in.Thread != nil {
		return "", InvalidField("confirm", "Only a message of the timeline can ask for confirmation, not a reply.")
	}
	if in.AlsoInRoom && in.Thread == nil {
		return "", InvalidField("also_in_room", "Only a reply can also be sent to the room. Name its thread.")
	}
	if body, err = messageText(in.Text, in.Forward != nil || len(in.Files) > 0 || in.Stream); in.Stream && body == "" {
		body = Unwritten
	}
	return body, err
}

// PostMessage posts. A repeated ClientID gives the message as it is now (false), whatever became of the room's posting or
// archive since: it was posted.
func (c *Canteen) PostMessage(ctx context.Context, a Actor, room string, in PostInput) (Message, bool, error) {
	p, err := c.posting(ctx, a, room, in)
	if err != nil {
		return Message{}, false, err
	}
	return p.end(perform(ctx, c, a, CmdPostMessage, p.use()))
}

// posting is a post on its way, in one call of a use case.
type posting struct {
	ctx       context.Context
	c         *Canteen
	a         Actor
	in        PostInput
	room      string
	body      string
	broadcast Broadcast
	source    Message // what it forwards
	files     []File
	counted   Rate // what it took, and gives back if nothing is posted
	created   bool
}

func (c *Canteen) posting(ctx context.Context, a Actor, room string, in PostInput) (*posting, error) {
	body, err := in.check()
	p := &posting{ctx: ctx, c: c, a: a, in: in, room: room, body: body, created: true}
	if !in.carried.fallback {
		p.broadcast = BroadcastOf(body)
	}
	return p, err
}

func (p *posting) use() use[Message] {
	return use[Message]{
		room: p.room, may: p.may, state: p.state, do: p.store,
		counts: func(at *attempt) (err error) {
			if err = p.c.countBroadcast(p.ctx, at.Actor, p.broadcast); err == nil && p.broadcast != "" {
				p.counted = p.c.rates.broadcast
			}
			return err
		},
		stores: func() int { return RowBytes*(1+len(p.files)) + len(p.body) + p.in.Poll.Size() + card.Size(p.in.Cards) },
		performed: func(at *attempt) (Message, error) {
			m, err := p.c.store.PostedMessage(p.ctx, p.room, at.User.ID, p.in.ClientID)
			p.created = err != nil
			return m, err
		},
	}
}

func (p *posting) may(at *attempt) (err error) {
	if (p.in.Thread == nil || p.in.AlsoInRoom) && !MayPost(at.room) {
		return Errorf(Forbidden, "Only owners of the room may post here. Everyone may react and reply in threads.")
	}
	if p.in.Forward != nil {
		if p.source, err = p.c.source(p.ctx, at.Actor, *p.in.Forward); err != nil {
			return err
		}
	}
	if p.in.Confirm && !MayAskToConfirm(at.room) {
		return Errorf(Forbidden, "Only owners of the room may ask for confirmation.")
	}
	if err := p.in.mayStream(at.Actor); err != nil {
		return err
	}
	if err := p.in.carried.may(at.Actor); err != nil {
		return err
	}
	return mayBroadcast(at.Actor, at.room, p.broadcast)
}

func (p *posting) state(at *attempt) (_ bool, err error) {
	if err = open(at.room.Room); err == nil {
		err = p.source.Forwardable()
	}
	if err == nil {
		err = reason("poll.closes_at", p.in.Poll.ClosesLater(p.c.clock.Time()))
	}
	if err == nil {
		p.files, err = p.c.attachable(p.ctx, at, p.in.Files)
	}
	return false, err
}

func (p *posting) store(at *attempt) (m Message, err error) {
	in := p.in
	cmd := PostMessage{
		Facts: at.facts(), Room: p.room, Author: at.User.ID, ClientID: in.ClientID, Text: p.body, AlsoInRoom: in.AlsoInRoom,
		Broadcast: p.broadcast, At: p.c.clock.Time(),
		Parts: Parts{Files: p.files, Origin: in.Forward, Poll: in.Poll, Feedback: in.feedback, Confirm: in.Confirm, Sender: in.Sender},
	}
	if in.Thread != nil {
		cmd.Thread = *in.Thread
	}
	if at := cmd.At; in.Stream {
		cmd.StreamingAt = &at
	}
	if in.feedback == nil && !in.carried.fallback {
		cmd.Mentions, err = p.c.mentions(p.ctx, p.body)
	}
	if err == nil {
		cmd.Preview, err = p.c.previewOf(p.ctx, at, in.Preview, p.body)
	}
	if err == nil {
		err = p.c.copyPictures(p.ctx, at, &p.in.carried)
	}
	if err == nil {
		cmd.Cards, cmd.CardPictures, cmd.Fallback = p.in.carried.parts()
		m, p.created, err = p.c.store.PostMessage(p.ctx, cmd)
	}
	return m, err
}

// end gives back what was taken if nothing was posted.
func (p *posting) end(m Message, err error) (Message, bool, error) {
	created := p.created && err == nil
	if p.counted.Name != "" && !created && !uncertain(err) {
		p.c.give(p.ctx, p.counted, p.a.key())
	}
	return m, created, err
}

// mentions are the ids of those whom the text names; the store leaves out who is not in the room. It asks for everybody at once. What
// is limited is the people who are named, and, more generously, the names that have to be looked up.
func (c *Canteen) mentions(ctx context.Context, body string) ([]string, error) {
	named := text.Mentions(body, MaxNames+1)
	if len(named) > MaxNames {
		return nil, InvalidField("text", "A message can have at most %d different @names. Names in code do not count.", MaxNames)
	}
	handles := union(slices.Concat(named...), nil)
	if len(handles) == 0 {
		return nil, nil
	}
	found, err := c.store.UsersByHandle(ctx, handles)
	if err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, u := range found {
		ids[u.Handle] = u.ID
	}
	people := union(text.Meant(named, ids), nil)
	if len(people) > MaxMentions {
		return nil, InvalidField("text", "A message can mention at most %d people.", MaxMentions)
	}
	return people, nil
}

// Message is one message of a room the actor sees.
func (c *Canteen) Message(ctx context.Context, a Actor, room string, seq int64) (Message, error) {
	return perform(ctx, c, a, CmdMessage, use[Message]{room: room, do: func(at *attempt) (Message, error) {
		return c.store.Message(ctx, room, seq, at.User.ID)
	}})
}

// EditInput is the new text of a message. Preview is the id of a new preview, as in PostInput, or "" for none; nil keeps the one that the
// message has while its text has the link. Cards take the place of those that a bot's message has; nil keeps them. Done is for
// StreamMessage: whether the text of a message that is being written is the last one.
type EditInput struct {
	Text    string
	Preview *string
	Cards   []card.Card
	Done    *bool
}

// EditMessage changes one's own message, where one may still post. The same text, preview and cards change nothing. A message that was
// being written is done then.
func (c *Canteen) EditMessage(ctx context.Context, a Actor, room string, seq int64, in EditInput) (Message, error) {
	carried, err := carry(in.Cards, &in.Text)
	if err != nil {
		return Message{}, err
	}
	body, err := messageText(in.Text, true)
	if err != nil {
		return Message{}, err
	}
	var m Message
	return perform(ctx, c, a, CmdEditMessage, use[Message]{
		room: room, about: []any{"seq", seq},
		may: func(at *attempt) (err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return err
			}
			if !MayEdit(at.Actor, at.room, m) {
				return Errorf(Forbidden, "You can edit only your own messages, in rooms where you may post.")
			}
			return carried.may(at.Actor)
		},
		state: func(at *attempt) (unchanged bool, err error) {
			if err := m.Changeable(); err != nil {
				return false, err
			}
			if _, err := messageText(body, len(m.Files) > 0 || m.Origin != nil); err != nil {
				return false, err
			}
			if m.Text == body && m.StreamingAt == nil && (in.Preview == nil || *in.Preview == "" && m.Preview == nil) && carried.same(m) {
				return true, nil
			}
			return false, open(at.room.Room)
		},
		same:   func(*attempt) (Message, error) { return m, nil },
		stores: func() int { return RowBytes + len(body) + card.Size(in.Cards) },
		do: func(at *attempt) (_ Message, err error) {
			cmd := EditMessage{Facts: at.facts(), Room: room, Seq: seq, By: at.User.ID, Text: body, At: c.clock.Time()}
			if !carried.fallback {
				cmd.Mentions, err = c.mentions(ctx, body)
			}
			if err == nil {
				err = c.copyPictures(ctx, at, &carried)
			}
			if err != nil {
				return Message{}, err
			}
			cmd.SetCards = in.Cards != nil
			cmd.Cards, cmd.CardPictures, cmd.Fallback = carried.parts()
			if in.Preview != nil {
				cmd.SetPreview = true
				if cmd.Preview, err = c.previewOf(ctx, at, *in.Preview, body); err != nil {
					return Message{}, err
				}
			}
			return c.store.EditMessage(ctx, cmd)
		},
	})
}

// DeleteMessage leaves a tombstone. Of a tombstone: nothing happens.
func (c *Canteen) DeleteMessage(ctx context.Context, a Actor, room string, seq int64) error {
	var m Message
	_, err := perform(ctx, c, a, CmdDeleteMessage, use[struct{}]{
		room: room, about: []any{"seq", seq},
		may: func(at *attempt) (err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return err
			}
			if m.System != nil || !MayDelete(at.Actor, at.room, m.Author) {
				return Errorf(Forbidden,
					"You can delete only your own messages. Owners of the room and admins can delete all messages except notices.")
			}
			return nil
		},
		state: func(at *attempt) (unchanged bool, err error) {
			if m.DeletedAt != nil {
				return true, nil
			}
			return false, open(at.room.Room)
		},
		same: func(*attempt) (struct{}, error) { return struct{}{}, nil },
		do: func(at *attempt) (struct{}, error) {
			at.quiet = m.Author == at.User.ID
			return struct{}{}, c.store.DeleteMessage(ctx, DeleteMessage{Facts: at.facts(), Room: room, Seq: seq, At: c.clock.Time()})
		},
	})
	return err
}
