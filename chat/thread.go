package chat

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ThreadInfo sums up a root's undeleted replies.
type ThreadInfo struct {
	Replies     int
	LastReplyAt time.Time
	Repliers    []string // the first 5 user ids, by first reply
}

// Add is the sum with one more reply, which came after all others. It leaves t as it is.
func (t ThreadInfo) Add(author string, at time.Time) ThreadInfo {
	t.Replies++
	if at.After(t.LastReplyAt) {
		t.LastReplyAt = at
	}
	if len(t.Repliers) < MaxRepliers && !slices.Contains(t.Repliers, author) {
		t.Repliers = append(slices.Clip(t.Repliers), author)
	}
	return t
}

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

// Follow says whether somebody follows a thread.
type Follow string

// Whether somebody follows a thread. FollowAuto began by itself: with a reply of theirs, a reply to their message, or a mention.
// FollowOff lasts: only a reply of their own ends it.
const (
	FollowOff  Follow = "off"
	FollowOn   Follow = "on"
	FollowAuto Follow = "auto"
)

// MyThread is a thread as somebody has it. Who does not follow it has read it all.
type MyThread struct {
	Root         Message
	Follow       Follow
	ReadSeq      int64 // a place in the room, as of MyRoom.ReadSeq
	ReadRev      int64 // grows by one with each move of the pointer, by PUT or by a reply of one's own
	Unread       int   // undeleted replies of others after ReadSeq: exact to 99, 100 means more
	MentionCount int   // of them, those that mention one: exact to 99, 100 means more
	LastReplyAt  *time.Time
	Latest       []Message // the last MaxLatest undeleted replies, by seq
}

// ThreadRow is what is kept of somebody and a thread. The zero value is that of who has no row: they do not follow it.
type ThreadRow struct {
	Follow  Follow
	ReadSeq int64
	ReadRev int64
}

// Follows says whether the thread is followed.
func (r ThreadRow) Follows() bool { return r.Follow == FollowOn || r.Follow == FollowAuto }

// Replied is the row after a reply of its owner: they follow the thread, and have read it up to there.
func (r ThreadRow) Replied(seq int64) ThreadRow {
	if r.Follow != FollowOn {
		r.Follow = FollowAuto
	}
	r.ReadSeq = seq
	r.ReadRev++
	return r
}

// Heard is the row after a reply of somebody else that concerns its owner, who wrote the root or is mentioned. It is a new row, in which
// that reply is unread, or the row as it is.
func (r ThreadRow) Heard(seq int64) ThreadRow {
	if r.Follow == "" {
		return ThreadRow{Follow: FollowAuto, ReadSeq: seq - 1}
	}
	return r
}

// Of is the thread as the row's owner has it, without its counts. latest are the last MaxLatest undeleted replies, by seq.
func (r ThreadRow) Of(root Message, latest []Message) MyThread {
	t := MyThread{Root: root, Follow: r.Follow, ReadSeq: r.ReadSeq, ReadRev: r.ReadRev, Latest: latest}
	if !r.Follows() {
		t.Follow, t.ReadSeq = FollowOff, t.end()
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

// ThreadPlace is where a thread stands in somebody's list.
type ThreadPlace struct {
	At   time.Time // LastReplyAt
	Room string
	Root int64
}

// Place is where the thread stands in the list of those with replies.
func (t MyThread) Place() ThreadPlace {
	p := ThreadPlace{Room: t.Root.Room, Root: t.Root.Seq}
	if t.LastReplyAt != nil {
		p.At = *t.LastReplyAt
	}
	return p
}

// Compare orders the list: the newest reply first.
func (p ThreadPlace) Compare(o ThreadPlace) int {
	return cmp.Or(o.At.Compare(p.At), cmp.Compare(p.Room, o.Room), cmp.Compare(p.Root, o.Root))
}

// String is the place as the API gives it: a cursor.
func (p ThreadPlace) String() string {
	return strconv.FormatInt(p.At.UnixMilli(), 10) + "." + p.Room + "." + strconv.FormatInt(p.Root, 10)
}

// parseThreadPlace reads a cursor; Invalid, with field "cursor", for what is none.
func parseThreadPlace(s string) (*ThreadPlace, error) {
	if parts := strings.Split(s, "."); len(parts) == 3 && IsID(parts[1]) {
		at, atErr := strconv.ParseInt(parts[0], 10, 64)
		root, rootErr := strconv.ParseInt(parts[2], 10, 64)
		if p := (ThreadPlace{time.UnixMilli(at).UTC(), parts[1], root}); atErr == nil && rootErr == nil && p.String() == s {
			return &p, nil
		}
	}
	return nil, InvalidField("cursor", "The next of an earlier answer is needed.")
}

// ThreadQuery asks for threads that User follows and that have undeleted replies: after a place, if that is not nil, and only those with
// something unread if Unread. Root and Latest of a thread count against the bound's bytes.
type ThreadQuery struct {
	User   string
	Unread bool
	After  *ThreadPlace
	Bound
}

// ThreadPage is a part of the list of threads.
type ThreadPage struct {
	Threads []MyThread
	Unread  int  // threads with something unread, in the whole list: exact to 99, 100 means more
	More    bool // there are threads after these
}

// ThreadState is a thread in the whole list of somebody, before it is loaded.
type ThreadState struct {
	ThreadPlace
	Unread bool
}

// PageOf is the page of the query, for stores, of all threads that its user follows and that have replies. load gives threads in the order
// of their places. It may leave out what it does not find any more.
func (q ThreadQuery) PageOf(all []ThreadState, load func([]ThreadPlace) ([]MyThread, error)) (out ThreadPage, err error) {
	var rest []ThreadPlace
	for _, s := range all {
		if s.Unread {
			out.Unread = min(out.Unread+1, MaxUnread)
		}
		if (s.Unread || !q.Unread) && (q.After == nil || s.Compare(*q.After) > 0) {
			rest = append(rest, s.ThreadPlace)
		}
	}
	slices.SortFunc(rest, ThreadPlace.Compare)
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
	// FollowMentioned makes those follow a thread whom a reply mentions; see ThreadRow.Heard. It leaves out its author, and who was no
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
func (cmd FollowThread) Apply(was ThreadRow, t MyThread) (now ThreadRow, changed bool) {
	now = was
	switch {
	case !cmd.On:
		now.Follow = FollowOff
	case was.Follows():
		now.Follow = FollowOn
	default:
		now.Follow, now.ReadSeq = FollowOn, t.ReadSeq
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
func (cmd ReadThread) Apply(was ThreadRow, lastSeq int64) (now ThreadRow, changed bool, err error) {
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
		if q.After, err = parseThreadPlace(in.Cursor); err != nil {
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
func (c *Canteen) FollowThread(ctx context.Context, a Actor, room string, root int64, follow Follow) (MyThread, error) {
	if follow != FollowOn && follow != FollowOff {
		return MyThread{}, InvalidField("follow", "One of on, off is needed.")
	}
	return perform(ctx, c, a, CmdFollowThread, use[MyThread]{
		room:   room,
		stores: func() int { return RowBytes },
		do: func(at *attempt) (MyThread, error) {
			facts := at.facts()
			facts.Room = nil // one's own row rests on membership alone
			return c.store.FollowThread(ctx, FollowThread{Facts: facts, Room: room, Root: root, User: at.User.ID, On: follow == FollowOn})
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
		if _, _, err := cmd.Apply(ThreadRow{}, at.room.LastSeq); err != nil {
			return MyThread{}, err
		}
		return c.store.ReadThread(ctx, cmd)
	}})
}
