package chat_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestSignIn: whatever is wrong, the answer is the same.
func TestSignIn(t *testing.T) {
	h := open(t, nil)
	var first string
	for _, c := range []struct{ name, email, password, want string }{
		{"right", "mira@example.com", password, "ok"},
		{"right, in other case", " MIRA@Example.com ", password, "ok"},
		{"wrong password", "mira@example.com", "wrong", "401"},
		{"nobody", "nobody@example.com", password, "401"},
		{"deactivated", "dora@example.com", password, "401"},
		{"deactivated, wrong", "dora@example.com", "wrong", "401"},
		{"no e-mail", "", password, "400"},
		{"no password", "mira@example.com", "", "400"},
		{"a password beyond the longest", "mira@example.com", strings.Repeat("x", chat.PasswordMax+1), "400"},
	} {
		_, err := h.rules.SignIn(t.Context(), chat.Visitor("192.0.2.1"), chat.SignInInput{Email: c.email, Password: c.password})
		if outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if c.want == "401" {
			if first == "" {
				first = err.Error()
			}
			if err.Error() != first {
				t.Errorf("%s: %q differs from %q", c.name, err, first)
			}
		}
	}
}

// TestANewSessionReplacesTheFormerOne (AU-06): who signs in or up ends the session that the browser had until then, whosever it is. A
// refusal ends nothing.
func TestANewSessionReplacesTheFormerOne(t *testing.T) {
	h := open(t, nil)
	_, invite, err := h.rules.AddInvite(t.Context(), h.people["olga"], chat.InviteInput{})
	h.must(err)
	in := func(password, former string) (chat.SignedIn, error) {
		return h.rules.SignIn(t.Context(), chat.Visitor(""), chat.SignInInput{Email: "mira@example.com", Password: password, Former: former})
	}
	up := func(handle, former string) (chat.SignedIn, error) {
		f := form(invite, handle, handle+"@example.com")
		f.Former = former
		return h.rules.SignUp(t.Context(), chat.Visitor(""), f)
	}
	for _, c := range []struct {
		name  string
		enter func(former string) (chat.SignedIn, error)
		want  string // of the former session afterwards
	}{
		{"signed in", func(former string) (chat.SignedIn, error) { return in(password, former) }, "401"},
		{"a wrong password", func(former string) (chat.SignedIn, error) { return in("wrong", former) }, "ok"},
		{"signed up", func(former string) (chat.SignedIn, error) { return up("kim", former) }, "401"},
		{"a handle that is taken", func(former string) (chat.SignedIn, error) { return up("jonas", former) }, "ok"},
	} {
		for _, whose := range []string{"mira", "sam"} {
			if c.name == "signed up" && whose == "sam" {
				continue // there is one Kim
			}
			old, err := h.rules.SignIn(t.Context(), chat.Visitor(""), chat.SignInInput{Email: whose + "@example.com", Password: password})
			h.must(err)
			h.audited()
			s, err := c.enter(old.Secret)
			if (err == nil) != (c.want == "401") || s.Secret == old.Secret {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := outcome(second(h.rules.BySession(t.Context(), old.Secret))); got != c.want {
				t.Errorf("%s: the former session, %s's, answers %s, want %s", c.name, whose, got, c.want)
			}
			if lines := h.audited(); err == nil && (len(lines) != 1 || !strings.Contains(lines[0], "ended="+old.Actor.SessionID)) {
				t.Errorf("%s: the audit log says %q", c.name, lines)
			}
		}
	}
	for _, former := range []string{"", "planted", chat.NewSecretOf(h.people["sam"].User.ID)} {
		if s, err := in(password, former); err != nil || s.Secret == former {
			t.Errorf("with a former session %q, which is none: %v", former, err)
		}
	}
}

// endless is a store that cannot end sessions now.
type endless struct{ chat.Store }

func (endless) EndSession(context.Context, string, string) error {
	return chat.ErrUnavailable(errors.New("the disk is full"))
}

// TestFormerSessionThatCannotEnd (AU-06): when the former session cannot be ended nobody is signed in, so that both are never good.
func TestFormerSessionThatCannotEnd(t *testing.T) {
	h := open(t, nil)
	in := chat.SignInInput{Email: "mira@example.com", Password: password}
	old, err := h.rules.SignIn(t.Context(), chat.Visitor(""), in)
	h.must(err)
	before, err := h.rules.Sessions(t.Context(), old.Actor)
	h.must(err)
	in.Former = old.Secret
	if s, err := h.with(endless{h.store}, limit.None{}).SignIn(t.Context(), chat.Visitor(""), in); outcome(err) != "503" || s.Secret != "" {
		t.Errorf("signed in: %v", err)
	}
	if after, err := h.rules.Sessions(t.Context(), old.Actor); err != nil || len(after) != len(before) {
		t.Errorf("%d sessions, before there were %d: %v", len(after), len(before), err)
	}
}

// TestSessionsEnd: when not seen for 30 days, and after 180 days in any case.
func TestSessionsEnd(t *testing.T) {
	day := 24 * time.Hour
	for _, c := range []struct {
		name string
		seen time.Duration // how often it is used
		want time.Duration // when it is over
	}{{"unused", 0, 30 * day}, {"used each week", 7 * day, 180 * day}, {"used each 29 days", 29 * day, 180 * day}} {
		h := open(t, nil)
		s, err := h.rules.SignIn(t.Context(), chat.Visitor(""), chat.SignInInput{Email: "mira@example.com", Password: password})
		h.must(err)
		began := h.clock()
		use := func() string { return outcome(second(h.rules.BySession(t.Context(), s.Secret))) }
		for c.seen > 0 && h.clock().Sub(began)+c.seen < c.want {
			if h.pass(c.seen); use() != "ok" {
				t.Fatalf("%s: over after %s", c.name, h.clock().Sub(began))
			}
		}
		h.pass(c.want - h.clock().Sub(began) - time.Second)
		alive := h.clock() // asking would keep it alive
		if ss, err := h.store.Sessions(t.Context(), s.Actor.User.ID, alive); err != nil || len(ss) == 0 || !slicesHas(ss, s.Actor.SessionID) {
			t.Errorf("%s: over a second early: %v", c.name, err)
		}
		if h.pass(time.Second); use() != "401" {
			t.Errorf("%s: not over after %s", c.name, h.clock().Sub(began))
		}
	}
}

func slicesHas(ss []chat.Session, id string) bool {
	for _, s := range ss {
		if s.ID == id {
			return true
		}
	}
	return false
}

// TestTokensEnd: when they expire, with their user, and when they are revoked.
func TestTokensEnd(t *testing.T) {
	h := open(t, nil)
	mira, yes, hour := h.people["mira"], true, int64(3600)
	make := func() string {
		_, secret, err := h.rules.AddToken(t.Context(), mira, chat.NewTokenInput{Name: "ci", ExpiresIn: &hour, Password: password})
		h.must(err)
		return secret
	}
	use := func(secret string) string { return outcome(second(h.rules.ByToken(t.Context(), secret))) }
	old := make()
	h.pass(time.Hour - time.Second)
	if got := use(old); got != "ok" {
		t.Errorf("a second early: %s", got)
	}
	if h.pass(time.Second); use(old) != "401" {
		t.Error("an expired token is good")
	}
	fresh := make()
	h.must(h.rules.UpdateUser(t.Context(), h.people["olga"], mira.User.ID, chat.UpdateUserInput{Deactivated: &yes}))
	if got := use(fresh); got != "401" {
		t.Errorf("deactivated: %s", got)
	}
	if _, err := h.rules.Still(t.Context(), mira); outcome(err) != "401" {
		t.Errorf("her session: %v", err)
	}
	no := false
	h.must(h.rules.UpdateUser(t.Context(), h.people["olga"], mira.User.ID, chat.UpdateUserInput{Deactivated: &no}))
	if got := use(fresh); got != "401" {
		t.Errorf("re-activation revives a token: %s", got)
	}
}

// TestTokensExpireAfter90Days: unless said otherwise, whoever makes them.
func TestTokensExpireAfter90Days(t *testing.T) {
	h := open(t, nil)
	_, own, err := h.rules.AddToken(t.Context(), h.people["mira"], chat.NewTokenInput{Name: "ci"})
	h.must(err)
	line, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "mira", Name: "ci"})
	h.must(err)
	never, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "mira", Name: "ci", Days: new(0)})
	h.must(err)
	year, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "mira", Name: "ci", Days: new(365)})
	h.must(err)
	for _, days := range []int{-1, 3651} {
		if _, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "mira", Name: "ci", Days: &days}); outcome(err) != "400" {
			t.Errorf("%d days: %v", days, err)
		}
	}
	check := func(after time.Duration, want map[string]string) {
		t.Helper()
		h.pass(after)
		for secret, want := range want {
			if got := outcome(second(h.rules.ByToken(t.Context(), secret))); got != want {
				t.Errorf("%s later: %s, want %s", after, got, want)
			}
		}
	}
	const day = 24 * time.Hour
	check(90*day-time.Second, map[string]string{own: "ok", line: "ok", never: "ok", year: "ok"})
	check(time.Second, map[string]string{own: "401", line: "401", never: "ok", year: "ok"})
	check(275*day, map[string]string{never: "ok", year: "401"})
	check(5000*day, map[string]string{never: "ok"})
}

