package dynamodb

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/thread"
)

// The parts of a user's list of threads. A thread is in one of them, at its last reply, so that the newest, the newest unread ones and the
// number of those are each read by one query, however many threads the user follows.
const (
	unreadThreads = "U#"
	readThreads   = "R#"
	otherThreads  = "O#" // not followed, or without replies
)

func listPK(user string) string           { return "list#" + user }
func listedKey(user, sk string) table.Key { return table.NewKey(members, listPK(user), sk) }

// lastMilli is above every time, and has as many digits as all of them from now on.
const lastMilli = 9_999_999_999_999

// placeSK is the sort key of a thread in a part of the list, by ThreadPlace.Compare.
func placeSK(part string, p thread.Place) string {
	return fmt.Sprintf("%s%013d#%s#%s", part, lastMilli-table.Millis(p.At), p.Room, table.Ordinal(p.Root))
}

// listed is the item that lists a thread.
type listed struct {
	Room   string `dynamodbav:"room"`
	Root   int64  `dynamodbav:"root"`
	At     int64  `dynamodbav:"at"` // of the last reply
	Joined int64  `dynamodbav:"joined"`
}

func (l listed) place() thread.Place {
	return thread.Place{At: table.At(l.At), Room: l.Room, Root: l.Root}
}

// putThread writes a row, and moves the thread to where it belongs in its user's list. last is the time of the last undeleted reply, 0 if
// there is none.
func (t *tx) putThread(of threadRef, row threadRow, last int64, unread bool) error {
	was := row.Listed
	row.Listed = row.listSK(of, last, unread)
	if row.Listed != was {
		entry := listed{Room: of.room, Root: of.root, At: last, Joined: row.Joined}
		if err := t.Overwrite(listedKey(row.User, row.Listed), entry); err != nil {
			return err
		}
		for _, sk := range []string{was, row.ended} {
			if sk != "" && sk != row.Listed {
				t.Discard(listedKey(row.User, sk))
			}
		}
	}
	return t.Put(of.key(row.User), row)
}

// listSK is the sort key under which a row's thread is listed.
func (r threadRow) listSK(of threadRef, last int64, unread bool) string {
	p := thread.Place{At: table.At(last), Room: of.room, Root: of.root}
	switch {
	case last == 0 || !r.toChat().Follows():
		return placeSK(otherThreads, p)
	case unread:
		return placeSK(unreadThreads, p)
	}
	return placeSK(readThreads, p)
}

// standing is what putThread needs to know of a thread. latest is its last undeleted reply, if there is one.
func (s *Store) standing(ctx context.Context, of threadRef, row threadRow, latest []indexEntry) (last int64, unread bool, err error) {
	if len(latest) == 0 || !row.toChat().Follows() {
		return 0, false, nil
	}
	n, err := s.unreadReplies(ctx, of, row, latest, false, 1)
	return latest[0].CreatedAt, n > 0, err
}

// MyThreads implements chat.ThreadStore. A new reply moves its thread in the lists of its author and of the root's author at once, in the
// lists of others within a second. What a thread holds, its counts included, is exact.
func (s *Store) MyThreads(ctx context.Context, q chat.ThreadQuery) (chat.ThreadPage, error) {
	in, err := s.roomsOf(ctx, q.User)
	if err != nil {
		return chat.ThreadPage{}, err
	}
	unread, err := s.list(ctx, q.User, unreadThreads, nil, chat.MaxUnread+1, in)
	if err != nil {
		return chat.ThreadPage{}, err
	}
	found := unread
	if q.After != nil {
		if found, err = s.list(ctx, q.User, unreadThreads, q.After, q.Limit+1, in); err != nil {
			return chat.ThreadPage{}, err
		}
	}
	if !q.Unread {
		rest, err := s.list(ctx, q.User, readThreads, q.After, q.Limit+1, in)
		if err != nil {
			return chat.ThreadPage{}, err
		}
		found = slices.Concat(found, rest)
	}
	out, err := q.PageOf(found, func(places []thread.Place) ([]chat.MyThread, error) { return s.threadsAt(ctx, q, places) })
	out.Unread = min(len(unread), chat.MaxUnread)
	return out, err
}

// list returns the first threads of a part of a user's list, after a place if that is not nil. in are the user's rooms.
func (s *Store) list(ctx context.Context, user, part string, after *thread.Place, n int, in map[string]int64,
) ([]thread.State, error) {
	from := part
	if after != nil {
		from = placeSK(part, *after) + "#"
	}
	var out []thread.State
	for {
		items, err := s.db.Query(ctx, table.Range{Table: members, PK: listPK(user), From: from, To: part + "~", Limit: n})
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			l, err := table.Decode[listed](it)
			if err != nil {
				return nil, err
			}
			if joined, ok := in[l.Room]; ok && joined == l.Joined { // else the room was left, and Clean has not come here yet
				out = append(out, thread.State{Place: l.place(), Unread: part == unreadThreads})
			}
		}
		if len(out) >= n || len(items) < n {
			return out[:min(len(out), n)], nil
		}
		from = items[len(items)-1].Text("sk") + "#"
	}
}

