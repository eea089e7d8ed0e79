// Package thread holds what is said of a thread besides its messages: the sum of its replies, who follows it, and where it stands in
// somebody's list. It knows nothing of messages and rooms, and keeps nothing.
//
// The package imports nothing of this module.
package thread

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MaxRepliers is how many people the sum of a thread names.
const MaxRepliers = 5

// Info sums up a root's undeleted replies.
type Info struct {
	Replies     int
	LastReplyAt time.Time
	Repliers    []string // the first 5 user ids, by first reply
}

// Add is the sum with one more reply, which came after all others. It leaves t as it is.
func (t Info) Add(author string, at time.Time) Info {
	t.Replies++
	if at.After(t.LastReplyAt) {
		t.LastReplyAt = at
	}
	if len(t.Repliers) < MaxRepliers && !slices.Contains(t.Repliers, author) {
		t.Repliers = append(slices.Clip(t.Repliers), author)
	}
	return t
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

// Row is what is kept of somebody and a thread. The zero value is that of who has no row: they do not follow it.
type Row struct {
	Follow  Follow
	ReadSeq int64
	ReadRev int64
}

// Follows says whether the thread is followed.
func (r Row) Follows() bool { return r.Follow == FollowOn || r.Follow == FollowAuto }

// Replied is the row after a reply of its owner: they follow the thread, and have read it up to there.
func (r Row) Replied(seq int64) Row {
	if r.Follow != FollowOn {
		r.Follow = FollowAuto
	}
	r.ReadSeq = seq
	r.ReadRev++
	return r
}

// Heard is the row after a reply of somebody else that concerns its owner, who wrote the root or is mentioned. It is a new row, in which
// that reply is unread, or the row as it is.
func (r Row) Heard(seq int64) Row {
	if r.Follow == "" {
		return Row{Follow: FollowAuto, ReadSeq: seq - 1}
	}
	return r
}

// Place is where a thread stands in somebody's list.
type Place struct {
	At   time.Time // LastReplyAt
	Room string
	Root int64
}

// Compare orders the list: the newest reply first.
func (p Place) Compare(o Place) int {
	return cmp.Or(o.At.Compare(p.At), cmp.Compare(p.Room, o.Room), cmp.Compare(p.Root, o.Root))
}

// String is the place as the API gives it: a cursor.
func (p Place) String() string {
	return strconv.FormatInt(p.At.UnixMilli(), 10) + "." + p.Room + "." + strconv.FormatInt(p.Root, 10)
}

// ParsePlace is the inverse of String; ok is false for what is no place. It does not say whether there is such a room.
func ParsePlace(s string) (p Place, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return p, false
	}
	at, atErr := strconv.ParseInt(parts[0], 10, 64)
	root, rootErr := strconv.ParseInt(parts[2], 10, 64)
	p = Place{time.UnixMilli(at).UTC(), parts[1], root}
	return p, atErr == nil && rootErr == nil && p.String() == s
}

// State is a thread in the whole list of somebody, before it is loaded.
type State struct {
	Place
	Unread bool
}
