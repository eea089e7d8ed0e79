package chat

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/text"
)

// Kind is what a room is.
type Kind string

// Kinds of rooms.
const (
	Public  Kind = "public"
	Private Kind = "private"
	Direct  Kind = "direct"
)

// Posting says who may post to a room's timeline.
type Posting string

// Who may post.
const (
	PostingEveryone Posting = "everyone"
	PostingOwners   Posting = "owners"
)

// RoomRole is what somebody is in a room. Direct rooms have members only.
type RoomRole string

// Room roles.
const (
	RoomOwner  RoomRole = "owner"
	RoomMember RoomRole = "member"
)

// Notify is what of a room its member wants to hear of. It is a setting of the user, for rooms that they join, and one of each room.
type Notify = settings.Notify

// What to hear of.
const (
	NotifyAll      = settings.NotifyAll
	NotifyMentions = settings.NotifyMentions
	NotifyNothing  = settings.NotifyNothing
)

// Room is a place to talk, as all who may see it see it.
type Room struct {
	ID       string
	Kind     Kind
	Name     string // empty for direct rooms
	Topic    string
	Archived bool
	Posting  Posting
	// OwnersBroadcast: only owners of the room may post @here and @room in it.
	OwnersBroadcast bool
	Welcomes        bool // there is a welcome, which those who join are shown
	MemberCount     int
	Members         []string // user ids; direct rooms only
	CreatedBy       string
	CreatedAt       time.Time
	Rev             int64 // changes made
	LastSeq         int64 // messages posted, replies included
	Version         int64 // grows with each change of settings or members
	// Description is RoomAbout.Description, where rooms are browsed; elsewhere it is empty.
	Description string
}

// MyRoom is a room as one of its members has it.
type MyRoom struct {
	Room
	Role         RoomRole
	ReadSeq      int64
	ReadRev      int64 // grows by one with each move of the pointer, by PUT or by one's own post
	Unread       int   // exact to 99, 100 means more
	MentionCount int   // exact to 99, 100 means more
	Notify       Notify
	Starred      bool
	Muted        bool
	Greet        bool  // the member has joined since there is a welcome, and has not yet put it away
	SettingsRev  int64 // grows with each change of the member's own settings or role
	LastMessage  *LastMessage
}

// LastMessage is the latest undeleted message of a room's timeline, in brief.
type LastMessage struct {
	Seq       int64
	Author    string
	Text      string // LastMessageLength characters at most
	CreatedAt time.Time
}

// RoomList is a member's rooms. Tag changes with anything in it.
type RoomList struct {
	Epoch string
	Rooms []MyRoom
	Tag   string
}

// RoomStore holds rooms. A public room gets no name whose RoomKey is that of another public room. Two that had such names before
// names were compared so keep them.
type RoomStore interface {
	// RoomAccess is the room and user's role in it; NotFound when there is no such room. Every request asks it first.
	RoomAccess(ctx context.Context, room, user string) (RoomAccess, error)
	// RoomByName is the id of the public room whose RoomFold is that of name; NotFound when there is none.
	RoomByName(ctx context.Context, name string) (string, error)
	// MyRoom is the room as user has it; NotFound when not a member.
	MyRoom(ctx context.Context, room, user string) (MyRoom, error)
	MyRooms(ctx context.Context, user string) ([]MyRoom, error) // by id
	// Browse is a page of the public rooms, not archived, that a user is not in, by folded name, then id. NotFound when After is no
	// public room.
	Browse(ctx context.Context, q BrowseQuery) (RoomPage, error)
	// AddRoom makes a room with its members. A direct room with the same set of members is returned instead (false).
	// Conflict with field "name" when a public room has it, without a field beyond MaxRooms; what package bot refuses.
	// Announces RoomJoined for each member.
	AddRoom(ctx context.Context, c AddRoom) (r Room, created bool, err error)
	// RoomAbout is what is told of a room to those who look at it.
	RoomAbout(ctx context.Context, room string) (RoomAbout, error)
	// DescribeRoom changes what is not nil and differs. Announces RoomChanged.
	DescribeRoom(ctx context.Context, c DescribeRoom) (RoomAbout, error)
	// UpdateRoom changes what is not nil and differs, with one system message for each but OwnersBroadcast, in the order of the
	// fields; each takes a seq and a rev. Announces RoomChanged, then the messages. Conflict with field "name" as AddRoom.
	UpdateRoom(ctx context.Context, c UpdateRoom) (Room, error)
}

