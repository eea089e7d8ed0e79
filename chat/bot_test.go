package chat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/settings"
)

// botRules are the rows about bots with an owner: who owns one, and of some commands who administers. A token does none of this.
func botRules() []rule {
	title, yes, no := "Builds it all", true, false
	row := func(cmd chat.Command, name, owner, grid, events string, do func(s *stage, bot chat.User) error) rule {
		return rule{cmd, name, "", "session", grid, events, func(s *stage) error {
			b := s.owned(owner)
			s.take()
			return do(s, b)
		}}
	}
	lists := func(of string) func(*stage, chat.User) error {
		return func(s *stage, b chat.User) error {
			owner := ""
			if of != "" {
				owner = s.id(of)
			}
			bs, err := s.rules.Bots(s.ctx, s.kim, owner)
			return none(slices.ContainsFunc(bs, func(u chat.User) bool { return u.ID == b.ID }), err)
		}
	}
	change := func(in chat.UpdateUserInput) func(*stage, chat.User) error {
		return func(s *stage, b chat.User) error { return second(s.rules.UpdateBot(s.ctx, s.kim, b.ID, in)) }
	}
	back := func(s *stage, b chat.User) error {
		s.must(s.store.UpdateUser(s.ctx, chat.UpdateUser{User: b.ID, Deactivated: &yes, EndSessions: true}))
		s.take()
		return second(s.rules.UpdateBot(s.ctx, s.kim, b.ID, chat.UpdateUserInput{Deactivated: &no}))
	}
	add := func(in chat.NewTokenInput) func(*stage, chat.User) error {
		return func(s *stage, b chat.User) error { return third(s.rules.AddBotToken(s.ctx, s.kim, b.ID, in)) }
	}
	end := func(s *stage, b chat.User) error {
		t := chat.Token{ID: "t", User: b.ID, UserEpoch: b.Epoch, Name: "ci", Scopes: []chat.Scope{chat.ScopeRead}, CreatedAt: s.clock()}
		s.must(s.store.AddToken(s.ctx, chat.Facts{}, t, chat.HashSecret("t")))
		return s.rules.EndBotToken(s.ctx, s.kim, b.ID, "t")
	}
	rooms := func(s *stage, b chat.User) error { return second(s.rules.BotRooms(s.ctx, s.kim, b.ID)) }
	tokens := func(s *stage, b chat.User) error { return second(s.rules.BotTokens(s.ctx, s.kim, b.ID)) }
	ci, admin := chat.NewTokenInput{Name: "ci"}, chat.NewTokenInput{Name: "ci", Scopes: []chat.Scope{chat.ScopeAdmin}}
	unseen := with(everybody, "404")
	return []rule{
		row(chat.CmdBots, "one's own", "kim", everybody, "", lists("")),
		row(chat.CmdBots, "one's own by name", "kim", everybody, "", lists("kim")),
		row(chat.CmdBots, "all", "mira", admins4, "", lists("")),
		row(chat.CmdBots, "another's", "mira", admins, "", lists("mira")),
		{chat.CmdAddBot, "of one's own", "", "session", "ok / ok / ok / 403", "UserChanged", func(s *stage) error {
			return second(s.rules.AddBot(s.ctx, s.kim, chat.NewBotInput{Name: "Builds", Handle: "builds"}))
		}},
		row(chat.CmdUpdateBot, "one's own", "kim", everybody, "UserChanged", change(chat.UpdateUserInput{Title: &title})),
		row(chat.CmdUpdateBot, "another's", "mira", admins4, "UserChanged", change(chat.UpdateUserInput{Title: &title})),
		row(chat.CmdUpdateBot, "of nobody", "", unseen, "", change(chat.UpdateUserInput{Title: &title})),
		row(chat.CmdUpdateBot, "deactivate", "kim", everybody, "SessionsEnded UserChanged", change(chat.UpdateUserInput{Deactivated: &yes})),
		row(chat.CmdUpdateBot, "bring back", "kim", everybody, "UserChanged", back),
		row(chat.CmdBotRooms, "of one's own", "kim", everybody, "", rooms),
		row(chat.CmdBotRooms, "of another's", "mira", unseen, "", rooms),
		row(chat.CmdBotTokens, "of one's own", "kim", everybody, "", tokens),
		row(chat.CmdBotTokens, "of another's", "mira", unseen, "", tokens),
		row(chat.CmdBotTokens, "of nobody's", "", unseen, "", tokens),
		row(chat.CmdAddBotToken, "of one's own", "kim", everybody, "", add(ci)),
		row(chat.CmdAddBotToken, "to administer", "kim", with(everybody, "403"), "", add(admin)),
		row(chat.CmdAddBotToken, "of another's", "mira", unseen, "", add(ci)),
		row(chat.CmdAddBotToken, "long after the password was entered", "kim", with(everybody, "403"), "", func(s *stage, b chat.User) error {
			s.pass(chat.PasswordFresh)
			return add(ci)(s, b)
		}),
		row(chat.CmdEndBotToken, "of one's own", "kim", everybody, "SessionsEnded", end),
		row(chat.CmdEndBotToken, "of another's", "mira", unseen, "", end),
	}
}