// TestTokensNeedThePassword: whoever signs in, up, sets up or changes the password has entered it just now. Failures are counted.
func TestTokensNeedThePassword(t *testing.T) {
	h := empty(t, nil)
	ctx := t.Context()
	make := func(a chat.Actor, password string) string {
		return outcome(third(h.rules.AddToken(ctx, a, chat.NewTokenInput{Name: "ci", Password: password})))
	}
	is := func(what string, a chat.Actor) {
		t.Helper()
		h.pass(chat.PasswordFresh - time.Second)
		if got := make(a, ""); got != "ok" {
			t.Errorf("%s: %s", what, got)
		}
		h.pass(time.Second)
		if got := make(a, ""); got != "403" {
			t.Errorf("10 minutes after %s: %s", what, got)
		}
	}
	olga, err := h.rules.Setup(ctx, chat.Visitor(""), chat.SetupInput{
		Token: "setup", Workspace: "Acme", Name: "Olga", Handle: "olga", Email: "olga@example.com", Password: password,
	})
	h.must(err)
	is("the setup", olga.Actor)
	again := h.signIn("olga")
	is("signing in", again)
	if got := make(olga.Actor, ""); got != "403" { // another browser's password says nothing
		t.Errorf("signed in elsewhere: %s", got)
	}
	_, invite, err := h.rules.AddInvite(ctx, again, chat.InviteInput{})
	h.must(err)
	kim, err := h.rules.SignUp(ctx, chat.Visitor(""), form(invite, "kim", "kim@example.com"))
	h.must(err)
	is("signing up", kim.Actor)
	h.must(h.rules.ChangePassword(ctx, kim.Actor, password, "another quiet place"))
	is("changing the password", kim.Actor)
	h.must(h.rules.EndSessions(ctx, kim.Actor))
	if got := make(kim.Actor, ""); got != "403" {
		t.Errorf("after ending the other sessions: %s", got)
	}
	_, _, err = h.rules.AddToken(ctx, kim.Actor, chat.NewTokenInput{Name: "ci"})
	if e, ok := errors.AsType[*chat.Error](err); !ok || e.Field != "password" {
		t.Errorf("the refusal does not name the password: %v", err)
	}
	limited := h.with(h.store, limit.New(h.clock))
	for i := range 12 {
		_, _, err := limited.AddToken(ctx, kim.Actor, chat.NewTokenInput{Name: "ci", Password: "a guess"})
		if want := map[bool]string{true: "400", false: "429"}[i < 10]; outcome(err) != want {
			t.Errorf("guess %d: %v, want %s", i, err, want)
		}
	}
}

