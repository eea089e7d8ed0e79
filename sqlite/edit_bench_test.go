package sqlite

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// BenchmarkEdit edits a message of 20,000 characters that was edited often before. All commands wait for the one writer, so the cost must
// not grow with the number of edits.
func BenchmarkEdit(b *testing.B) {
	for _, before := range []int{1, 2000} {
		b.Run(fmt.Sprintf("edits=%d", before), func(b *testing.B) {
			s, _, _ := testStore(b)
			m, err := post(s, "mira", 1, "hello")
			must(b, err)
			edit := func(n int) {
				text := fmt.Sprint(n, strings.Repeat(" 素晴らしい", 20_000/6))
				_, err := s.EditMessage(context.Background(), chat.EditMessage{
					Room: "general", Seq: m.Seq, By: "mira", Text: text, At: noon,
				})
				must(b, err)
			}
			n := 0
			for ; n < before; n++ {
				edit(n)
			}
			for b.Loop() {
				edit(n)
				n++
			}
		})
	}
}
