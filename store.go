package canteen

import (
	"context"
	"time"
)

// Store is everything that is kept. Every command is atomic: it happens whole, durably, before it returns nil, or not at
// all. Unless said otherwise commands answer ErrStale when one of their Facts does not hold at the commit, an [Error]
// with NotFound for what is not there, and Unavailable when the storage cannot take writes now (disk full, contention
// beyond 3 s). A command that changed something is announced, after its commit and in commit order, through the feed the
// store was opened with; one that changed nothing announces nothing. Reads see every command that returned before.
//
// Lists are never nil-or-empty sensitive; times are UTC in whole milliseconds.
type Store interface {
	WorkspaceStore
	UserStore
	SessionStore
	TokenStore
	InviteStore
	RoomStore
	MemberStore
	MessageStore
	PageStore
	ReactionStore
}

// Feed takes the announcements of each commit, in commit order, from one goroutine. Order within a commit: by rev, then
// as the events' comments say. It must not block.
type Feed func([]Announcement)

// Facts are what the permission of a command rested on. Zero fields state nothing.
type Facts struct {
	User   *UserFact
	Room   *RoomFact
	Member *MemberFact
}

// UserFact: the acting user has this role and epoch and is not deactivated.
type UserFact struct {
	ID    string
	Role  Role
	Epoch int64
}

// RoomFact: the room has this kind, posting and archived.
type RoomFact struct {
	ID       string
	Kind     Kind
	Posting  Posting
	Archived bool
}

// MemberFact: the user's role in the room; an empty Role states that they are not a member.
type MemberFact struct {
	Room string
	User string
	Role RoomRole
}

// WorkspaceStore holds what there is one of.
type WorkspaceStore interface {
	// Workspace is NotFound before the setup.
	Workspace(ctx context.Context) (Workspace, error)
	// Setup makes the workspace, its owner, the public room general with the owner in it (RoomOwner), and, when Session is
	// given, the owner's session. Conflict when there is a workspace already.
	Setup(ctx context.Context, c Setup) (User, error)
	// Ready is nil when the store can read and write.
	Ready(ctx context.Context) error
}

// Setup is the first command of all.
type Setup struct {
	Workspace Workspace
	Owner     NewUser
	RoomID    string
	Session   *NewSession
	At        time.Time
}

// NewUser is a user to be made. NameFold is what other names are compared with, Mixed that the name mixes scripts.
type NewUser struct {
	User         User // Epoch 1; Ambiguous is the store's to find
	NameFold     string
	Mixed        bool
	EmailFold    string
	PasswordHash string
}

// UserStore holds users. Handles and e-mails (folded) are unique for ever; a handle once one's own stays so.
type UserStore interface {
	User(ctx context.Context, id string) (User, error)
	UserByHandle(ctx context.Context, handle string) (User, error) // present handles only
	// Credentials finds by folded e-mail the user and the password hash ("" for none).
	Credentials(ctx context.Context, emailFold string) (User, string, error)
	// Users is the whole directory, deactivated included, by id, and a version that grows with each change of it.
	Users(ctx context.Context) ([]User, int64, error)
	// CoMembers are the ids of all who share a room with user, user included.
	CoMembers(ctx context.Context, user string) ([]string, error)
	// AddUser makes a user, in the rooms given as RoomMember with nothing unread (rooms that are gone, direct or archived
	// are left out), uses up one use of the invite, and makes a session. Conflict with field "handle" or "email" when
	// taken; NotFound when the invite is unknown, expired at At, used up, or for another e-mail.
	// Announces UserChanged, RoomJoined per room, MembersChanged per room, UserChanged of those it made ambiguous.
	AddUser(ctx context.Context, c AddUser) (User, error)
	// UpdateUser changes what is not nil. Conflict with field "handle" when taken, with field "role" when it would leave the
	// workspace without an active owner. Raising the epoch ends sessions and tokens: SessionsEnded is announced first.
	// Announces UserChanged when something that others see, or the settings, changed.
	UpdateUser(ctx context.Context, c UpdateUser) (User, error)
}

// AddUser makes a user; Invite, Rooms and Session are optional.
type AddUser struct {
	Facts   Facts
	User    NewUser
	Invite  *SecretHash
	Rooms   []string
	Session *NewSession
	At      time.Time
}

// UpdateUser changes a user. Only fields that are not nil change.
type UpdateUser struct {
	Facts       Facts
	User        string
	Was         *UserFact // a fact about User, who may be deactivated, besides those about the actor
	Name        *NewName
	Handle      *string
	Title       *string
	TimeZone    *string
	Status      **Status // pointer to nil clears it
	Settings    *Settings
	Role        *Role
	Deactivated *bool
	Password    *string // a hash
	EndSessions bool    // raise the epoch, ending all sessions and tokens of the user …
	KeepSession string  // … but this session, which takes the new epoch …
	KeepTokens  bool    // … and, if so, the tokens, which take it too
	At          time.Time
}

