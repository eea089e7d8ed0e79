package chat_test

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

// fillPolls posts the polls that rows speak of: one of Jonas's, one of his that is closed, one of his that is anonymous, and one of Kim's.
func (s *stage) fillPolls(room chat.Kind, place int) {
	s.t.Helper()
	ask := func(n int, who string, p poll.Poll) int64 {
		p.Options = []string{"soup", "salad"}
		return s.house.post(who, chat.PostInput{ClientID: clientID(n), Text: "Where?", Poll: &p})
	}
	s.poll, s.closedPoll = ask(20, "jonas", poll.Poll{}), ask(21, "jonas", poll.Poll{})
	s.anonymousPoll = ask(22, "jonas", poll.Poll{Anonymous: true})
	s.must(s.rules.ClosePoll(s.ctx, s.people["jonas"], s.room, s.closedPoll))
	if s.ownPoll = s.poll; room != chat.Direct || place != 2 {
		s.ownPoll = ask(23, "kim", poll.Poll{})
	}
}

func pollRules() []rule {
	vote := func(name, room, grid string, what func(*stage) int64, options ...int) rule {
		return rule{chat.CmdSetVote, name, room, "write", grid, "PollChanged PollChanged", func(s *stage) error {
			return second(s.rules.SetVote(s.ctx, s.kim, s.room, what(s), options))
		}}
	}
	closes := func(name, room, grid string, what func(*stage) int64) rule {
		return rule{chat.CmdClosePoll, name, room, "write", grid, "PollChanged", func(s *stage) error {
			return second(s.rules.ClosePoll(s.ctx, s.kim, s.room, what(s)))
		}}
	}
	votes := func(name, room, grid string, what func(*stage) int64) rule {
		return rule{chat.CmdVotes, name, room, "read", grid, "", func(s *stage) error {
			return second(s.rules.Votes(s.ctx, s.kim, s.room, what(s)))
		}}
	}
	own, others := func(s *stage) int64 { return s.ownPoll }, func(s *stage) int64 { return s.poll }
	closed, anonymous := func(s *stage) int64 { return s.closedPoll }, func(s *stage) int64 { return s.anonymousPoll }
	_, none, _, _, gone := targets()
	const (
		ownPublic = "ok ok ok / ok ok ok / ok ok 403 / ok ok 404"
		public    = "public polls"
	)
	return []rule{
		vote("", public, insidePublic, others, 1),
		vote("", "private polls", insideHidden, others, 1),
		vote("", "direct polls", insideHidden, others, 1),
		vote("", "public polls owners", insidePublic, others, 1),
		vote("in an anonymous poll", public, insidePublic, anonymous, 0),
		vote("", "public polls archived", with(insidePublic, "409"), others, 1),
		vote("taken back that was none", "public polls archived", with(insidePublic, "same"), others),
		vote("in a closed poll", public, with(insidePublic, "409"), closed, 0),
		vote("the same in a closed poll", public, with(insidePublic, "same"), closed),
		vote("for two options", public, with(insidePublic, "400"), others, 0, 1),
		vote("for an option that is none", public, with(insidePublic, "400"), others, 2),
		vote("without a poll", public, with(insidePublic, "404"), none, 0),
		vote("in a tombstone", public, with(insidePublic, "410"), gone, 0),

		closes("one's own", public, ownPublic, own),
		closes("one's own", "private polls", insideHidden, own),
		closes("one's own", "direct polls", insideHidden, own),
		closes("another's", public, deletePublic, others),
		closes("another's", "private polls", deletePrivate, others),
		closes("another's", "direct polls", with(seenHidden, "403"), others),
		closes("another's, again", public, with(deletePublic, "same"), closed),
		closes("another's", "public polls archived", with(deletePublic, "409"), others),
		closes("what is no poll", public, with(deletePublic, "404"), none),
		closes("one's tombstone", public, with(ownPublic, "410"), gone),

		votes("", public, seenPublic, others),
		votes("", "private polls", seenHidden, others),
		votes("of an anonymous poll", public, with(seenPublic, "403"), anonymous),
		votes("without a poll", public, with(seenPublic, "404"), none),
		votes("of a tombstone", public, with(seenPublic, "404"), gone),
	}
}