// TestSignUp: an invite lets in whom it is for, while it may, and all that it does not is one answer.
func TestSignUp(t *testing.T) {
	one, hour, yes := 1, int64(3600), true
	for _, c := range []struct {
		name   string
		in     chat.InviteInput
		email  string
		before func(h *house, secret string)
		want   string
	}{
		{"any address", chat.InviteInput{}, "kim@example.com", nil, "ok"},
		{"the address it is for", chat.InviteInput{Email: "Kim@example.com"}, "", nil, "ok"},
		{"another address", chat.InviteInput{Email: "kim@example.com"}, "eve@example.com", nil, "404"},
		{"another address, which is taken", chat.InviteInput{Email: "kim@example.com"}, "mira@example.com", nil, "404"},
		{"the last use", chat.InviteInput{MaxUses: &one}, "kim@example.com", nil, "ok"},
		{"used up", chat.InviteInput{MaxUses: &one}, "kim@example.com", func(h *house, secret string) {
			h.must(h.rules.SignUp(t.Context(), chat.Visitor(""), form(secret, "lee", "lee@example.com")))
		}, "404"},
		{"in time", chat.InviteInput{ExpiresIn: &hour}, "kim@example.com", func(h *house, _ string) { h.pass(time.Hour - time.Second) }, "ok"},
		{"expired", chat.InviteInput{ExpiresIn: &hour}, "kim@example.com", func(h *house, _ string) { h.pass(time.Hour) }, "404"},
		{"after seven days", chat.InviteInput{}, "kim@example.com", func(h *house, _ string) { h.pass(7 * 24 * time.Hour) }, "404"},
		{"of somebody deactivated", chat.InviteInput{}, "kim@example.com", func(h *house, _ string) {
			h.must(h.rules.UpdateUser(t.Context(), h.people["olga"], h.people["adam"].User.ID, chat.UpdateUserInput{Deactivated: &yes}))
		}, "404"},
		{"ended", chat.InviteInput{}, "kim@example.com", func(h *house, _ string) {
			is, err := h.rules.Invites(t.Context(), h.people["olga"])
			h.must(err)
			h.must(h.rules.EndInvite(t.Context(), h.people["olga"], is[0].ID))
		}, "404"},
		{"a handle that is taken", chat.InviteInput{}, "mira@example.com", nil, "409"},
	} {
		h := open(t, nil)
		h.add("adam", chat.Admin)
		_, secret, err := h.rules.AddInvite(t.Context(), h.people["adam"], c.in)
		h.must(err)
		if c.before != nil {
			c.before(h, secret)
		}
		checked := c.want
		if c.want == "409" || strings.HasPrefix(c.name, "another address") { // no fault of the link
			checked = "ok"
		}
		if err := h.rules.CheckInvite(t.Context(), chat.Visitor("192.0.2.1"), secret); outcome(err) != checked {
			t.Errorf("%s: the link is checked: %v, want %s", c.name, err, checked)
		}
		s, err := h.rules.SignUp(t.Context(), chat.Visitor("192.0.2.1"), form(secret, "kim", c.email))
		if outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
		if err == nil && (s.Actor.User.Role != chat.Member || s.Secret == "" || s.Actor.SessionID == "") {
			t.Errorf("%s: signed in as %+v", c.name, s.Actor)
		}
	}
}

