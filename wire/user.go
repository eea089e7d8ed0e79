package wire

import (
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

// User is a person or bot as everybody who may see them does. Only the user and admins see email.
type User struct {
	ID          string  `json:"id" format:"id"`
	Handle      string  `json:"handle" format:"handle" doc:"2–30 of a-z 0-9 . _ -, unique for ever"`
	Name        string  `json:"name" format:"name"`
	Title       string  `json:"title,omitempty" maxLength:"80" example:"Kitchen"`
	Bot         bool    `json:"bot,omitempty"`
	Owner       string  `json:"owner,omitempty" format:"id" doc:"Who made the bot, and can read what it reads"`
	Role        string  `json:"role" enum:"owner,admin,member,guest"`
	Deactivated bool    `json:"deactivated,omitempty"`
	Ambiguous   bool    `json:"ambiguous,omitempty" doc:"The name is easily taken for another's: always show the handle too"`
	Status      *Status `json:"status,omitempty"`
	TimeZone    string  `json:"time_zone,omitempty" format:"time-zone" doc:"IANA name"`
	Quiet       *Quiet  `json:"quiet,omitempty" doc:"Do not disturb"`
	Email       string  `json:"email,omitempty" format:"email" doc:"For the user and for admins, by token with the scope admin alone"`
}

// Status is the status that a user has set.
type Status struct {
	Emoji string `json:"emoji,omitempty" format:"emoji" doc:"One emoji"`
	Text  string `json:"text,omitempty" maxLength:"100" format:"line" example:"At lunch" doc:"At most 100 characters"`
	Until *Time  `json:"until,omitempty" format:"date-time"`
}

// NewUser maps a user. email says whether the viewer may see the e-mail address: only the user and admins may.
func NewUser(u chat.User, email bool) User {
	w := User{
		ID: u.ID, Handle: u.Handle, Name: u.Name, Title: u.Title, Bot: u.Bot, Owner: u.Owner, Role: string(u.Role),
		Deactivated: u.Deactivated, Ambiguous: u.Ambiguous, TimeZone: u.TimeZone, Quiet: newQuiet(u.Settings.Attention.Quiet),
	}
	if u.Status != nil {
		w.Status = &Status{Emoji: u.Status.Emoji, Text: u.Status.Text, Until: optionalTime(u.Status.Until)}
	}
	if email {
		w.Email = u.Email
	}
	return w
}

// Users is the answer of GET /users.
type Users struct {
	Users []User `json:"users" nullable:"false"`
}

// Settings are a user's settings. They apply on all devices.
type Settings struct {
	Theme      string    `json:"theme" enum:"system,light,dark"`
	SkinTone   int       `json:"skin_tone" minimum:"0" maximum:"5" doc:"0 none, 1 light … 5 dark"`
	EnterSends bool      `json:"enter_sends" doc:"Enter sends and Shift+Enter breaks the line; otherwise Ctrl+Enter sends"`
	Attention  Attention `json:"attention"`
	Sections   []Section `json:"sections" maxItems:"20" nullable:"false" doc:"Of the list of rooms, in order"`

	SectionsVersion string `json:"sections_version" example:"m8VgLkW0C4P2hZ5tQ9xA" doc:"Another for other sections: see sections_were"`
}

// Me is the user who is signed in, with the workspace.
type Me struct {
	User
	Settings  Settings    `json:"settings"`
	Workspace MyWorkspace `json:"workspace"`
}

// MyWorkspace is the workspace as signed-in users see it.
type MyWorkspace struct {
	Name     string `json:"name" maxLength:"80" example:"Example Ltd"`
	Epoch    string `json:"epoch" example:"k3x5mq2aa4te" doc:"Another value: drop everything kept but outbox and drafts"`
	Mail     bool   `json:"mail" doc:"Whether the digest setting does anything: this deployment can send e-mail"`
	Previews bool   `json:"previews" doc:"Whether links get previews"`
	// CanPreview is false where the operator has turned previews off.
	CanPreview   bool   `json:"can_preview" doc:"Whether this deployment makes previews, if the workspace wants them"`
	Vitals       bool   `json:"vitals" doc:"Whether browsers are to report how fast the page is"`
	CallURL      string `json:"call_url,omitempty" maxLength:"300" doc:"The template of links to calls, with {room}. Absent: no calls"`
	Version      string `json:"version" maxLength:"100" example:"v1.2.0" doc:"Of the server"`
	Feedback     bool   `json:"feedback" doc:"Whether there is a room for feedback"`
	FeedbackRoom string `json:"feedback_room,omitempty" format:"id" doc:"That room, for owners and admins"`
	Limits       Limits `json:"limits"`
}

// Limits are the limits of package chat and of the transport. Clients show them before a request is refused. Lengths are in
// code points.
type Limits struct {
	Message           int   `json:"message"`
	Name              int   `json:"name"`
	Title             int   `json:"title"`
	Topic             int   `json:"topic"`
	Status            int   `json:"status"`
	RoomName          int   `json:"room_name"`
	PasswordMin       int   `json:"password_min"`
	PasswordMaxBytes  int   `json:"password_max_bytes"`
	Mentions          int   `json:"mentions"`
	EmojiOnMessage    int   `json:"emoji_on_message"`
	MembersAtOnce     int   `json:"members_at_once"`
	InviteRooms       int   `json:"invite_rooms"`
	DirectMembers     int   `json:"direct_members"`
	Page              int   `json:"page"`
	ChangesPage       int   `json:"changes_page"`
	BodyBytes         int   `json:"body_bytes"`
	SocketFrameBytes  int   `json:"socket_frame_bytes"`
	WatchedUsers      int   `json:"watched_users"`
	SessionsOfUser    int   `json:"sessions_of_user"`
	ConnectionsOfUser int   `json:"connections_of_user"`
	HandleChanges     int   `json:"handle_changes_in_30_days"`
	StoredBytes       int   `json:"stored_bytes_a_day"`
	Files             int   `json:"files"`
	FileBytes         int64 `json:"file_bytes"`
}

// Limits of the transport. They are the same on a server and on AWS.
const (
	BodyBytes         = 1 << 20
	OpenBodyBytes     = 8 << 10 // without authentication
	FrameBytes        = 32 << 10
	ConnectionsOfUser = 20
)

// NewMe maps a user as they see themselves.
func NewMe(u chat.User, w chat.Workspace) Me {
	return Me{
		User: NewUser(u, true),
		Settings: Settings{
			Theme: u.Settings.Theme, SkinTone: u.Settings.SkinTone, EnterSends: u.Settings.EnterSends,
			Attention: newAttention(u.Settings.Attention), Sections: newSections(u.Settings.Sections),
			SectionsVersion: u.Settings.SectionsVersion(),
		},
		Workspace: NewMyWorkspace(w),
	}
}

// NewMyWorkspace maps the workspace for those who are signed in.
func NewMyWorkspace(w chat.Workspace) MyWorkspace {
	return MyWorkspace{
		Name: w.Name, Epoch: w.Epoch, Mail: w.Mail, Previews: w.Previews, CanPreview: w.CanPreview, Vitals: w.Vitals, CallURL: w.CallURL,
		Version: chat.Release(), Feedback: w.Feedback, FeedbackRoom: w.FeedbackRoom, Limits: Limits{
			Message: chat.MessageLength, Name: chat.NameLength, Title: chat.TitleLength, Topic: chat.TopicLength,
			Status: chat.StatusLength, RoomName: chat.RoomNameLength, PasswordMin: chat.PasswordMin,
			PasswordMaxBytes: chat.PasswordMax, Mentions: chat.MaxMentions, EmojiOnMessage: chat.MaxEmojiOnMessage,
			MembersAtOnce: chat.MaxMembersAtOnce, InviteRooms: chat.MaxInviteRooms, DirectMembers: chat.MaxDirectMembers,
			Page: chat.MaxPage, ChangesPage: chat.MaxChangesPage, BodyBytes: BodyBytes, SocketFrameBytes: FrameBytes,
			WatchedUsers: chat.MaxWatched, SessionsOfUser: chat.MaxSessions, ConnectionsOfUser: ConnectionsOfUser,
			HandleChanges: chat.MaxHandleChanges, StoredBytes: chat.StoredBytes, Files: chat.MaxFiles, FileBytes: w.MaxFile,
		},
	}
}

// UpdateWorkspace is the body of PATCH /workspace. Absent fields stay unchanged.
type UpdateWorkspace struct {
	CallURL      *string `json:"call_url,omitempty" maxLength:"300" example:"https://meet.example.com/{room}" doc:"An https address with {room} behind its host; empty: no calls"`
	Previews     *bool   `json:"previews,omitempty" doc:"Whether links get previews, where this deployment makes any"`
	FeedbackRoom *string `json:"feedback_room,omitempty" maxLength:"12" example:"b7qnvw3kz5ra" doc:"Id of a room that you see, into which feedback is posted; empty: none"`
}

// UpdateMe is the body of PATCH /me. Absent fields stay unchanged.
type UpdateMe struct {
	Name     *string         `json:"name,omitempty" format:"name" doc:"1–80 characters"`
	Handle   *string         `json:"handle,omitempty" format:"handle" doc:"2–30 of a-z 0-9 . _ -; 3 changes in 30 days"`
	Title    *string         `json:"title,omitempty" maxLength:"80" format:"line" doc:"At most 80 characters"`
	TimeZone *string         `json:"time_zone,omitempty" format:"time-zone" doc:"IANA name, such as Europe/Berlin"`
	Status   *Status         `json:"status,omitempty" doc:"{} clears it"`
	Settings *UpdateSettings `json:"settings,omitempty"`
}

// UpdateSettings changes settings. Absent fields stay unchanged.
type UpdateSettings struct {
	Theme      *string `json:"theme,omitempty" enum:"system,light,dark" example:"system" doc:"system, light or dark"`
	SkinTone   *int    `json:"skin_tone,omitempty" minimum:"0" maximum:"5" example:"0" doc:"0 none, 1 light … 5 dark"`
	EnterSends *bool   `json:"enter_sends,omitempty" example:"true"`

	Attention *UpdateAttention `json:"attention,omitempty"`
	Sections  *[]Section       `json:"sections,omitempty" maxItems:"20" nullable:"false" doc:"At most 20, with 500 rooms together; replaces all"`

	SectionsWere *string `json:"sections_were,omitempty" maxLength:"20" doc:"The sections_version that you read: 409 if they changed since"`
}

// Input maps the body to the input of package chat.
func (b UpdateMe) Input() chat.UpdateMeInput {
	in := chat.UpdateMeInput{Name: b.Name, Handle: b.Handle, Title: b.Title, TimeZone: b.TimeZone}
	if b.Status != nil {
		s := &chat.StatusInput{Emoji: b.Status.Emoji, Text: b.Status.Text, Until: b.Status.Until.Pointer()}
		in.Status = &s
	}
	if b.Settings != nil {
		in.Settings = &settings.Input{
			Theme: b.Settings.Theme, SkinTone: b.Settings.SkinTone, EnterSends: b.Settings.EnterSends,
			Attention: b.Settings.Attention.input(), Sections: sectionsInput(b.Settings.Sections), SectionsWere: b.Settings.SectionsWere,
		}
	}
	return in
}

// ChangePassword is the body of POST /me/password.
type ChangePassword struct {
	Current string `json:"current" minLength:"1" maxLength:"256" format:"password"`
	New     string `json:"new" format:"password" doc:"At least 8 characters, at most 256 bytes, not easily guessed"`
}

// UpdateUser is the body of PATCH /users/{user}. Absent fields stay unchanged.
type UpdateUser struct {
	Role        *string `json:"role,omitempty" enum:"owner,admin,member,guest" doc:"owner, admin, member or guest; never above yours"`
	Deactivated *bool   `json:"deactivated,omitempty" example:"false" doc:"true ends all sessions and tokens"`
	Name        *string `json:"name,omitempty" format:"name"`
	Handle      *string `json:"handle,omitempty" format:"handle"`
	Title       *string `json:"title,omitempty" maxLength:"80" format:"line"`
}

// Input maps the body to the input of package chat.
func (b UpdateUser) Input() chat.UpdateUserInput {
	in := chat.UpdateUserInput{Deactivated: b.Deactivated, Name: b.Name, Handle: b.Handle, Title: b.Title}
	if b.Role != nil {
		r := chat.Role(*b.Role)
		in.Role = &r
	}
	return in
}
