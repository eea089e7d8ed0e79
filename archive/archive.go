// Package archive holds the form in which a whole workspace is moved from one store to another: its records, and what a store does with
// them. It keeps nothing.
//
// The package imports chat.
package archive

import (
	"context"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/thread"
)

// Store is a store that a whole workspace can be moved out of, and into: from one machine to AWS and back. Every store is
// one. Sessions are not moved (people sign in again), nor is what ends by itself within hours (tickets, connections, counters of
// limits), nor what followers of the feed derive.
//
// A move is: Export of the source, Import of everything but the workspace, Export of both and a comparison, and only then the
// Import of the workspace, with an epoch of its own. Until then the target counts as not set up, so nobody is let into a
// half, and a move that failed may be repeated.
type Store interface {
	// Export gives all records, each once, in this order, ids and emoji by their bytes: users by id; then room by room, by
	// id: the room, its members by user, its messages by seq, their earlier versions by seq and N, their reactions by seq,
	// emoji and user, votes in their polls by seq and user, who follows its threads by root and user, who confirmed its messages by seq
	// and user; then invites by id; tokens by id; custom emoji by name, the deleted ones included; the workspace. It leaves out invites
	// and tokens that expired at now, and tokens of an epoch that is not their user's. Of a store without a workspace it
	// gives what else there is. Who calls sees to it that nothing is written meanwhile; where the storage has snapshots it
	// is one. It ends with the error of give, if that has one.
	Export(ctx context.Context, now time.Time, give func(Record) error) error
	// Import keeps records, at most MaxImport, in the order of Export, which may go on where an earlier call ended. What
	// follows from them (names that are taken, who is mentioned, what changed at which revision) is the store's to derive;
	// Changes since a revision before the import may be Gone. The same record again changes nothing, so whatever failed may
	// be repeated. It announces nothing, neither to who follows the storage. Conflict once there is a workspace; of the
	// records given, it is kept last.
	Import(ctx context.Context, records []Record) error
}

// ErrNotEmpty is the answer to an import into a store that has a workspace.
func ErrNotEmpty() *chat.Error {
	return chat.Errorf(chat.Conflict, "A workspace already exists here. Restore or move into an empty place.")
}

// ImportError says of which kind the record was that could not be imported.
func ImportError(r Record, err error) error {
	return fmt.Errorf("import one of the %s: %w", r.RecordKind(), err)
}

// ErrUnknownRecord is the answer to a record whose type a store does not know.
func ErrUnknownRecord(r Record) error { return fmt.Errorf("%T is no record that can be kept", r) }

// MaxImport is how many records are imported at once.
const MaxImport = 500

// Record is one thing that is kept, with everything about it that a store knows and cannot derive. The list is closed.
type Record interface{ RecordKind() RecordKind }

// RecordKind is what a record is of.
type RecordKind string

// Kinds of records, in the order in which Export begins them.
const (
	UserRecords      RecordKind = "users"
	RoomRecords      RecordKind = "rooms"
	MemberRecords    RecordKind = "members"
	MessageRecords   RecordKind = "messages"
	VersionRecords   RecordKind = "versions"
	ReactionRecords  RecordKind = "reactions"
	VoteRecords      RecordKind = "votes"
	ThreadRecords    RecordKind = "threads"
	ConfirmedRecords RecordKind = "confirmations"
	InviteRecords    RecordKind = "invites"
	TokenRecords     RecordKind = "tokens"
	EmojiRecords     RecordKind = "emoji"
	WorkspaceRecords RecordKind = "workspace"
)

// RecordKinds are all of them, in order.
func RecordKinds() []RecordKind {
	return []RecordKind{
		UserRecords, RoomRecords, MemberRecords, MessageRecords, VersionRecords, ReactionRecords, VoteRecords, ThreadRecords,
		ConfirmedRecords,
		InviteRecords, TokenRecords, EmojiRecords, WorkspaceRecords,
	}
}

