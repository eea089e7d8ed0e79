package stack

import (
	"slices"
	"strings"
	"testing"
)

// TestTablesOfARestore renames the tables of the real template. Nothing may refer to the former ones, apart from what is no table.
func TestTablesOfARestore(t *testing.T) {
	first := realTemplate(t)
	const set = "r20260302T093000Z"
	next := renamed(t, first, set)
	if first.set() != "" || next.set() != set {
		t.Fatalf("the sets are %q and %q", first.set(), next.set())
	}
	got := string(next.text)
	for _, r := range first.tables(true) {
		for _, reference := range []string{
			"GetAtt " + r.name + ".", "${" + r.name + "}", "${" + r.name + ".", "Ref " + r.name + "\n", "\n    " + r.name + ":",
			"TableName: !Sub ${AWS::StackName}-",
		} {
			if strings.Contains(got, reference) {
				t.Errorf("%s: the template still says %q", r.name, reference)
			}
		}
	}
	prefix := "!Sub ${AWS::StackName}." + set + "."
	if n := strings.Count(got, prefix+"\n"); n != strings.Count(string(first.text), "!Sub ${AWS::StackName}-\n") || n < 5 {
		t.Errorf("%d places name the prefix of the tables", n)
	}
	for _, kept := range []string{"FunctionName: !Sub ${AWS::StackName}-rest", "!GetAtt Rest.Arn", "!GetAtt Messages" + set + ".StreamArn"} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is missing", kept)
		}
	}
	for i, r := range next.resources {
		was := first.resources[i]
		if r.table != was.table || r.keys != was.keys || r.features != was.features || was.retained && r.name != was.name+set ||
			!was.retained && r.name != was.name {
			t.Errorf("%s became %s: %+v, %+v", was.name, r.name, was, r)
		}
	}
	back := renamed(t, next, "")
	was := renamed(t, first, "")
	if string(back.text) != string(was.text) {
		t.Error("renaming back makes another template")
	}
}

// TestBesides: the template of a stack into which a restore was imported holds both sets. A deployment keeps those in use.
func TestBesides(t *testing.T) {
	first := realTemplate(t)
	restored := renamed(t, first, "r1")
	both, err := first.merged(restored, []string{"Roomsr1", "Usersr1"})
	if err != nil {
		t.Fatal(err)
	}
	was, err := parseTemplate(both)
	if err != nil {
		t.Fatal(err)
	}
	unused := was.unused()
	slices.Sort(unused)
	if was.set() != "" || !slices.Equal(unused, []string{"Roomsr1", "Usersr1"}) || len(first.lostTables(was)) != 0 {
		t.Errorf("set %q, unused %v, lost %v", was.set(), unused, first.lostTables(was))
	}
	again := renamed(t, was, "r1")
	if string(again.text) != string(restored.text) {
		t.Error("the restore, run again, makes another template")
	}
}

func TestNamesOfTables(t *testing.T) {
	for name, want := range map[string][2]string{
		"chat-rooms": {"", "rooms"}, "chat.r1.rooms": {"r1", "rooms"}, "chat-b-rooms": {"", "b-rooms"},
	} {
		if set, table, ok := cutTable(name, "chat"); !ok || set != want[0] || table != want[1] {
			t.Errorf("%s: %q %q %v", name, set, table, ok)
		}
		if name != "chat-b-rooms" && tablePrefix("chat", want[0])+want[1] != name {
			t.Errorf("%s is put together as %s", name, tablePrefix("chat", want[0])+want[1])
		}
	}
	for _, name := range []string{"chat", "chat-", "chatrooms", "chat.rooms", "chat..rooms", "chat.r1.", "chat.r1.rooms.x",
		"chat-b.r1.rooms2."} {
		if set, table, ok := cutTable(name, "chat"); ok && (set != "" || !strings.HasPrefix(table, "b.")) {
			t.Errorf("%s: %q %q", name, set, table)
		}
	}
}
