package main

import (
	"fmt"
	"testing"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
)

// TestCallsOfFeedback counts like TestCalls. Feedback is rare, so the bill leaves it out: it costs as a post with one more read and two
// more writes, and a list one query and one read of its messages together, however much feedback there is.
func TestCallsOfFeedback(t *testing.T) {
	w, ctx := start(t), t.Context()
	w.options.Feedback = w.store
	w.rules = chat.New(w.options)
	must(t, w.store.UpdateWorkspace(ctx, chat.UpdateWorkspace{FeedbackRoom: &w.room}))
	seq := int64(0)
	w.hold(t, []operation{
		{"give feedback", 4, stack.Calls{}, 0, func() {
			w.ids++
			g, _, err := w.rules.GiveFeedback(ctx, w.me(t), chat.FeedbackInput{
				ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids), Text: "It is slow", Page: "/inbox",
			})
			must(t, err)
			seq = g.Seq
		}},
		{"answer it", 4, stack.Calls{}, 0, func() {
			w.ids++
			_, _, err := w.rules.PostMessage(ctx, w.me(t), w.room, chat.PostInput{
				ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids), Text: "Really", Thread: &seq,
			})
			must(t, err)
		}},
		{"one's own feedback", 7, stack.Calls{}, 0, func() {
			p, err := w.rules.MyFeedback(ctx, w.me(t), "", nil)
			must(t, err)
			if len(p.Feedback) == 0 || len(p.Feedback[0].Answers) == 0 {
				t.Errorf("%+v", p)
			}
		}},
	})
}
