package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/internal/storetest/model"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

// Moves tests the contract of archive.Store, which the stores of open must implement. The export of a random history must be that of
// the model. The copy in an empty store must have the same export, give the same reads, and execute further commands in the same way.
func Moves(t *testing.T, open Open) {
	historyMoves(t, open)
	rapid.Check(t, func(rt *rapid.T) {
		ctx, h, hf := context.Background(), &recorder{}, &recorder{}
		from, to := opened(t, open, hf), opened(t, open, h)
		defer from.Close()
		defer to.Close()
		s, into := from.Store, to.Store
		m := model.New(nil)
		w := &walk{rt: rt, at: began}
		for _, store := range []chat.Store{s, m} {
			if err := errorsOf(furnish(ctx, store, nil), furnishMore(ctx, store), addOwned("ubot", "ujonas")(ctx, store)); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 40).Draw(rt, "commands") {
			name, command := w.next()
			_, got := command(ctx, s)
			_, want := command(ctx, m)
			same(rt, name, outcome(nil, got), outcome(nil, want))
		}
		hf.take()
		records := export(ctx, rt, s)
		sameRecords(rt, "the export", records, export(ctx, rt, m), portable)

		move(ctx, rt, into, records)
		same(rt, "a move announces", h.take(), []chat.Announcement{})
		sameRecords(rt, "the export of the copy", export(ctx, rt, into), records, func(r archive.Record) archive.Record { return r })
		same(rt, "another move answers", outcome(nil, into.(archive.Store).Import(ctx, records[:1])), "conflict ")
		compare(ctx, rt, into, s, false, true)
		for range rapid.IntRange(0, 20).Draw(rt, "commands after") {
			name, command := w.next()
			got, gotErr := command(ctx, into)
			want, wantErr := command(ctx, s)
			same(rt, name+" answers after the move", outcome(got, gotErr), outcome(want, wantErr))
		}
		end := deactivate("ujonas", true) // takes his bot along
		same(rt, "an end after the move", outcome(nil, end(ctx, into)), outcome(nil, end(ctx, s)))
		hf.take()
		h.take()
		compare(ctx, rt, into, s, false, true)
	})
}

func errorsOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

const halfYear = 180 * 24 * time.Hour

// furnishMore adds data that the random commands do not create: other handles and names, a status, sessions, tokens and invites.
func furnishMore(ctx context.Context, s chat.Store) error {
	handle, title, zone := "mira.k", "Founder", "Europe/Berlin"
	until, status := began.Add(halfYear), &chat.Status{Emoji: "🌴", Text: "away"}
	status.Until = &until
	chosen, gone, hash := settings.Settings{
		Theme: "dark", SkinTone: 3, Sections: []chat.Section{{Name: "Kitchen", Rooms: []string{general}}},
		Attention: settings.Attention{
			DefaultNotify: chat.NotifyAll, Keywords: []string{"soup"}, PushDelay: time.Second,
			Quiet: quiet.Quiet{Until: &until, Schedule: &quiet.Schedule{Days: []quiet.Day{"mon"}, From: "09:00", To: "10:00"}},
		},
	}, true, "another hash"
	_, err := s.UpdateUser(ctx, chat.UpdateUser{
		User: "umira", Handle: &handle, Title: &title, Status: &status, Settings: settingsTo(chosen), TimeZone: &zone, At: began,
	})
	if err != nil {
		return err
	}
	twin := user("eve", chat.Member)
	twin.User.Name = "Jоnas" // a Cyrillic о: ambiguous, and makes the other user with this name ambiguous
	if _, err := s.AddUser(ctx, chat.AddUser{User: twin, At: began}); err != nil {
		return err
	}
	bot := chat.User{ID: "hbot", Handle: "hook-hbot", Name: "Grafana", Role: chat.Guest, Bot: true, Settings: settings.Default(), Epoch: 1}
	made := &chat.Hook{ID: "hbot", Room: general, By: "umira", Calls: true, CreatedAt: began, Epoch: 1, Secret: chat.HashSecret("hbot")}
	if _, err := s.AddUser(ctx, chat.AddUser{User: chat.NewUser{User: bot, EmailFold: "bot hbot"}, Hook: made, At: began}); err != nil {
		return err
	}
	if err := s.TouchHook(ctx, "hbot", began); err != nil {
		return err
	}
	calls := "https://meet.example.com/{room}"
	off, feedback := true, general
	for _, c := range []chat.UpdateWorkspace{{CallURL: &calls}, {PreviewsOff: &off}, {FeedbackRoom: &feedback}, {}} {
		if err := s.UpdateWorkspace(ctx, c); err != nil {
			return err
		}
	}
	if w, err := s.Workspace(ctx); err != nil || w.CallURL != calls || !w.PreviewsOff || w.FeedbackRoom != feedback {
		return fmt.Errorf("the workspace is %+v, %w", w, err)
	}
	tokens := []chat.Token{
		{
			ID: "tlives", User: "ujonas", UserEpoch: 1, Name: "ci", Scopes: []chat.Scope{chat.ScopeRead, chat.ScopeWrite}, CreatedAt: began,
			LastUsedAt: &began, ExpiresAt: &until,
		},
		{ID: "tforever", User: "ujonas", UserEpoch: 1, Name: "bot", Scopes: []chat.Scope{chat.ScopeRead}, CreatedAt: began},
		{ID: "texpired", User: "ujonas", UserEpoch: 1, Name: "old", CreatedAt: began, ExpiresAt: &began},
		{ID: "tover", User: "ueve", UserEpoch: 1, Name: "hers", CreatedAt: began},
	}
	for _, t := range tokens {
		if err := s.AddToken(ctx, chat.Facts{}, t, chat.HashSecret(t.ID)); err != nil {
			return err
		}
	}
	invites := []chat.Invite{
		{ID: "ilives", By: "umira", Role: chat.Guest, Rooms: []string{general}, CreatedAt: began, ExpiresAt: until, MaxUses: 3},
		{ID: "iforone", By: "ueve", Email: "New@example.com", Role: chat.Member, CreatedAt: began, ExpiresAt: until, MaxUses: 1},
		{ID: "iexpired", By: "umira", Role: chat.Member, CreatedAt: began, ExpiresAt: began},
	}
	for _, i := range invites {
		if err := s.AddInvite(ctx, chat.Facts{}, i, chat.HashSecret(i.ID)); err != nil {
			return err
		}
	}
	if err := furnishEmoji(ctx, s); err != nil {
		return err
	}
	_, err = s.UpdateUser(ctx, chat.UpdateUser{User: "ueve", Deactivated: &gone, Password: &hash, EndSessions: true, At: began})
	return errorsOf(err, s.AddSession(ctx, chat.NewSession{
		Session: chat.Session{ID: "s", User: "ujonas", UserEpoch: 1, CreatedAt: began, LastSeenAt: began, ExpiresAt: until},
		Secret:  chat.HashSecret("s"),
	}))
}

