package dynamodb

import (
	"context"
	"strconv"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// countMentions counts the messages after readSeq that name a user or call the whole room, in the thread of root or, if root is 0, in the
// whole room. It queries only what can be greater than zero.
func (s *Store) countMentions(ctx context.Context, r room, user string, readSeq, root int64) (int, error) {
	counted := map[int64]bool{} // by seq: a message may do both
	if readSeq < r.LastMention {
		q := table.Range{
			Table: messages, PK: messagePK(r.ID), From: mentionSK(user, readSeq+1), To: mentionSK(user, r.LastMention), Limit: chat.MaxUnread,
		}
		if root > 0 {
			q.Filter, q.Names = "#thread = :root OR attribute_not_exists(#thread)", map[string]string{"#thread": "thread"}
			q.Values = table.Item{":root": table.Number(root)}
		}
		named, err := s.db.Query(ctx, q)
		if err == nil {
			err = s.addMentions(ctx, threadRef{r.ID, root}, named, counted)
		}
		if err != nil {
			return 0, err
		}
	}
	if readSeq < r.LastBroadcast && len(counted) < chat.MaxUnread {
		q := table.Range{
			Table: messages, PK: messagePK(r.ID), From: broadcastSK(readSeq + 1), To: broadcastSK(r.LastBroadcast), Limit: chat.MaxUnread,
			Filter: "author <> :me", Values: table.Item{":me": table.Text(user)},
		}
		if root > 0 {
			q.Filter, q.Names = q.Filter+" AND #thread = :root", map[string]string{"#thread": "thread"}
			q.Values[":root"] = table.Number(root)
		}
		calls, err := s.db.Query(ctx, q)
		if err != nil {
			return 0, err
		}
		for _, it := range calls {
			counted[it.Integer("seq")] = true
		}
	}
	return min(len(counted), chat.MaxUnread), nil
}

// addMentions adds the seqs of entries of mentions. Of entries of earlier releases, which do not say in which thread they are, it adds
// those that are in the thread.
func (s *Store) addMentions(ctx context.Context, of threadRef, entries []table.Item, to map[int64]bool) error {
	var unknown []table.Key
	for _, it := range entries {
		sk := it.Text("sk")
		seq, err := strconv.ParseInt(sk[len(sk)-len(table.Ordinal(0)):], 10, 64)
		if err != nil {
			return err
		}
		if of.root > 0 && it["thread"] == nil {
			unknown = append(unknown, table.NewKey(messages, messagePK(of.room), replySK(of.root, seq)))
			continue
		}
		to[seq] = true
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := s.db.Get(ctx, unknown)
	for _, it := range found {
		to[it.Integer("seq")] = true
	}
	return err
}