// NewName is a name with what it is compared by.
type NewName struct {
	Name  string
	Fold  string
	Mixed bool
}

// SessionStore holds signed-in sessions by the hash of their secret.
type SessionStore interface {
	// AddSession makes a session; the oldest beyond MaxSessions of the user end. ErrStale when the user's epoch is not the
	// session's or the user is deactivated.
	AddSession(ctx context.Context, c NewSession) error
	// Sessions are those that live: not expired at now, of the user's present epoch.
	Sessions(ctx context.Context, user string, now time.Time) ([]Session, error) // by created_at, newest first
	// SessionBySecret gives the session and its user. NotFound when there is none, it is expired at now, the user's epoch is
	// another or the user is deactivated. owner is whose the secret says it is, where to look; "" when it does not say.
	SessionBySecret(ctx context.Context, owner string, h SecretHash, now time.Time) (Session, User, error)
	TouchSession(ctx context.Context, user, id string, seen, expires time.Time) error
	// EndSession is NotFound when the user has no such session. Announces SessionsEnded.
	EndSession(ctx context.Context, user, id string) error
}

// NewSession is a session with the hash of its secret.
type NewSession struct {
	Session Session
	Secret  SecretHash
}

// TokenStore holds personal tokens by the hash of their secret.
type TokenStore interface {
	// AddToken is a Conflict beyond MaxTokens of the user.
	AddToken(ctx context.Context, f Facts, t Token, h SecretHash) error
	// TokenBySecret is like SessionBySecret.
	TokenBySecret(ctx context.Context, owner string, h SecretHash, now time.Time) (Token, User, error)
	// Tokens are those of the user's present epoch, expired ones included, by created_at.
	Tokens(ctx context.Context, user string) ([]Token, error)
	TouchToken(ctx context.Context, user, id string, used time.Time) error
	// EndToken is NotFound when the user has no such token. Announces SessionsEnded.
	EndToken(ctx context.Context, user, id string) error
}

// InviteStore holds invites by the hash of their secret.
type InviteStore interface {
	AddInvite(ctx context.Context, f Facts, i Invite, h SecretHash) error
	InviteBySecret(ctx context.Context, h SecretHash) (Invite, error)
	// Invites are those of by (all when by is ""), neither expired at now nor used up, newest first.
	Invites(ctx context.Context, by string, now time.Time) ([]Invite, error)
	// EndInvite is NotFound when there is no such invite of by (of anyone when by is "").
	EndInvite(ctx context.Context, f Facts, by, id string) error
}

// RoomStore holds rooms. Names of public rooms (folded) are unique among public rooms.
type RoomStore interface {
	// RoomAccess is the room and user's role in it; NotFound when there is no such room. Every request asks it first.
	RoomAccess(ctx context.Context, room, user string) (RoomAccess, error)
	// MyRoom is the room as user has it; NotFound when not a member.
	MyRoom(ctx context.Context, room, user string) (MyRoom, error)
	MyRooms(ctx context.Context, user string) ([]MyRoom, error) // by id
	// Browse lists public rooms, not archived, that user is not in and whose folded name contains q, by name; 200 at most.
	Browse(ctx context.Context, user, q string) ([]Room, error)
	// AddRoom makes a room with its members. A direct room with the same set of members is returned instead (false).
	// Conflict with field "name" when a public room has it, without a field beyond MaxRooms.
	// Announces RoomJoined for each member.
	AddRoom(ctx context.Context, c AddRoom) (r Room, created bool, err error)
	// UpdateRoom changes what is not nil and differs, with one system message for each, in the order of the fields; each
	// takes a seq and a rev. Announces RoomChanged, then the messages. Conflict with field "name" as AddRoom.
	UpdateRoom(ctx context.Context, c UpdateRoom) (Room, error)
}

// AddRoom makes a room: Room has ID, Kind, Name, Topic, Posting, CreatedBy, CreatedAt.
type AddRoom struct {
	Facts    Facts
	Room     Room
	NameFold string // public rooms
	Members  []RoomMembership
}

// UpdateRoom changes a room.
type UpdateRoom struct {
	Facts    Facts
	Room     string
	By       string
	Name     *string
	NameFold string // with Name
	Topic    *string
	Posting  *Posting
	Archived *bool
	Texts    map[What]string // the English text of each system message
	At       time.Time
}

