package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/limit"
)

// logged are the rows of the audit log since the one numbered after, oldest first.
func (h *house) logged(after int64) []audit.Row {
	h.t.Helper()
	rows, err := h.store.AuditRows(context.Background(), audit.Query{Limit: 10_000})
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(rows)
	return slices.DeleteFunc(rows, func(r audit.Row) bool { return r.N <= after })
}

// head is the number of the newest row.
func (h *house) head() int64 {
	h.t.Helper()
	head, err := h.store.AuditHead(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return head.N
}

// TestAuditRowsSayWhatChanged: a row for what was done, with who, from where, to whom, and what it was before; no row for what was not.
func TestAuditRowsSayWhatChanged(t *testing.T) {
	for _, kind := range []string{"public", "private"} {
		s := newStage(t, kind, chat.Admin, 0)
		s.kim.Address = "198.51.100.7"
		admin, name, title, topic, owners := chat.Admin, "lounge", "Cook", "Secret topic", chat.PostingOwners
		url, off, role := "https://meet.example/{room}", false, chat.RoomOwner
		named := "name: plans → lounge; "
		if kind == "private" {
			named = "name: ; "
		}
		room, private, public, secret := s.room, chat.Private, chat.Public, "surprise"
		becomes := "name: ; kind: public → private; "
		if kind == "private" {
			becomes = "name: ; "
		}
		for _, c := range []struct {
			what, of, room, details string
			do                      func() error
		}{
			{"user changed", "mira", "", "role: member → admin; title: ; ", func() error {
				return second(s.rules.UpdateUser(s.ctx, s.kim, s.id("mira"), chat.UpdateUserInput{Role: &admin, Title: &title}))
			}},
			{"room changed", "", room, named + "topic: ; posting: everyone → owners; ", func() error {
				return second(s.rules.UpdateRoom(s.ctx, s.kim, room, chat.UpdateRoomInput{Name: &name, Topic: &topic, Posting: &owners}))
			}},
			{"room described", "", room, "welcome: ; ", func() error {
				return second(s.rules.DescribeRoom(s.ctx, s.kim, room, chat.RoomAboutInput{Welcome: &topic}))
			}},
			{"workspace changed", "", "", "call_url:  → " + url + "; previews: true → false; ", func() error {
				return second(s.rules.UpdateWorkspace(s.ctx, s.kim, chat.UpdateWorkspaceInput{CallURL: &url, Previews: &off}))
			}},
			{"member added", "sam", room, "role: member; ", func() error {
				return second(s.rules.PutMember(s.ctx, s.kim, room, s.id("sam"), nil))
			}},
			{"member added", "sam", room, "role: member → owner; ", func() error {
				return second(s.rules.PutMember(s.ctx, s.kim, room, s.id("sam"), &role))
			}},
			{"", "", "", "", func() error { return second(s.rules.PutMember(s.ctx, s.kim, room, s.id("sam"), &role)) }},
			{"", "", "", "", func() error { return second(s.rules.UpdateRoom(s.ctx, s.kim, room, chat.UpdateRoomInput{Name: &name})) }},
			{"", "", "", "", func() error { return s.rules.DeleteMessage(s.ctx, s.kim, room, s.own) }},
			{"another's message deleted", "", room, "seq: 1; ", func() error { return s.rules.DeleteMessage(s.ctx, s.kim, room, s.others) }},
			{"room changed", "", room, becomes, func() error {
				return second(s.rules.UpdateRoom(s.ctx, s.kim, room, chat.UpdateRoomInput{Name: &secret, Kind: &private}))
			}},
			{"room changed", "", room, "name: ; kind: private → public; ", func() error {
				return second(s.rules.UpdateRoom(s.ctx, s.kim, room, chat.UpdateRoomInput{Name: &name, Kind: &public, Confirm: secret}))
			}},
			{"password changed", "", "", "", func() error {
				_, err := s.rules.ChangePassword(s.ctx, s.kim, password, "another quiet place")
				return err
			}},
		} {
			before := s.head()
			s.audited()
			if err := c.do(); err != nil {
				t.Fatalf("%s %s: %v", kind, c.what, err)
			}
			rows, lines := s.logged(before), s.audited()
			if c.what == "" {
				if len(rows) != 0 {
					t.Errorf("%s: a row for nothing: %+v", kind, rows)
				}
				continue
			}
			if len(rows) != 1 || len(lines) != 1 {
				t.Fatalf("%s %s: %d rows, %d lines", kind, c.what, len(rows), len(lines))
			}
			r, details := rows[0], ""
			for _, d := range r.Details {
				value := d.To
				if d.From != "" || d.Name == "call_url" {
					value = d.From + " → " + d.To
				}
				details += d.Name + ": " + value + "; "
			}
			of := ""
			if c.of != "" {
				of = s.id(c.of)
			}
			if r.What != c.what || r.By.ID != s.id("kim") || r.By.Handle != "kim" || r.Address != "198.51.100.7" || r.Session != s.session ||
				r.Of.ID != of || r.Of.Handle != c.of || r.Room != c.room || details != c.details || !r.At.Equal(s.clock()) {
				t.Errorf("%s: %+v\nwant %s", kind, r, c.details)
			}
			if !strings.Contains(lines[0], "row="+r.Head().String()) {
				t.Errorf("%s: the line does not name its row: %s", kind, lines[0])
			}
			for _, content := range []string{title, topic, secret, "quiet"} {
				if all := fmt.Sprintf("%+v %s", r, lines[0]); strings.Contains(all, content) {
					t.Errorf("%s: holds content: %s", kind, all)
				}
			}
		}
	}
}

// TestAuditIsInTheCommit: a command and its row are one commit, where the store can: no row is appended afterwards.
func TestAuditIsInTheCommit(t *testing.T) {
	s := newStage(t, "public", chat.Owner, 0)
	store := &appended{Store: s.store}
	s.rules = s.withAudit(store, limit.None{})
	admin, yes := chat.Admin, true
	s.must(s.rules.UpdateUser(s.ctx, s.kim, s.id("mira"), chat.UpdateUserInput{Role: &admin}))
	s.must(s.rules.UpdateRoom(s.ctx, s.kim, s.room, chat.UpdateRoomInput{OwnersBroadcast: &yes}))
	s.must(s.rules.UpdateWorkspace(s.ctx, s.kim, chat.UpdateWorkspaceInput{Previews: &yes}))
	s.must(s.rules.AddInvite(s.ctx, s.kim, chat.InviteInput{}))
	s.must(s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id("mira")))
	if store.n != 0 {
		t.Errorf("%d rows were appended after their commands", store.n)
	}
	s.must(s.rules.SignOut(s.ctx, s.kim))
	if store.n != 1 {
		t.Errorf("%d rows were appended for a sign-out", store.n)
	}
}

