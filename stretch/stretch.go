// Package stretch says what stretch of a timeline or thread a page holds. Stores give it a [Reader] of what they keep, so that before,
// after, around and at mean the same in all of them. It keeps nothing, and knows nothing of who asks.
//
// The package imports chat.
package stretch

import (
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Reader reads a timeline or thread by seq. Implementations read no further than the bound.
type Reader interface {
	// Up are the messages after seq, ascending, and whether there are more.
	Up(seq int64, b chat.Bound) ([]chat.Message, bool, error)
	// Down are the messages before seq, ascending, and whether there are more.
	Down(seq int64, b chat.Bound) ([]chat.Message, bool, error)
	// Times say when messages of the room were posted: all of them exist, in the timeline or in threads.
	Times(seqs []int64) ([]time.Time, error)
}

// Window is what a page holds, and whether there is more before and after it: the one place that says what before, after, around and at
// mean. last is the room's last seq.
func Window(q chat.PageQuery, last int64, s Reader) (out []chat.Message, before, after bool, err error) {
	switch {
	case q.After != nil:
		if out, after, err = s.Up(*q.After, q.Bound); err == nil {
			_, before, err = s.Down(*q.After+1, chat.Bound{})
		}
	case q.Around != nil:
		return centre(*q.Around, q.Bound, s)
	case q.At != nil:
		seq, err := firstSince(*q.At, last, s)
		if err != nil {
			return nil, false, false, err
		}
		return centre(seq, q.Bound, s)
	case q.Before != nil:
		if out, before, err = s.Down(*q.Before, q.Bound); err == nil {
			_, after, err = s.Up(*q.Before-1, chat.Bound{})
		}
	default:
		out, before, err = s.Down(last+1, q.Bound)
	}
	return out, before, after, err
}

// centre is half of the bound before seq, seq or the nearest after it, and the rest after.
func centre(seq int64, b chat.Bound, s Reader) ([]chat.Message, bool, bool, error) {
	before, moreBefore, err := s.Down(seq, chat.Bound{Limit: b.Limit / 2, Bytes: b.Bytes / 2})
	if err != nil {
		return nil, false, false, err
	}
	after, moreAfter, err := s.Up(seq-1, without(b, before))
	if err != nil {
		return nil, false, false, err
	}
	if left := without(without(b, before), after); moreBefore && !left.Full() {
		before, moreBefore, err = s.Down(seq, without(b, after))
	}
	return append(before, after...), moreBefore, moreAfter, err
}

// timesAtOnce is how many messages are read at once to find a moment: a million messages take seven reads.
const timesAtOnce = 8

// firstSince is the seq of the first message posted at a moment or later, or last+1. Messages by clocks that differ are not quite in
// the order of their times; then it is one before which the moment had not come.
func firstSince(moment time.Time, last int64, s Reader) (int64, error) {
	before, since := int64(0), last+1
	for since-before > 1 {
		n := min(timesAtOnce, since-before-1)
		seqs := make([]int64, n)
		for i := range seqs {
			seqs[i] = before + (since-before)*int64(i+1)/(n+1)
		}
		times, err := s.Times(seqs)
		if err != nil {
			return 0, err
		}
		for i, t := range times {
			if !t.Before(moment) {
				since = seqs[i]
				break
			}
			before = seqs[i]
		}
	}
	return since, nil
}

// without is what is left of a bound after some messages.
func without(b chat.Bound, ms []chat.Message) chat.Bound {
	for _, m := range ms {
		b.Take(m)
	}
	return b
}