// threadsAt loads threads of a user's list.
func (s *Store) threadsAt(ctx context.Context, q chat.ThreadQuery, places []thread.Place) ([]chat.MyThread, error) {
	return read(ctx, s, func(t *tx) ([]chat.MyThread, error) {
		var keys []table.Key
		for _, p := range places {
			of := threadRef{p.Room, p.Root}
			keys = append(append(keys, threadKeys(of, q.User)...), messageKey(p.Room, p.Root), roomKey(p.Room))
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		of, rows := make([]threadRef, len(places)), make([]threadRow, len(places))
		for i, p := range places {
			var err error
			of[i] = threadRef{p.Room, p.Root}
			if rows[i], _, err = t.threadRow(of[i], q.User); err != nil {
				return nil, err
			}
		}
		out, err := t.myThreads(of, rows)
		return slices.DeleteFunc(out, func(m chat.MyThread) bool { // what changed after the list was read
			return m.Follow == thread.FollowOff || len(m.Latest) == 0 || q.Unread && m.Unread == 0
		}), err
	})
}

// ThreadLists moves threads in the lists of those who follow them when replies are posted or deleted. It is a consumer of the feed of
// commits, for package follow.
type ThreadLists struct{ Store *Store }

// Name implements follow.Consumer.
func (ThreadLists) Name() string { return "thread lists" }

// Apply implements follow.Consumer.
func (l ThreadLists) Apply(ctx context.Context, room string, ms []chat.Message) (wrote bool, err error) {
	seen := map[int64]bool{}
	for _, m := range ms {
		if m.Thread == 0 || seen[m.Thread] {
			continue
		}
		seen[m.Thread] = true
		moved, err := l.Store.listThread(ctx, threadRef{room, m.Thread})
		if err != nil {
			return wrote, fmt.Errorf("list thread %d: %w", m.Thread, err)
		}
		wrote = wrote || moved
	}
	return wrote, nil
}

// maxConcurrentMoves is how many lists are changed at the same time.
const maxConcurrentMoves = 16

// listThread moves a thread to where it belongs in the lists of all who have a row of it. moved says whether it moved in any.
func (s *Store) listThread(ctx context.Context, of threadRef) (moved bool, err error) {
	rows, err := s.threadRows(ctx, of)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	latest, err := s.latestReplies(ctx, of, 1)
	if err != nil {
		return false, err
	}
	moves := make([]bool, len(rows))
	var g errgroup.Group
	g.SetLimit(maxConcurrentMoves)
	for i, row := range rows {
		g.Go(func() (err error) {
			moves[i], err = s.listRow(ctx, of, row, latest)
			return err
		})
	}
	err = g.Wait()
	return slices.Contains(moves, true), err
}

// listRow is listThread for one row, as it was found or, after a conflict, as it is.
func (s *Store) listRow(ctx context.Context, of threadRef, found table.Item, latest []indexEntry) (bool, error) {
	k := of.key(found.Text("user"))
	return write(ctx, s, func(t *tx) (bool, error) {
		if found != nil {
			t.Seen[k], found = found, nil
		}
		row, ok, err := loadOptional[threadRow](t, k)
		if err != nil || !ok {
			return false, err
		}
		last, unread, err := s.standing(ctx, of, row, latest)
		if err != nil || row.listSK(of, last, unread) == row.Listed {
			return false, err
		}
		return true, t.putThread(of, row, last, unread)
	})
}

// endThreads deletes what an ended membership has left of a room's threads. Nothing reads it any more.
func (s *Store) endThreads(ctx context.Context, user, room string) error {
	return s.db.QueryPages(ctx, table.Range{
		Table: members, PK: listPK(user), Filter: "#room = :room", Values: table.Item{":room": table.Text(room)},
		Names: map[string]string{"#room": "room"},
	}, func(items []table.Item) error {
		var g errgroup.Group
		g.SetLimit(maxConcurrentMoves)
		for chunk := range slices.Chunk(items, (maxTransactionItems-reservedItems)/2) {
			g.Go(func() error { return do(ctx, s, func(t *tx) error { return t.endThreads(user, room, chunk) }) })
		}
		return g.Wait()
	})
}

// endThreads deletes items that list threads of a room, with the threads' rows, unless they belong to the user's present membership.
func (t *tx) endThreads(user, room string, items []table.Item) error {
	var keys []table.Key
	for _, it := range items {
		of := threadRef{room, it.Integer("root")}
		keys = append(keys, listedKey(user, it.Text("sk")), of.key(user))
	}
	if _, err := t.Load(append(keys, userRoomKey(user, room))...); err != nil {
		return err
	}
	m, member, err := loadOptional[userRoom](t, userRoomKey(user, room))
	if err != nil {
		return err
	}
	for _, k := range keys {
		if it := t.Seen[k]; it != nil && (!member || it.Integer("joined") != m.Joined) {
			t.Discard(k)
			t.RequireEqual(k, "joined", table.Number(it.Integer("joined")))
		}
	}
	return nil
}
