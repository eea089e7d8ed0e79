package attention_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
)

// table is the design's: a row for each cause, a column for each level of the room. Everything else follows from it.
const table = `
	cause                      | all                    | mentions | nothing | muted
	direct message             | alert                  | alert    | badge   | badge
	@me                        | alert                  | alert    | badge   | badge
	@room · @here              | alert                  | alert    | none    | none
	reply in a followed thread | badge (alert: setting) | badge    | inbox   | inbox
	keyword                    | alert                  | alert    | none    | none
	any message                | alert                  | none     | none    | none
	reaction to mine           | inbox                  | inbox    | inbox   | inbox`

func causes() map[string]attention.Cause {
	return map[string]attention.Cause{
		"direct message": attention.DirectMessage, "@me": attention.Mention, "@room · @here": attention.Broadcast,
		"reply in a followed thread": attention.ThreadReply, "keyword": attention.Keyword, "any message": attention.AnyMessage,
		"reaction to mine": attention.ReactionToOwn,
	}
}

// cells are the cells of the table by row and column.
func cells(t *testing.T) map[attention.Cause]map[attention.Level]string {
	t.Helper()
	out := map[attention.Cause]map[attention.Level]string{}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	levels := strings.Split(lines[0], "|")
	for _, line := range lines[1:] {
		fields := strings.Split(line, "|")
		cause, ok := causes()[strings.TrimSpace(fields[0])]
		if !ok || len(fields) != len(levels) {
			t.Fatalf("a row that nobody understands: %s", line)
		}
		out[cause] = map[attention.Level]string{}
		for i, cell := range fields[1:] {
			out[cause][attention.Level(strings.TrimSpace(levels[i+1]))] = strings.TrimSpace(cell)
		}
	}
	return out
}

// want is what the table says of a cause and wishes, and for which reason.
func want(cells map[attention.Cause]map[attention.Level]string, c attention.Cause, w attention.Wishes) (string, attention.Reason) {
	r := attention.Reason{Cause: c, Level: attention.Level(w.Notify)}
	if w.Muted {
		r.Level = attention.Muted
	}
	if w.Direct && (c == attention.Broadcast || c == attention.Keyword || c == attention.AnyMessage) {
		r.Cause = attention.DirectMessage
	}
	cell, setting, _ := strings.Cut(cells[r.Cause][r.Level], " ")
	if setting != "" && w.ThreadAlerts {
		cell = "alert"
	}
	if c == attention.ThreadReply && !w.Follows {
		cell = "none"
	}
	if cell == "alert" && w.Quiet {
		cell, r.Quiet = "badge", true
	}
	return cell, r
}

// TestDecide holds every combination to the table: causes, levels, muted, direct, following, the setting for threads, do not disturb.
func TestDecide(t *testing.T) {
	table, n := cells(t), 0
	for c := range table {
		for _, level := range []chat.Notify{chat.NotifyAll, chat.NotifyMentions, chat.NotifyNothing} {
			for bits := range 32 {
				has := func(i int) bool { return bits>>i&1 == 1 }
				w := attention.Wishes{Notify: level, Muted: has(0), Direct: has(1), Follows: has(2), ThreadAlerts: has(3), Quiet: has(4)}
				effect, reason := attention.Decide(c, w)
				if e, r := want(table, c, w); effect.String() != e || reason != r {
					t.Errorf("%s, %+v: %s for %+v, want %s for %+v", c, w, effect, reason, e, r)
				}
				n++
			}
		}
	}
	if n != 7*3*32 {
		t.Errorf("%d combinations", n)
	}
}

// TestReasons: each reason is told in sentences, each in its own.
func TestReasons(t *testing.T) {
	seen := map[string]attention.Reason{}
	for _, c := range causes() {
		for _, r := range []attention.Reason{
			{c, attention.All, false}, {c, attention.Nothing, false}, {c, attention.Muted, false}, {c, attention.Mentions, true},
		} {
			s := r.String()
			if other, twice := seen[s]; twice || !strings.HasSuffix(s, ".") || strings.HasPrefix(s, " ") {
				t.Errorf("%+v: %q, as %+v", r, s, other)
			}
			seen[s] = r
		}
	}
}
