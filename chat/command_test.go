package chat_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
)

// TestEveryUseCaseIsRun reads the package: whatever takes an Actor and is offered to the doors goes through the runner, names a
// command that nothing else names, and every command of the table is named once.
func TestEveryUseCaseIsRun(t *testing.T) {
	// authentication itself, what is asked again, what the doors refuse before it, and what they count
	apart := []string{"Still", "StillVisible", "Refused", "Count", "CountEdit", "Streams"}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() || slices.Contains(apart, fn.Name.Name) || !takesActor(fn) {
				continue
			}
			cmd := performed(fn)
			if cmd == "" {
				t.Errorf("%s: %s does not go through perform", e.Name(), fn.Name.Name)
			} else if other := named[cmd]; other != "" {
				t.Errorf("%s and %s run the same command %s", other, fn.Name.Name, cmd)
			}
			named[cmd] = fn.Name.Name
		}
	}
	if n := len(chat.Commands()); len(named) != n {
		t.Errorf("%d use cases run a command, the table has %d", len(named), n)
	}
}

// takesActor says whether a method of Canteen has a parameter of type Actor.
func takesActor(fn *ast.FuncDecl) bool {
	if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); !ok || star.X.(*ast.Ident).Name != "Canteen" {
		return false
	}
	return slices.ContainsFunc(fn.Type.Params.List, func(p *ast.Field) bool {
		id, ok := p.Type.(*ast.Ident)
		return ok && id.Name == "Actor"
	})
}

// performed is the command that a use case gives to perform.
func performed(fn *ast.FuncDecl) (cmd string) {
	ast.Inspect(fn, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "perform" {
			cmd = call.Args[3].(*ast.Ident).Name
		}
		return true
	})
	return cmd
}

// TestCommandsHaveRates: no command without a rate, and none twice in the table.
func TestCommandsHaveRates(t *testing.T) {
	seen := map[chat.Command]bool{}
	for _, s := range chat.Commands() {
		if s.Rate.Every <= 0 || s.Rate.Burst <= 0 || s.Rate.Name == "" {
			t.Errorf("%q has no rate", s.Command)
		}
		if seen[s.Command] {
			t.Errorf("%q stands twice", s.Command)
		}
		seen[s.Command] = true
	}
}

// taken records which rates are taken, of whom.
type taken struct {
	limit.None
	of   map[string]string
	over string // this rate has nothing left …
	whom string // … for this user
}

func (l *taken) Take(_ context.Context, r chat.Rate, key string) (time.Duration, error) {
	l.of[r.Name] += key + " "
	if r.Name == l.over && key == l.whom {
		return 90 * time.Second, nil
	}
	return 0, nil
}

// TestRatesAreTaken: a command that is done takes one request and one of its own rate, of its user; over a socket, its own alone.
// With that rate used up it is 429 and says when to come back, and nothing happens.
func TestRatesAreTaken(t *testing.T) {
	specs := map[chat.Command]chat.Spec{}
	for _, s := range chat.Commands() {
		specs[s.Command] = s
	}
	for _, r := range rules() {
		if !strings.HasPrefix(r.grid, "ok") || r.command == chat.CmdSignUp { // a visitor's, whose rate is the address's
			continue
		}
		for _, over := range []bool{false, true} {
			l := &taken{of: map[string]string{}}
			s := newStage(t, r.room, chat.Owner, 0)
			s.rules = s.limited(l)
			if s.take(); over {
				l.over, l.whom = specs[r.command].Rate.Name, s.id("kim")
			}
			var own string
			do := func() error {
				before := l.of[specs[r.command].Rate.Name]
				err := r.do(s)
				own = strings.TrimPrefix(l.of[specs[r.command].Rate.Name], before)
				return err
			}
			err := do()
			if want := s.id("kim") + " "; !strings.Contains(own, want) {
				t.Errorf("%s, %s: took %q of the rate %q", r.command, r.name, own, specs[r.command].Rate.Name)
			}
			if over && outcome(err) != "429" && r.command != chat.CmdTyping {
				t.Errorf("%s, %s: beyond the rate: %v", r.command, r.name, err)
			}
			if live := l.of["requests"] == ""; live != (specs[r.command].Live || specs[r.command].Light) {
				t.Errorf("%s: counted as a request: %v", r.command, !live)
			}
		}
	}
}