// MemberStore holds who is in which room.
type MemberStore interface {
	// Members are the room's, by joined_at, then user.
	Members(ctx context.Context, room string) ([]RoomMembership, error)
	// AddMembers adds those of Users who are not members yet; read_seq = last_seq, nothing unread, read_rev beyond what anybody
	// who left had: it never goes back for who joins again. With System a message is
	// posted after. Announces RoomJoined for each, MembersChanged once, then the message. At most MaxMembersAtOnce users.
	AddMembers(ctx context.Context, c AddMembers) error
	// RemoveMember announces RoomLeft, then MembersChanged. NotFound when not a member.
	RemoveMember(ctx context.Context, c RemoveMember) error
	// SetMemberRole announces MyRoomChanged to the member, then MembersChanged. NotFound when not a member.
	SetMemberRole(ctx context.Context, f Facts, room, user string, role RoomRole) error
	// UpdateMyRoom changes what is not nil. Announces MyRoomChanged.
	UpdateMyRoom(ctx context.Context, c UpdateMyRoom) (MyRoom, error)
	// SetRead moves the read pointer to Seq; the same seq is no move. Announces ReadMoved.
	SetRead(ctx context.Context, c SetRead) (MyRoom, error)
}

// AddMembers adds users to a room as Role.
type AddMembers struct {
	Facts  Facts
	Room   string
	Users  []string
	Role   RoomRole
	System *SystemPost
	At     time.Time
}

// SystemPost is a system message to be posted with a command.
type SystemPost struct {
	By     string
	System System
	Text   string
}

// RemoveMember takes User out of Room.
type RemoveMember struct {
	Facts  Facts
	Room   string
	User   string
	Reason LeftReason
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

// MessageStore changes messages. Every change takes the room's next rev; a reply and the deletion of a reply take two,
// first the reply's, then its root's. viewer decides Reaction.Me in what is returned.
type MessageStore interface {
	// PostMessage posts and, in the timeline, moves the author's read pointer to the message without changing read_rev.
	// A message of the author in the room with the same ClientID is returned as it is now instead (false), whatever the
	// facts. Thread must name a root of the room: NotFound when there is no such message, Invalid (field "thread") when it
	// is a reply or a system message, Gone when it is a tombstone.
	PostMessage(ctx context.Context, c PostMessage) (m Message, created bool, err error)
	// PostedMessage finds by client id; NotFound when there is none.
	PostedMessage(ctx context.Context, room, author, clientID string) (Message, error)
	// EditMessage keeps the earlier version. The same text changes nothing. Gone for a tombstone.
	EditMessage(ctx context.Context, c EditMessage) (Message, error)
	// DeleteMessage makes a tombstone, deletes versions, mentions and reactions. Of a tombstone: nothing changes.
	DeleteMessage(ctx context.Context, c DeleteMessage) error
}

// PostMessage posts a message.
type PostMessage struct {
	Facts      Facts
	Room       string
	Author     string
	ClientID   string
	Text       string
	Thread     int64
	AlsoInRoom bool
	Mentions   []string // user ids; those who are not members of the room are left out
	Emoji      []string // canonical, counted as used by the author
	At         time.Time
}

// EditMessage changes a text.
type EditMessage struct {
	Facts    Facts
	Room     string
	Seq      int64
	By       string
	Text     string
	Mentions []string // as in PostMessage
	At       time.Time
}

// DeleteMessage makes a tombstone.
type DeleteMessage struct {
	Facts Facts
	Room  string
	Seq   int64
	At    time.Time
}

// PageStore reads messages. Callers have checked that viewer may see the room.
type PageStore interface {
	Message(ctx context.Context, room string, seq int64, viewer string) (Message, error)
	Page(ctx context.Context, q PageQuery) (Page, error)
	// Changes is Gone when since is beyond the room's rev, or further back than is known.
	Changes(ctx context.Context, room string, since int64, limit int, viewer string) (Changes, error)
	// Versions are newest, the present one, first. NotFound for a tombstone.
	Versions(ctx context.Context, room string, seq int64) ([]Version, error)
}

// PageQuery asks for a page; at most one of Before, After and Around is not nil, none of them asks for the latest.
type PageQuery struct {
	Room   string
	Thread int64 // the root's seq: its replies; 0: the timeline
	Before *int64
	After  *int64
	Around *int64
	Limit  int
	Viewer string
}

// ReactionStore holds reactions and which emoji somebody uses.
type ReactionStore interface {
	// SetReaction adds or removes one user's emoji; what is so already changes nothing. Gone for a tombstone, Conflict when
	// it would be more than MaxEmojiOnMessage distinct ones, NotFound when there is no such message. An added one is counted
	// as used. The message is returned in either case.
	SetReaction(ctx context.Context, c SetReaction) (Message, error)
	// Reactions are those of a message with all users.
	Reactions(ctx context.Context, room string, seq int64, viewer string) ([]Reaction, error)
	// FrequentEmoji are what user used most, most first; recent use weighs more (half after 30 days).
	FrequentEmoji(ctx context.Context, user string, limit int) ([]string, error)
}

// SetReaction adds or removes a reaction.
type SetReaction struct {
	Facts Facts
	Room  string
	Seq   int64
	User  string
	Emoji string // canonical
	Added bool
	At    time.Time
}