type (
	// UserRecord is a user with the password's hash, and all handles ever had, the present one included, sorted: they are
	// this user's for ever. Ambiguous is as it was. Hook is that of a bot that has one, without the bot.
	UserRecord struct {
		chat.NewUser
		Handles []string
		Hook    *chat.Hook
	}
	// RoomRecord is a room. MemberCount, Members, Rev and LastSeq are as they were, which members and messages bear out.
	RoomRecord struct {
		chat.Room
		FirstReadRev int64 // what ReadRev begins with for whoever joins
		About        chat.RoomAbout
		LastInRoom   int64 // seq of the last message that stands in the timeline, tombstones included; 0 for none
	}
	// MemberRecord is somebody's place in a room.
	MemberRecord struct {
		Room string
		chat.RoomMembership
		ReadSeq, ReadRev int64
		Notify           chat.Notify
		Starred, Muted   bool
		Greet            bool
		SettingsRev      int64
	}
	// MessageRecord is a message as it is, tombstones included. ClientID stays its author's for ever. Reactions hold the
	// order of the emoji, the counts and the first users, as the tally does; Me is false.
	MessageRecord struct{ chat.Message }
	// VersionRecord is a text that a message had before the present one.
	VersionRecord struct {
		Room string
		Seq  int64
		chat.Version
	}
	// ReactionRecord is one user's emoji on a message, added at Rev, by which the users of one emoji are ordered.
	ReactionRecord struct {
		Room        string
		Seq         int64
		Emoji, User string
		Rev         int64
	}
	// VoteRecord is one user's vote in the poll of a message.
	VoteRecord struct {
		Room string
		Seq  int64
		poll.Vote
	}
	// ThreadRecord is whether a member follows a thread, and how far they have read it.
	ThreadRecord struct {
		Room string
		Root int64
		User string
		thread.Row
	}
	// ConfirmedRecord is somebody's confirmation of a message.
	ConfirmedRecord struct {
		Room string
		Seq  int64
		chat.Confirmation
	}
	// InviteRecord is an invite with the hash of its secret. By may be somebody deactivated.
	InviteRecord struct {
		chat.Invite
		Secret chat.SecretHash
	}
	// TokenRecord is a token with the hash of its secret.
	TokenRecord struct {
		chat.Token
		Secret chat.SecretHash
	}
	// EmojiRecord is a name of a custom emoji. The picture is a body like those of files.
	EmojiRecord struct{ emojiname.Emoji }
	// WorkspaceRecord is the workspace. Directory is the version of all users.
	WorkspaceRecord struct {
		chat.Workspace
		Directory int64
	}
)

// RecordKind implements Record.
func (UserRecord) RecordKind() RecordKind { return UserRecords }

// RecordKind implements Record.
func (RoomRecord) RecordKind() RecordKind { return RoomRecords }

// RecordKind implements Record.
func (MemberRecord) RecordKind() RecordKind { return MemberRecords }

// RecordKind implements Record.
func (MessageRecord) RecordKind() RecordKind { return MessageRecords }

// RecordKind implements Record.
func (VersionRecord) RecordKind() RecordKind { return VersionRecords }

// RecordKind implements Record.
func (ReactionRecord) RecordKind() RecordKind { return ReactionRecords }

// RecordKind implements Record.
func (VoteRecord) RecordKind() RecordKind { return VoteRecords }

// RecordKind implements Record.
func (ThreadRecord) RecordKind() RecordKind { return ThreadRecords }

// RecordKind implements Record.
func (ConfirmedRecord) RecordKind() RecordKind { return ConfirmedRecords }

// RecordKind implements Record.
func (InviteRecord) RecordKind() RecordKind { return InviteRecords }

// RecordKind implements Record.
func (TokenRecord) RecordKind() RecordKind { return TokenRecords }

// RecordKind implements Record.
func (EmojiRecord) RecordKind() RecordKind { return EmojiRecords }

// RecordKind implements Record.
func (WorkspaceRecord) RecordKind() RecordKind { return WorkspaceRecords }
