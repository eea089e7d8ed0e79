package wire

import "github.com/canteen-chat/canteen/chat"

// Room is a room as everybody who may see it does.
type Room struct {
	ID          string   `json:"id" format:"id"`
	Kind        string   `json:"kind" enum:"public,private,direct"`
	Name        string   `json:"name,omitempty" maxLength:"80" example:"builds" doc:"Absent in direct rooms"`
	Topic       string   `json:"topic,omitempty" maxLength:"250" example:"What the builds say"`
	Archived    bool     `json:"archived,omitempty"`
	Posting     string   `json:"posting" enum:"everyone,owners"`
	Broadcast   string   `json:"broadcast" enum:"everyone,owners" doc:"Who may post @here and @room"`
	MemberCount int      `json:"member_count" minimum:"0" example:"8"`
	Members     []string `json:"members,omitempty" maxItems:"10" nullable:"false" format:"id" doc:"User ids; direct rooms only"`
	CreatedBy   string   `json:"created_by,omitempty" format:"id" doc:"User id"`
	CreatedAt   Time     `json:"created_at" format:"date-time"`
	Description string   `json:"description,omitempty" maxLength:"1000" doc:"Of rooms with one, where rooms are browsed; elsewhere see about"`
}

// MyRoom is a room with the settings and counts of one member.
type MyRoom struct {
	Room
	Role         string       `json:"role" enum:"owner,member"`
	Rev          int64        `json:"rev" minimum:"0" doc:"Changes made in the room"`
	LastSeq      int64        `json:"last_seq" minimum:"0" doc:"Messages posted in the room"`
	ReadSeq      int64        `json:"read_seq" minimum:"0"`
	ReadRev      int64        `json:"read_rev" minimum:"0" doc:"Grows by one with each move of the pointer, by PUT or by an own post to the timeline. Ignore a lower one"`
	Unread       int          `json:"unread" minimum:"0" maximum:"100" doc:"Exact to 99, 100 means more"`
	MentionCount int          `json:"mention_count" minimum:"0" maximum:"100" doc:"Exact to 99, 100 means more"`
	Notify       string       `json:"notify" enum:"all,mentions,nothing"`
	Starred      bool         `json:"starred"`
	Muted        bool         `json:"muted"`
	Greet        bool         `json:"greet,omitempty" doc:"The room has a welcome that the user has not put away"`
	LastMessage  *LastMessage `json:"last_message,omitempty" doc:"The latest undeleted message of the timeline"`
}

// LastMessage is a short form of a message, for the list of rooms.
type LastMessage struct {
	Seq       int64  `json:"seq" minimum:"1"`
	Author    string `json:"author" format:"id"`
	Text      string `json:"text" maxLength:"200" doc:"At most 200 characters"`
	CreatedAt Time   `json:"created_at" format:"date-time"`
}

// NewRoom maps a room.
func NewRoom(r chat.Room) Room {
	return Room{
		ID: r.ID, Kind: string(r.Kind), Name: r.Name, Topic: r.Topic, Archived: r.Archived, Posting: string(r.Posting),
		Broadcast: broadcasting(r), MemberCount: r.MemberCount, Members: r.Members, CreatedBy: r.CreatedBy, CreatedAt: Time{r.CreatedAt},
		Description: r.Description,
	}
}

// Who may do something in a room.
const (
	everyone = "everyone"
	owners   = "owners"
)

func broadcasting(r chat.Room) string {
	if r.OwnersBroadcast {
		return owners
	}
	return everyone
}

// NewMyRoom maps a room for one member.
func NewMyRoom(r chat.MyRoom) MyRoom {
	w := MyRoom{
		Room: NewRoom(r.Room), Role: string(r.Role), Rev: r.Rev, LastSeq: r.LastSeq, ReadSeq: r.ReadSeq, ReadRev: r.ReadRev,
		Unread: r.Unread, MentionCount: r.MentionCount, Notify: string(r.Notify), Starred: r.Starred, Muted: r.Muted, Greet: r.Greet,
	}
	if m := r.LastMessage; m != nil {
		w.LastMessage = &LastMessage{Seq: m.Seq, Author: m.Author, Text: m.Text, CreatedAt: Time{m.CreatedAt}}
	}
	return w
}

// MyRooms is the answer of GET /rooms.
type MyRooms struct {
	Epoch string   `json:"epoch"`
	Rooms []MyRoom `json:"rooms" nullable:"false"`
}

// Rooms is the answer of GET /rooms?browse=true.
type Rooms struct {
	Rooms []Room `json:"rooms" nullable:"false"`
	More  bool   `json:"more" doc:"There are rooms after these"`
	Total int    `json:"total" doc:"Rooms in the whole list"`
}

