package chat_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// hookRules are the rows about webhooks: who manages the room, and nobody else. Who posts by an address is in none of them.
func hookRules() []rule {
	of := func(cmd chat.Command, room, needs, grid, events string, do func(s *stage, h chat.Hook) error) rule {
		return rule{cmd, "of a room", room, needs, grid, events, func(s *stage) error {
			h, _ := s.hook(chat.NewHookInput{Name: "Grafana"})
			s.take()
			return do(s, h)
		}}
	}
	list := func(s *stage, h chat.Hook) error {
		hs, err := s.rules.Hooks(s.ctx, s.kim, s.room)
		return none(len(hs) == 1 && hs[0].ID == h.ID, err)
	}
	end := func(s *stage, h chat.Hook) error { return s.rules.EndHook(s.ctx, s.kim, s.room, h.ID) }
	try := func(s *stage, h chat.Hook) error { return second(s.rules.TestHook(s.ctx, s.kim, s.room, h.ID)) }
	add := func(room, grid string) rule {
		return rule{chat.CmdAddHook, "of a room", room, "write", grid, "UserChanged", func(s *stage) error {
			return third(s.rules.AddHook(s.ctx, s.kim, s.room, chat.NewHookInput{Name: "Grafana"}))
		}}
	}
	lists := func(room, grid string) rule {
		return rule{chat.CmdHooks, "of a room", room, "read", grid, "", func(s *stage) error {
			return second(s.rules.Hooks(s.ctx, s.kim, s.room))
		}}
	}
	return []rule{
		add("public", managePublic), add("private", managePrivate), add("direct", fixed), add("public owners", managePublic),
		add("public archived", with(managePublic, "409")),
		lists("direct", fixed), lists("public archived", managePublic),
		of(chat.CmdHooks, "public", "read", managePublic, "", list), of(chat.CmdHooks, "private", "read", managePrivate, "", list),
		of(chat.CmdEndHook, "public", "write", managePublic, "SessionsEnded UserChanged", end),
		of(chat.CmdEndHook, "private", "write", managePrivate, "SessionsEnded UserChanged", end),
		of(chat.CmdTestHook, "public", "write", managePublic, "MessageChanged", try),
		of(chat.CmdTestHook, "private", "write", managePrivate, "MessageChanged", try),
		{chat.CmdEndHook, "of another room", "public", "write", with(managePublic, "404"), "", func(s *stage) error {
			return s.rules.EndHook(s.ctx, s.kim, s.room, s.elsewhere().ID)
		}},
		{chat.CmdTestHook, "of another room", "public", "write", with(managePublic, "404"), "", func(s *stage) error {
			return second(s.rules.TestHook(s.ctx, s.kim, s.room, s.elsewhere().ID))
		}},
	}
}

// hook makes a hook of the room, as Jonas, who owns it.
func (s *stage) hook(in chat.NewHookInput) (chat.Hook, string) {
	s.t.Helper()
	h, secret, err := s.calm().AddHook(s.ctx, s.people["jonas"], s.room, in)
	s.must(err)
	return h, secret
}

// elsewhere is a hook of another room.
func (s *stage) elsewhere() chat.Hook {
	s.t.Helper()
	s.hook(chat.NewHookInput{Name: "Jenkins"}) // of this room
	r, _, err := s.calm().AddRoom(s.ctx, s.people["jonas"], chat.NewRoomInput{Kind: chat.Private, Name: "elsewhere"})
	s.must(err)
	h, _, err := s.calm().AddHook(s.ctx, s.people["jonas"], r.ID, chat.NewHookInput{Name: "Grafana"})
	s.must(err)
	s.take()
	return h
}

// sender is who knows the address of a hook of the room.
func (s *stage) sender(in chat.NewHookInput) chat.Actor {
	s.t.Helper()
	h, secret := s.hook(in)
	a, err := s.rules.ByHook(s.ctx, "192.0.2.9", h.ID, secret)
	s.must(err)
	return a
}