// appended counts what is appended by itself, and fails when it is told to.
type appended struct {
	*model.Store
	n   int
	err error
}

func (s *appended) AppendAudit(ctx context.Context, e audit.Entry) (audit.Row, error) {
	s.n++
	if s.err != nil {
		return audit.Row{}, s.err
	}
	return s.Store.AppendAudit(ctx, e)
}

// TestAuditRowThatIsMissing: what was done stays done when its row cannot be written, and the process's log says that it is missing.
func TestAuditRowThatIsMissing(t *testing.T) {
	s := newStage(t, "public", chat.Owner, 0)
	s.rules = s.withAudit(&appended{Store: s.store, err: errors.New("disk on fire")}, limit.None{})
	s.log.Reset()
	s.must(s.rules.SignOut(s.ctx, s.kim))
	if log := s.log.String(); !strings.Contains(log, "could not be written") || !strings.Contains(log, `what="signed out"`) {
		t.Errorf("the log: %s", log)
	}
}

// TestAuditOfRefusals: a refusal has a row, with the command and why; of all refusals together there are as many rows as the rate allows,
// and of what comes over a socket none.
func TestAuditOfRefusals(t *testing.T) {
	s := newStage(t, "public", chat.Guest, 2)
	s.rules = s.with(s.store, limit.New(s.clock))
	before := s.head()
	if err := s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id("mira")); outcome(err) != "404" {
		t.Fatal(err)
	}
	rows := s.logged(before)
	if len(rows) != 1 || rows[0].What != "refused" || rows[0].Of.ID != s.id("mira") ||
		fmt.Sprint(rows[0].Details) != "[{command  remove a member} {code  not_found}]" {
		t.Fatalf("%+v", rows)
	}
	s.pass(time.Minute)
	reader := s.house.token(s.kim, chat.ScopeRead)
	before = s.head()
	s.audited()
	s.must(s.rules.Typing(s.ctx, reader, s.room))
	if lines := s.audited(); len(lines) != 1 || !strings.Contains(lines[0], "code=forbidden") {
		t.Errorf("a token that only reads types: %q", lines)
	}
	if rows := s.logged(before); len(rows) != 0 {
		t.Errorf("a row for a frame: %+v", rows)
	}
	for n := range 1000 {
		_, err := s.rules.SignUp(s.ctx, chat.Visitor(clientID(n)), chat.SignUpInput{Invite: "no"})
		if outcome(err) != "404" {
			t.Fatal(err)
		}
	}
	if n := len(s.logged(before)); n < 250 || n > 300 {
		t.Errorf("%d rows of 1000 refusals", n)
	}
	s.pass(10 * time.Minute)
	before = s.head()
	for n := range 100 {
		_, err := s.rules.SignUp(s.ctx, chat.Visitor(clientID(n)), chat.SignUpInput{Invite: "no"})
		if outcome(err) != "404" {
			t.Fatal(err)
		}
	}
	if n := len(s.logged(before)); n != 10 {
		t.Errorf("%d rows ten minutes later", n)
	}
}

