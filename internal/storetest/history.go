package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
)

// history checks that the newest versions of a message are kept, with numbers that go on, and are read in parts.
func history(t *testing.T, open Open) {
	ctx := context.Background()
	s, _ := furnished(t, open)
	editOften(ctx, t, s)
	want := make([]int64, 0, chat.MaxVersions)
	for n := int64(edits); n > edits-chat.MaxVersions; n-- {
		want = append(want, n)
	}
	for _, bytes := range []int{1, 700, chat.PageBytes} {
		got, parts := versions(ctx, t, s, bytes)
		if !slices.Equal(got, want) {
			t.Errorf("in parts of %d bytes: versions %v, want %v", bytes, got, want)
		}
		if most := map[int]int{1: chat.MaxVersions, 700: 12, chat.PageBytes: 1}[bytes]; parts > most || bytes == 1 && parts < most {
			t.Errorf("%d parts of %d bytes", parts, bytes)
		}
	}
}

// historyMoves checks that the kept versions are moved, and that the copy numbers on.
func historyMoves(t *testing.T, open Open) {
	ctx := context.Background()
	from, _ := furnished(t, open)
	to := opened(t, open, &recorder{})
	defer to.Close()
	editOften(ctx, t, from)
	var records []archive.Record
	kept := 0
	if err := from.Store.(archive.Store).Export(ctx, began, func(r archive.Record) error {
		if records = append(records, r); r.RecordKind() == archive.VersionRecords {
			kept++
		}
		return nil
	}); err != nil || kept != chat.MaxVersions-1 {
		t.Errorf("%d earlier versions are exported: %v", kept, err)
	}
	if err := to.Store.(archive.Store).Import(ctx, records); err != nil {
		t.Fatal(err)
	}
	was, _ := versions(ctx, t, from, chat.PageBytes)
	if got, _ := versions(ctx, t, to, chat.PageBytes); !slices.Equal(got, was) {
		t.Errorf("the copy has the versions %v, want %v", got, was)
	}
	m, err := to.EditMessage(ctx, chat.EditMessage{Room: general, Seq: 1, By: "umira", Text: fmt.Sprint(edits + 1), At: began})
	if got, _ := versions(ctx, t, to, chat.PageBytes); err != nil || m.Edits != edits+1 || got[0] != edits+1 || len(got) != chat.MaxVersions {
		t.Errorf("after an edit of the copy: %d edits, versions %v, %v", m.Edits, got, err)
	}
}

const edits = chat.MaxVersions + 5

// editOften posts a message and edits it more often than versions are kept. Each text is the number of its version.
func editOften(ctx context.Context, t *testing.T, s chat.Store) {
	post := chat.PostMessage{Room: general, Author: "umira", ClientID: "1", Text: "0", At: began}
	if _, _, err := s.PostMessage(ctx, post); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= edits; n++ {
		edit := chat.EditMessage{Room: general, Seq: 1, By: "umira", Text: fmt.Sprint(n), At: began}
		if m, err := s.EditMessage(ctx, edit); err != nil || m.Edits != int64(n) {
			t.Fatalf("edit %d: %d edits, %v", n, m.Edits, err)
		}
	}
}

// versions reads the whole history in parts, and gives the numbers.
func versions(ctx context.Context, t *testing.T, s chat.Store, bytes int) (numbers []int64, parts int) {
	q := chat.VersionQuery{Room: general, Seq: 1, Bytes: bytes}
	for {
		part, err := s.Versions(ctx, q)
		if err != nil || len(part.Versions) == 0 {
			t.Fatalf("%d versions after %v: %v", len(part.Versions), numbers, err)
		}
		parts++
		for _, v := range part.Versions {
			if v.Text != fmt.Sprint(v.N) {
				t.Errorf("version %d is %q", v.N, v.Text)
			}
			numbers = append(numbers, v.N)
		}
		if !part.More {
			return numbers, parts
		}
		q.Before = &numbers[len(numbers)-1]
	}
}