// TestHookAddress: an address is good until it is revoked, for nothing but posting into its room.
func TestHookAddress(t *testing.T) {
	s := newStage(t, "private owners", chat.Member, 1)
	h, secret := s.hook(chat.NewHookInput{Name: "Grafana"})
	other, _ := s.hook(chat.NewHookInput{Name: "Jenkins"})
	by := func(id, secret string) (chat.Actor, error) { return s.rules.ByHook(s.ctx, "192.0.2.9", id, secret) }
	for what, c := range map[string][2]string{
		"another hook's": {other.ID, secret}, "no secret": {h.ID, ""}, "a wrong secret": {h.ID, strings.ToUpper(secret)},
		"a user's": {s.id("jonas"), secret}, "nobody's": {"zzzzzzzzzzzz", secret}, "no id": {"x", secret},
	} {
		if _, err := by(c[0], c[1]); outcome(err) != "404" {
			t.Errorf("%s: %v", what, err)
		}
	}
	a, err := by(h.ID, secret)
	s.must(err)
	if len(secret) != 52 || h.Secret == (chat.SecretHash{}) {
		t.Errorf("the secret has %d characters", len(secret))
	}
	m, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello"})
	if err != nil || m.Author != h.ID || m.Room != s.room || m.Sender == nil || *m.Sender != (card.Sender{Name: "Grafana"}) {
		t.Errorf("posted %+v, %v", m, err)
	}
	hs, err := s.rules.Hooks(s.ctx, s.people["jonas"], s.room)
	if err != nil || len(hs) != 2 || hs[0].UsedAt == nil && hs[1].UsedAt == nil {
		t.Errorf("the hooks are %+v, %v", hs, err)
	}
	if _, _, err := s.rules.Me(s.ctx, a); err == nil {
		t.Error("an address opens more than its hook")
	}
	if _, err := s.rules.Messages(s.ctx, a, s.room, chat.PageInput{}); outcome(err) != "401" {
		t.Errorf("read by an address: %v", err)
	}
	if _, err := s.rules.PostByHook(s.ctx, s.people["jonas"], chat.HookPost{Text: "Hello"}); outcome(err) != "401" {
		t.Errorf("posted by a person: %v", err)
	}
	s.must(s.rules.EndHook(s.ctx, s.people["jonas"], s.room, h.ID))
	if _, err := by(h.ID, secret); outcome(err) != "404" {
		t.Errorf("revoked: %v", err)
	}
	if _, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello"}); outcome(err) != "401" {
		t.Errorf("revoked in between: %v", err)
	}
	yes := false
	s.must(s.rules.UpdateUser(s.ctx, s.people["olga"], h.ID, chat.UpdateUserInput{Deactivated: &yes}))
	if _, err := by(h.ID, secret); outcome(err) != "404" {
		t.Errorf("an active bot revives its hook: %v", err)
	}
}

// TestHookInAnArchivedRoom: nothing is posted.
func TestHookInAnArchivedRoom(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	a, yes := s.sender(chat.NewHookInput{Name: "Grafana"}), true
	s.must(s.rules.UpdateRoom(s.ctx, s.people["jonas"], s.room, chat.UpdateRoomInput{Archived: &yes}))
	if _, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello"}); outcome(err) != "409" {
		t.Errorf("%v", err)
	}
}

// TestHookLabels: whatever a sender calls itself, it is a label beside the bot's mark.
func TestHookLabels(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	a := s.sender(chat.NewHookInput{Name: "Grafana"})
	for _, c := range []struct{ in, want card.Sender }{
		{card.Sender{}, card.Sender{Name: "Grafana"}},
		{card.Sender{Name: "Ada", Icon: "🔥"}, card.Sender{Name: "Ada", Icon: "🔥"}},
		{card.Sender{Name: "\u2060", Icon: "🔥"}, card.Sender{Name: "Grafana", Icon: "🔥"}},
	} {
		m, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello", Sender: c.in})
		if err != nil || m.Sender == nil || *m.Sender != c.want || m.Author != a.User.ID {
			t.Errorf("%+v: %+v, %v", c.in, m.Sender, err)
		}
	}
}

// TestHookCalls: @here and @room notify people only where the hook may, the sender means it, and once a minute.
func TestHookCalls(t *testing.T) {
	for _, c := range []struct {
		grant, means bool
		want         chat.Broadcast
	}{{true, true, chat.BroadcastRoom}, {true, false, ""}, {false, true, ""}} {
		s := newStage(t, "public", chat.Member, 1)
		s.rules = s.limited(limit.New(s.clock))
		a := s.sender(chat.NewHookInput{Name: "Grafana", Calls: c.grant})
		in := chat.HookPost{Text: "@room, look", Calls: c.means}
		m, err := s.rules.PostByHook(s.ctx, a, in)
		if err != nil || m.Broadcast != c.want {
			t.Errorf("%+v: %q, %v", c, m.Broadcast, err)
		}
		if m, err = s.rules.PostByHook(s.ctx, a, in); err != nil || m.Broadcast != "" {
			t.Errorf("%+v, at once again: %q, %v", c, m.Broadcast, err)
		}
	}
}

