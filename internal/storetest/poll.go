package storetest

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// ofPolls are refusals of votes. Of the messages in the room general, 6 has a poll that somebody closed, 7 one whose time is over and 8 an
// open one for a single vote.
func ofPolls() []refusal {
	var out []refusal
	for _, c := range []struct {
		what    string
		seq     int64
		options []int
		code    chat.Code
	}{
		{"for no message", 99, []int{0}, chat.NotFound}, {"without a poll", 1, []int{0}, chat.NotFound}, {"for a tombstone", 4, []int{0}, chat.Gone},
		{"after somebody closed the poll", 6, []int{0}, chat.Conflict}, {"after its time", 7, []int{0}, chat.Conflict},
		{"for an option that is none", 8, []int{2}, chat.Invalid}, {"for an option below the first", 8, []int{-1}, chat.Invalid},
		{"for two options", 8, []int{0, 1}, chat.Invalid},
	} {
		out = append(out, refusal{"a vote " + c.what, c.code, func(ctx context.Context, s chat.Store) error {
			_, err := s.SetVote(ctx, chat.SetVote{Room: general, Seq: c.seq, User: "umira", Options: c.options, At: began})
			return err
		}})
	}
	for seq, code := range map[int64]chat.Code{99: chat.NotFound, 1: chat.NotFound, 4: chat.Gone} {
		out = append(out, refusal{fmt.Sprintf("closing the poll of message %d", seq), code, func(ctx context.Context, s chat.Store) error {
			_, err := s.ClosePoll(ctx, chat.ClosePoll{Room: general, Seq: seq, By: "umira"})
			return err
		}})
	}
	return out
}

// furnishPolls posts the messages 6 to 8 of furnishRefusals.
func furnishPolls(ctx context.Context, s chat.Store) error {
	at := began
	for i, closes := range []*time.Time{nil, &at, nil} {
		if err := postPoll(ctx, s, fmt.Sprint("poll", i), poll.Poll{Options: []string{"soup", "salad"}, ClosesAt: closes}); err != nil {
			return err
		}
	}
	_, err := s.ClosePoll(ctx, chat.ClosePoll{Room: general, Seq: 6, By: "umira"})
	return err
}

func postPoll(ctx context.Context, s chat.Store, id string, p poll.Poll) error {
	_, _, err := s.PostMessage(ctx, chat.PostMessage{
		Room: general, Author: "umira", ClientID: id, Text: "Where?", At: began, Parts: chat.Parts{Poll: &p},
	})
	return err
}

// ballot is what one user votes, one after the other.
type ballot struct {
	user  string
	votes [][]int
}

// polls checks that concurrent votes are counted exactly, each person once, and that none comes after the poll was closed.
func polls(t *testing.T, open Open) {
	s, h := furnished(t, open)
	rounds, seq := 0, int64(0)
	most := 40
	if s.Slow {
		most = 3
	}
	rapid.Check(t, func(rt *rapid.T) {
		if rounds++; rounds > most {
			return
		}
		p := poll.Poll{Options: []string{"soup", "salad", "taco"}, Several: true, Anonymous: rapid.Bool().Draw(rt, "anonymous")}
		if err := postPoll(context.Background(), s, fmt.Sprint(seq), p); err != nil {
			rt.Fatal(err)
		}
		seq++
		var all []ballot
		for n := range rapid.IntRange(2, poll.MaxUsers+5).Draw(rt, "voters") {
			vote := rapid.SliceOfNDistinct(rapid.IntRange(0, len(p.Options)-1), 0, 3, rapid.ID[int])
			b := ballot{user: fmt.Sprintf("v%02d", n), votes: rapid.SliceOfN(vote, 1, 3).Draw(rt, "votes")}
			for _, v := range b.votes {
				slices.Sort(v)
			}
			all = append(all, b)
		}
		h.take()
		runPoll(rt, s, h, seq, p, all, rapid.IntRange(0, 2).Draw(rt, "closes") == 0)
	})
	tombstoneHasNoVotes(t, s, seq)
}