// NewRoomBody is the body of POST /rooms.
type NewRoomBody struct {
	Kind    string   `json:"kind" enum:"public,private,direct" example:"public" doc:"public, private or direct"`
	Name    string   `json:"name,omitempty" format:"room-name" doc:"1–80 lower-case letters, digits, marks, - or _; not for direct rooms"`
	Topic   string   `json:"topic,omitempty" maxLength:"250" format:"line" example:"What the builds say" doc:"At most 250 characters"`
	Members []string `json:"members,omitempty" maxItems:"40" nullable:"false" format:"id" doc:"At most 40; direct rooms: 10 with yourself"`
}

// UpdateRoom is the body of PATCH /rooms/{room}. Absent fields stay unchanged.
type UpdateRoom struct {
	Name      *string `json:"name,omitempty" format:"room-name"`
	Topic     *string `json:"topic,omitempty" maxLength:"250" format:"line" example:"What the builds say"`
	Archived  *bool   `json:"archived,omitempty" example:"false"`
	Posting   *string `json:"posting,omitempty" enum:"everyone,owners" example:"everyone" doc:"everyone or owners"`
	Broadcast *string `json:"broadcast,omitempty" enum:"everyone,owners" example:"everyone" doc:"Who may post @here and @room"`
	Kind      *string `json:"kind,omitempty" enum:"public,private" example:"private" doc:"Makes a private room public, or back"`
	Confirm   string  `json:"confirm,omitempty" maxLength:"80" doc:"With kind=public: the room's name, since everybody can then read all of it"`
}

// Input maps the body to the input of package chat.
func (b UpdateRoom) Input() chat.UpdateRoomInput {
	in := chat.UpdateRoomInput{Name: b.Name, Topic: b.Topic, Archived: b.Archived, Kind: (*chat.Kind)(b.Kind), Confirm: b.Confirm}
	if b.Posting != nil {
		p := chat.Posting(*b.Posting)
		in.Posting = &p
	}
	if b.Broadcast != nil {
		o := *b.Broadcast == owners
		in.OwnersBroadcast = &o
	}
	return in
}

// UpdateMyRoom is the body of PATCH /rooms/{room}/me. Absent fields stay unchanged.
type UpdateMyRoom struct {
	Notify  *string `json:"notify,omitempty" enum:"all,mentions,nothing" example:"mentions" doc:"all, mentions or nothing"`
	Starred *bool   `json:"starred,omitempty" example:"true"`
	Muted   *bool   `json:"muted,omitempty" example:"false"`
	Greet   *bool   `json:"greet,omitempty" example:"false" doc:"false puts the welcome away"`
}

// Input maps the body to the input of package chat.
func (b UpdateMyRoom) Input() chat.MyRoomInput {
	in := chat.MyRoomInput{Starred: b.Starred, Muted: b.Muted, Greet: b.Greet}
	if b.Notify != nil {
		n := chat.Notify(*b.Notify)
		in.Notify = &n
	}
	return in
}

// SetRead is the body of PUT /rooms/{room}/read.
type SetRead struct {
	Seq int64 `json:"seq" minimum:"0" maximum:"9007199254740991" example:"0" doc:"0 … last_seq; backwards marks unread"`
}

// Member is one member of a room.
type Member struct {
	User     string `json:"user" format:"id" doc:"User id"`
	Role     string `json:"role" enum:"owner,member"`
	JoinedAt Time   `json:"joined_at" format:"date-time"`
}

// NewMember maps a membership.
func NewMember(m chat.RoomMembership) Member {
	return Member{User: m.User, Role: string(m.Role), JoinedAt: Time{m.JoinedAt}}
}

// Members is the answer of GET /rooms/{room}/members.
type Members struct {
	Members []Member `json:"members" nullable:"false"`
}

// PutMember is the body of PUT /rooms/{room}/members/{user}.
type PutMember struct {
	Role *string `json:"role,omitempty" enum:"owner,member" example:"member" doc:"absent: member for a new one, unchanged for others"`
}

// RoomAbout is what is told of a room to those who look at it.
type RoomAbout struct {
	Description string `json:"description" maxLength:"1000" example:"Where we plan lunch" doc:"What the room is for; several lines"`
	Welcome     string `json:"welcome" maxLength:"2000" doc:"Markdown that who joins is shown once"`
}

// UpdateRoomAbout is the body of PATCH /rooms/{room}/about. Absent fields stay unchanged.
type UpdateRoomAbout struct {
	Description *string `json:"description,omitempty" maxLength:"1000" format:"about" doc:"At most 1,000 characters; empty removes it"`
	Welcome     *string `json:"welcome,omitempty" maxLength:"2000" format:"about" doc:"At most 2,000 characters; empty removes it"`
}