func form(secret, handle, email string) chat.SignUpInput {
	return chat.SignUpInput{Invite: secret, Name: "Kim", Handle: handle, Email: email, Password: password}
}

// TestSignUpJoinsRooms: the default rooms and those of the invite; guests those of the invite alone.
func TestSignUpJoinsRooms(t *testing.T) {
	for role, want := range map[chat.Role]int{chat.Member: 2, chat.Guest: 1} {
		h := open(t, nil)
		r, _, err := h.rules.AddRoom(t.Context(), h.people["olga"], chat.NewRoomInput{Kind: chat.Private, Name: "plans"})
		h.must(err)
		_, secret, err := h.rules.AddInvite(t.Context(), h.people["olga"], chat.InviteInput{Role: role, Rooms: []string{r.ID}})
		h.must(err)
		s, err := h.rules.SignUp(t.Context(), chat.Visitor(""), form(secret, "kim", "kim@example.com"))
		h.must(err)
		rooms, err := h.rules.Rooms(t.Context(), s.Actor)
		if h.must(err); len(rooms.Rooms) != want || s.Actor.User.Role != role {
			t.Errorf("a %s is in %d rooms, want %d", role, len(rooms.Rooms), want)
		}
	}
}

// TestSetup: with the link's token alone, and once.
func TestSetup(t *testing.T) {
	h := empty(t, nil)
	in := chat.SetupInput{Token: "setup", Workspace: "Acme", Name: "Olga", Handle: "olga", Email: "olga@example.com", Password: password}
	info := func(want bool) {
		w, err := h.rules.WorkspaceInfo(t.Context(), chat.Visitor(""), "")
		if h.must(err); w.Setup != want {
			t.Errorf("to be set up: %v, want %v", w.Setup, want)
		}
	}
	check := func(token, want string) {
		if err := h.rules.CheckSetup(t.Context(), chat.Visitor(""), token); outcome(err) != want {
			t.Errorf("the link is checked: %v, want %s", err, want)
		}
	}
	info(true)
	check("setup", "ok")
	check("guess", "404")
	wrong := in
	wrong.Token = "guess"
	if _, err := h.rules.Setup(t.Context(), chat.Visitor(""), wrong); outcome(err) != "404" {
		t.Errorf("another token: %v", err)
	}
	s, err := h.rules.Setup(t.Context(), chat.Visitor(""), in)
	if h.must(err); s.Actor.User.Role != chat.Owner || s.Secret == "" {
		t.Errorf("set up as %+v", s.Actor)
	}
	info(false)
	check("setup", "409")
	check("guess", "404")
	if _, err := h.rules.Setup(t.Context(), chat.Visitor(""), in); outcome(err) != "409" {
		t.Errorf("again: %v", err)
	}
}

