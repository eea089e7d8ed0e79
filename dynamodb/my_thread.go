package dynamodb

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/thread"
)

// What a user keeps of a thread is two items, written in one transaction. The row, under the room, holds whether the user follows the
// thread, and the read pointer. The other item lists the thread under the user.
func threadsPK(room string) string { return "threads#" + room }

// threadRef names a thread.
type threadRef struct {
	room string
	root int64
}

func (of threadRef) key(user string) table.Key {
	return table.NewKey(members, threadsPK(of.room), table.Ordinal(of.root)+"#"+user)
}

// threadRow is the row of a user and a thread.
type threadRow struct {
	User    string        `dynamodbav:"user"`
	Joined  int64         `dynamodbav:"joined"` // of the membership to which the row belongs; see userRoom
	Follow  thread.Follow `dynamodbav:"follow"`
	ReadSeq int64         `dynamodbav:"read_seq"`
	ReadRev int64         `dynamodbav:"read_rev"`
	Listed  string        `dynamodbav:"listed"` // sort key of the item that lists the thread
	ended   string        // the same, of a row that an ended membership has left
}

func (r threadRow) toChat() thread.Row {
	return thread.Row{Follow: r.Follow, ReadSeq: r.ReadSeq, ReadRev: r.ReadRev}
}

func (r *threadRow) setFromChat(c thread.Row) {
	r.Follow, r.ReadSeq, r.ReadRev = c.Follow, c.ReadSeq, c.ReadRev
}

// threadKeys are the items that a command on a thread reads of a user.
func threadKeys(of threadRef, user string) []table.Key {
	return []table.Key{of.key(user), userRoomKey(user, of.room)}
}

// threadRow loads the row of a user and a thread, or makes an empty one. member says whether the user is in the room.
func (t *tx) threadRow(of threadRef, user string) (row threadRow, member bool, err error) {
	if _, err := t.Load(threadKeys(of, user)...); err != nil {
		return row, false, err
	}
	m, member, err := loadOptional[userRoom](t, userRoomKey(user, of.room))
	if err != nil {
		return row, false, err
	}
	row, ok, err := loadOptional[threadRow](t, of.key(user))
	if !ok || !member || row.Joined != m.Joined {
		row = threadRow{User: user, Joined: m.Joined, ended: row.Listed}
	}
	return row, member, err
}

// threadRows returns the rows of a thread as items, by user.
func (s *Store) threadRows(ctx context.Context, of threadRef) ([]table.Item, error) {
	first := of.key("")
	return s.db.Query(ctx, table.Range{Table: members, PK: first.PK, From: first.SK, To: first.SK + "~"})
}

// root loads the root of a thread.
func (t *tx) root(of threadRef) (message, error) {
	m, err := t.message(of.room, of.root)
	if err == nil && !m.toChat().IsRoot() {
		err = chat.ErrNotFound()
	}
	return m, err
}

// MyThread implements chat.ThreadStore.
func (s *Store) MyThread(ctx context.Context, room string, root int64, user string) (chat.MyThread, error) {
	return read(ctx, s, func(t *tx) (chat.MyThread, error) {
		of := threadRef{room, root}
		row, _, _, err := t.loadThread(of, user)
		if err != nil {
			return chat.MyThread{}, err
		}
		return t.myThread(of, row)
	})
}

// loadThread loads what [tx.myThreads] needs of a thread, in one batch.
func (t *tx) loadThread(of threadRef, user string) (row threadRow, member bool, r room, err error) {
	if _, err = t.Load(append(threadKeys(of, user), messageKey(of.room, of.root), roomKey(of.room))...); err != nil {
		return row, false, r, err
	}
	if row, member, err = t.threadRow(of, user); err != nil {
		return row, false, r, err
	}
	if _, err = t.root(of); err != nil {
		return row, false, r, err
	}
	r, err = t.room(of.room)
	return row, member, r, err
}

func (t *tx) myThread(of threadRef, row threadRow) (chat.MyThread, error) {
	mine, err := t.myThreads([]threadRef{of}, []threadRow{row})
	if err != nil {
		return chat.MyThread{}, err
	}
	return mine[0], nil
}