// owned is a bot of somebody; "" for nobody.
func (h *house) owned(owner string) chat.User {
	h.t.Helper()
	b := chat.User{
		ID: chat.NewID(), Handle: "of-" + owner, Name: "Of " + owner, Role: chat.Guest, Bot: true, Settings: settings.Default(), Epoch: 1,
	}
	if owner != "" {
		b.Owner = h.people[owner].User.ID
	}
	u, err := h.store.AddUser(h.t.Context(), chat.AddUser{User: chat.NewUser{User: b, EmailFold: "bot " + b.ID}, At: h.clock()})
	h.must(err)
	return u
}

// botToken is a bot by a token that its owner makes.
func (h *house) botToken(owner string, b chat.User) chat.Actor {
	h.t.Helper()
	_, secret, err := h.rules.AddBotToken(h.t.Context(), h.people[owner], b.ID, chat.NewTokenInput{Name: "ci"})
	h.must(err)
	a, err := h.rules.ByToken(h.t.Context(), secret)
	h.must(err)
	return a
}

// TestOwnedBotsMayNoMoreThanTheirOwners: they are guests, in rooms of their owners alone, and gone from there with them.
func TestOwnedBotsMayNoMoreThanTheirOwners(t *testing.T) {
	h := open(t, nil)
	ctx, jonas, mira, sam := t.Context(), h.people["jonas"], h.people["mira"], h.people["sam"]
	b, err := h.rules.AddBot(ctx, mira, chat.NewBotInput{Name: "Builds", Handle: "builds", Title: "CI"})
	h.must(err)
	if b.Owner != mira.User.ID || !b.Bot || b.Role != chat.Guest || b.Title != "CI" || b.Email != "" {
		t.Errorf("%+v", b)
	}
	bot := h.botToken("mira", b)
	r, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: chat.Private, Name: "plans"})
	h.must(err)
	owner, member := chat.RoomOwner, chat.Member
	put := func(by chat.Actor, user string, role *chat.RoomRole) error {
		return second(h.rules.PutMember(ctx, by, r.ID, user, role))
	}
	is(t, "where its owner is not", put(jonas, b.ID, nil), chat.Conflict, "user")
	h.must(put(jonas, mira.User.ID, nil))
	h.must(put(jonas, sam.User.ID, nil))
	is(t, "as an owner of the room", put(jonas, b.ID, &owner), chat.Invalid, "role")
	h.must(put(jonas, b.ID, nil))
	is(t, "made an owner of the room", put(jonas, b.ID, &owner), chat.Invalid, "role")
	is(t, "made a member of the workspace", second(h.rules.UpdateUser(ctx, h.people["olga"], b.ID, chat.UpdateUserInput{Role: &member})),
		chat.Invalid, "role")
	_, _, err = h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: chat.Public, Name: "new", Members: []string{b.ID}})
	is(t, "in a new room without its owner", err, chat.Conflict, "members")
	_, _, err = h.rules.AddRoom(ctx, bot, chat.NewRoomInput{Kind: chat.Public, Name: "mine"})
	is(t, "makes a room", err, chat.Forbidden, "")
	post := func(n int) error {
		return third(h.rules.PostMessage(ctx, bot, r.ID, chat.PostInput{ClientID: clientID(n), Text: "Green"}))
	}
	h.must(post(1))
	for name, err := range map[string]error{
		"somebody else": h.rules.RemoveMember(ctx, sam, r.ID, b.ID),
		"the bot":       h.rules.RemoveMember(ctx, bot, r.ID, sam.User.ID),
	} {
		is(t, name+" removes", err, chat.Forbidden, "")
	}
	h.must(h.rules.RemoveMember(ctx, mira, r.ID, b.ID)) // its owner may, who does not manage the room
	h.must(put(jonas, b.ID, nil))
	h.must(h.rules.RemoveMember(ctx, mira, r.ID, mira.User.ID))
	is(t, "after its owner left", post(2), chat.NotFound, "")
	h.must(put(jonas, mira.User.ID, nil))
	is(t, "after its owner came back", post(3), chat.NotFound, "")
}

