package migrate

import (
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen"
)

// TestCanonical: records that are alike are encoded alike, and others differently.
func TestCanonical(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	elsewhere := at.In(time.FixedZone("", 3600))
	is := func(r canteen.Record) string { return string(canonical(nil, reflect.ValueOf(r))) }
	message := func(m canteen.Message) canteen.Record { return canteen.MessageRecord{Message: m} }
	if a, b := is(message(canteen.Message{CreatedAt: at})), is(message(canteen.Message{CreatedAt: elsewhere, Mentions: []string{}, Reactions: []canteen.Reaction{}})); a != b {
		t.Errorf("the same message in two ways:\n%s\n%s", a, b)
	}
	seen := map[string]canteen.Record{}
	for _, r := range []canteen.Record{
		message(canteen.Message{}), message(canteen.Message{Text: "a", ClientID: "bc"}), message(canteen.Message{Text: "ab", ClientID: "c"}),
		message(canteen.Message{EditedAt: &at}), message(canteen.Message{DeletedAt: &at}), message(canteen.Message{AlsoInRoom: true}),
		message(canteen.Message{Mentions: []string{""}}), message(canteen.Message{Mentions: []string{"", ""}}), message(canteen.Message{Mentions: []string{"0:"}}),
		message(canteen.Message{ThreadInfo: &canteen.ThreadInfo{}}), message(canteen.Message{System: &canteen.System{}}),
		canteen.EmojiUseRecord{Weight: 1}, canteen.EmojiUseRecord{Weight: 1.0000000000000002},
		canteen.TokenRecord{}, canteen.TokenRecord{Secret: canteen.HashSecret("a")},
	} {
		if was, ok := seen[is(r)]; ok {
			t.Errorf("%+v and %+v are encoded alike", was, r)
		}
		seen[is(r)] = r
	}
}

// TestEveryRecordHasAnEncoding: a field of a kind that has none would panic here, not in a move.
func TestEveryRecordHasAnEncoding(t *testing.T) {
	records := []canteen.Record{
		canteen.UserRecord{}, canteen.RoomRecord{}, canteen.MemberRecord{}, canteen.MessageRecord{}, canteen.VersionRecord{}, canteen.ReactionRecord{},
		canteen.EmojiUseRecord{}, canteen.InviteRecord{}, canteen.TokenRecord{}, canteen.WorkspaceRecord{},
	}
	tally := newTally()
	for i, r := range records {
		if kinds := canteen.RecordKinds(); len(kinds) != len(records) || r.RecordKind() != kinds[i] {
			t.Fatalf("record %d of %d kinds is one of the %s", i, len(kinds), r.RecordKind())
		}
		tally.add(r)
	}
}
