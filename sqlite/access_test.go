package sqlite

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

var sessionSecret, tokenSecret = chat.HashSecret("session"), chat.HashSecret("token")

func signIn(s *Store) error {
	return s.AddSession(context.Background(), chat.NewSession{Secret: sessionSecret, Session: chat.Session{
		ID: "session", User: "jonas", UserEpoch: epochOf(s, "jonas"), CreatedAt: noon, LastSeenAt: noon, ExpiresAt: noon.Add(time.Hour),
	}})
}

func addToken(s *Store) error {
	end := noon.Add(time.Hour)
	return s.AddToken(context.Background(), chat.Facts{}, chat.Token{
		ID: "token", User: "jonas", UserEpoch: epochOf(s, "jonas"), Name: "t", Scopes: []chat.Scope{chat.ScopeRead}, CreatedAt: noon,
		ExpiresAt: &end,
	}, tokenSecret)
}

func epochOf(s *Store, user string) int64 {
	u, err := s.User(context.Background(), user)
	if err != nil {
		return 0
	}
	return u.Epoch
}

func bySession(s *Store) bool {
	_, u, err := s.SessionBySecret(context.Background(), "", sessionSecret, noon)
	return err == nil && u.ID == "jonas"
}

func byToken(s *Store) bool {
	_, u, err := s.TokenBySecret(context.Background(), "", tokenSecret, noon)
	return err == nil && u.ID == "jonas"
}

func roleOf(s *Store) chat.RoomAccess {
	r, err := s.RoomAccess(context.Background(), "general", "jonas")
	if err != nil {
		return chat.RoomAccess{}
	}
	return r
}

func update(s *Store, u chat.UpdateUser) error {
	u.User, u.At = "jonas", noon
	_, err := s.UpdateUser(context.Background(), u)
	return err
}

func updateRoom(s *Store, archived bool) error {
	_, err := s.UpdateRoom(context.Background(), chat.UpdateRoom{Room: "general", By: "mira", Archived: &archived, At: noon})
	return err
}

// TestNothingRevokedIsRemembered: as soon as a command that takes a right away is acknowledged, nobody is told that it is still there,
// while others ask all the time (AU-07, WS-05).
func TestNothingRevokedIsRemembered(t *testing.T) {
	ctx, yes, no := context.Background(), true, false
	owner, member := chat.RoomOwner, chat.RoomMember
	for name, of := range map[string]struct {
		give, take func(*Store) error
		has        func(*Store) bool
	}{
		"session": {signIn, func(s *Store) error { return s.EndSession(ctx, "jonas", "session") }, bySession},
		"token":   {addToken, func(s *Store) error { return s.EndToken(ctx, "jonas", "token") }, byToken},
		"sessions of a new password": {signIn, func(s *Store) error {
			hash := "other"
			return update(s, chat.UpdateUser{Password: &hash, EndSessions: true})
		}, bySession},
		"tokens of who is deactivated": {
			func(s *Store) error { return errors.Join(update(s, chat.UpdateUser{Deactivated: &no}), addToken(s)) },
			func(s *Store) error { return update(s, chat.UpdateUser{Deactivated: &yes, EndSessions: true}) }, byToken,
		},
		"member": {
			func(s *Store) error {
				return s.AddMembers(ctx, chat.AddMembers{Room: "general", Users: []string{"jonas"}, Role: chat.RoomMember, At: noon})
			},
			func(s *Store) error { return s.RemoveMember(ctx, chat.RemoveMember{Room: "general", User: "jonas"}) },
			func(s *Store) bool { return roleOf(s).Role != "" },
		},
		"owner of the room": {
			func(s *Store) error { return s.SetMemberRole(ctx, chat.Facts{}, "general", "jonas", owner) },
			func(s *Store) error { return s.SetMemberRole(ctx, chat.Facts{}, "general", "jonas", member) },
			func(s *Store) bool { return roleOf(s).Role == chat.RoomOwner },
		},
		"open room": {
			func(s *Store) error { return updateRoom(s, false) }, func(s *Store) error { return updateRoom(s, true) },
			func(s *Store) bool { return !roleOf(s).Archived },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _, _ := house(t)
			for i := range 30 {
				must(t, ignoreSame(of.give(s)))
				if !of.has(s) {
					t.Fatalf("round %d: what was given is not there", i)
				}
				revoke(t, s, of.take, of.has)
			}
		})
	}
}

// ignoreSame lets a first round give what is there already.
func ignoreSame(err error) error {
	if chat.ErrorCode(err) == chat.Conflict {
		return nil
	}
	return err
}

// revoke takes a right away while others ask for it.
func revoke(t *testing.T, s *Store, take func(*Store) error, has func(*Store) bool) {
	t.Helper()
	var over, stop atomic.Bool
	var asking sync.WaitGroup
	for range 3 {
		asking.Go(func() {
			for !stop.Load() {
				if gone := over.Load(); has(s) && gone {
					t.Error("what was taken away is still there")
					return
				}
			}
		})
	}
	must(t, take(s))
	over.Store(true)
	if has(s) {
		t.Error("what was just taken away is still there")
	}
	stop.Store(true)
	asking.Wait()
}

// Expiry is compared with the clock each time, also for what is in memory.
func TestRememberedSecretsExpire(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	must(t, signIn(s))
	must(t, addToken(s))
	for _, at := range []struct {
		now  time.Time
		live bool
	}{{noon, true}, {noon.Add(time.Hour - time.Millisecond), true}, {noon.Add(time.Hour), false}, {noon, true}} {
		if _, _, err := s.SessionBySecret(ctx, "", sessionSecret, at.now); (err == nil) != at.live {
			t.Errorf("session at %v: %v", at.now, err)
		}
		if _, _, err := s.TokenBySecret(ctx, "", tokenSecret, at.now); (err == nil) != at.live {
			t.Errorf("token at %v: %v", at.now, err)
		}
	}
	must(t, s.TouchSession(ctx, "jonas", "session", noon, noon.Add(2*time.Hour)))
	if se, _, err := s.SessionBySecret(ctx, "", sessionSecret, noon.Add(time.Hour)); err != nil ||
		!se.ExpiresAt.Equal(noon.Add(2*time.Hour)) {
		t.Errorf("after a touch: %+v %v", se, err)
	}
}

