package wire

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// Poll is the poll of a message and how people have voted so far.
type Poll struct {
	Question  string       `json:"question,omitempty" maxLength:"20000" doc:"Absent: the text of the message is the question"`
	Options   []PollOption `json:"options" nullable:"false" minItems:"2" maxItems:"20"`
	Voters    int          `json:"voters" minimum:"0" doc:"How many people have voted"`
	Several   bool         `json:"several" doc:"A voter may choose more than one option"`
	Anonymous bool         `json:"anonymous" doc:"Nobody is told who voted for what"`
	ClosesAt  *Time        `json:"closes_at,omitempty" format:"date-time" doc:"From then on the poll takes no votes"`
	Closed    bool         `json:"closed" doc:"Somebody has closed the poll. It is closed as well once closes_at has come"`
	Mine      *[]int       `json:"mine,omitempty" nullable:"false" doc:"The viewer's vote: places in options, from 0. Absent in live events"`
}

// PollOption is one option of a poll.
type PollOption struct {
	Text  string    `json:"text" maxLength:"200"`
	Count int       `json:"count" minimum:"0"`
	Users *[]string `json:"users,omitempty" nullable:"false" format:"id" doc:"The first 20 voters, by time. Absent in an anonymous poll"`
}

// PollCounts is what a vote changes in a poll.
type PollCounts struct {
	Options []PollCount `json:"options" nullable:"false" doc:"Of each option of the poll, in its order"`
	Voters  int         `json:"voters"`
	Closed  bool        `json:"closed"`
	Mine    *[]int      `json:"mine,omitempty" nullable:"false" doc:"The recipient's new vote: only where the recipient has voted"`
}

// PollCount is what a vote changes in an option.
type PollCount struct {
	Count int       `json:"count" minimum:"0"`
	Users *[]string `json:"users,omitempty" nullable:"false" doc:"As in PollOption"`
}

// newPoll maps the poll of a message for one viewer, or for all recipients of an event; nil without a poll.
func newPoll(p *poll.Poll, t *poll.Tally, live bool) *Poll {
	if p == nil || t == nil {
		return nil
	}
	w := Poll{
		Question: p.Question, Options: make([]PollOption, len(p.Options)), Voters: t.Voters, Several: p.Several, Anonymous: p.Anonymous,
		ClosesAt: optionalTime(p.ClosesAt), Closed: t.Closed,
	}
	for i, o := range t.Options {
		w.Options[i] = PollOption{Text: p.Options[i], Count: o.Count, Users: voters(o, p.Anonymous)}
	}
	if !live {
		w.Mine = chosen(t.Mine)
	}
	return &w
}

// newPollCounts maps what a vote changed. Only the voter's own event says what they voted for.
func newPollCounts(e chat.PollChanged) PollCounts {
	w := PollCounts{Options: make([]PollCount, len(e.Tally.Options)), Voters: e.Tally.Voters, Closed: e.Tally.Closed}
	for i, o := range e.Tally.Options {
		w.Options[i] = PollCount{Count: o.Count, Users: voters(o, e.Anonymous)}
	}
	if e.Own {
		w.Mine = chosen(e.Tally.Mine)
	}
	return w
}

func voters(c poll.Choice, anonymous bool) *[]string {
	if anonymous {
		return nil
	}
	users := list(c.Users)
	return &users
}

func chosen(options []int) *[]int {
	mine := list(options)
	return &mine
}

// NewPoll is the poll in the body of POST /rooms/{room}/messages.
type NewPoll struct {
	Question  string   `json:"question,omitempty" doc:"Without a text of the message, it becomes its text"`
	Options   []string `json:"options" nullable:"false" minItems:"2" maxItems:"20" doc:"Each 1–200 characters in one line"`
	Several   bool     `json:"several,omitempty" doc:"A voter may choose more than one option"`
	Anonymous bool     `json:"anonymous,omitempty" doc:"Nobody is told who voted for what. The server stores it, so that votes can be changed"`
	ClosesAt  *Time    `json:"closes_at,omitempty" format:"date-time" doc:"Within the next 366 days; absent: the poll stays open"`
}

// input maps the poll to the input of package chat.
func (p *NewPoll) input() *poll.Poll {
	if p == nil {
		return nil
	}
	in := poll.Poll{Question: p.Question, Options: p.Options, Several: p.Several, Anonymous: p.Anonymous}
	if p.ClosesAt != nil {
		in.ClosesAt = &p.ClosesAt.Time
	}
	return &in
}

// Vote is the body of PUT /rooms/{room}/messages/{seq}/vote.
type Vote struct {
	Options []int `json:"options" nullable:"false" maxItems:"20" doc:"Places in the options of the poll, from 0. None: the vote is taken back"`
}

// Votes is the answer of GET /rooms/{room}/messages/{seq}/votes.
type Votes struct {
	Options []PollOption `json:"options" nullable:"false" maxItems:"20" doc:"With the ids of all voters, by the time of their vote"`
	Voters  int          `json:"voters" minimum:"0"`
}

// NewVotes maps the votes of a poll that is not anonymous.
func NewVotes(v chat.PollVotes) Votes {
	w := Votes{Options: make([]PollOption, len(v.Tally.Options)), Voters: v.Tally.Voters}
	for i, o := range v.Tally.Options {
		w.Options[i] = PollOption{Text: v.Poll.Options[i], Count: o.Count, Users: voters(o, false)}
	}
	return w
}
