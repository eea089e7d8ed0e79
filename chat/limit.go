package chat

import (
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/text"
)

// Limits of the product, in one place but for those of package text, where the rules of texts stand. The API description and the
// docs state them and are tested against them. Lengths are in code points.
const (
	MessageLength     = text.MessageLength
	NameLength        = text.NameLength
	HandleMin         = text.HandleMin
	HandleMax         = text.HandleMax
	TitleLength       = 80
	TopicLength       = 250
	StatusLength      = 100
	RoomNameLength    = text.NameLength
	EmailLength       = 254
	PasswordMin       = 8
	PasswordMax       = 256 // bytes: bounds the work of a hash
	TokenNameLength   = 80
	TimeZoneLength    = 64
	UserAgentLength   = 400 // bytes: what is longer is cut
	LastMessageLength = 200

	MaxMentions       = 40
	MaxEmojiOnMessage = 20
	MaxReactionUsers  = 20 // ids shown in a summary
	MaxRepliers       = 5
	MaxMembersAtOnce  = 40
	MaxInviteRooms    = 20
	MaxInviteUses     = 5000
	MaxDirectMembers  = 10
	MaxSessions       = 50
	MaxRooms          = 3000
	MaxTokens         = 50
	MaxUnread         = 100 // counts stop here: "more than 99"
	MaxBrowsed        = 200 // public rooms in one list
	MaxWatched        = 200
	MaxFrequentEmoji  = 24
	MaxSkinTone       = 5

	DefaultPage    = 50
	MaxPage        = 200
	MaxChangesPage = 500

	MaxHandleChanges    = 3 // within HandleChangesWithin
	HandleChangesWithin = 30 * 24 * time.Hour

	InviteLife    = 7 * 24 * time.Hour // unless said otherwise
	MaxInviteLife = 365 * 24 * time.Hour
	SessionIdle   = 30 * 24 * time.Hour // not seen for so long: over
	SessionLife   = 180 * 24 * time.Hour
	DeviceLife    = 400 * 24 * time.Hour // of the cookie of a browser in which somebody signed in; renewed by each sign-in
	SessionTouch  = 5 * time.Minute      // last_seen_at is not written more often
	TokenLife     = 90 * 24 * time.Hour  // unless said otherwise
	MaxTokenLife  = 3650 * 24 * time.Hour
	PasswordFresh = 10 * time.Minute // how long an entered password is enough to make tokens
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

const retryLater = time.Second

// The rates, each for one user, or for one address where it says so. What they count is in their names. Every command has one
// (see Commands); those that many others hear of are slower.
type rateTable struct {
	request, look, visit, signInAccount, signInAddress, signUpAddress, access, ticket, password, token, invite, profile, administer Rate
	room, settings, member, pointer, post, change, react, typing                                                                    Rate
}

func rates() (r rateTable) {
	r.request = Rate{"requests", 100 * time.Millisecond, 300} // 600 a minute, all commands but those over a socket together
	r.look = Rate{"looking, over a socket", 50 * time.Millisecond, 300}
	r.visit = Rate{"visits from an address", 100 * time.Millisecond, 300}
	r.signInAccount = Rate{"sign-in of an account", 90 * time.Second, 10} // 10 in 15 minutes, failures only
	r.signInAddress = Rate{"sign-in from an address", 9 * time.Second, 100}
	r.signUpAddress = Rate{"sign-up from an address", 36 * time.Second, 100}
	r.access = Rate{"ending access", 100 * time.Millisecond, 60}
	r.ticket = Rate{"making tickets", 100 * time.Millisecond, 30}
	r.password = Rate{"checking a password", 90 * time.Second, 10}
	r.token = Rate{"making tokens", 3 * time.Minute, 20}
	r.invite = Rate{"inviting", 3 * time.Minute, 20}
	r.profile = Rate{"changing one's profile", 2 * time.Second, 30}
	r.administer = Rate{"changing users", 2 * time.Second, 60}
	r.room = Rate{"making rooms", 12 * time.Second, 60}
	r.settings = Rate{"changing rooms", 2 * time.Second, 30}
	r.member = Rate{"changing members", 2 * time.Second, 30}
	r.pointer = Rate{"changing one's settings of rooms", 100 * time.Millisecond, 60}
	r.post = Rate{"posting", 100 * time.Millisecond, 30}
	r.change = Rate{"changing messages", 100 * time.Millisecond, 30}
	r.react = Rate{"reacting", 100 * time.Millisecond, 40}
	r.typing = Rate{"typing", 500 * time.Millisecond, 10}
	return r
}

// Rates are all that there are, each once.
func Rates() []Rate {
	out := []Rate{rates().signInAccount}
	for _, s := range Commands() {
		if !slices.Contains(out, s.Rate) {
			out = append(out, s.Rate)
		}
	}
	return out
}

// take takes one of rate for key, or says when to come back.
func (c *Canteen) take(ctx context.Context, rate Rate, key string) error {
	wait, err := c.limiter.Take(ctx, rate, key)
	if err != nil {
		return err
	}
	if wait > 0 {
		wait = max(wait.Round(time.Second), time.Second)
		return &Error{Code: RateLimited, Message: "Too much at once. Wait " + wait.String() + " and try again.", RetryAfter: wait}
	}
	return nil
}
