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

// TestRevokedRightsAreNotCached: once a command that revokes a right is acknowledged, no lookup returns the right, also under
// concurrent lookups (AU-07, WS-05).
func TestRevokedRightsAreNotCached(t *testing.T) {
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
		"tokens of a deactivated user": {
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
			s, _, _ := testStore(t)
			for i := range 30 {
				must(t, ignoreConflict(of.give(s)))
				if !of.has(s) {
					t.Fatalf("round %d: the granted right is missing", i)
				}
				revoke(t, s, of.take, of.has)
			}
		})
	}
}

// ignoreConflict accepts that the first round grants a right which exists already.
func ignoreConflict(err error) error {
	if chat.ErrorCode(err) == chat.Conflict {
		return nil
	}
	return err
}

// revoke revokes a right during concurrent lookups.
func revoke(t *testing.T, s *Store, take func(*Store) error, has func(*Store) bool) {
	t.Helper()
	var revoked, stop atomic.Bool
	var lookups sync.WaitGroup
	for range 3 {
		lookups.Go(func() {
			for !stop.Load() {
				if done := revoked.Load(); has(s) && done {
					t.Error("a lookup returns the revoked right")
					return
				}
			}
		})
	}
	must(t, take(s))
	revoked.Store(true)
	if has(s) {
		t.Error("a lookup just after the revocation returns the right")
	}
	stop.Store(true)
	lookups.Wait()
}

// Each lookup compares expiry with the clock, also for cached secrets.
func TestCachedSecretsExpire(t *testing.T) {
	s, _, _ := testStore(t)
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

// A session's secret is no token and a token no session's secret, also when both are cached.
func TestCachedSecretsKeepTheirKind(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	must(t, signIn(s))
	must(t, addToken(s))
	if !bySession(s) || !byToken(s) {
		t.Fatal("not signed in")
	}
	if _, _, err := s.SessionBySecret(ctx, "", tokenSecret, noon); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("a token is accepted as a session's secret: %v", err)
	}
	if _, _, err := s.TokenBySecret(ctx, "", sessionSecret, noon); chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("a session's secret is accepted as a token: %v", err)
	}
}

func TestCacheIsBounded(t *testing.T) {
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

// The cached counters of a room are those of the last acknowledged command, also if another command of its batch was rolled back.
func TestCachedCountersAreExact(t *testing.T) {
	s, _, _ := testStore(t)
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
					t.Errorf("posted %d, rev %d; cached %d, rev %d", m.Seq, m.Rev, r.LastSeq, r.Rev)
				}
				err = do(context.Background(), s, func(tx *tx) error { // takes a seq and then fails
					_, err := tx.insert(chat.Message{Room: "general", Author: "mira", Text: "undone", CreatedAt: noon})
					return errors.Join(err, tx.checkFacts(stale))
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
		t.Errorf("cached %d, rev %d; stored %d, rev %d", r.LastSeq, r.Rev, want.LastSeq, want.Rev)
	}
}

// Frequent commands drop nothing from the cache that they do not change.
func TestPostsKeepTheCache(t *testing.T) {
	s, _, _ := testStore(t)
	ctx := context.Background()
	must(t, signIn(s))
	must(t, addToken(s))
	if !bySession(s) || !byToken(s) || roleOf(s).Role == "" {
		t.Fatal("the session, token or role is missing")
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
		t.Errorf("%d secrets and %d roles are cached, want the session's secret and one role", len(s.access.secrets), s.access.roles)
	}
}

// A read that began before a commit and ends after it returns its result but does not cache it.
func TestStaleReadIsNotCached(t *testing.T) {
	ctx := context.Background()
	for name, change := range map[string]func(*Store) error{
		"removed": func(s *Store) error { return s.RemoveMember(ctx, chat.RemoveMember{Room: "general", User: "jonas"}) },
		"posted":  func(s *Store) error { _, err := post(s, "mira", 1, "hello"); return err },
	} {
		s, _, _ := testStore(t)
		look := func(*access) (chat.RoomAccess, bool) { return chat.RoomAccess{}, false }
		keep := func(a *access, r chat.RoomAccess) { a.keepRole("jonas", r) }
		before, err := cached(ctx, s, look, func(c *conn) (r chat.RoomAccess, err error) {
			r.Room, err = roomByID(c, "general")
			r.Role = chat.RoomMember
			return r, errors.Join(err, change(s))
		}, keep)
		must(t, err)
		if after := roleOf(s); after.Role == before.Role && after.LastSeq == before.LastSeq {
			t.Errorf("%s: the state before the change is cached: %+v", name, after)
		}
	}
}
