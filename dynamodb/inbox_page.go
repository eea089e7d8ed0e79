package dynamodb

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/inbox"
	"github.com/canteen-chat/canteen/thread"
)

// Inbox implements inbox.Store.
func (s *Store) Inbox(ctx context.Context, q inbox.Query) ([]inbox.Row, error) {
	in := table.Range{
		Table: users, PK: inboxPK(q.User), From: "I#", To: fmt.Sprintf("I#%013d~", lastMilli-max(0, table.Millis(q.Oldest))-1), Limit: q.Limit,
	}
	if q.After != nil {
		in.From = inboxPlaceSK(*q.After) + "#"
	}
	if in.From > in.To { // DynamoDB refuses to look for that
		return nil, nil
	}
	switch {
	case !q.Reactions:
		in.Filter, in.Values = "cause <> :reaction", table.Item{":reaction": table.Text(string(chat.InboxReaction))}
	case !q.Others:
		in.Filter, in.Values = "cause = :reaction", table.Item{":reaction": table.Text(string(chat.InboxReaction))}
	}
	items, err := s.db.Query(ctx, in)
	if err != nil {
		return nil, err
	}
	return inboxRowsOf(q.User, items)
}

// InboxIn implements inbox.Store.
func (s *Store) InboxIn(ctx context.Context, user string, ranges []inbox.Range) ([][]inbox.Row, error) {
	out := make([][]inbox.Row, len(ranges))
	var g errgroup.Group
	g.SetLimit(maxConcurrentCounts)
	for i, r := range ranges {
		g.Go(func() (err error) {
			if r.Broadcasts {
				out[i], err = s.broadcasts(ctx, user, r)
			} else {
				out[i], err = s.inboxRange(ctx, user, r)
			}
			return err
		})
	}
	return out, g.Wait()
}

func (s *Store) inboxRange(ctx context.Context, user string, r inbox.Range) ([]inbox.Row, error) {
	q := table.Range{
		Table: users, PK: inboxPK(user), From: inboxRoomSK(r.Room, r.After+1), To: inboxRoomSK(r.Room, highest) + "~", Descending: true,
		Limit: r.Limit, Filter: "attribute_exists(cause) AND cause <> :reaction AND #at > cleared", Names: map[string]string{"#at": "at"},
		Values: table.Item{":reaction": table.Text(string(chat.InboxReaction))},
	}
	if !r.Before.IsZero() {
		q.Filter += " AND #at <= :before"
		q.Values[":before"] = table.Number(table.Millis(r.Before))
	}
	items, err := s.db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	return inboxRowsOf(user, items)
}

// broadcasts returns the messages of a range that call everybody. Entries of earlier releases do not say when they were posted.
func (s *Store) broadcasts(ctx context.Context, user string, r inbox.Range) ([]inbox.Row, error) {
	q := table.Range{
		Table: messages, PK: messagePK(r.Room), From: broadcastSK(r.After + 1), To: broadcastSK(highest), Descending: true, Limit: r.Limit,
		Filter: "author <> :me", Values: table.Item{":me": table.Text(user)},
	}
	if !r.Before.IsZero() {
		q.Filter += " AND (attribute_not_exists(#at) OR #at <= :before)"
		q.Values[":before"], q.Names = table.Number(table.Millis(r.Before)), map[string]string{"#at": "at"}
	}
	items, err := s.db.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]inbox.Row, len(items))
	var unknown []table.Key
	for i, it := range items {
		out[i] = inbox.Row{
			User: user, Cause: chat.InboxBroadcast, Room: r.Room, Seq: it.Integer("seq"), Thread: it.Integer("thread"),
			At: table.At(it.Integer("at")),
		}
		out[i].Key = inbox.Key(chat.InboxBroadcast, r.Room, out[i].Seq)
		if it["at"] == nil {
			unknown = append(unknown, messageKey(r.Room, out[i].Seq))
		}
	}
	if len(unknown) == 0 {
		return out, nil
	}
	found, err := s.db.Get(ctx, unknown)
	for i, row := range out {
		if m := found[messageKey(r.Room, row.Seq)]; m != nil {
			out[i].At = table.At(m.Integer("created_at"))
		}
	}
	return out, err
}

// InboxThreads implements inbox.Store.
func (s *Store) InboxThreads(ctx context.Context, q inbox.ThreadQuery) (threads, unread []thread.State, err error) {
	in, err := s.roomsOf(ctx, q.User)
	if err != nil {
		return nil, nil, err
	}
	if unread, err = s.list(ctx, q.User, unreadThreads, nil, max(q.Limit, chat.MaxUnread), in); err != nil {
		return nil, nil, err
	}
	var after *thread.Place
	threads, unread = slices.Clone(unread), unread[:min(len(unread), chat.MaxUnread)]
	if q.Limit == 0 {
		return nil, unread, nil
	}
	if !q.Before.IsZero() {
		after = &thread.Place{At: q.Before}
		if threads, err = s.list(ctx, q.User, unreadThreads, after, q.Limit, in); err != nil {
			return nil, nil, err
		}
	}
	if !q.Unread {
		rest, err := s.list(ctx, q.User, readThreads, after, q.Limit, in)
		if err != nil {
			return nil, nil, err
		}
		threads = append(threads, rest...)
	}
	slices.SortFunc(threads, func(a, b thread.State) int { return a.Compare(b.Place) })
	return threads[:min(len(threads), q.Limit)], unread, nil
}

