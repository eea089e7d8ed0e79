package chat_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/thread"
)

// spender is a limiter that lets everything pass but what is counted in bytes.
type spender struct {
	limit.None
	quota *limit.Limiter
	bytes int // taken in all
}

func (s *spender) Take(ctx context.Context, r chat.Rate, key string) (time.Duration, error) {
	if !strings.Contains(r.Name, "storing") && r.Name != "warnings about a user" {
		return 0, nil
	}
	wait, err := s.quota.Take(ctx, r, key)
	if r.Name == "storing, in bytes" && wait == 0 {
		s.bytes += r.Size
	}
	return wait, err
}

// TestStoringIsCounted: what each command adds to the storage, about.
func TestStoringIsCounted(t *testing.T) {
	s := newStage(t, "public", chat.Member, 0)
	l := &spender{quota: limit.New(s.clock)}
	s.rules = s.with(s.store, l)
	text, topic, posting := strings.Repeat("é", 500), "Food", chat.PostingOwners
	row, asked := chat.RowBytes, int64(0)
	for _, c := range []struct {
		what string
		want int
		do   func() error
	}{
		{"a post", row + 1000, func() error {
			return third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(50), Text: text}))
		}},
		{"an edit", row + 1001, func() error {
			return second(s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: text + "!"}))
		}},
		{"the same text", 0, func() error {
			return second(s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: text + "!"}))
		}},
		{"a reaction", row, func() error { return second(s.rules.SetReaction(s.ctx, s.kim, s.room, s.own, "🎉", true)) }},
		{"the same reaction", 0, func() error { return second(s.rules.SetReaction(s.ctx, s.kim, s.room, s.own, "🎉", true)) }},
		{"a reaction taken back", 0, func() error { return second(s.rules.SetReaction(s.ctx, s.kim, s.room, s.own, "🎉", false)) }},
		{"a poll", row + len("Lunch?"+"soup"+"salad"), func() error {
			m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{
				ClientID: clientID(51), Poll: &poll.Poll{Question: "Lunch?", Options: []string{"soup", "salad"}},
			})
			asked = m.Seq
			return err
		}},
		{"a vote", row, func() error { return second(s.rules.SetVote(s.ctx, s.kim, s.room, asked, []int{1})) }},
		{"the same vote", 0, func() error { return second(s.rules.SetVote(s.ctx, s.kim, s.room, asked, []int{1})) }},
		{"a vote taken back", 0, func() error { return second(s.rules.SetVote(s.ctx, s.kim, s.room, asked, nil)) }},
		{"a topic and who may post", 2*row + len("set the topic: Food"+"Food"+"lets owners post here"+"owners"), func() error {
			return second(s.rules.UpdateRoom(s.ctx, s.kim, s.room, chat.UpdateRoomInput{Topic: &topic, Posting: &posting}))
		}},
		{"following a thread", row, func() error {
			return second(s.rules.FollowThread(s.ctx, s.kim, s.room, s.own, thread.FollowOn))
		}},
		{"an upload", row, func() error {
			return second(s.rules.AddFile(s.ctx, s.kim, chat.NewFileInput{Name: "a", Size: 1000}, roomFor))
		}},
		{"a post with a file", 2 * row, func() error {
			return third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{Files: []string{s.ready("kim")}}))
		}},
		{"reading a thread", 0, func() error { return second(s.rules.ReadThread(s.ctx, s.kim, s.room, s.own, 1)) }},
		{"a room of three", 4 * row, func() error {
			return third(s.rules.AddRoom(s.ctx, s.kim, chat.NewRoomInput{
				Kind: chat.Direct, Members: []string{s.id("sam"), s.id("mira")},
			}))
		}},
		{"a custom emoji", row + len("parrot"), func() error {
			return second(s.rules.AddCustomEmoji(s.ctx, s.kim, "partyparrot", []byte("parrot")))
		}},
		{"an alias", row, func() error { return second(s.rules.AddEmojiAlias(s.ctx, s.kim, "birdie", "partyparrot")) }},
		{"a new name", row, func() error { return second(s.rules.RenameCustomEmoji(s.ctx, s.kim, "birdie", "parrot2")) }},
		{"a welcome", row + 1000, func() error {
			return second(s.rules.DescribeRoom(s.ctx, s.kim, s.room, chat.RoomAboutInput{Welcome: &text}))
		}},
		{"feedback", row + len("It is ok"), func() error {
			s.choose(s.room)
			return third(s.rules.GiveFeedback(s.ctx, s.kim, chat.FeedbackInput{Text: "It is ok"}))
		}},
		{"a post by a webhook", row + len("It is ok"), func() error {
			a := s.sender(chat.NewHookInput{Name: "Grafana"})
			return second(s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "It is ok"}))
		}},
		{"a test of a webhook", row, func() error {
			h, _ := s.hook(chat.NewHookInput{Name: "Grafana"})
			return second(s.rules.TestHook(s.ctx, s.kim, s.room, h.ID))
		}},
		{"a streamed post", row + 4, func() error { return third(s.streamPost(52, "Soup")) }},
		{"a longer text of it", 996, func() error { return third(s.streamText(text, false)) }},
		{"one that comes too early", 0, func() error {
			return third(s.rules.StreamMessage(s.ctx, s.bot(), s.room, s.streamed, chat.EditInput{Text: text + "!"}))
		}},
		{"a shorter text, the last", 1, func() error { return third(s.streamText("Soup", true)) }},
		{"a deletion", 0, func() error { return s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.own) }},
	} {
		before := l.bytes
		if err := c.do(); err != nil || l.bytes-before != c.want {
			t.Errorf("%s counts %d bytes, want %d (%v)", c.what, l.bytes-before, c.want, err)
		}
	}
	for _, spec := range chat.Commands() { // whatever else has a text
		if known := map[chat.Command]bool{
			chat.CmdPostMessage: true, chat.CmdEditMessage: true, chat.CmdSetReaction: true, chat.CmdUpdateRoom: true, chat.CmdAddRoom: true,
			chat.CmdFollowThread: true, chat.CmdSetVote: true, chat.CmdStream: true,
			chat.CmdAddCustomEmoji: true, chat.CmdAliasCustomEmoji: true, chat.CmdRenameCustomEmoji: true,
			chat.CmdDescribeRoom: true, chat.CmdConfirm: true,
			chat.CmdAddFile: true, chat.CmdGiveFeedback: true, chat.CmdTestHook: true, chat.CmdPostByHook: true,
		}; spec.Stores != known[spec.Command] {
			t.Errorf("%q counts: %v", spec.Command, spec.Stores)
		}
	}
}

