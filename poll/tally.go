package poll

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Tally is how people have voted so far. The votes of all users are stored one by one; see [Vote].
type Tally struct {
	Options []Choice `json:"o"` // one for each option of the poll, in its order
	Voters  int      `json:"n"`
	Closed  bool     `json:"c,omitempty"` // somebody closed the poll. It is over as well once Poll.ClosesAt has come
	Mine    []int    `json:"-"`           // options of the viewer, ascending; nil where nobody in particular looks
}

// Choice is the tally of one option.
type Choice struct {
	Count int      `json:"n"`
	Users []string `json:"u,omitempty"` // the first MaxUsers by the time of their vote; none in an anonymous poll
}

// Encode is the tally as a text that a store keeps; "" for none.
func (t *Tally) Encode() string {
	if t == nil {
		return ""
	}
	b, err := json.Marshal(t)
	if err != nil {
		panic(fmt.Sprintf("poll: cannot encode a tally: %v", err)) // depends only on the types, so tests would find it
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

// Over says whether the poll takes no votes at a moment.
func (t *Tally) Over(p *Poll, at time.Time) bool {
	return t.Closed || p.ClosesAt != nil && !at.Before(*p.ClosesAt)
}

// VotedBy is what a user has voted for, if the tally shows all voters: known is false where it does not.
func (t *Tally) VotedBy(user string, p *Poll) (options []int, known bool) {
	if t.Voters == 0 {
		return nil, true
	}
	for n, o := range t.Options {
		if p.Anonymous || o.Count > len(o.Users) {
			return nil, false
		}
		if slices.Contains(o.Users, user) {
			options = append(options, n)
		}
	}
	return options, true
}

// Change is how one user's vote changes.
type Change struct {
	User        string
	Before, Now []int // the options, ascending; none: no vote
}

// After is the tally after a change. others gives, by the time of their votes, the first MaxUsers of all who voted for an option but the
// user; it is called only when the tally does not hold enough of them.
func (t *Tally) After(c Change, anonymous bool, others func(option int) ([]string, error)) (*Tally, error) {
	now := *t
	now.Options, now.Mine = slices.Clone(t.Options), c.Now
	for _, n := range c.Before {
		if err := now.Options[n].leave(c.User, func() ([]string, error) { return others(n) }); err != nil {
			return nil, err
		}
	}
	for _, n := range c.Now {
		now.Options[n].join(c.User, anonymous)
	}
	if len(c.Before) == 0 {
		now.Voters++
	}
	if len(c.Now) == 0 {
		now.Voters--
	}
	return &now, nil
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
	if !anonymous && len(c.Users) < MaxUsers {
		c.Users = append(slices.Clip(c.Users), user)
	}
}

// Size is about how many bytes a tally adds to its message.
func (t *Tally) Size() (n int) {
	if t == nil {
		return 0
	}
	for _, c := range t.Options {
		n += 64 + 16*len(c.Users)
	}
	return n
}
