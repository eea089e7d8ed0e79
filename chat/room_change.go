package chat

import (
	"slices"
	"time"

	"github.com/canteen-chat/canteen/audit"
)

// ErrRoomNameTaken is the answer to a name that another public room has.
func ErrRoomNameTaken() *Error {
	return errTaken("name", "A room with this name, or with one that looks like it, already exists.")
}

// MayAddRoom is a Conflict when the workspace has count rooms that are not direct, and MaxRooms is reached. Direct rooms are
// not counted: there are as many as sets of people.
func (cmd AddRoom) MayAddRoom(count int) error {
	if cmd.Room.Kind == Direct || count < MaxRooms {
		return nil
	}
	return Errorf(Conflict, "The workspace has %d rooms. It cannot have more.", count)
}

// People are the ids of the first members, sorted: the form in which sets of people are compared.
func (cmd AddRoom) People() []string {
	ids := make([]string, len(cmd.Members))
	for i, m := range cmd.Members {
		ids[i] = m.User
	}
	slices.Sort(ids)
	return ids
}

// Fresh are those of cmd.Users who are not members of the room yet, each once.
func (cmd AddMembers) Fresh(member func(user string) bool) []string {
	return distinct(cmd.Users, func(u string) bool { return !member(u) })
}

// distinct are the elements of list that keep lets through, each once, in order.
func distinct(list []string, keep func(string) bool) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) && keep(s) {
			out = append(out, s)
		}
	}
	return out
}

// Apply is the room after the command, but for its Version.
func (cmd UpdateRoom) Apply(r Room) Room {
	set(&r.Name, cmd.Name)
	set(&r.Topic, cmd.Topic)
	set(&r.Posting, cmd.Posting)
	set(&r.OwnersBroadcast, cmd.OwnersBroadcast)
	set(&r.Archived, cmd.Archived)
	set(&r.Kind, cmd.Kind)
	return r
}

// audited are the details of the audit log. Who reads it may not see a private room, and so not the name that it had or gets.
func (cmd UpdateRoom) audited(r Room) []any {
	name := audit.Changed("name", r.Name, cmd.Name)
	if r.Kind != Public || cmd.Apply(r).Kind != Public {
		name = audit.Redacted("name", r.Name, cmd.Name)
	}
	return slices.Concat(name, audit.Redacted("topic", r.Topic, cmd.Topic), audit.Changed("posting", r.Posting, cmd.Posting),
		audit.Changed("owners_broadcast", r.OwnersBroadcast, cmd.OwnersBroadcast), audit.Changed("kind", r.Kind, cmd.Kind),
		audit.Changed("archived", r.Archived, cmd.Archived))
}

// Changed says whether anything becomes different.
func (cmd UpdateRoom) Changed(r Room) bool {
	return len(cmd.Changes(r)) > 0 || cmd.OwnersBroadcast != nil && *cmd.OwnersBroadcast != r.OwnersBroadcast
}

// Changes are the system messages that tell what becomes different, in the order of the fields. Who may post @here and @room is no
// matter of the conversation: no message tells of it.
func (cmd UpdateRoom) Changes(r Room) []System {
	var out []System
	if cmd.Name != nil && *cmd.Name != r.Name {
		out = append(out, System{What: Renamed, Value: *cmd.Name})
	}
	if cmd.Topic != nil && *cmd.Topic != r.Topic {
		out = append(out, System{What: TopicChanged, Value: *cmd.Topic})
	}
	if cmd.Posting != nil && *cmd.Posting != r.Posting {
		out = append(out, System{What: PostingSet, Value: string(*cmd.Posting)})
	}
	if cmd.Kind != nil && *cmd.Kind != r.Kind {
		what := MadePrivate
		if *cmd.Kind == Public {
			what = MadePublic
		}
		out = append(out, System{What: what})
	}
	if cmd.Archived != nil && *cmd.Archived != r.Archived {
		what := RoomUnarchive
		if *cmd.Archived {
			what = RoomArchived
		}
		out = append(out, System{What: what})
	}
	return out
}

// bytes is about what the system messages take.
func (cmd UpdateRoom) bytes(r Room) (n int) {
	for _, s := range cmd.Changes(r) {
		n += RowBytes + len(cmd.Texts[s.What]) + len(s.Value)
	}
	return n
}

// Message is the system message as it is posted to a room, without seq and rev.
func (p SystemPost) Message(room string, at time.Time) Message {
	return Message{Room: room, Author: p.By, Text: p.Text, CreatedAt: at, System: &p.System}
}