// TestOwnedBotsEndWithTheirOwners: with their tokens, and none comes back by itself.
func TestOwnedBotsEndWithTheirOwners(t *testing.T) {
	h := open(t, nil)
	ctx, olga, mira, yes, no := t.Context(), h.people["olga"], h.people["mira"], true, false
	b := h.owned("mira")
	bot := h.botToken("mira", b)
	if _, err := h.rules.ByToken(ctx, "x"); outcome(err) != "401" {
		t.Fatal(err)
	}
	change := func(user string, in *bool) error {
		return second(h.rules.UpdateUser(ctx, olga, user, chat.UpdateUserInput{Deactivated: in}))
	}
	h.must(change(mira.User.ID, &yes))
	if _, err := h.rules.Still(ctx, bot); outcome(err) != "401" {
		t.Errorf("the token of the bot: %v", err)
	}
	is(t, "an admin brings it back", change(b.ID, &no), chat.Conflict, "deactivated")
	_, err := h.rules.UpdateBot(ctx, olga, b.ID, chat.UpdateUserInput{Deactivated: &no})
	is(t, "so too", err, chat.Conflict, "deactivated")
	h.must(change(mira.User.ID, &no))
	mira = h.signIn("mira")
	h.people["mira"] = mira
	_, _, err = h.rules.AddBotToken(ctx, mira, b.ID, chat.NewTokenInput{Name: "ci"})
	is(t, "a token of what is deactivated", err, chat.Conflict, "deactivated")
	h.must(h.rules.UpdateBot(ctx, mira, b.ID, chat.UpdateUserInput{Deactivated: &no}))
	if _, err := h.rules.Still(ctx, bot); outcome(err) != "401" {
		t.Errorf("its former token: %v", err)
	}
	h.must(third(h.rules.Me(ctx, h.botToken("mira", b))))
}

// TestHandlesOfBotsAreNoOracle: who owns a bot may be a guest by now, and asks for handles as slowly as for their own.
func TestHandlesOfBotsAreNoOracle(t *testing.T) {
	h := open(t, nil)
	l := &taken{of: map[string]string{}}
	h.rules = h.limited(l)
	b, mira := h.owned("mira"), h.people["mira"]
	sam := "sam"
	_, err := h.rules.UpdateBot(t.Context(), mira, b.ID, chat.UpdateUserInput{Handle: &sam})
	is(t, "another's handle", err, chat.Conflict, "handle")
	if l.of["asking for handles that are taken"] == "" {
		t.Error("it was not counted")
	}
}