// TestTheLastOwnerStays: the workspace keeps an active owner.
func TestTheLastOwnerStays(t *testing.T) {
	h := open(t, nil)
	member, yes, olga := chat.Member, true, h.people["olga"]
	if _, err := h.rules.UpdateUser(t.Context(), olga, olga.User.ID, chat.UpdateUserInput{Role: &member}); outcome(err) != "409" {
		t.Errorf("demoted herself: %v", err)
	}
	if _, err := h.rules.UpdateUser(t.Context(), olga, olga.User.ID, chat.UpdateUserInput{Deactivated: &yes}); outcome(err) != "409" {
		t.Errorf("deactivated herself: %v", err)
	}
	h.add("otto", chat.Owner)
	if _, err := h.rules.UpdateUser(t.Context(), olga, olga.User.ID, chat.UpdateUserInput{Role: &member}); err != nil {
		t.Errorf("with another owner: %v", err)
	}
}

// TestPasswordChange: ends the other sessions, keeps this one, and asks for one that is not weak.
func TestPasswordChange(t *testing.T) {
	h := open(t, nil)
	mira, other := h.people["mira"], h.signIn("mira")
	decomposed := strings.Repeat("u\u0308", chat.PasswordMin-1) // as composed, too short
	long := strings.Repeat("x", chat.PasswordMax+1)
	for next, want := range map[string]string{"short": "400", decomposed: "400", "password": "400", long: "400"} {
		if _, err := h.rules.ChangePassword(t.Context(), mira, password, next); outcome(err) != want {
			t.Errorf("to %q: %v, want %s", next, err, want)
		}
	}
	s, err := h.rules.SignIn(t.Context(), chat.Visitor(""), chat.SignInInput{Email: "mira@example.com", Password: password})
	h.must(err)
	changed, err := h.rules.ChangePassword(t.Context(), s.Actor, password, "another quiet place")
	h.must(err)
	if _, err := h.rules.BySession(t.Context(), s.Secret); outcome(err) != "401" {
		t.Errorf("the former secret: %v", err)
	}
	if a, err := h.rules.BySession(t.Context(), changed.Secret); err != nil || a.SessionID != s.Actor.SessionID {
		t.Errorf("the new secret: %v", err)
	}
	for _, ended := range []chat.Actor{mira, other} {
		if _, err := h.rules.Still(t.Context(), ended); outcome(err) != "401" {
			t.Errorf("another session: %v", err)
		}
	}
	if _, err := h.rules.Still(t.Context(), s.Actor); err != nil {
		t.Errorf("this session: %v", err)
	}
}

