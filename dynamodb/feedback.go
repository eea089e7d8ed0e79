package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

var _ chat.FeedbackStore = (*Store)(nil)

// feedbackKeys are the entries of a message that is feedback, in the order of chat.FeedbackPlace: one in the list of all feedback, one in
// that of its author.
func feedbackKeys(m chat.Message) []table.Key {
	sk := placeSK("", m.FeedbackPlace())
	return []table.Key{table.NewKey(messages, feedbackPK(""), sk), table.NewKey(messages, feedbackPK(m.Author), sk)}
}

func feedbackPK(author string) string { return "feedback#" + author }

// feedbackEntry names a message that is feedback.
type feedbackEntry struct {
	Room string `dynamodbav:"room"`
	Seq  int64  `dynamodbav:"seq"`
}

// enterFeedback lists a message that is feedback.
func (t *tx) enterFeedback(m chat.Message) error {
	if m.Feedback == nil {
		return nil
	}
	for _, k := range feedbackKeys(m) {
		if err := t.Overwrite(k, feedbackEntry{m.Room, m.Seq}); err != nil {
			return err
		}
	}
	return nil
}

// endFeedback takes a message out of the lists.
func (t *tx) endFeedback(m chat.Message) {
	if m.Feedback == nil {
		return
	}
	for _, k := range feedbackKeys(m) {
		t.Discard(k)
	}
}

// addFeedback lists a message of an archive that is feedback.
func (m *importer) addFeedback(c chat.Message) error {
	if c.Feedback == nil {
		return nil
	}
	for _, k := range feedbackKeys(c) {
		if err := m.put(k, feedbackEntry{c.Room, c.Seq}); err != nil {
			return err
		}
	}
	return nil
}

// Feedback implements chat.FeedbackStore: one query of entries, and one batch of their messages.
func (s *Store) Feedback(ctx context.Context, q chat.FeedbackQuery) (out []chat.Message, more bool, err error) {
	r := table.Range{Table: messages, PK: feedbackPK(q.Author), Limit: q.Limit + 1}
	if q.After != nil {
		r.From, r.To = placeSK("", *q.After)+"~", "~"
	}
	out, err = read(ctx, s, func(t *tx) ([]chat.Message, error) {
		entries, err := t.s.db.Query(t.ctx, r)
		if err != nil || len(entries) == 0 {
			return nil, err
		}
		if more = len(entries) > q.Limit; more {
			entries = entries[:q.Limit]
		}
		keys := make([]table.Key, len(entries))
		for i, e := range entries {
			keys[i] = messageKey(e.Text("room"), e.Integer("seq"))
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		ms := make([]chat.Message, 0, len(entries))
		for _, e := range entries {
			m, err := t.message(e.Text("room"), e.Integer("seq"))
			if err != nil {
				return nil, err
			}
			if m.DeletedAt == nil { // else it was deleted after the entries were read
				ms = append(ms, m.toChat())
			}
		}
		return ms, nil
	})
	return out, more, err
}