// TestAuditTokens: a token with the scope audit reads the audit log and nothing else, while its user administers; no other token reads it.
func TestAuditTokens(t *testing.T) {
	h := open(t, nil)
	ctx, olga := t.Context(), h.people["olga"]
	by := h.token(olga, chat.ScopeAudit)
	if _, err := h.rules.Audit(ctx, by, audit.Filter{}, "", nil); err != nil {
		t.Error(err)
	}
	if _, err := h.rules.ExportAudit(ctx, by, audit.Filter{}, ""); err != nil {
		t.Error(err)
	}
	if _, _, err := h.rules.Me(ctx, by); outcome(err) != "403" {
		t.Errorf("it reads oneself: %v", err)
	}
	if _, err := h.rules.UpdateUser(ctx, by, h.people["mira"].User.ID, chat.UpdateUserInput{}); outcome(err) != "403" {
		t.Errorf("it changes users: %v", err)
	}
	all := h.token(olga, chat.ScopeRead, chat.ScopeWrite, chat.ScopeAdmin)
	if _, err := h.rules.Audit(ctx, all, audit.Filter{}, "", nil); outcome(err) != "403" {
		t.Errorf("a token without the scope: %v", err)
	}
	own := chat.NewTokenInput{Name: "x", Scopes: []chat.Scope{chat.ScopeAudit}}
	if _, _, err := h.rules.AddToken(ctx, h.people["mira"], own); outcome(err) != "403" {
		t.Errorf("a member makes one: %v", err)
	}
	h.add("kim", chat.Admin)
	kim := h.token(h.people["kim"], chat.ScopeAudit)
	member := chat.Member
	h.must(h.rules.UpdateUser(ctx, olga, h.people["kim"].User.ID, chat.UpdateUserInput{Role: &member}))
	kim, err := h.rules.Still(ctx, kim)
	h.must(err)
	if _, err := h.rules.Audit(ctx, kim, audit.Filter{}, "", nil); outcome(err) != "403" {
		t.Errorf("of who administers no more: %v", err)
	}
}

// TestAuditHidesRooms: an administrator who does not see a private room is not told its id, which would let them enter it.
func TestAuditHidesRooms(t *testing.T) {
	h := open(t, nil)
	ctx, olga, jonas := t.Context(), h.people["olga"], h.people["jonas"]
	room := func(kind chat.Kind, name string) string {
		r, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{Kind: kind, Name: name})
		h.must(err)
		h.must(h.rules.PutMember(ctx, jonas, r.ID, h.people["mira"].User.ID, nil))
		return r.ID
	}
	public, private := room(chat.Public, "lobby"), room(chat.Private, "surprise")
	for _, export := range []bool{false, true} {
		p, err := h.rules.Audit(ctx, olga, audit.Filter{What: "member added"}, "", nil)
		if export {
			p, err = h.rules.ExportAudit(ctx, olga, audit.Filter{What: "member added"}, "")
		}
		if err != nil || len(p.Rows) != 2 || p.Rows[0].Room != "" || !p.Rows[0].Hidden || p.Rows[1].Room != public || p.Rows[1].Hidden {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if p, err := h.rules.Audit(ctx, olga, audit.Filter{Room: public}, "", nil); err != nil || len(p.Rows) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := h.rules.Audit(ctx, olga, audit.Filter{Room: private}, "", nil); outcome(err) != "404" {
		t.Errorf("a search for what she does not see: %v", err)
	}
	for _, cursor := range []string{"x", "0", "-1", "1e3"} {
		if _, err := h.rules.Audit(ctx, olga, audit.Filter{}, cursor, nil); outcome(err) != "400" {
			t.Errorf("the cursor %s: %v", cursor, err)
		}
	}
}

// TestAuditLogIsPruned: after Keep rows go, and the log stays a chain.
func TestAuditLogIsPruned(t *testing.T) {
	h := open(t, nil)
	began := len(h.logged(0))
	h.pass(audit.Keep + time.Hour)
	for range 3 * audit.MaxPrune {
		h.signIn("mira")
	}
	rows, c := h.logged(0), audit.NewChecker(audit.Head{})
	for _, r := range rows {
		if h.must(c.Add(r)); h.clock().Sub(r.At) > audit.Keep {
			t.Fatalf("row %d is %s old", r.N, h.clock().Sub(r.At))
		}
	}
	head, err := h.store.AuditHead(t.Context())
	h.must(err)
	if _, err := c.End(head); err != nil || began == 0 || rows[0].N != int64(began)+1 {
		t.Errorf("%d rows before, the first one now is %d: %v", began, rows[0].N, err)
	}
}