// InboxReplies implements inbox.Store. It takes one query for each thread.
func (s *Store) InboxReplies(ctx context.Context, user string, places []thread.Place) ([]inbox.Replies, error) {
	return read(ctx, s, func(t *tx) ([]inbox.Replies, error) {
		rows, err := t.threadRowsOf(user, places)
		if err != nil {
			return nil, err
		}
		latest, out := make([]int64, len(places)), make([]inbox.Replies, len(places))
		var g errgroup.Group
		g.SetLimit(maxConcurrentCounts)
		for i, p := range places {
			g.Go(func() (err error) {
				out[i].Root = p.Root
				latest[i], out[i].By, err = s.unreadBy(ctx, threadRef{p.Room, p.Root}, rows[i])
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		return t.withLatest(user, places, latest, out)
	})
}

// threadRowsOf loads the rows of a user's threads.
func (t *tx) threadRowsOf(user string, places []thread.Place) ([]threadRow, error) {
	var keys []table.Key
	for _, p := range places {
		keys = append(keys, threadKeys(threadRef{p.Room, p.Root}, user)...)
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	rows := make([]threadRow, len(places))
	for i, p := range places {
		var err error
		if rows[i], _, err = t.threadRow(threadRef{p.Room, p.Root}, user); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// withLatest adds the last replies, and leaves out threads that are not followed or have none.
func (t *tx) withLatest(user string, places []thread.Place, latest []int64, all []inbox.Replies) ([]inbox.Replies, error) {
	var keys []table.Key
	for i, p := range places {
		if latest[i] > 0 {
			keys = append(keys, messageKey(p.Room, latest[i]))
		}
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	var out []inbox.Replies
	for i, p := range places {
		if latest[i] == 0 {
			continue
		}
		m, err := loadReferenced[message](t, messageKey(p.Room, latest[i]))
		if err != nil {
			return nil, err
		}
		all[i].Latest = m.toChat()
		out = append(out, all[i])
	}
	marks := make([]*chat.Message, len(out))
	for i := range out {
		marks[i] = &out[i].Latest
	}
	return out, t.setMe(user, marks...)
}

// unreadBy returns the seq of the last undeleted reply, 0 when there is none or the thread is not followed, and who wrote the unread ones.
func (s *Store) unreadBy(ctx context.Context, of threadRef, row threadRow) (latest int64, by []string, err error) {
	if !row.toChat().Follows() {
		return 0, nil, nil
	}
	q := table.Range{
		Table: messages, PK: messagePK(of.room), From: replySK(of.root, row.ReadSeq+1), To: replySK(of.root, highest), Descending: true,
		Limit: chat.MaxUnread, Filter: "attribute_not_exists(deleted)",
	}
	items, err := s.db.Query(ctx, q)
	if err == nil && len(items) == 0 {
		last, err := s.latestReplies(ctx, of, 1)
		if err == nil && len(last) > 0 {
			latest = last[0].Seq
		}
		return latest, nil, err
	}
	for _, it := range items {
		if author := it.Text("author"); author != row.User && !slices.Contains(by, author) {
			by = append(by, author)
		}
		latest = max(latest, it.Integer("seq"))
	}
	return latest, by, err
}

// InboxMessages implements inbox.Store.
func (s *Store) InboxMessages(ctx context.Context, user string, places []inbox.MessagePlace) ([]inbox.Message, error) {
	return read(ctx, s, func(t *tx) (out []inbox.Message, err error) {
		var keys []table.Key
		for _, p := range places {
			keys = append(keys, messageKey(p.Room, p.Seq))
			if p.Thread > 0 {
				keys = append(keys, threadKeys(threadRef{p.Room, p.Thread}, user)...)
			}
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		for _, p := range places {
			m, ok, err := loadOptional[message](t, messageKey(p.Room, p.Seq))
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			im := inbox.Message{Message: m.toChat()}
			if p.Thread > 0 {
				row, _, err := t.threadRow(threadRef{p.Room, p.Thread}, user)
				if err != nil {
					return nil, err
				}
				if row.toChat().Follows() {
					im.ThreadRead = row.ReadSeq
				}
			}
			out = append(out, im)
		}
		marks := make([]*chat.Message, len(out))
		for i := range out {
			marks[i] = &out[i].Message
		}
		return out, t.setMe(user, marks...)
	})
}
