package migrate

import (
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// TestCanonical: equal records have equal encodings, others differ.
func TestCanonical(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	elsewhere := at.In(time.FixedZone("", 3600))
	is := func(r archive.Record) string { return string(canonical(nil, reflect.ValueOf(r))) }
	message := func(m chat.Message) archive.Record { return archive.MessageRecord{Message: m} }
	if a, b := is(message(chat.Message{CreatedAt: at})),
		is(message(chat.Message{CreatedAt: elsewhere, Mentions: []string{}, Reactions: []chat.Reaction{}})); a != b {
		t.Errorf("the same message in two ways:\n%s\n%s", a, b)
	}
	seen := map[string]archive.Record{}
	for _, r := range []archive.Record{
		message(chat.Message{}), message(chat.Message{Text: "a", ClientID: "bc"}), message(chat.Message{Text: "ab", ClientID: "c"}),
		message(chat.Message{EditedAt: &at}), message(chat.Message{DeletedAt: &at}), message(chat.Message{AlsoInRoom: true}),
		message(chat.Message{Mentions: []string{""}}), message(chat.Message{Mentions: []string{"", ""}}),
		message(chat.Message{Mentions: []string{"0:"}}),
		message(chat.Message{ThreadInfo: &thread.Info{}}), message(chat.Message{System: &chat.System{}}),

		archive.TokenRecord{}, archive.TokenRecord{Secret: chat.HashSecret("a")},
	} {
		if was, ok := seen[is(r)]; ok {
			t.Errorf("%+v and %+v are encoded alike", was, r)
		}
		seen[is(r)] = r
	}
}

// TestEveryRecordHasAnEncoding: a kind of field without encoding panics here, not in a move.
func TestEveryRecordHasAnEncoding(t *testing.T) {
	records := []archive.Record{
		archive.UserRecord{}, archive.RoomRecord{}, archive.MemberRecord{}, archive.MessageRecord{}, archive.VersionRecord{}, archive.ReactionRecord{},
		archive.VoteRecord{}, archive.ThreadRecord{}, archive.ConfirmedRecord{}, archive.InviteRecord{}, archive.TokenRecord{}, archive.EmojiRecord{},
		archive.WorkspaceRecord{},
	}
	tally := newTally()
	for i, r := range records {
		if kinds := archive.RecordKinds(); len(kinds) != len(records) || r.RecordKind() != kinds[i] {
			t.Fatalf("record %d of %d kinds is one of the %s", i, len(kinds), r.RecordKind())
		}
		tally.add(r)
	}
}