// furnishEmoji adds a custom emoji with an alias, and one that was deleted.
func furnishEmoji(ctx context.Context, s chat.Store) error {
	es, ok := s.(chat.CustomEmojiStore)
	if !ok {
		return fmt.Errorf("%T holds no custom emoji", s)
	}
	var gone []emojiname.Emoji
	for _, c := range []chat.AddCustomEmoji{
		{Emoji: emojiname.Emoji{Name: "parrot1", Picture: "p1", Sum: "s1", By: "umira", At: began, MainAt: began}},
		{Emoji: emojiname.Emoji{Name: "birdie", By: "ueve", At: began.Add(time.Second)}, From: "parrot1"},
		{Emoji: emojiname.Emoji{Name: "blob1", Picture: "p2", Sum: "s2", By: "umira", At: began, MainAt: began}},
	} {
		c.Revision = chat.NewID()
		e, err := es.AddCustomEmoji(ctx, c)
		if err != nil {
			return err
		}
		gone = []emojiname.Emoji{e}
	}
	return es.DeleteCustomEmoji(ctx, chat.DeleteCustomEmoji{Was: gone, Names: []string{"blob1"}, Revision: chat.NewID()})
}

// export is the export of a store at a time when one token and one invite have expired.
func export(ctx context.Context, rt *rapid.T, s chat.Store) (out []archive.Record) {
	rt.Helper()
	a, ok := s.(archive.Store)
	if !ok {
		rt.Fatalf("%T does not implement archive.Store", s)
	}
	err := a.Export(ctx, began.Add(time.Hour), func(r archive.Record) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		rt.Fatal(err)
	}
	return out
}

// move imports all records in parts, the workspace last. Some parts are imported twice.
func move(ctx context.Context, rt *rapid.T, into chat.Store, records []archive.Record) {
	a := into.(archive.Store)
	last := len(records) - 1
	for rest := records[:last]; len(rest) > 0; {
		n := rapid.IntRange(1, min(len(rest), archive.MaxImport)).Draw(rt, "part")
		for range rapid.IntRange(1, 2).Draw(rt, "times") {
			if err := a.Import(ctx, rest[:n]); err != nil {
				rt.Fatal(err)
			}
		}
		rest = rest[n:]
	}
	if _, err := into.Workspace(ctx); chat.ErrorCode(err) != chat.NotFound {
		rt.Fatalf("the workspace exists before its record is imported: %v", err)
	}
	if rapid.Bool().Draw(rt, "from the beginning") {
		for i := range last {
			if err := a.Import(ctx, records[i:i+1]); err != nil {
				rt.Fatal(err)
			}
		}
	}
	if err := a.Import(ctx, records[last:]); err != nil {
		rt.Fatal(err)
	}
}

func sameRecords(rt *rapid.T, what string, got, want []archive.Record, of func(archive.Record) archive.Record) {
	rt.Helper()
	if len(got) != len(want) {
		rt.Fatalf("%s holds %d records, not %d", what, len(got), len(want))
	}
	for i := range got {
		g, w := fmt.Sprintf("%T%+v", got[i], plain(of(got[i]))), fmt.Sprintf("%T%+v", want[i], plain(of(want[i])))
		if g != w {
			rt.Fatalf("%s, record %d\n got %s\nwant %s", what, i, g, w)
		}
	}
}

// portable is a record without its counters, which stores may increase by different steps.
func portable(r archive.Record) archive.Record {
	switch r := r.(type) {
	case archive.RoomRecord:
		r.Version = 0
		return r
	case archive.MemberRecord:
		r.SettingsRev = 0
		return r
	case archive.WorkspaceRecord:
		r.Directory = 0
		return r
	}
	return r
}
