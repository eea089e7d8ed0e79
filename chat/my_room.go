package chat

import (
	"context"
	"slices"
)

// MyRoomInput changes one's own settings of a room; what is nil stays.
type MyRoomInput struct {
	Notify         *Notify
	Starred, Muted *bool
	Greet          *bool // false puts the welcome away
}

// UpdateMyRoom changes a member's own settings.
type UpdateMyRoom struct {
	Facts   Facts
	Room    string
	User    string
	Notify  *Notify
	Starred *bool
	Muted   *bool
	Greet   *bool
}

// Apply is the room as its member has it after the command, and whether that is any different.
func (cmd UpdateMyRoom) Apply(r MyRoom) (now MyRoom, changed bool) {
	now = r
	set(&now.Notify, cmd.Notify)
	set(&now.Starred, cmd.Starred)
	set(&now.Muted, cmd.Muted)
	set(&now.Greet, cmd.Greet)
	changed = now.Notify != r.Notify || now.Starred != r.Starred || now.Muted != r.Muted || now.Greet != r.Greet
	if changed {
		now.SettingsRev++
	}
	return now, changed
}

// SetRead moves a read pointer. Seq beyond the room's last is Invalid with field "seq".
type SetRead struct {
	Facts Facts
	Room  string
	User  string
	Seq   int64
}

// Moves says whether the command moves the pointer of a member whose pointer stands at readSeq, in a room whose last message is
// lastSeq. Invalid, with field "seq", when it would point beyond the room's messages.
func (cmd SetRead) Moves(readSeq, lastSeq int64) (bool, error) {
	if cmd.Seq < 0 || cmd.Seq > lastSeq {
		return false, InvalidField("seq", "A number from 0 to the room's last_seq, %d, is needed.", lastSeq)
	}
	return cmd.Seq != readSeq, nil
}

// ReadState is a read pointer and the counts that follow from it.
type ReadState struct {
	User         string
	Seq          int64
	ReadRev      int64
	Unread       int
	MentionCount int
}

// ReadState is the read pointer of user, whose room it is, with the counts.
func (r MyRoom) ReadState(user string) ReadState {
	return ReadState{User: user, Seq: r.ReadSeq, ReadRev: r.ReadRev, Unread: r.Unread, MentionCount: r.MentionCount}
}

// UpdateMyRoom works in archived rooms too.
func (c *Canteen) UpdateMyRoom(ctx context.Context, a Actor, id string, in MyRoomInput) (MyRoom, error) {
	if in.Notify != nil && !slices.Contains([]Notify{NotifyAll, NotifyMentions, NotifyNothing}, *in.Notify) {
		return MyRoom{}, InvalidField("notify", "One of all, mentions, nothing is needed.")
	}
	if in.Greet != nil && *in.Greet {
		return MyRoom{}, InvalidField("greet", "Only false is allowed: it puts the welcome away.")
	}
	return perform(ctx, c, a, CmdUpdateMyRoom, use[MyRoom]{room: id, do: func(at *attempt) (MyRoom, error) {
		return c.store.UpdateMyRoom(ctx, UpdateMyRoom{
			Facts: at.facts(), Room: id, User: at.User.ID, Notify: in.Notify, Starred: in.Starred, Muted: in.Muted, Greet: in.Greet,
		})
	}})
}

// SetRead moves the actor's read pointer: 0 … last_seq, backwards too ("mark unread"). Works in archived rooms.
func (c *Canteen) SetRead(ctx context.Context, a Actor, id string, seq int64) (MyRoom, error) {
	return perform(ctx, c, a, CmdSetRead, use[MyRoom]{room: id, do: func(at *attempt) (MyRoom, error) {
		facts := at.facts()
		facts.Room = nil // a pointer rests on membership alone
		cmd := SetRead{Facts: facts, Room: id, User: at.User.ID, Seq: seq}
		if _, err := cmd.Moves(0, at.room.LastSeq); err != nil {
			return MyRoom{}, err
		}
		return c.store.SetRead(ctx, cmd)
	}})
}