// TestQuotaOfADay: beyond it nothing more is stored until there is room again, everything else goes on, others notice nothing, and the
// log says once that somebody is near it.
func TestQuotaOfADay(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.rules = s.with(s.store, &spender{quota: limit.New(s.clock)})
	s.log.Reset()
	text, n := strings.Repeat("🎉", chat.MessageLength), 100
	post := func(who string) error {
		n++
		return third(s.rules.PostMessage(s.ctx, s.people[who], s.room, chat.PostInput{ClientID: clientID(n), Text: text}))
	}
	posts, warnedAt := 0, 0
	var err error
	for ; err == nil && posts < 1000; posts++ {
		err = post("kim")
		if warnedAt == 0 && strings.Contains(s.log.String(), "four fifths") {
			warnedAt = posts + 1
		}
	}
	each := chat.RowBytes + len(text)
	if most := chat.StoredBytes / each; posts-1 != most || warnedAt != chat.StoredBytes/5*4/each+1 {
		t.Errorf("%d posts, of %d; a warning at %d", posts-1, most, warnedAt)
	}
	if e, ok := errors.AsType[*chat.Error](err); !ok || e.Code != chat.RateLimited || e.RetryAfter <= 0 || e.RetryAfter > time.Hour ||
		!strings.Contains(e.Message, "in a day") {
		t.Errorf("beyond the quota: %+v", err)
	}
	for what, c := range map[string]struct {
		want string
		err  error
	}{
		"an edit":     {"429", second(s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: text}))},
		"a deletion":  {"ok", s.rules.DeleteMessage(s.ctx, s.kim, s.room, s.own)},
		"reading":     {"ok", second(s.rules.Messages(s.ctx, s.kim, s.room, chat.PageInput{}))},
		"another":     {"ok", post("mira")},
		"a short one": {"ok", third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(99), Text: "hi"}))},
	} {
		if outcome(c.err) != c.want {
			t.Errorf("%s beyond the quota: %v, want %s", what, c.err, c.want)
		}
	}
	e, _ := errors.AsType[*chat.Error](post("kim"))
	if s.pass(e.RetryAfter); outcome(post("kim")) != "ok" {
		t.Error("after the wait it is refused still")
	}
	if got := strings.Count(s.log.String(), "four fifths"); got != 1 || !strings.Contains(s.log.String(), "handle=kim") {
		t.Errorf("%d warnings: %.300s", got, s.log.String())
	}
	s.pass(24 * time.Hour)
	for posts = 0; outcome(post("kim")) == "ok" && posts < 1000; posts++ {
	}
	if got := strings.Count(s.log.String(), "four fifths"); posts < 100 || got != 2 {
		t.Errorf("the next day: %d posts, %d warnings", posts, got)
	}
}

// TestFullStorageTakesNoMore: where the disk is nearly full, what adds to it is 503, and everything else goes on.
func TestFullStorageTakesNoMore(t *testing.T) {
	specs := map[chat.Command]bool{}
	for _, s := range chat.Commands() {
		specs[s.Command] = s.Stores
	}
	for _, r := range rules() {
		if !strings.HasPrefix(r.grid, "ok") || r.elsewhere() {
			continue
		}
		s := newStage(t, r.room, chat.Owner, 0)
		s.full = func() bool { return true }
		s.rules = s.with(s.store, limit.None{})
		want := "ok"
		if specs[r.command] && (r.events != "RoomChanged" || r.command == chat.CmdDescribeRoom) { // a setting that no message tells of
			want = "503"
		}
		if err := r.do(s); outcome(err) != want {
			t.Errorf("%s, %s: %v, want %s", r.command, r.name, err, want)
		}
	}
}
