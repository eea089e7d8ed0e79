package wire

import "github.com/canteen-chat/canteen/chat"

// MyThread is a thread with the settings and counts of one user.
type MyThread struct {
	Room         string    `json:"room" format:"id"`
	Root         Message   `json:"root" doc:"The message that the thread answers; a tombstone if it was deleted"`
	Follow       string    `json:"follow" enum:"off,on,auto" doc:"auto: it began with your reply, an answer to your message, or a mention"`
	ReadSeq      int64     `json:"read_seq" minimum:"0" doc:"Replies up to this seq are read"`
	ReadRev      int64     `json:"read_rev" minimum:"0" doc:"Grows by one with each move of the pointer, by PUT or by a reply of your own"`
	Unread       int       `json:"unread" minimum:"0" maximum:"100" doc:"Exact to 99, 100 means more"`
	MentionCount int       `json:"mention_count" minimum:"0" maximum:"100" doc:"Exact to 99, 100 means more"`
	LastReplyAt  *Time     `json:"last_reply_at,omitempty" format:"date-time" doc:"Absent while there are no replies"`
	Latest       []Message `json:"latest" nullable:"false" maxItems:"2" doc:"The last replies, by seq"`
}

// NewMyThread maps a thread for one user.
func NewMyThread(t chat.MyThread) MyThread {
	return MyThread{
		Room: t.Root.Room, Root: NewMessage(t.Root), Follow: string(t.Follow), ReadSeq: t.ReadSeq, ReadRev: t.ReadRev, Unread: t.Unread,
		MentionCount: t.MentionCount, LastReplyAt: optionalTime(t.LastReplyAt), Latest: newMessages(t.Latest),
	}
}

// MyThreads is the answer of GET /threads.
type MyThreads struct {
	Threads       []MyThread `json:"threads" nullable:"false" maxItems:"100"`
	UnreadThreads int        `json:"unread_threads" minimum:"0" maximum:"100" doc:"Of all that you follow. Exact to 99, 100 means more"`
	Next          string     `json:"next,omitempty" doc:"The cursor of the threads after these; absent at the end"`
}

// NewMyThreads maps a list of threads.
func NewMyThreads(l chat.ThreadList) MyThreads {
	w := MyThreads{Threads: make([]MyThread, len(l.Threads)), UnreadThreads: l.Unread, Next: l.Next}
	for i, t := range l.Threads {
		w.Threads[i] = NewMyThread(t)
	}
	return w
}

// FollowThread is the body of PUT /rooms/{room}/threads/{seq}/follow.
type FollowThread struct {
	Follow string `json:"follow" enum:"on,off" example:"on" doc:"on or off"`
}