// myThreads returns threads as the user of all the rows has them. Their roots and rooms are loaded.
func (t *tx) myThreads(of []threadRef, rows []threadRow) ([]chat.MyThread, error) {
	counts := make([]threadCounts, len(of))
	var g errgroup.Group
	g.SetLimit(maxConcurrentCounts)
	for i := range of {
		r, err := loadReferenced[room](t, roomKey(of[i].room))
		if err != nil {
			return nil, err
		}
		g.Go(func() (err error) {
			counts[i], err = t.s.countThread(t.ctx, r, of[i], rows[i])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var keys []table.Key
	for i, c := range counts {
		for _, e := range c.latest {
			keys = append(keys, messageKey(of[i].room, e.Seq))
		}
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	out := make([]chat.MyThread, len(of))
	var marks []*chat.Message
	for i, c := range counts {
		all, err := t.messagesOf(of[i], c.latest)
		if err != nil {
			return nil, err
		}
		out[i] = chat.ThreadOf(rows[i].toChat(), all[0], all[1:])
		out[i].Unread, out[i].MentionCount = c.unread, c.mentions
		marks = append(marks, &out[i].Root)
		for n := range out[i].Latest {
			marks = append(marks, &out[i].Latest[n])
		}
	}
	if len(rows) == 0 {
		return out, nil
	}
	return out, t.setMe(rows[0].User, marks...)
}

// messagesOf returns the root of a thread, and replies.
func (t *tx) messagesOf(of threadRef, replies []indexEntry) ([]chat.Message, error) {
	root, err := t.root(of)
	out := []chat.Message{root.toChat()}
	for _, e := range replies {
		m, e := loadReferenced[message](t, messageKey(of.room, e.Seq))
		if e != nil {
			return nil, e
		}
		out = append(out, m.toChat())
	}
	return out, err
}

// threadCounts is what queries find of a thread for one user.
type threadCounts struct {
	latest           []indexEntry // the last undeleted replies
	unread, mentions int
}

// countThread counts what is unread in a thread. It queries only what can be greater than zero.
func (s *Store) countThread(ctx context.Context, r room, of threadRef, row threadRow) (c threadCounts, err error) {
	if c.latest, err = s.latestReplies(ctx, of, chat.MaxLatest); err != nil || !row.toChat().Follows() {
		return c, err
	}
	c.unread, err = s.unreadReplies(ctx, of, row, c.latest, len(c.latest) < chat.MaxLatest, chat.MaxUnread)
	if err == nil && c.unread > 0 {
		c.mentions, err = s.countMentions(ctx, r, row.User, row.ReadSeq, of.root)
	}
	return c, err
}

// latestReplies returns the entries of the last undeleted replies of a thread, by seq.
func (s *Store) latestReplies(ctx context.Context, of threadRef, n int) ([]indexEntry, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(of.room), From: replySK(of.root, 0), To: replySK(of.root, highest), Descending: true, Limit: n,
		Filter: "attribute_not_exists(deleted)",
	})
	if err != nil {
		return nil, err
	}
	out := make([]indexEntry, len(items))
	for i, it := range items {
		if out[len(out)-1-i], err = table.Decode[indexEntry](it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// unreadReplies counts the undeleted replies of others after a read pointer, up to most. latest are the last ones, or all. Mostly they
// suffice; otherwise it queries.
func (s *Store) unreadReplies(ctx context.Context, of threadRef, row threadRow, latest []indexEntry, all bool, most int) (int, error) {
	n := 0
	for _, e := range latest {
		if e.Seq > row.ReadSeq && e.Author != row.User {
			n++
		}
	}
	if all || n >= most || latest[0].Seq <= row.ReadSeq {
		return min(n, most), nil
	}
	items, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(of.room), From: replySK(of.root, row.ReadSeq+1), To: replySK(of.root, latest[len(latest)-1].Seq),
		Limit: most, Filter: "author <> :me AND attribute_not_exists(deleted)", Values: table.Item{":me": table.Text(row.User)},
	})
	return len(items), err
}

// followReply updates the rows of a reply's author and of the root's author. The lists of others who follow the thread are updated by
// [ThreadLists].
func (t *tx) followReply(reply message) error {
	of := threadRef{reply.Room, reply.Thread}
	row, member, err := t.threadRow(of, reply.Author)
	if err == nil && member {
		row.setFromChat(row.toChat().Replied(reply.Seq))
		err = t.putThread(of, row, reply.CreatedAt, false)
	}
	if err != nil {
		return err
	}
	root, err := t.root(of)
	if err != nil || root.Author == reply.Author {
		return err
	}
	if row, member, err = t.threadRow(of, root.Author); err != nil || !member {
		return err
	}
	row.setFromChat(row.toChat().Heard(reply.Seq))
	if !row.toChat().Follows() {
		return nil
	}
	return t.putThread(of, row, reply.CreatedAt, true)
}

// FollowThread implements chat.ThreadStore.
func (s *Store) FollowThread(ctx context.Context, cmd chat.FollowThread) (chat.MyThread, error) {
	of := threadRef{cmd.Room, cmd.Root}
	return s.changeThread(ctx, cmd.Facts, of, cmd.User, func(t *tx, row threadRow, _ room) (thread.Row, bool, error) {
		mine, err := t.myThread(of, row)
		if err != nil {
			return thread.Row{}, false, err
		}
		now, changed := cmd.Apply(row.toChat(), mine)
		return now, changed, nil
	})
}

// ReadThread implements chat.ThreadStore.
func (s *Store) ReadThread(ctx context.Context, cmd chat.ReadThread) (chat.MyThread, error) {
	of := threadRef{cmd.Room, cmd.Root}
	return s.changeThread(ctx, cmd.Facts, of, cmd.User, func(_ *tx, row threadRow, r room) (thread.Row, bool, error) {
		return cmd.Apply(row.toChat(), r.LastSeq)
	})
}

// changeThread changes a member's row, and returns the thread as the member then has it.
func (s *Store) changeThread(ctx context.Context, f chat.Facts, of threadRef, user string,
	apply func(*tx, threadRow, room) (thread.Row, bool, error),
) (chat.MyThread, error) {
	return write(ctx, s, func(t *tx) (chat.MyThread, error) {
		t.requireFacts(f)
		row, member, r, err := t.loadThread(of, user)
		if err == nil && !member {
			err = chat.ErrNotFound()
		}
		if err != nil {
			return chat.MyThread{}, err
		}
		now, changed, err := apply(t, row, r)
		if err != nil {
			return chat.MyThread{}, err
		}
		row.setFromChat(now)
		mine, err := t.myThread(of, row)
		if err != nil || !changed {
			return mine, err
		}
		var last int64
		if mine.LastReplyAt != nil {
			last = table.Millis(*mine.LastReplyAt)
		}
		if err := t.putThread(of, row, last, mine.Unread > 0); err != nil {
			return mine, err
		}
		t.eventPos = eventPosition{room: r.ID, rev: r.Rev, version: r.Version}
		return mine, t.addEvent(chat.ThreadChanged{Room: of.room, Root: of.root, User: user}, 0)
	})
}

// maxMentionedAtOnce is how many rows one transaction makes. Each is up to three items.
const maxMentionedAtOnce = 30

// FollowMentioned implements chat.ThreadStore.
func (s *Store) FollowMentioned(ctx context.Context, reply chat.Message) error {
	for users := range slices.Chunk(reply.Counted(), maxMentionedAtOnce) {
		if err := do(ctx, s, func(t *tx) error { return t.followMentioned(reply, users) }); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) followMentioned(reply chat.Message, users []string) error {
	of := threadRef{reply.Room, reply.Thread}
	keys := []table.Key{roomKey(of.room), messageKey(of.room, of.root)}
	for _, u := range users {
		keys = append(append(keys, memberKey(of.room, u)), threadKeys(of, u)...)
	}
	if _, err := t.Load(keys...); err != nil {
		return err
	}
	if _, err := t.root(of); err != nil {
		return err
	}
	r, err := t.room(of.room)
	if err != nil {
		return err
	}
	t.eventPos = eventPosition{room: r.ID, rev: r.Rev, version: r.Version}
	var latest []indexEntry
	for _, u := range users {
		m, member, err := loadOptional[member](t, memberKey(of.room, u))
		if err != nil || !member || table.At(m.JoinedAt).After(reply.CreatedAt) {
			if err != nil {
				return err
			}
			continue
		}
		row, member, err := t.threadRow(of, u)
		if err != nil {
			return err
		}
		was := row.toChat()
		if row.setFromChat(was.Heard(reply.Seq)); !member || row.toChat() == was {
			continue
		}
		if latest == nil {
			if latest, err = t.s.latestReplies(t.ctx, of, 1); err != nil {
				return err
			}
		}
		last, unread, err := t.s.standing(t.ctx, of, row, latest)
		if err != nil {
			return err
		}
		if err := t.putThread(of, row, last, unread); err != nil {
			return err
		}
		if err := t.addEvent(chat.ThreadChanged{Room: of.room, Root: of.root, User: u}, 0); err != nil {
			return err
		}
	}
	return nil
}
