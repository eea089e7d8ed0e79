// Package poll holds polls: what one may ask, how votes add up, and what a tally shows. It knows nothing of messages and rooms, and keeps
// nothing.
//
// The package imports text.
package poll

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/text"
)

// Limits of polls.
const (
	MinOptions = 2
	MaxOptions = 20
	TextLength = 200                  // of an option, in code points
	Life       = 366 * 24 * time.Hour // the closing time is at most that far away
	MaxUsers   = 20                   // ids shown of each option
)

// Poll is a question that a message asks, as it was posted. It never changes; [Tally] holds what does.
type Poll struct {
	Question  string     `json:"question,omitempty"` // empty: the text of the message is the question
	Options   []string   `json:"options"`
	Several   bool       `json:"several,omitempty"`   // a voter may choose more than one option
	Anonymous bool       `json:"anonymous,omitempty"` // nobody is told who voted for what
	ClosesAt  *time.Time `json:"closes_at,omitempty"`
}

// Vote is what one user voted for. Options are places in Poll.Options, ascending.
type Vote struct {
	User    string
	Options []int
	Rev     int64 // of the room at the vote, by which voters are ordered
}

// Kept is a new poll as it is kept, or which field is wrong with it, and why.
func (p *Poll) Kept() (kept *Poll, field, why string) {
	out := *p
	if p.Question != "" {
		question, why := text.Message(p.Question)
		if why != "" {
			return nil, "question", why
		}
		out.Question = question
	}
	if n := len(p.Options); n < MinOptions || n > MaxOptions {
		return nil, "options", fmt.Sprintf("A poll needs %d to %d options.", MinOptions, MaxOptions)
	}
	out.Options = make([]string, len(p.Options))
	seen := map[string]bool{}
	for i, option := range p.Options {
		option = text.Normal(option)
		if n := utf8.RuneCountInString(option); n > TextLength || text.Line(option) != "" || invisible(option) {
			return nil, "options", fmt.Sprintf("Each option needs 1 to %d characters in one line, at least one of them visible.", TextLength)
		}
		folded := text.Fold(option)
		if seen[folded] {
			return nil, "options", fmt.Sprintf("Two options are the same: %q.", option)
		}
		seen[folded], out.Options[i] = true, option
	}
	if p.ClosesAt != nil {
		at := p.ClosesAt.UTC().Truncate(time.Millisecond)
		out.ClosesAt = &at
	}
	return &out, "", ""
}

// invisible says whether a line shows nothing.
func invisible(line string) bool {
	_, why := text.Message(line)
	return why != ""
}

// ClosesLater says why a new poll cannot close at its time; "" when it can.
func (p *Poll) ClosesLater(now time.Time) (why string) {
	if p == nil || p.ClosesAt == nil || p.ClosesAt.After(now) && !p.ClosesAt.After(now.Add(Life)) {
		return ""
	}
	return fmt.Sprintf("A time within the next %d days is needed.", int(Life.Hours()/24))
}

// Allows says why nobody can vote for these options together; "" when one can.
func (p *Poll) Allows(options []int) (why string) {
	for _, n := range options {
		if n < 0 || n >= len(p.Options) {
			return fmt.Sprintf("The poll has the options 0 to %d.", len(p.Options)-1)
		}
	}
	if len(options) > 1 && !p.Several {
		return "Only one option can be chosen in this poll."
	}
	return ""
}

// NewTally is the tally of a poll for which nobody has voted; nil without a poll.
func (p *Poll) NewTally() *Tally {
	if p == nil {
		return nil
	}
	return &Tally{Options: make([]Choice, len(p.Options))}
}

// Size is about how many bytes a poll adds to its message.
func (p *Poll) Size() int {
	if p == nil {
		return 0
	}
	return len(p.Question) + len(strings.Join(p.Options, ""))
}

// Count is the tally of votes with all users, as a viewer sees it. now is the tally that the message has.
func (p *Poll) Count(votes []Vote, now *Tally, viewer string) Tally {
	t := Tally{Options: make([]Choice, len(p.Options)), Voters: len(votes), Closed: now.Closed}
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
