package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// Feedback implements chat.FeedbackStore.
func (s *Store) Feedback(ctx context.Context, q chat.FeedbackQuery) (out []chat.Message, more bool, err error) {
	out, err = read(ctx, s, func() (out []chat.Message, err error) {
		for _, r := range s.rooms {
			for _, m := range r.messages {
				after := q.After == nil || m.FeedbackPlace().Compare(*q.After) > 0
				if m.Feedback != nil && after && (q.Author == "" || m.Author == q.Author) {
					out = append(out, r.viewMessage(m, ""))
				}
			}
		}
		slices.SortFunc(out, func(a, b chat.Message) int { return a.FeedbackPlace().Compare(b.FeedbackPlace()) })
		more = len(out) > q.Limit
		return out[:min(len(out), q.Limit)], nil
	})
	return out, more, err
}
