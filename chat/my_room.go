package chat

import (
	"context"
	"slices"
)

// MyRoomInput changes one's own settings of a room; what is nil stays.
type MyRoomInput struct {
	Notify         *Notify
	Starred, Muted *bool
}

// UpdateMyRoom changes a member's own settings.
type UpdateMyRoom struct {
	Facts   Facts
	Room    string
	User    string
	Notify  *Notify
	Starred *bool
	Muted   *bool
}

// SetRead moves a read pointer. Seq beyond the room's last is Invalid with field "seq".
type SetRead struct {
	Facts Facts
	Room  string
	User  string
	Seq   int64
}

// ReadState is a read pointer and the counts that follow from it.
type ReadState struct {
	User         string
	Seq          int64
	ReadRev      int64
	Unread       int
	MentionCount int
}

// UpdateMyRoom works in archived rooms too.
func (c *Canteen) UpdateMyRoom(ctx context.Context, a Actor, id string, in MyRoomInput) (MyRoom, error) {
	if in.Notify != nil && !slices.Contains([]Notify{NotifyAll, NotifyMentions, NotifyNothing}, *in.Notify) {
		return MyRoom{}, InvalidField("notify", "One of all, mentions, nothing is needed.")
	}
	return perform(ctx, c, a, CmdUpdateMyRoom, use[MyRoom]{room: id, do: func(at *attempt) (MyRoom, error) {
		return c.store.UpdateMyRoom(ctx, UpdateMyRoom{
			Facts: at.facts(), Room: id, User: at.User.ID, Notify: in.Notify, Starred: in.Starred, Muted: in.Muted,
		})
	}})
}

// SetRead moves the actor's read pointer: 0 … last_seq, backwards too ("mark unread"). Works in archived rooms.
func (c *Canteen) SetRead(ctx context.Context, a Actor, id string, seq int64) (MyRoom, error) {
	return perform(ctx, c, a, CmdSetRead, use[MyRoom]{room: id, do: func(at *attempt) (MyRoom, error) {
		if seq < 0 || seq > at.room.LastSeq {
			return MyRoom{}, InvalidField("seq", "A number from 0 to the room's last_seq, %d, is needed.", at.room.LastSeq)
		}
		facts := at.facts()
		facts.Room = nil // a pointer rests on membership alone
		return c.store.SetRead(ctx, SetRead{Facts: facts, Room: id, User: at.User.ID, Seq: seq})
	}})
}
