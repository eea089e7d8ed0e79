package canteen

import (
	"context"
	"time"
)

// Limits of the product; the API description states them. Lengths are in code points.
const (
	MessageLength     = 20_000
	NameLength        = 80
	TitleLength       = 80
	TopicLength       = 250
	StatusLength      = 100
	RoomNameLength    = 80
	EmailLength       = 254
	PasswordMin       = 8
	PasswordMax       = 256 // bytes: bounds the work of a hash
	TokenNameLength   = 80
	LastMessageLength = 200

	MaxMentions       = 50
	MaxEmojiOnMessage = 20
	MaxReactionUsers  = 20 // ids shown in a summary
	MaxRepliers       = 5
	MaxMembersAtOnce  = 40
	MaxInviteRooms    = 20
	MaxDirectMembers  = 10
	MaxSessions       = 50
	MaxRooms          = 3000
	MaxTokens         = 50
	MaxUnread         = 100 // counts stop here: "more than 99"
	MaxWatched        = 200
	MaxFrequentEmoji  = 24

	DefaultPage    = 50
	MaxPage        = 200
	MaxChangesPage = 500

	InviteLife    = 7 * 24 * time.Hour // unless said otherwise
	MaxInviteLife = 365 * 24 * time.Hour
	SessionIdle   = 30 * 24 * time.Hour // not seen for so long: over
	SessionLife   = 180 * 24 * time.Hour
	SessionTouch  = 5 * time.Minute // last_seen_at is not written more often
	MaxTokenLife  = 3650 * 24 * time.Hour
)

// Rate is a bound on how often something may be done: a bucket of Burst that fills at one per Every.
type Rate struct {
	Name  string
	Every time.Duration
	Burst int
}

// Limiter counts what is done. Take takes one of rate for key: zero when there was one, else how long until there is.
// Give gives one back. Implementations are atomic: of n parallel takes at most Burst succeed.
type Limiter interface {
	Take(ctx context.Context, rate Rate, key string) (wait time.Duration, err error)
	Give(ctx context.Context, rate Rate, key string) error
}