// TestBotsOfOneOwnerShareAQuota: of storage and of uploads. Their owner, and bots of others, have their own.
func TestBotsOfOneOwnerShareAQuota(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	names := []string{"builds", "deploys", "weather"} // two of kim's, and one of mira's
	for i, name := range names {
		owner := s.people[[]string{"kim", "kim", "mira"}[i]]
		b, err := s.rules.AddBot(s.ctx, owner, chat.NewBotInput{Name: strings.ToUpper(name), Handle: name})
		s.must(err)
		s.must(s.rules.PutMember(s.ctx, s.people["olga"], s.room, b.ID, nil))
		_, secret, err := s.rules.AddBotToken(s.ctx, owner, b.ID, chat.NewTokenInput{Name: "ci"})
		s.must(err)
		s.people[name], err = s.rules.ByToken(s.ctx, secret)
		s.must(err)
	}
	text, n := strings.Repeat("🎉", chat.MessageLength), 100
	for what, do := range map[string]func(who string) error{
		"store": func(who string) error {
			n++
			return third(s.rules.PostMessage(s.ctx, s.people[who], s.room, chat.PostInput{ClientID: clientID(n), Text: text}))
		},
		"upload": func(who string) error {
			return second(s.rules.AddFile(s.ctx, s.people[who], chat.NewFileInput{Name: "a", Size: chat.DefaultMaxFile}, roomFor))
		},
	} {
		s.rules = s.with(s.store, limit.New(s.clock))
		var err error
		for i := 0; i < 1000 && err == nil; i++ {
			s.pass(2 * time.Second) // for the rates of posts and uploads
			err = do("builds")
		}
		if outcome(err) != "429" || !strings.Contains(err.Error(), "all bots of one person together can "+what) {
			t.Errorf("a bot %ss: %v", what, err)
		}
		for _, who := range []string{"builds", "deploys", "kim", "weather"} {
			want := "ok"
			if s.people[who].User.Owner == s.kim.User.ID {
				want = "429"
			}
			if err := do(who); outcome(err) != want {
				t.Errorf("after that %s would %s: %v", who, what, err)
			}
		}
	}
}

// TestBotsAreAudited: who made and changed a bot and its tokens, and never a secret.
func TestBotsAreAudited(t *testing.T) {
	h := open(t, nil)
	ctx, mira, name, yes := t.Context(), h.people["mira"], "Deploys", true
	h.audited()
	b, err := h.rules.AddBot(ctx, mira, chat.NewBotInput{Name: "Builds", Handle: "builds"})
	h.must(err)
	token, secret, err := h.rules.AddBotToken(ctx, mira, b.ID, chat.NewTokenInput{Name: "ci"})
	h.must(err)
	h.must(h.rules.EndBotToken(ctx, mira, b.ID, token.ID))
	h.must(h.rules.UpdateBot(ctx, h.people["olga"], b.ID, chat.UpdateUserInput{Name: &name, Deactivated: &yes}))
	_, _, err = h.rules.AddBotToken(ctx, h.people["olga"], b.ID, chat.NewTokenInput{Name: "ci"})
	is(t, "a token of another's bot", err, chat.NotFound, "")
	lines := h.audited()
	for n, want := range []string{
		"handle=mira;bot made;" + b.ID + ";builds;Builds",
		"handle=mira;token of a bot made;made=" + token.ID + ";of=" + b.ID + ";of_handle=builds",
		"handle=mira;token of a bot revoked;revoked=" + token.ID + ";of=" + b.ID, "handle=olga;bot changed;of=" + b.ID + ";Deploys;true",
		"handle=olga;refused;make a token of a bot;of=" + b.ID,
	} {
		for _, part := range strings.Split(want, ";") {
			if n >= len(lines) || !strings.Contains(lines[n], part) || strings.Contains(lines[n], secret) {
				t.Errorf("line %d of %s does not say %s", n, fmt.Sprint(lines), part)
			}
		}
	}
}
