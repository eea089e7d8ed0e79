package chat

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// Limits of polls.
const (
	MinPollOptions   = 2
	MaxPollOptions   = 20
	PollTextLength   = 200                  // of an option, in code points
	PollLife         = 366 * 24 * time.Hour // the closing time is at most that far away
	MaxPollVoteUsers = 20                   // ids shown of each option
)

// Poll is a question that a message asks, as it was posted. It never changes; [Tally] holds what does.
type Poll struct {
	Question  string     `json:"question,omitempty"` // empty: the text of the message is the question
	Options   []string   `json:"options"`
	Several   bool       `json:"several,omitempty"`   // a voter may choose more than one option
	Anonymous bool       `json:"anonymous,omitempty"` // nobody is told who voted for what
	ClosesAt  *time.Time `json:"closes_at,omitempty"`
}

// Tally is how people have voted so far. The votes of all users are stored one by one; see [Vote].
type Tally struct {
	Options []Choice `json:"o"` // one for each option of the poll, in its order
	Voters  int      `json:"n"`
	Closed  bool     `json:"c,omitempty"` // somebody closed the poll. It is closed as well once Poll.ClosesAt has come
	Mine    []int    `json:"-"`           // options of the viewer, ascending; nil where nobody in particular looks
}

// Choice is the tally of one option.
type Choice struct {
	Count int      `json:"n"`
	Users []string `json:"u,omitempty"` // the first MaxPollVoteUsers by the time of their vote; none in an anonymous poll
}

// Vote is what one user voted for. Options are places in Poll.Options, ascending.
type Vote struct {
	User    string
	Options []int
	Rev     int64 // of the room at the vote, by which voters are ordered
}

// PollStore holds the votes of polls.
type PollStore interface {
	// SetVote replaces a user's vote; no options take it back. What [SetVote.Changes] refuses is refused, by the state at the commit.
	// The message is returned, also when the vote is the same and nothing changes.
	SetVote(ctx context.Context, c SetVote) (Message, error)
	// ClosePoll closes a poll for good. Of one that somebody closed: nothing changes. Gone for a tombstone, NotFound without a poll.
	ClosePoll(ctx context.Context, c ClosePoll) (Message, error)
	// Votes are all votes in a poll, by rev. NotFound when there is no such message; none when it has no poll.
	Votes(ctx context.Context, room string, seq int64) ([]Vote, error)
}

// SetVote replaces a user's vote.
type SetVote struct {
	Facts   Facts
	Room    string
	Seq     int64
	User    string
	Options []int // ascending; empty: the vote is taken back
	At      time.Time
}

// ClosePoll closes a poll.
type ClosePoll struct {
	Facts Facts
	Room  string
	Seq   int64
	By    string
}

// ErrPollClosed is the answer to a vote that comes too late.
func ErrPollClosed() *Error {
	return Errorf(Conflict, "The poll is closed. Votes cannot be changed any more.")
}

// Encode is the tally as a text that a store keeps; "" for none.
func (t *Tally) Encode() string {
	if t == nil {
		return ""
	}
	b, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("chat: cannot encode a tally: %v", err)) // depends only on the types, so tests would find it
	}
	return string(b)
}

// DecodeTally is the inverse of Encode.
func DecodeTally(s string) (*Tally, error) {
	if s == "" {
		return nil, nil
	}
	var t Tally
	if err := json.Unmarshal([]byte(s), &t); err != nil {
		return nil, fmt.Errorf("a stored tally is damaged: %w", err)
	}
	return &t, nil
}

// For is the tally as a viewer sees it, who voted for these options. The tally itself is not changed.
func (t *Tally) For(mine []int) *Tally {
	if t == nil {
		return nil
	}
	seen := *t
	seen.Mine = mine
	return &seen
}

// Close is the tally once somebody has closed the poll.
func (t *Tally) Close() *Tally {
	closed := *t
	closed.Closed = true
	return &closed
}

// PollEvents are the events of a vote in the poll of a message, which has the state after it: for the others, and for the voter. Without
// a voter, the poll was closed.
func PollEvents(m Message, voter string, options []int) []Event {
	e := PollChanged{Room: m.Room, Rev: m.Rev, Seq: m.Seq, Voter: voter, Tally: *m.Tally.For(nil), Anonymous: m.Poll.Anonymous}
	if voter == "" {
		return []Event{e}
	}
	own := e
	own.Own, own.Tally.Mine = true, options
	return []Event{e, own}
}

// newTally is the tally of a poll for which nobody has voted; nil without a poll.
func (p *Poll) newTally() *Tally {
	if p == nil {
		return nil
	}
	return &Tally{Options: make([]Choice, len(p.Options))}
}

// PollClosed says whether the message's poll takes no votes at a moment.
func (m Message) PollClosed(at time.Time) bool {
	return m.Tally.Closed || m.Poll.ClosesAt != nil && !at.Before(*m.Poll.ClosesAt)
}