// TestMentions: those who are named and are members; the author may be among them.
func TestMentions(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(100), Text: "@mira, @kim and @sam, `@jonas`"})
	if s.must(err); len(m.Mentions) != 2 || m.Mentions[0] != s.id("mira") || m.Mentions[1] != s.id("kim") {
		t.Errorf("mentions %v", m.Mentions)
	}
	m, _, err = s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(101), Text: "@mira. @nobody @sam... @kim-_"})
	if s.must(err); len(m.Mentions) != 2 || m.Mentions[0] != s.id("mira") || m.Mentions[1] != s.id("kim") {
		t.Errorf("mentions before punctuation %v", m.Mentions)
	}
}

// TestMentionsAreCountedByPeople: the limit is on people, however often and in whatever spelling a message names each of them. Names
// that are nobody's have a limit of their own.
func TestMentionsAreCountedByPeople(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	people := func(n int) (text string) {
		for i := range n {
			text += fmt.Sprintf("@person%d ", i)
		}
		return text
	}
	nobody := func(n int) string { return strings.ReplaceAll(people(n), "person", "nobody") }
	for i := range chat.MaxMentions + 1 {
		s.add(fmt.Sprintf("person%d", i), chat.Member)
	}
	for i, c := range []struct{ what, text, want string }{
		{"as many as possible", people(chat.MaxMentions), "ok"},
		{"one more", people(chat.MaxMentions + 1), "400"},
		{"each in other spellings", people(chat.MaxMentions) + strings.ToUpper(people(5)) + "@person1. @person1.. @person2-", "ok"},
		{"nobody beside them", people(chat.MaxMentions) + nobody(chat.MaxNames-chat.MaxMentions), "ok"},
		{"one name more", people(chat.MaxMentions) + nobody(chat.MaxNames-chat.MaxMentions+1), "400"},
		{"names in code", "`" + nobody(chat.MaxNames+1) + "`", "ok"},
	} {
		post := chat.PostInput{ClientID: clientID(200 + i), Text: c.text}
		if _, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, post); outcome(err) != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
		if _, err := s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: c.text}); outcome(err) != c.want {
			t.Errorf("%s, by an edit: %v, want %s", c.what, err, c.want)
		}
	}
}

// TestRightsAreThoseOfNow: over an open socket a demoted user sees, of those watched before, whom a guest sees; and Still tells until when
// the session or token lives.
func TestRightsAreThoseOfNow(t *testing.T) {
	h := open(t, nil)
	ctx, mira, guest := t.Context(), h.people["mira"], chat.Guest
	rooms, err := h.rules.Rooms(ctx, mira)
	h.must(err)
	ids := []string{h.people["jonas"].User.ID, h.people["sam"].User.ID}
	seen := func(want int) {
		t.Helper()
		got, err := h.rules.StillVisible(ctx, mira, ids)
		if h.must(err); len(got) != want {
			t.Errorf("still sees %d of 2, want %d", len(got), want)
		}
	}
	seen(2)
	h.must(h.rules.UpdateUser(ctx, h.people["olga"], mira.User.ID, chat.UpdateUserInput{Role: &guest}))
	seen(2) // together in general
	h.must(h.rules.RemoveMember(ctx, h.people["sam"], rooms.Rooms[0].Room.ID, ids[1]))
	seen(1)
	h.must(h.rules.RemoveMember(ctx, mira, rooms.Rooms[0].Room.ID, mira.User.ID))
	seen(0)
	now, err := h.rules.Still(ctx, mira)
	if h.must(err); now.User.Role != chat.Guest || !now.Until.Equal(h.clock().Add(chat.SessionIdle)) {
		t.Errorf("now %+v", now)
	}
}