// TestHookRates: one post a second, ten at once, whoever sends them; wrong addresses count for who tries them.
func TestHookRates(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.rules = s.limited(limit.New(s.clock))
	a := s.sender(chat.NewHookInput{Name: "Grafana"})
	post := func() string {
		a.Address += "1"
		return outcome(second(s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello"})))
	}
	for n := range 10 {
		if got := post(); got != "ok" {
			t.Fatalf("post %d: %s", n, got)
		}
	}
	if got := post(); got != "429" {
		t.Errorf("the eleventh: %s", got)
	}
	if s.pass(time.Second); post() != "ok" || post() != "429" {
		t.Error("not one a second")
	}
	tries := 0
	for tries < 1000 {
		if _, err := s.rules.ByHook(s.ctx, "192.0.2.66", "zzzzzzzzzzzz", "x"); outcome(err) == "429" {
			break
		}
		tries++
	}
	if tries != 300 {
		t.Errorf("%d wrong addresses at once", tries)
	}
}

// TestHookKeys: what has the key of an earlier post takes its place and says so in its thread, for 30 days after its last change, as long
// as it was not deleted.
func TestHookKeys(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	a := s.sender(chat.NewHookInput{Name: "Grafana"})
	other := s.sender(chat.NewHookInput{Name: "Jenkins"})
	post := func(a chat.Actor, key, title string) chat.Message {
		t.Helper()
		m, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Cards: []card.Card{{Title: title}}, Headline: title, Key: key})
		s.must(err)
		return m
	}
	says := func(seq int64) (out []string) {
		t.Helper()
		p, err := s.rules.Messages(s.ctx, s.people["jonas"], s.room, chat.PageInput{Thread: &seq})
		s.must(err)
		for _, m := range p.Messages {
			out = append(out, m.Text+" by "+m.Sender.Name)
		}
		return out
	}
	first := post(a, "disk", "Firing")
	if m := post(other, "disk", "Built"); m.Seq == first.Seq {
		t.Error("another hook edits it")
	}
	if m := post(a, "cpu", "Busy"); m.Seq == first.Seq {
		t.Error("another key edits it")
	}
	if m := post(a, "disk", "Firing"); m.Seq != first.Seq || m.EditedAt != nil || len(says(first.Seq)) != 0 {
		t.Errorf("the same again: %+v", m)
	}
	s.pass(chat.HookKeyLife - time.Second)
	m := post(a, "disk", "Resolved")
	if m.Seq != first.Seq || m.Cards[0].Title != "Resolved" || m.EditedAt == nil || m.Text != "Resolved" {
		t.Errorf("edited: %+v", m)
	}
	if got := fmt.Sprint(says(first.Seq)); got != "[Now: Resolved by Grafana]" {
		t.Errorf("the thread says %s", got)
	}
	s.pass(chat.HookKeyLife)
	second := post(a, "disk", "Firing again")
	if second.Seq == first.Seq {
		t.Error("edited 30 days after its last change")
	}
	s.must(s.rules.DeleteMessage(s.ctx, s.people["jonas"], s.room, second.Seq))
	third := post(a, "disk", "Resolved again")
	if third.Seq == second.Seq || third.Seq == first.Seq {
		t.Error("a deleted message is edited")
	}
	if m := post(a, "disk", "Quiet"); m.Seq != third.Seq {
		t.Error("the latest one is not edited")
	}
}

// TestHookIdempotency: a repeated client id gives the message that was posted.
func TestHookIdempotency(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	a := s.sender(chat.NewHookInput{Name: "Grafana"})
	var seqs []int64
	for range 2 {
		m, err := s.rules.PostByHook(s.ctx, a, chat.HookPost{Text: "Hello", ClientID: clientID(77)})
		s.must(err)
		seqs = append(seqs, m.Seq)
	}
	if seqs[0] != seqs[1] {
		t.Errorf("posted as %v", seqs)
	}
}

// TestMaxHooks: a room has so many, revoked ones apart.
func TestMaxHooks(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	var last chat.Hook
	for range chat.MaxHooks {
		last, _ = s.hook(chat.NewHookInput{Name: "Grafana"})
	}
	add := func() error {
		return third(s.rules.AddHook(context.Background(), s.people["jonas"], s.room, chat.NewHookInput{Name: "One more"}))
	}
	if err := add(); outcome(err) != "409" {
		t.Errorf("one more: %v", err)
	}
	s.must(s.rules.EndHook(s.ctx, s.people["jonas"], s.room, last.ID))
	if err := add(); err != nil {
		t.Errorf("in place of a revoked one: %v", err)
	}
}

// TestHookIsAudited: who made and revoked it, and never its secret.
func TestHookIsAudited(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	s.audited()
	h, secret, err := s.rules.AddHook(s.ctx, s.people["jonas"], s.room, chat.NewHookInput{Name: "Grafana"})
	s.must(err)
	s.must(s.rules.EndHook(s.ctx, s.people["jonas"], s.room, h.ID))
	lines := s.audited()
	if len(lines) != 2 || !strings.Contains(lines[0], "webhook made") || !strings.Contains(lines[1], "webhook revoked") {
		t.Errorf("the audit log says %q", lines)
	}
	for _, l := range lines {
		if !strings.Contains(l, h.ID) || !strings.Contains(l, "room="+s.room) || strings.Contains(l, secret) {
			t.Errorf("the line says %q", l)
		}
	}
}