// TestCountedRequestsAreCountedOnce: what was counted before its body was read is not counted again, and beyond the rate it is 429.
func TestCountedRequestsAreCountedOnce(t *testing.T) {
	h := open(t, nil)
	l := &taken{of: map[string]string{}, over: "requests"}
	h.rules = h.limited(l)
	mira, err := h.rules.Count(t.Context(), h.people["mira"])
	h.must(err)
	h.must(third(h.rules.Me(t.Context(), mira)))
	if got, want := l.of["requests"], mira.User.ID+" "; got != want {
		t.Errorf("took %q, want %q", got, want)
	}
	l.whom = mira.User.ID
	if _, err := h.rules.Count(t.Context(), h.people["mira"]); outcome(err) != "429" {
		t.Errorf("beyond the rate: %v", err)
	}
}

// limited is the same house with other rates.
func (h *house) limited(l chat.Limiter) *chat.Canteen { return h.with(h.store, l) }

// TestLimitsOfProtocol holds the rates that protocol.md and security.md name to what they say.
func TestLimitsOfProtocol(t *testing.T) {
	perMinute := map[chat.Command]struct{ rate, burst int }{
		chat.CmdMessages: {600, 300}, chat.CmdRooms: {600, 300}, chat.CmdPostMessage: {600, 30}, chat.CmdUpdateMe: {30, 30},
		chat.CmdUpdateRoom: {30, 30}, chat.CmdJoin: {30, 30}, chat.CmdRemoveMember: {30, 30}, chat.CmdAddRoom: {5, 60},
	}
	for _, s := range chat.Commands() {
		if want, ok := perMinute[s.Command]; ok {
			if got := int(time.Minute / s.Rate.Every); got != want.rate || s.Rate.Burst != want.burst {
				t.Errorf("%s: %d a minute, %d at once; want %d, %d", s.Command, got, s.Rate.Burst, want.rate, want.burst)
			}
		}
	}
	h := open(t, nil)
	h.rules = h.limited(limit.New(h.clock))
	for n := range 301 {
		_, _, err := h.rules.Me(t.Context(), h.people["mira"])
		if want := map[bool]string{false: "ok", true: "429"}[n == 300]; outcome(err) != want {
			t.Fatalf("request %d: %v, want %s", n, err, want)
		}
	}
	if _, _, err := h.rules.Me(t.Context(), h.people["sam"]); err != nil {
		t.Errorf("another user's requests suffer: %v", err)
	}
	h.pass(100 * time.Millisecond)
	if _, _, err := h.rules.Me(t.Context(), h.people["mira"]); err != nil {
		t.Errorf("after a tenth of a second: %v", err)
	}
}

// stale is a store whose facts change before commits, a number of times.
type stale struct {
	chat.Store
	times int
	first func() // what happened meanwhile
}

func (s *stale) miss() bool {
	if s.times == 0 {
		return false
	}
	s.times--
	if s.first != nil {
		s.first()
	}
	return true
}

func (s *stale) PostMessage(ctx context.Context, c chat.PostMessage) (chat.Message, bool, error) {
	if s.miss() {
		return chat.Message{}, false, chat.ErrStale
	}
	return s.Store.PostMessage(ctx, c)
}

func (s *stale) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	if s.miss() {
		return chat.ErrStale
	}
	return s.Store.AddInvite(ctx, f, i, h)
}

