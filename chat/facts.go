package chat

import "github.com/canteen-chat/canteen/audit"

// Facts are what the permission of a command rested on. Zero fields state nothing.
type Facts struct {
	User   *UserFact
	Room   *RoomFact
	Member *MemberFact
	// Audit is no fact: it is the row of the audit log that the command leaves. A store that can appends it in the command's commit.
	Audit *audit.Pending
}

// UserFact: the acting user has this role and epoch and is not deactivated.
type UserFact struct {
	ID    string
	Role  Role
	Epoch int64
}

// RoomFact: the room has these settings.
type RoomFact struct {
	ID              string
	Kind            Kind
	Posting         Posting
	OwnersBroadcast bool
	Archived        bool
}

// MemberFact: the user's role in the room; an empty Role states that they are not a member.
type MemberFact struct {
	Room string
	User string
	Role RoomRole
}