// BrowseQuery asks for public rooms that User is not in.
type BrowseQuery struct {
	User  string
	Text  string // what the folded name contains
	After string // the id of the public room after which the page begins; empty: from the start
	Limit int
}

// RoomPage is a part of a list of rooms.
type RoomPage struct {
	Rooms []Room
	More  bool // there are rooms after these
	Total int  // rooms in the whole list
}

// PageOf is the page of a list whose rooms after the query's After are rest, and which has total rooms, for stores. rest need not go
// on after Limit and one more.
func (q BrowseQuery) PageOf(rest []Room, total int) RoomPage {
	n := min(len(rest), q.Limit)
	return RoomPage{Rooms: rest[:n], More: len(rest) > n, Total: total}
}

// AddRoom makes a room: Room has ID, Kind, Name, Topic, Posting, CreatedBy, CreatedAt.
type AddRoom struct {
	Facts   Facts
	Room    Room
	Members []RoomMembership
}

// UpdateRoom changes a room.
type UpdateRoom struct {
	Facts           Facts
	Room            string
	By              string
	Name            *string
	Topic           *string
	Posting         *Posting
	OwnersBroadcast *bool
	Archived        *bool
	Kind            *Kind           // never from or to Direct
	Texts           map[What]string // the English text of each system message
	At              time.Time
}

// RoomNamed is the id of the public room with this name, for requests that name a room by #name; NotFound when there is none. It says
// nothing of whether the actor may see the room: the command that gets the id does.
func (c *Canteen) RoomNamed(ctx context.Context, name string) (string, error) {
	if utf8.RuneCountInString(name) > 4*RoomNameLength { // longer than any name, decomposed too: to compare it takes milliseconds
		return "", ErrNotFound()
	}
	return c.store.RoomByName(ctx, name)
}

// Rooms are those the actor is a member of.
func (c *Canteen) Rooms(ctx context.Context, a Actor) (RoomList, error) {
	return perform(ctx, c, a, CmdRooms, use[RoomList]{do: func(at *attempt) (RoomList, error) {
		w, err := c.store.Workspace(ctx)
		if err != nil {
			return RoomList{}, err
		}
		rooms, err := c.store.MyRooms(ctx, at.User.ID)
		if err != nil {
			return RoomList{}, err
		}
		return RoomList{Epoch: w.Epoch, Rooms: rooms, Tag: roomTag(at.User.ID, w.Epoch, rooms)}, nil
	}})
}