// VotedIn is what a user has voted for in the message's poll, if the tally shows all voters: known is false where it does not.
func (m Message) VotedIn(user string) (options []int, known bool) {
	if m.Tally.Voters == 0 {
		return nil, true
	}
	for n, o := range m.Tally.Options {
		if m.Poll.Anonymous || o.Count > len(o.Users) {
			return nil, false
		}
		if slices.Contains(o.Users, user) {
			options = append(options, n)
		}
	}
	return options, true
}

// Asks is whether the message has a poll that can be changed: Gone for a tombstone, NotFound without a poll.
func (m Message) Asks() error {
	if err := m.Changeable(); err != nil {
		return err
	}
	if m.Poll == nil || m.Tally == nil {
		return ErrNotFound()
	}
	return nil
}

// Changes says whether the command changes the vote of a user who has voted for the options before. Gone for a tombstone, NotFound without
// a poll, Invalid for options that the poll has not, Conflict once it is closed.
func (cmd SetVote) Changes(m Message, before []int) (bool, error) {
	if err := m.Asks(); err != nil {
		return false, err
	}
	for _, n := range cmd.Options {
		if n < 0 || n >= len(m.Poll.Options) {
			return false, InvalidField("options", "The poll has the options 0 to %d.", len(m.Poll.Options)-1)
		}
	}
	if len(cmd.Options) > 1 && !m.Poll.Several {
		return false, InvalidField("options", "Only one option can be chosen in this poll.")
	}
	switch {
	case slices.Equal(before, cmd.Options):
		return false, nil
	case m.PollClosed(cmd.At):
		return false, ErrPollClosed()
	}
	return true, nil
}

// Apply is the message's tally after a command that changes the vote of a user who has voted for the options before. others gives, by the
// time of their votes, the first MaxPollVoteUsers of all who voted for an option but cmd.User; it is called only when the tally does not
// hold enough of them.
func (cmd SetVote) Apply(m Message, before []int, others func(option int) ([]string, error)) (*Tally, error) {
	t := *m.Tally
	t.Options, t.Mine = slices.Clone(t.Options), cmd.Options
	for _, n := range before {
		if err := t.Options[n].leave(cmd.User, func() ([]string, error) { return others(n) }); err != nil {
			return nil, err
		}
	}
	for _, n := range cmd.Options {
		t.Options[n].join(cmd.User, m.Poll.Anonymous)
	}
	if len(before) == 0 {
		t.Voters++
	}
	if len(cmd.Options) == 0 {
		t.Voters--
	}
	return &t, nil
}

// leave takes a user out of an option.
func (c *Choice) leave(user string, others func() ([]string, error)) (err error) {
	c.Count--
	i := slices.Index(c.Users, user)
	if i < 0 {
		return nil
	}
	c.Users = slices.Delete(slices.Clone(c.Users), i, i+1)
	if c.Count > len(c.Users) {
		c.Users, err = others() // who was not among the first moves up
	}
	return err
}

// join adds a user to an option.
func (c *Choice) join(user string, anonymous bool) {
	c.Count++
	if !anonymous && len(c.Users) < MaxPollVoteUsers {
		c.Users = append(slices.Clip(c.Users), user)
	}
}

// PollVotes is a poll with everyone who voted.
type PollVotes struct {
	Poll  Poll
	Tally Tally // Choice.Users are all of them
}

// takePoll checks the poll of a new message, and replaces it by what is kept. Without a text its question becomes the text.
func (in *PostInput) takePoll() (err error) {
	if in.Poll == nil {
		return nil
	}
	if in.Poll, err = in.Poll.kept(); err == nil && in.Text == "" {
		in.Text, in.Poll.Question = in.Poll.Question, ""
	}
	return err
}

// kept checks a new poll, and gives it as it is kept.
func (p *Poll) kept() (*Poll, error) {
	kept := *p
	if p.Question != "" {
		question, why := text.Message(p.Question)
		if err := reason("poll.question", why); err != nil {
			return nil, err
		}
		kept.Question = question
	}
	if n := len(p.Options); n < MinPollOptions || n > MaxPollOptions {
		return nil, InvalidField("poll.options", "A poll needs %d to %d options.", MinPollOptions, MaxPollOptions)
	}
	kept.Options = make([]string, len(p.Options))
	seen := map[string]bool{}
	for i, option := range p.Options {
		option = text.Normal(option)
		if n := utf8.RuneCountInString(option); n > PollTextLength || text.Line(option) != "" || invisible(option) {
			return nil, InvalidField("poll.options", "Each option needs 1 to %d characters in one line, at least one of them visible.",
				PollTextLength)
		}
		folded := text.Fold(option)
		if seen[folded] {
			return nil, InvalidField("poll.options", "Two options are the same: %q.", option)
		}
		seen[folded], kept.Options[i] = true, option
	}
	if p.ClosesAt != nil {
		at := p.ClosesAt.UTC().Truncate(time.Millisecond)
		kept.ClosesAt = &at
	}
	return &kept, nil
}