// What opens a session is no token, and the other way round, also once it is in memory.
func TestRememberedSecretsAreOfTheirKind(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	must(t, signIn(s))
	must(t, addToken(s))
	if !bySession(s) || !byToken(s) {
		t.Fatal("not signed in")
	}
	if _, _, err := s.SessionBySecret(ctx, "", tokenSecret, noon); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("a token opens a session: %v", err)
	}
	if _, _, err := s.TokenBySecret(ctx, "", sessionSecret, noon); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("a session is a token: %v", err)
	}
}

// What is in memory is bounded.
func TestRememberedIsBounded(t *testing.T) {
	var a access
	for i := range 3 * maxRoles {
		if i < 3*maxSecrets {
			a.keepSecret(secretKey{hash: chat.HashSecret(fmt.Sprint(i))}, secretOwner{})
		}
		a.keepRole(fmt.Sprint(i), chat.RoomAccess{Room: chat.Room{ID: fmt.Sprint(i % 100)}})
		if len(a.secrets) > maxSecrets || a.roles > maxRoles {
			t.Fatalf("%d secrets, %d roles", len(a.secrets), a.roles)
		}
	}
}

// A room's counters are those of the last acknowledged command, also where a command beside it failed and was undone.
func TestRememberedCountersAreExact(t *testing.T) {
	s, _, _ := house(t)
	stale := chat.Facts{Member: &chat.MemberFact{Room: "general", User: "jonas", Role: chat.RoomOwner}}
	var posting sync.WaitGroup
	for p := range 8 {
		posting.Go(func() {
			for i := range 40 {
				m, err := post(s, "mira", 100*p+i, "x")
				if err != nil {
					t.Error(err)
					return
				}
				if r := roleOf(s); r.LastSeq < m.Seq || r.Rev < m.Rev {
					t.Errorf("posted %d, rev %d; remembered %d, rev %d", m.Seq, m.Rev, r.LastSeq, r.Rev)
				}
				err = do(context.Background(), s, func(tx *tx) error { // fails after it has taken a seq
					_, err := tx.insert(chat.Message{Room: "general", Author: "mira", Text: "undone", CreatedAt: noon})
					return errors.Join(err, tx.hold(stale))
				})
				if !errors.Is(err, chat.ErrStale) {
					t.Errorf("a stale command: %v", err)
				}
			}
		})
	}
	posting.Wait()
	r := roleOf(s)
	want, _, err := row(s.conn, scanRoom, "SELECT "+roomColumns+" FROM room WHERE id = 'general'")
	must(t, err)
	if r.LastSeq != 320 || r.LastSeq != want.LastSeq || r.Rev != want.Rev {
		t.Errorf("remembered %d, rev %d; stored %d, rev %d", r.LastSeq, r.Rev, want.LastSeq, want.Rev)
	}
}

// What happens all the time makes nothing be forgotten.
func TestPostsForgetNothing(t *testing.T) {
	s, _, _ := house(t)
	ctx := context.Background()
	must(t, signIn(s))
	must(t, addToken(s))
	if !bySession(s) || !byToken(s) || roleOf(s).Role == "" {
		t.Fatal("not there")
	}
	m, err := post(s, "mira", 1, "hello")
	must(t, err)
	_, err = s.EditMessage(ctx, chat.EditMessage{Room: "general", Seq: m.Seq, By: "mira", Text: "hello again", At: noon})
	must(t, err)
	_, err = s.SetReaction(ctx, chat.SetReaction{Room: "general", Seq: m.Seq, User: "jonas", Emoji: "👍", Added: true, At: noon})
	must(t, err)
	_, err = s.SetRead(ctx, chat.SetRead{Room: "general", User: "jonas", Seq: m.Seq})
	must(t, err)
	must(t, s.TouchToken(ctx, "jonas", "token", noon))
	s.access.mu.Lock()
	defer s.access.mu.Unlock()
	if len(s.access.secrets) != 1 || s.access.roles != 1 {
		t.Errorf("%d secrets (the session's is wanted), %d roles are left", len(s.access.secrets), s.access.roles)
	}
}

// A read that began before a commit and ends after it is answered, and not remembered.
func TestWhatAReadMissedIsNotRemembered(t *testing.T) {
	ctx := context.Background()
	for name, change := range map[string]func(*Store) error{
		"removed": func(s *Store) error { return s.RemoveMember(ctx, chat.RemoveMember{Room: "general", User: "jonas"}) },
		"posted":  func(s *Store) error { _, err := post(s, "mira", 1, "hello"); return err },
	} {
		s, _, _ := house(t)
		look := func(*access) (chat.RoomAccess, bool) { return chat.RoomAccess{}, false }
		keep := func(a *access, r chat.RoomAccess) { a.keepRole("jonas", r) }
		before, err := remembered(ctx, s, look, func(c *conn) (r chat.RoomAccess, err error) {
			r.Room, err = roomByID(c, "general")
			r.Role = chat.RoomMember
			return r, errors.Join(err, change(s))
		}, keep)
		must(t, err)
		if after := roleOf(s); after.Role == before.Role && after.LastSeq == before.LastSeq {
			t.Errorf("%s: what was so before is remembered: %+v", name, after)
		}
	}
}
