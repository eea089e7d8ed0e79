package dynamodb

import (
	"context"
	"strconv"

	"github.com/canteen-chat/canteen/chat"
)

// countMentions counts the messages after readSeq that name a user or call the whole room, in the thread of root or, if root is 0, in the
// whole room. It queries only what can be greater than zero.
func (s *Store) countMentions(ctx context.Context, r room, user string, readSeq, root int64) (int, error) {
	counted := map[int64]bool{} // by seq: a message may do both
	if readSeq < r.LastMention {
		q := queryRange{
			table: messages, pk: messagePK(r.ID), from: mentionSK(user, readSeq+1), to: mentionSK(user, r.LastMention), limit: chat.MaxUnread,
		}
		if root > 0 {
			q.filter, q.names = "#thread = :root OR attribute_not_exists(#thread)", map[string]string{"#thread": "thread"}
			q.values = item{":root": number(root)}
		}
		named, err := s.query(ctx, q)
		if err == nil {
			err = s.addMentions(ctx, threadRef{r.ID, root}, named, counted)
		}
		if err != nil {
			return 0, err
		}
	}
	if readSeq < r.LastBroadcast && len(counted) < chat.MaxUnread {
		q := queryRange{
			table: messages, pk: messagePK(r.ID), from: broadcastSK(readSeq + 1), to: broadcastSK(r.LastBroadcast), limit: chat.MaxUnread,
			filter: "author <> :me", values: item{":me": text(user)},
		}
		if root > 0 {
			q.filter, q.names = q.filter+" AND #thread = :root", map[string]string{"#thread": "thread"}
			q.values[":root"] = number(root)
		}
		calls, err := s.query(ctx, q)
		if err != nil {
			return 0, err
		}
		for _, it := range calls {
			counted[it.integer("seq")] = true
		}
	}
	return min(len(counted), chat.MaxUnread), nil
}

// addMentions adds the seqs of entries of mentions. Of entries of earlier releases, which do not say in which thread they are, it adds
// those that are in the thread.
func (s *Store) addMentions(ctx context.Context, of threadRef, entries []item, to map[int64]bool) error {
	var unknown []key
	for _, it := range entries {
		sk := it.text("sk")
		seq, err := strconv.ParseInt(sk[len(sk)-len(ordinal(0)):], 10, 64)
		if err != nil {
			return err
		}
		if of.root > 0 && it["thread"] == nil {
			unknown = append(unknown, key{messages, messagePK(of.room), replySK(of.root, seq)})
			continue
		}
		to[seq] = true
	}
	if len(unknown) == 0 {
		return nil
	}
	found, err := s.get(ctx, unknown)
	for _, it := range found {
		to[it.integer("seq")] = true
	}
	return err
}
