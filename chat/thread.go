package chat

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/thread"
)

// IsRoot says whether the message can have replies, or could before it was deleted.
func (m Message) IsRoot() bool { return m.Thread == 0 && m.System == nil }

// Answerable says what keeps the message from being the root of a thread: Invalid, with field "thread", for a reply and a
// system message, Gone for a tombstone.
func (m Message) Answerable() error {
	if !m.IsRoot() {
		return InvalidField("thread", "You cannot reply to message %d. It is a notice, or a reply itself.", m.Seq)
	}
	return m.Changeable()
}

// MyThread is a thread as somebody has it. Who does not follow it has read it all.
type MyThread struct {
	Root         Message
	Follow       thread.Follow
	ReadSeq      int64 // a place in the room, as of MyRoom.ReadSeq
	ReadRev      int64 // grows by one with each move of the pointer, by PUT or by a reply of one's own
	Unread       int   // undeleted replies of others after ReadSeq: exact to 99, 100 means more
	MentionCount int   // of them, those that mention one: exact to 99, 100 means more
	LastReplyAt  *time.Time
	Latest       []Message // the last MaxLatest undeleted replies, by seq
}

// ThreadOf is the thread as the owner of a row has it, without its counts. latest are the last MaxLatest undeleted replies, by seq.
func ThreadOf(r thread.Row, root Message, latest []Message) MyThread {
	t := MyThread{Root: root, Follow: r.Follow, ReadSeq: r.ReadSeq, ReadRev: r.ReadRev, Latest: latest}
	if !r.Follows() {
		t.Follow, t.ReadSeq = thread.FollowOff, t.end()
	}
	if n := len(latest); n > 0 {
		t.LastReplyAt = &latest[n-1].CreatedAt
	}
	return t
}

// end is the seq of the last undeleted reply; of the root when there is none.
func (t MyThread) end() int64 {
	if n := len(t.Latest); n > 0 {
		return t.Latest[n-1].Seq
	}
	return t.Root.Seq
}

// Place is where the thread stands in the list of those with replies.
func (t MyThread) Place() thread.Place {
	p := thread.Place{Room: t.Root.Room, Root: t.Root.Seq}
	if t.LastReplyAt != nil {
		p.At = *t.LastReplyAt
	}
	return p
}

// placeOf reads a cursor; Invalid, with field "cursor", for what is none.
func placeOf(cursor string) (*thread.Place, error) {
	p, ok := thread.ParsePlace(cursor)
	if !ok || !IsID(p.Room) {
		return nil, InvalidField("cursor", "The next of an earlier answer is needed.")
	}
	return &p, nil
}

// ThreadQuery asks for threads that User follows and that have undeleted replies: after a place, if that is not nil, and only those with
// something unread if Unread. Root and Latest of a thread count against the bound's bytes.
type ThreadQuery struct {
	User   string
	Unread bool
	After  *thread.Place
	Bound
}

// ThreadPage is a part of the list of threads.
type ThreadPage struct {
	Threads []MyThread
	Unread  int  // threads with something unread, in the whole list: exact to 99, 100 means more
	More    bool // there are threads after these
}

// PageOf is the page of the query, for stores, of all threads that its user follows and that have replies. load gives threads in the order
// of their places. It may leave out what it does not find any more.
func (q ThreadQuery) PageOf(all []thread.State, load func([]thread.Place) ([]MyThread, error)) (out ThreadPage, err error) {
	var rest []thread.Place
	for _, s := range all {
		if s.Unread {
			out.Unread = min(out.Unread+1, MaxUnread)
		}
		if (s.Unread || !q.Unread) && (q.After == nil || s.Compare(*q.After) > 0) {
			rest = append(rest, s.Place)
		}
	}
	slices.SortFunc(rest, thread.Place.Compare)
	loaded, err := load(rest[:min(len(rest), q.Limit)])
	out.More = len(rest) > q.Limit
	for _, t := range loaded {
		if !q.Bound.takeThread(t) {
			out.More = true
			break
		}
		out.Threads = append(out.Threads, t)
	}
	return out, err
}

// takeThread says whether one more thread may be given, and counts it.
func (b *Bound) takeThread(t MyThread) bool {
	if b.Full() {
		return false
	}
	b.Limit--
	for _, m := range append([]Message{t.Root}, t.Latest...) {
		b.Bytes -= m.size()
	}
	return true
}

// ThreadStore holds who follows which thread, and how far they have read it. A thread is named by its root; NotFound when that is no
// message, a reply or a system message (see Message.IsRoot). viewer and owner of what is returned are the user asked for.
type ThreadStore interface {
	// MyThread is a thread as user has it, whether or not they are a member. Callers have checked that they may see the room.
	MyThread(ctx context.Context, room string, root int64, user string) (MyThread, error)
	// MyThreads is a page of a list. What a thread holds is exact. A store may be up to a second late in moving a thread in the list, and in
	// counting it as unread there, where somebody else has replied or deleted.
	MyThreads(ctx context.Context, q ThreadQuery) (ThreadPage, error)
	// FollowThread keeps whether a member follows a thread. Announces ThreadChanged with the user. NotFound when not a member.
	FollowThread(ctx context.Context, c FollowThread) (MyThread, error)
	// ReadThread moves the pointer of a member who follows the thread, in the bounds of SetRead. Announces ThreadChanged with the user.
	// Nothing is kept for who does not follow it. NotFound when not a member.
	ReadThread(ctx context.Context, c ReadThread) (MyThread, error)
	// FollowMentioned makes those follow a thread whom a reply mentions; see thread.Row.Heard. It leaves out its author, and who was no
	// member when it was posted or is none now. Announces ThreadChanged with each user who begins to follow it. A follower of the feed
	// calls it, any number of times.
	FollowMentioned(ctx context.Context, reply Message) error
}