// roomTag digests what the list is made of: the viewer, the epoch, and of each room its rev and version, the viewer's
// pointer (whose every move raises read_rev) and settings. 128 bits: an accident is out of reach.
func roomTag(viewer, epoch string, rooms []MyRoom) string {
	h := fnv.New128a()
	word(h, viewer)
	word(h, epoch)
	for _, r := range rooms {
		word(h, r.ID)
		for _, n := range []int64{r.Rev, r.Version, r.ReadRev, r.SettingsRev} {
			_, _ = h.Write(binary.AppendVarint(nil, n)) // a hash's Write never fails
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

func word(h hash.Hash, s string) { _, _ = h.Write(append([]byte(s), 0)) }

// Browse is a page of the public rooms the actor is not in whose name contains q, after the room with the id after. Guests see none.
// limit nil stands for MaxBrowsed.
func (c *Canteen) Browse(ctx context.Context, a Actor, q, after string, limit *int) (RoomPage, error) {
	if err := shortText("q", q, RoomNameLength, false); err != nil {
		return RoomPage{}, err
	}
	n, err := pageLimit(limit, MaxBrowsed, MaxBrowsed)
	if err != nil {
		return RoomPage{}, err
	}
	return perform(ctx, c, a, CmdBrowse, use[RoomPage]{do: func(at *attempt) (RoomPage, error) {
		if at.User.Role == Guest {
			return RoomPage{}, nil
		}
		p, err := c.store.Browse(ctx, BrowseQuery{at.User.ID, RoomFold(strings.TrimSpace(q)), after, n})
		if err != nil && ErrorCode(err) == NotFound {
			err = Errorf(NotFound, "The list cannot go on after %q: there is no such public room.", after)
		}
		return p, err
	}})
}

// Room is a room the actor may see.
func (c *Canteen) Room(ctx context.Context, a Actor, id string) (RoomView, error) {
	return perform(ctx, c, a, CmdRoom, use[RoomView]{room: id, do: func(at *attempt) (RoomView, error) {
		return c.viewRoom(ctx, at.Actor, at.room)
	}})
}

// viewRoom is a room that the actor sees, as it is now. ErrStale when they left it meanwhile.
func (c *Canteen) viewRoom(ctx context.Context, a Actor, r RoomAccess) (RoomView, error) {
	if r.Role == "" {
		return RoomView{Room: r.Room}, nil
	}
	mine, err := c.store.MyRoom(ctx, r.ID, a.User.ID)
	if err != nil && ErrorCode(err) == NotFound {
		return RoomView{}, ErrStale
	}
	return RoomView{mine.Room, &mine}, err
}

// NewRoomInput describes a room to be made, with its first members besides the maker.
type NewRoomInput struct {
	Kind        Kind
	Name, Topic string
	Members     []string
}

// AddRoom makes a room. Members and above make any; guests direct ones with those they share a room with. Asking for a
// direct room with the people of one that exists gives that one (false).
func (c *Canteen) AddRoom(ctx context.Context, a Actor, in NewRoomInput) (MyRoom, bool, error) {
	if !slices.Contains([]Kind{Public, Private, Direct}, in.Kind) {
		return MyRoom{}, false, InvalidField("kind", "One of public, private, direct is needed.")
	}
	created := false
	mine, err := perform(ctx, c, a, CmdAddRoom, use[MyRoom]{
		may: func(at *attempt) error {
			if in.Kind != Direct && at.User.Role == Guest {
				return Errorf(Forbidden, "Guests can start direct conversations only.")
			}
			return nil
		},
		stores: func() int { return RowBytes * (2 + len(in.Members)) },
		do: func(at *attempt) (MyRoom, error) {
			add, err := c.newRoom(ctx, at, in)
			if err != nil {
				return MyRoom{}, err
			}
			var r Room
			if r, created, err = c.store.AddRoom(ctx, add); err != nil {
				return MyRoom{}, err
			}
			return c.store.MyRoom(ctx, r.ID, at.User.ID)
		},
	})
	return mine, created && err == nil, err
}

func (c *Canteen) newRoom(ctx context.Context, at *attempt, in NewRoomInput) (AddRoom, error) {
	add := AddRoom{Facts: at.facts(), Room: Room{
		ID: NewID(), Kind: in.Kind, Name: in.Name, Topic: in.Topic, Posting: PostingEveryone,
		CreatedBy: at.User.ID, CreatedAt: c.clock.Time(),
	}}
	if err := nameRoom(&add, in); err != nil {
		return add, err
	}
	return add, c.firstMembers(ctx, at.Actor, &add, in)
}

func nameRoom(add *AddRoom, in NewRoomInput) error {
	if in.Kind == Direct {
		if in.Name != "" {
			return InvalidField("name", "A direct conversation has no name.")
		}
		if in.Topic != "" {
			return InvalidField("topic", "A direct conversation has no topic.")
		}
		return nil
	}
	if err := reason("name", text.RoomName(in.Name)); err != nil {
		return err
	}
	return shortText("topic", in.Topic, TopicLength, false)
}

func (c *Canteen) firstMembers(ctx context.Context, a Actor, add *AddRoom, in NewRoomInput) error {
	ids := union([]string{a.User.ID}, in.Members)
	if in.Kind == Direct && len(ids) > MaxDirectMembers {
		return InvalidField("members", "A direct conversation has at most %d people, including you.", MaxDirectMembers)
	}
	if len(ids)-1 > MaxMembersAtOnce {
		return InvalidField("members", "You can add at most %d people at once.", MaxMembersAtOnce)
	}
	if err := c.addable(ctx, a, "members", ids[1:]); err != nil {
		return err
	}
	for _, id := range ids {
		m := RoomMembership{User: id, Role: RoomMember, JoinedAt: add.Room.CreatedAt}
		if id == a.User.ID && in.Kind != Direct {
			m.Role = RoomOwner
		}
		add.Members = append(add.Members, m)
	}
	return nil
}

// addable says whether the actor sees all of ids and they are active.
func (c *Canteen) addable(ctx context.Context, a Actor, field string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var seen map[string]bool
	if a.User.Role == Guest {
		var err error
		if seen, err = c.coMembers(ctx, a); err != nil {
			return err
		}
	}
	for _, id := range ids {
		u, err := c.store.User(ctx, id)
		if err != nil && ErrorCode(err) != NotFound {
			return err
		}
		if err != nil || seen != nil && !seen[id] {
			return InvalidField(field, "There is no user %q.", id)
		}
		if u.Deactivated {
			return InvalidField(field, "%s is deactivated.", u.Name)
		}
	}
	return nil
}

// UpdateRoomInput changes a room; what is nil stays.
type UpdateRoomInput struct {
	Name, Topic     *string
	Posting         *Posting
	OwnersBroadcast *bool
	Archived        *bool
	Kind            *Kind
	Confirm         string // the name of the room, where a private one becomes public
}

// UpdateRoom is for those who manage the room. An archived room can only be un-archived.
func (c *Canteen) UpdateRoom(ctx context.Context, a Actor, id string, in UpdateRoomInput) (RoomView, error) {
	var cmd UpdateRoom
	bytes := 0
	return perform(ctx, c, a, CmdUpdateRoom, use[RoomView]{
		room: id,
		may:  func(at *attempt) error { return in.may(at) },
		state: func(at *attempt) (bool, error) {
			cmd = UpdateRoom{Facts: at.facts(), Room: id, By: at.User.ID, At: c.clock.Time()}
			if err := in.check(&cmd, at.room.Room); err != nil {
				return false, err
			}
			if err := c.mayChangeKind(ctx, in, at.room.Room); err != nil {
				return false, err
			}
			stays := in.Archived == nil || *in.Archived
			bytes, at.about = cmd.bytes(at.room.Room), cmd.audited(at.room.Room)
			return !cmd.Changed(at.room.Room), openIf(cmd.Changed(at.room.Room) && stays, at.room.Room)
		},
		same:   func(at *attempt) (RoomView, error) { return c.viewRoom(ctx, at.Actor, at.room) },
		stores: func() int { return bytes },
		do: func(at *attempt) (RoomView, error) {
			r, err := c.store.UpdateRoom(ctx, cmd)
			if err != nil {
				return RoomView{}, err
			}
			at.room.Room = r
			return c.viewRoom(ctx, at.Actor, at.room)
		},
	})
}

func (in UpdateRoomInput) check(cmd *UpdateRoom, r Room) error {
	cmd.Texts = map[What]string{}
	if in.Name != nil {
		if err := reason("name", text.RoomName(*in.Name)); err != nil {
			return err
		}
		cmd.Name = in.Name
		cmd.Texts[Renamed] = "renamed the room to " + *in.Name
	}
	if in.Topic != nil {
		if err := shortText("topic", *in.Topic, TopicLength, false); err != nil {
			return err
		}
		cmd.Topic = in.Topic
		cmd.Texts[TopicChanged] = "set the topic: " + *in.Topic
		if *in.Topic == "" {
			cmd.Texts[TopicChanged] = "removed the topic"
		}
	}
	if in.Posting != nil {
		if *in.Posting != PostingEveryone && *in.Posting != PostingOwners {
			return InvalidField("posting", "One of everyone, owners is needed.")
		}
		cmd.Posting = in.Posting
		cmd.Texts[PostingSet] = "lets " + string(*in.Posting) + " post here"
	}
	cmd.Archived, cmd.OwnersBroadcast, cmd.Kind = in.Archived, in.OwnersBroadcast, in.Kind
	cmd.Texts[MadePublic] = "made the room public: everybody can read all of it, and join"
	cmd.Texts[MadePrivate] = "made the room private: only its members see it"
	cmd.Texts[RoomArchived] = "archived the room"
	cmd.Texts[RoomUnarchive] = "un-archived the room"
	return nil
}
