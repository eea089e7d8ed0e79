package chat_test

import (
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// threadRules are the rows of threads. Kim has replied to the first message of the room, and follows it.
func threadRules() []rule {
	follow := func(name, room, grid, events string, follow thread.Follow, what func(*stage) int64) rule {
		return rule{chat.CmdFollowThread, name, room, "write", grid, events, func(s *stage) error {
			return second(s.rules.FollowThread(s.ctx, s.kim, s.room, what(s), follow))
		}}
	}
	read := func(name, room, grid, events string, seq int64, what func(*stage) int64) rule {
		return rule{chat.CmdReadThread, name, room, "write", grid, events, func(s *stage) error {
			return second(s.rules.ReadThread(s.ctx, s.kim, s.room, what(s), seq))
		}}
	}
	get := func(name, room, grid string, what func(*stage) int64) rule {
		return rule{chat.CmdThread, name, room, "read", grid, "", func(s *stage) error {
			return second(s.rules.Thread(s.ctx, s.kim, s.room, what(s)))
		}}
	}
	own, others, ownReply, system, ownGone := targets()
	const event = "ThreadChanged"
	return []rule{
		{chat.CmdThreads, "one's own", "public", "read", "ok ok 404 / ok ok 404 / ok ok 404 / ok ok 404", "", func(s *stage) error {
			l, err := s.rules.Threads(s.ctx, s.kim, chat.ThreadsInput{})
			return none(slices.ContainsFunc(l.Threads, func(t chat.MyThread) bool { return t.Root.Seq == s.others }), err)
		}},
		get("", "public", seenPublic, others),
		get("", "public archived", seenPublic, others),
		get("", "private", seenHidden, others),
		get("", "direct", seenHidden, others),
		get("of a tombstone", "public", seenPublic, ownGone),
		get("of a reply", "public", with(seenPublic, "404"), ownReply),
		get("of the room's own", "public", with(seenPublic, "404"), system),
		follow("one that nobody answered", "public", insidePublic, event, thread.FollowOn, own),
		follow("one that nobody answered", "private", insideHidden, event, thread.FollowOn, own),
		follow("not any more", "public archived", insidePublic, event, thread.FollowOff, others),
		follow("not any more", "direct", insideHidden, event, thread.FollowOff, others),
		follow("a reply", "public", with(insidePublic, "404"), "", thread.FollowOn, ownReply),
		follow("the room's own", "public", with(insidePublic, "404"), "", thread.FollowOn, system),
		read("back", "public", insidePublic, event, 1, others),
		read("back", "public archived", insidePublic, event, 1, others),
		read("back", "direct", insideHidden, event, 1, others),
		read("one that one does not follow", "public", with(insidePublic, "same"), event, 1, own),
		read("a reply", "public", with(insidePublic, "404"), "", 1, ownReply),
		read("beyond the last", "public", with(insidePublic, "400"), "", 1000, others),
		read("before the first", "public", with(insidePublic, "400"), "", -1, others),
	}
}