// invisible says whether a line shows nothing.
func invisible(line string) bool {
	_, why := text.Message(line)
	return why != ""
}

// closesLater checks the closing time of a new poll.
func (p *Poll) closesLater(now time.Time) error {
	if p == nil || p.ClosesAt == nil || p.ClosesAt.After(now) && !p.ClosesAt.After(now.Add(PollLife)) {
		return nil
	}
	return InvalidField("poll.closes_at", "A time within the next %d days is needed.", int(PollLife.Hours()/24))
}

// size is about how many bytes a poll adds to its message.
func (p *Poll) size() int {
	if p == nil {
		return 0
	}
	return len(p.Question) + len(strings.Join(p.Options, ""))
}

// size is about how many bytes a tally adds to its message.
func (t *Tally) size() (n int) {
	if t == nil {
		return 0
	}
	for _, c := range t.Options {
		n += 64 + 16*len(c.Users)
	}
	return n
}

// SetVote replaces the actor's vote in a poll: any member's right. No options take it back. The same vote again changes nothing, also when
// the poll is closed.
func (c *Canteen) SetVote(ctx context.Context, a Actor, room string, seq int64, options []int) (Message, error) {
	options = union(slices.Sorted(slices.Values(options)), nil)
	var m Message
	return perform(ctx, c, a, CmdSetVote, use[Message]{
		room: room, about: []any{"seq", seq},
		state: func(at *attempt) (unchanged bool, err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return false, err
			}
			var mine []int
			if m.Tally != nil {
				mine = m.Tally.Mine
			}
			changes, err := SetVote{Options: options, At: c.clock.Time()}.Changes(m, mine)
			if err != nil || !changes {
				return !changes, err
			}
			return false, open(at.room.Room)
		},
		same: func(*attempt) (Message, error) { return m, nil },
		stores: func() int {
			if len(options) == 0 {
				return 0
			}
			return RowBytes
		},
		do: func(at *attempt) (Message, error) {
			return c.store.SetVote(ctx, SetVote{
				Facts: at.facts(), Room: room, Seq: seq, User: at.User.ID, Options: options, At: c.clock.Time(),
			})
		},
	})
}

// ClosePoll closes a poll for good: who may delete its message may. Of one that is closed: nothing happens.
func (c *Canteen) ClosePoll(ctx context.Context, a Actor, room string, seq int64) (Message, error) {
	var m Message
	return perform(ctx, c, a, CmdClosePoll, use[Message]{
		room: room, about: []any{"seq", seq},
		may: func(at *attempt) (err error) {
			if m, err = c.store.Message(ctx, room, seq, at.User.ID); err != nil {
				return err
			}
			if !MayDelete(at.Actor, at.room, m.Author) {
				return Errorf(Forbidden, "You can close only your own polls. Owners of the room and admins can close all polls.")
			}
			return nil
		},
		state: func(at *attempt) (unchanged bool, err error) {
			if err := m.Asks(); err != nil {
				return false, err
			}
			if m.PollClosed(c.clock.Time()) {
				return true, nil
			}
			return false, open(at.room.Room)
		},
		same: func(*attempt) (Message, error) { return m, nil },
		do: func(at *attempt) (Message, error) {
			at.quiet = m.Author == at.User.ID
			return c.store.ClosePoll(ctx, ClosePoll{Facts: at.facts(), Room: room, Seq: seq, By: at.User.ID})
		},
	})
}

// Votes says who voted for what. Of an anonymous poll nobody is told, whoever they are: Forbidden.
func (c *Canteen) Votes(ctx context.Context, a Actor, room string, seq int64) (PollVotes, error) {
	return perform(ctx, c, a, CmdVotes, use[PollVotes]{room: room, do: func(at *attempt) (PollVotes, error) {
		m, err := c.store.Message(ctx, room, seq, at.User.ID)
		if err != nil {
			return PollVotes{}, err
		}
		if m.Poll == nil || m.Tally == nil {
			return PollVotes{}, ErrNotFound()
		}
		if m.Poll.Anonymous {
			return PollVotes{}, Errorf(Forbidden, "The poll is anonymous. Nobody is told who voted for what.")
		}
		votes, err := c.store.Votes(ctx, room, seq)
		return PollVotes{Poll: *m.Poll, Tally: counted(m, votes, at.User.ID)}, err
	}})
}

// counted is a tally of votes with all users.
func counted(m Message, votes []Vote, viewer string) Tally {
	t := Tally{Options: make([]Choice, len(m.Poll.Options)), Voters: len(votes), Closed: m.Tally.Closed}
	for _, v := range votes {
		for _, n := range v.Options {
			t.Options[n].Count++
			t.Options[n].Users = append(t.Options[n].Users, v.User)
		}
		if v.User == viewer {
			t.Mine = v.Options
		}
	}
	return t
}