// TestStaleFactsAreDecidedAfresh: with a fresh actor, at most eight times, and for one of each rate.
func TestStaleFactsAreDecidedAfresh(t *testing.T) {
	post := func(s *stage, times int, first func()) (*taken, error) {
		l := &taken{of: map[string]string{}}
		rules := s.with(&stale{s.store, times, first}, l)
		_, _, err := rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(100), Text: "News"})
		return l, err
	}
	for times, want := range map[int]string{1: "ok", 7: "ok", 8: "503"} {
		s := newStage(t, "public", chat.Member, 1)
		l, err := post(s, times, nil)
		if outcome(err) != want {
			t.Errorf("stale %d times: %v, want %s", times, err, want)
		}
		if once := s.id("kim") + " "; l.of["posting"] != once || l.of["requests"] != once {
			t.Errorf("stale %d times: took %q", times, l.of)
		}
	}
	yes := true
	for name, first := range map[string]func(*stage){
		"403": func(s *stage) { s.must(s.rules.RemoveMember(s.ctx, s.people["jonas"], s.room, s.id("kim"))) },
		"409": func(s *stage) {
			s.must(s.rules.UpdateRoom(s.ctx, s.people["jonas"], s.room, chat.UpdateRoomInput{Archived: &yes}))
		},
		"401": func(s *stage) {
			s.must(s.rules.UpdateUser(s.ctx, s.people["olga"], s.id("kim"), chat.UpdateUserInput{Deactivated: &yes}))
		},
	} {
		s := newStage(t, "public", chat.Member, 1)
		if _, err := post(s, 1, func() { first(s) }); outcome(err) != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	s := newStage(t, "", chat.Admin, 0)
	if _, _, err := s.with(&stale{Store: s.store, times: 2}, limit.None{}).AddInvite(s.ctx, s.kim, chat.InviteInput{}); err != nil {
		t.Errorf("an invite is decided afresh too: %v", err)
	}
	member := chat.Member
	demoted := func() {
		s.must(s.rules.UpdateUser(s.ctx, s.people["olga"], s.id("kim"), chat.UpdateUserInput{Role: &member}))
	}
	rules := s.with(&stale{s.store, 1, demoted}, limit.None{})
	if _, _, err := rules.AddInvite(s.ctx, s.kim, chat.InviteInput{}); outcome(err) != "403" {
		t.Errorf("who is no admin any more invites: %v, want 403", err)
	}
}

// TestStaleSessionsAreUnauthenticated: whoever was deactivated meanwhile is told to sign in, whatever the command that changes
// something.
func TestStaleSessionsAreUnauthenticated(t *testing.T) {
	yes := true
	quiet := []chat.Command{chat.CmdTyping, chat.CmdSignOut} // nothing to refuse: nothing is said, and there is nothing to end
	for _, r := range rules() {
		if !strings.HasPrefix(r.grid, "ok") || r.needs == "read" || slices.Contains(quiet, r.command) {
			continue
		}
		if r.needs == "session" && r.command != chat.CmdEndSession && r.command != chat.CmdChangePassword && r.command != chat.CmdAddToken {
			continue // they read
		}
		if r.elsewhere() {
			continue
		}
		s := newStage(t, r.room, chat.Owner, 0)
		s.must(s.rules.UpdateUser(s.ctx, s.people["olga"], s.id("kim"), chat.UpdateUserInput{Deactivated: &yes}))
		if s.take(); outcome(r.do(s)) != "401" || s.take() != "" {
			t.Errorf("%s, %s %s: %v, want 401", r.command, r.name, r.room, r.do(s))
		}
	}
}

// TestComingsAndGoingsDoNotFlood: whoever joins and leaves in turns for two minutes, as fast as they can, makes a room hear no more than
// 30 at once and 30 a minute. The other members' own commands go on.
func TestComingsAndGoingsDoNotFlood(t *testing.T) {
	h := open(t, nil)
	ctx, jonas, mira := t.Context(), h.people["jonas"], h.people["mira"]
	r, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: chat.Public, Name: "lobby"})
	h.must(err)
	h.rules = h.limited(limit.New(h.clock))
	h.take()
	in, tries, refused := false, 0, 0
	for range 1200 { // ten times a second: as many as there may be requests
		if in {
			err = h.rules.RemoveMember(ctx, mira, r.ID, mira.User.ID)
		} else {
			err = second(h.rules.Join(ctx, mira, r.ID))
		}
		tries++
		if outcome(err) == "ok" {
			in = !in
		} else if refused++; outcome(err) != "429" {
			t.Fatal(err)
		}
		h.pass(100 * time.Millisecond)
	}
	if heard := strings.Count(h.take(), "MembersChanged"); heard > 30+60 || heard < 85 || heard+refused != tries {
		t.Errorf("the room heard of %d comings and goings in two minutes; %d of %d were refused", heard, refused, tries)
	}
	topic := "Welcome"
	if _, err := h.rules.UpdateRoom(ctx, jonas, r.ID, chat.UpdateRoomInput{Topic: &topic}); err != nil {
		t.Errorf("the owner of the room: %v", err)
	}
}