// FollowThread sets whether User follows a thread.
type FollowThread struct {
	Facts Facts
	Room  string
	Root  int64
	User  string
	On    bool
}

// Apply is the row after the command, and whether that is any different. Who begins to follow a thread has read it: t is the thread as it
// is with the row as it was.
func (cmd FollowThread) Apply(was thread.Row, t MyThread) (now thread.Row, changed bool) {
	now = was
	switch {
	case !cmd.On:
		now.Follow = thread.FollowOff
	case was.Follows():
		now.Follow = thread.FollowOn
	default:
		now.Follow, now.ReadSeq = thread.FollowOn, t.ReadSeq
	}
	return now, now != was
}

// ReadThread moves User's read pointer of a thread.
type ReadThread struct {
	Facts Facts
	Room  string
	Root  int64
	User  string
	Seq   int64
}

// Apply is the row after the command, in a room whose last message is lastSeq, and whether that is any different. Errors are those of
// SetRead.Moves.
func (cmd ReadThread) Apply(was thread.Row, lastSeq int64) (now thread.Row, changed bool, err error) {
	moves, err := SetRead{Seq: cmd.Seq}.Moves(was.ReadSeq, lastSeq)
	if err != nil || !moves || !was.Follows() {
		return was, false, err
	}
	was.ReadSeq = cmd.Seq
	was.ReadRev++
	return was, true, nil
}

// ThreadsInput asks for a page of one's threads. Cursor is the Next of an earlier answer, or empty.
type ThreadsInput struct {
	Unread bool
	Cursor string
	Limit  *int
}

// ThreadList is a page of one's threads; Next is empty at the end.
type ThreadList struct {
	Threads []MyThread
	Unread  int
	Next    string
}

// Threads are those that the actor follows and that have replies, the newest reply first.
func (c *Canteen) Threads(ctx context.Context, a Actor, in ThreadsInput) (ThreadList, error) {
	limit, err := pageLimit(in.Limit, DefaultThreads, MaxThreadsPage)
	if err != nil {
		return ThreadList{}, err
	}
	q := ThreadQuery{Unread: in.Unread, Bound: Bound{limit, PageBytes}}
	if in.Cursor != "" {
		if q.After, err = placeOf(in.Cursor); err != nil {
			return ThreadList{}, err
		}
	}
	return perform(ctx, c, a, CmdThreads, use[ThreadList]{do: func(at *attempt) (ThreadList, error) {
		q.User = at.User.ID
		p, err := c.store.MyThreads(ctx, q)
		l := ThreadList{Threads: p.Threads, Unread: p.Unread}
		if n := len(p.Threads); n > 0 && p.More {
			l.Next = p.Threads[n-1].Place().String()
		}
		return l, err
	}})
}

// Thread is a thread of a room that the actor sees, as they have it.
func (c *Canteen) Thread(ctx context.Context, a Actor, room string, root int64) (MyThread, error) {
	return perform(ctx, c, a, CmdThread, use[MyThread]{room: room, do: func(at *attempt) (MyThread, error) {
		return c.store.MyThread(ctx, room, root, at.User.ID)
	}})
}

// FollowThread sets whether the actor follows a thread. Works in archived rooms.
func (c *Canteen) FollowThread(ctx context.Context, a Actor, room string, root int64, follow thread.Follow) (MyThread, error) {
	if follow != thread.FollowOn && follow != thread.FollowOff {
		return MyThread{}, InvalidField("follow", "One of on, off is needed.")
	}
	return perform(ctx, c, a, CmdFollowThread, use[MyThread]{
		room:   room,
		stores: func() int { return RowBytes },
		do: func(at *attempt) (MyThread, error) {
			facts := at.facts()
			facts.Room = nil // one's own row rests on membership alone
			return c.store.FollowThread(ctx, FollowThread{Facts: facts, Room: room, Root: root, User: at.User.ID, On: follow == thread.FollowOn})
		},
	})
}

// ReadThread moves the actor's read pointer of a thread: 0 … last_seq of the room, backwards too ("mark unread"). It changes nothing for
// who does not follow the thread. Works in archived rooms.
func (c *Canteen) ReadThread(ctx context.Context, a Actor, room string, root, seq int64) (MyThread, error) {
	return perform(ctx, c, a, CmdReadThread, use[MyThread]{room: room, do: func(at *attempt) (MyThread, error) {
		facts := at.facts()
		facts.Room = nil // as of FollowThread
		cmd := ReadThread{Facts: facts, Room: room, Root: root, User: at.User.ID, Seq: seq}
		if _, _, err := cmd.Apply(thread.Row{}, at.room.LastSeq); err != nil {
			return MyThread{}, err
		}
		return c.store.ReadThread(ctx, cmd)
	}})
}
