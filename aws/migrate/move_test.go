package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/aws/migrate"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/settings"
)

var at = time.Date(2099, 11, 24, 9, 0, 0, 0, time.UTC)

func options() migrate.Options {
	return migrate.Options{Clock: func() time.Time { return at }, Out: io.Discard}
}

// workspace returns a store with one of everything, and more messages than one import takes.
func workspace(t *testing.T, name string) *model.Store {
	t.Helper()
	ctx, s := t.Context(), model.New(nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	mira := chat.NewUser{
		User: chat.User{
			ID: "umira", Handle: "mira", Name: "Mira", Role: chat.Owner, Email: "mira@example.com", Settings: settings.Default(),
			Epoch: 1,
		},
		EmailFold: "mira@example.com", PasswordHash: "hash",
	}
	_, err := s.Setup(ctx, chat.Setup{
		Workspace: chat.Workspace{Name: name, Epoch: "e", DefaultRooms: []string{"r"}}, Owner: mira, RoomID: "r", At: at,
		Session: &chat.NewSession{Session: chat.Session{ID: "s", User: "umira", UserEpoch: 1, CreatedAt: at, ExpiresAt: at.Add(time.Hour)}},
	})
	must(err)
	for i := range archive.MaxImport + 10 {
		_, _, err := s.PostMessage(ctx, chat.PostMessage{
			Room: "r", Author: "umira", ClientID: fmt.Sprint(i), Text: "hello", At: at,
			Parts: chat.Parts{Confirm: true, Poll: &poll.Poll{Options: []string{"a", "b"}}},
		})
		must(err)
	}
	_, err = s.EditMessage(ctx, chat.EditMessage{Room: "r", Seq: 1, By: "umira", Text: "hello again", At: at})
	must(err)
	_, err = s.SetReaction(ctx, chat.SetReaction{Room: "r", Seq: 1, User: "umira", Emoji: "🎉", Added: true, At: at})
	must(err)
	_, err = s.FollowThread(ctx, chat.FollowThread{Room: "r", Root: 1, User: "umira", On: true})
	must(err)
	must(s.Confirm(ctx, chat.ConfirmMessage{Room: "r", Seq: 1, User: "umira", At: at}))
	_, err = s.AddCustomEmoji(ctx, chat.AddCustomEmoji{
		Emoji: emojiname.Emoji{Name: "parrot", Picture: "p", Sum: "s", By: "umira", At: at, MainAt: at}, Revision: "e1",
	})
	must(err)
	_, err = s.SetVote(ctx, chat.SetVote{Room: "r", Seq: 1, User: "umira", Options: []int{1}, At: at})
	must(err)
	until := at.Add(time.Hour)
	must(s.AddToken(ctx, chat.Facts{}, chat.Token{ID: "t", User: "umira", UserEpoch: 1, CreatedAt: at, ExpiresAt: &until},
		chat.HashSecret("t")))
	must(s.AddInvite(ctx, chat.Facts{}, chat.Invite{ID: "i", By: "umira", Role: chat.Member, CreatedAt: at, ExpiresAt: until},
		chat.HashSecret("i")))
	return s
}

// place is a store whose imports and exports a test can change.
type place struct {
	*model.Store
	imports int
	before  func(n int, records []archive.Record) ([]archive.Record, error) // the nth import
	export  func()
}

func (p *place) Import(ctx context.Context, records []archive.Record) error {
	p.imports++
	if p.before != nil {
		var err error
		if records, err = p.before(p.imports, records); err != nil {
			return err
		}
	}
	return p.Store.Import(ctx, records)
}

func (p *place) Export(ctx context.Context, now time.Time, give func(archive.Record) error) error {
	if p.export != nil {
		p.export()
	}
	return p.Store.Export(ctx, now, give)
}

// TestMove: everything arrives, with a new epoch, and a second move finds the copy.
func TestMove(t *testing.T) {
	from, to := workspace(t, "Acme"), model.New(nil)
	sums, err := migrate.Move(t.Context(), from, to, options())
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{1, 1, 1, archive.MaxImport + 10, 1, 1, 1, 1, 1, 1, 1, 1, 1}
	for i, s := range sums {
		if s.Kind != archive.RecordKinds()[i] || s.Count != want[i] {
			t.Errorf("%v, want %d", s, want[i])
		}
	}
	w, err := to.Workspace(t.Context())
	if err != nil || w.Name != "Acme" || w.Epoch == "e" || !chat.IsID(w.Epoch) {
		t.Errorf("%+v, %v", w, err)
	}
	copied, err := migrate.Sums(t.Context(), to, at)
	if err != nil || !reflect.DeepEqual(sums, copied) {
		t.Errorf("read again: %v, %v", copied, err)
	}
	again := &place{Store: to}
	if _, err := migrate.Move(t.Context(), from, again, options()); err != nil || again.imports > 0 {
		t.Errorf("again: %v after %d imports", err, again.imports)
	}
}

// TestRefused: a move that would mix two workspaces does not begin.
func TestRefused(t *testing.T) {
	other := &place{Store: workspace(t, "Another")}
	_, err := migrate.Move(t.Context(), workspace(t, "Acme"), other, options())
	if err == nil || !strings.Contains(err.Error(), `holds the workspace "Another"`) || other.imports > 0 {
		t.Errorf("into another workspace: %v after %d imports", err, other.imports)
	}
	if _, err := migrate.Move(t.Context(), model.New(nil), model.New(nil), options()); err == nil ||
		!strings.Contains(err.Error(), "not set up") {
		t.Errorf("out of an empty place: %v", err)
	}
}

// TestInterrupted: a failed move leaves a target that is not set up, and the same move succeeds later.
func TestInterrupted(t *testing.T) {
	broken := errors.New("broken")
	for n := 1; n <= 3; n++ {
		to := &place{Store: model.New(nil), before: func(i int, r []archive.Record) ([]archive.Record, error) {
			if i == n {
				return nil, broken
			}
			return r, nil
		}}
		from := workspace(t, "Acme")
		if _, err := migrate.Move(t.Context(), from, to, options()); !errors.Is(err, broken) ||
			!strings.Contains(err.Error(), "run the same command again") {
			t.Fatalf("import %d failed: %v", n, err)
		}
		if _, err := to.Workspace(t.Context()); chat.ErrorCode(err) != chat.NotFound {
			t.Fatalf("import %d failed, and the target is set up: %v", n, err)
		}
		to.before = nil
		if _, err := migrate.Move(t.Context(), from, to, options()); err != nil {
			t.Errorf("after import %d failed: %v", n, err)
		}
	}
}

// TestBusy: an import is repeated while the storage is unavailable.
func TestBusy(t *testing.T) {
	to := &place{Store: model.New(nil), before: func(i int, r []archive.Record) ([]archive.Record, error) {
		if i == 1 {
			return nil, chat.Errorf(chat.Unavailable, "later")
		}
		return r, nil
	}}
	if _, err := migrate.Move(t.Context(), workspace(t, "Acme"), to, options()); err != nil {
		t.Error(err)
	}
}

// TestDifferent: one lost or changed record, whatever its kind, is detected before the target is set up.
func TestDifferent(t *testing.T) {
	for _, kind := range archive.RecordKinds() {
		if kind == archive.UserRecords || kind == archive.RoomRecords || kind == archive.WorkspaceRecords {
			continue // the others depend on them
		}
		lost := false
		to := &place{Store: model.New(nil), before: func(_ int, records []archive.Record) (out []archive.Record, _ error) {
			for _, r := range records {
				m, message := r.(archive.MessageRecord)
				switch {
				case r.RecordKind() != kind || lost:
				case message:
					m.Text, lost = "another", true
					r = m
				default:
					lost = true
					continue
				}
				out = append(out, r)
			}
			return out, nil
		}}
		if _, err := migrate.Move(t.Context(), workspace(t, "Acme"), to, options()); !errors.Is(err, migrate.ErrDifferent) ||
			!strings.Contains(err.Error(), string(kind)) {
			t.Errorf("one of the %s is not the same: %v", kind, err)
		}
		if _, err := to.Workspace(t.Context()); err == nil {
			t.Errorf("one of the %s is not the same, and the target is set up", kind)
		}
	}
}

// TestChangedMeanwhile: a write to the source during the move is detected.
func TestChangedMeanwhile(t *testing.T) {
	from := &place{Store: workspace(t, "Acme")}
	exports := 0
	from.export = func() {
		if exports++; exports == 2 {
			_, _, err := from.PostMessage(context.Background(),
				chat.PostMessage{Room: "r", Author: "umira", ClientID: "late", Text: "late", At: at})
			if err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := migrate.Move(t.Context(), from, model.New(nil), options()); err == nil ||
		!strings.Contains(err.Error(), "was changed while it was copied: rooms") {
		t.Error(err)
	}
}

// TestExpiring: what expires during the move counts as missing on neither side.
func TestExpiring(t *testing.T) {
	now := at
	o := migrate.Options{Out: io.Discard, Clock: func() time.Time { return now }}
	from := &place{Store: workspace(t, "Acme")}
	to := &place{Store: model.New(nil), export: func() { now = at.Add(2 * time.Hour) }}
	to.before = func(_ int, r []archive.Record) ([]archive.Record, error) {
		now = at.Add(2 * time.Hour)
		return r, nil
	}
	sums, err := migrate.Move(t.Context(), from, to, o)
	if err != nil || sums[9].Count != 0 || sums[10].Count != 0 {
		t.Errorf("%v, %v", sums, err)
	}
}