// runPoll lets everybody vote at the same time, and checks the result.
func runPoll(rt *rapid.T, s Opened, h *recorder, seq int64, p poll.Poll, all []ballot, closes bool) {
	ctx := context.Background()
	last := make([][]int, len(all)) // each user's last vote that was taken
	var wg sync.WaitGroup
	for i, b := range all {
		wg.Go(func() {
			for _, options := range b.votes {
				m, err := s.SetVote(ctx, chat.SetVote{Room: general, Seq: seq, User: b.user, Options: options, At: began})
				switch {
				case err == nil:
					if last[i] = options; !slices.Equal(m.Tally.Mine, options) {
						rt.Errorf("%s voted for %v and got back %v", b.user, options, m.Tally.Mine)
					}
				case chat.ErrorCode(err) != chat.Conflict || !closes:
					rt.Error(err)
				}
			}
		})
	}
	if closes {
		wg.Go(func() {
			if _, err := s.ClosePoll(ctx, chat.ClosePoll{Room: general, Seq: seq, By: "umira"}); err != nil {
				rt.Error(err)
			}
		})
	}
	wg.Wait()
	m, err := s.Message(ctx, general, seq, "")
	if err != nil {
		rt.Fatal(err)
	}
	votes, err := s.Votes(ctx, general, seq)
	if err != nil {
		rt.Fatal(err)
	}
	for i, b := range all {
		at := slices.IndexFunc(votes, func(v poll.Vote) bool { return v.User == b.user })
		if at < 0 && len(last[i]) > 0 || at >= 0 && !slices.Equal(votes[at].Options, last[i]) {
			rt.Errorf("%s voted for %v last, and is counted in %+v", b.user, last[i], votes)
		}
	}
	if want := recount(p, votes, m.Tally.Closed); !sameTally(*m.Tally, want) || m.Tally.Closed != closes {
		rt.Errorf("the tally is %+v; want %+v", *m.Tally, want)
	}
	announcedVotes(rt, h.take(), m, closes)
}

// recount is the tally of all votes.
func recount(p poll.Poll, votes []poll.Vote, closed bool) poll.Tally {
	t := poll.Tally{Options: make([]poll.Choice, len(p.Options)), Voters: len(votes), Closed: closed}
	for _, v := range votes {
		for _, n := range v.Options {
			o := &t.Options[n]
			if o.Count++; o.Count <= poll.MaxUsers && !p.Anonymous {
				o.Users = append(o.Users, v.User)
			}
		}
	}
	return t
}

func sameTally(a, b poll.Tally) bool {
	for _, t := range []*poll.Tally{&a, &b} {
		t.Mine = nil
		t.Options = slices.Clone(t.Options)
		for i, o := range t.Options {
			t.Options[i].Users = append([]string{}, o.Users...)
		}
	}
	return reflect.DeepEqual(a, b)
}

// announcedVotes checks the announcements of one poll: its revisions in order, without one left out, the voter's own beside that for the
// others; no vote after the end; the last with the tally that there is.
func announcedVotes(rt *rapid.T, as []chat.Announcement, m chat.Message, closes bool) {
	rev, over := int64(0), false
	for _, a := range as {
		e, ok := a.Event.(chat.PollChanged)
		if !ok {
			rt.Fatalf("%T was announced", a.Event)
		}
		switch {
		case e.Own:
			if e.Rev != rev || !slices.Equal(a.To, []string{e.Voter}) {
				rt.Errorf("own vote at rev %d after %d to %v", e.Rev, rev, a.To)
			}
			continue
		case rev > 0 && e.Rev != rev+1:
			rt.Errorf("rev %d follows %d", e.Rev, rev)
		case over:
			rt.Errorf("%s voted after the poll was closed", e.Voter)
		case e.Tally.Mine != nil || slices.Contains(a.To, e.Voter):
			rt.Errorf("all hear of the vote of %s: %+v to %v", e.Voter, e.Tally, a.To)
		}
		rev, over = e.Rev, e.Voter == ""
		if e.Rev == m.Rev && !sameTally(e.Tally, *m.Tally) {
			rt.Errorf("announced %+v; it is %+v", e.Tally, *m.Tally)
		}
	}
	if rev > 0 && rev != m.Rev || over && !closes {
		rt.Errorf("the last is rev %d of %d", rev, m.Rev)
	}
}

// tombstoneHasNoVotes checks that the deletion of a message deletes the votes in its poll.
func tombstoneHasNoVotes(t *testing.T, s Opened, seq int64) {
	ctx := context.Background()
	_, err := s.SetVote(ctx, chat.SetVote{Room: general, Seq: seq, User: "umira", At: began}) // refused, if it is closed
	if err != nil && chat.ErrorCode(err) != chat.Conflict {
		t.Fatal(err)
	}
	if err := s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: seq, At: began}); err != nil {
		t.Fatal(err)
	}
	if s.Settle != nil {
		s.Settle()
	}
	m, err := s.Message(ctx, general, seq, "v00")
	if err != nil || m.Poll != nil || m.Tally != nil {
		t.Errorf("%+v, %v", m, err)
	}
	if votes, err := s.Votes(ctx, general, seq); err != nil || len(votes) > 0 {
		t.Errorf("the votes %+v, %v are left of a deleted poll", votes, err)
	}
}
