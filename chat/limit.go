package chat

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/emojiname"
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
	DescriptionLength = 1000
	CallURLLength     = text.CallURLLength
	WelcomeLength     = 2000
	StatusLength      = 100
	RoomNameLength    = text.NameLength
	EmailLength       = text.EmailLength
	PasswordMin       = 8
	PasswordMax       = 256 // bytes: bounds the work of a hash
	TokenNameLength   = 80
	TimeZoneLength    = 64
	UserAgentLength   = 400 // bytes: what is longer is cut
	LastMessageLength = 200

	MaxMentions       = 40
	MaxNames          = 100 // different @names in a message, whether or not they are somebody's
	MaxEmojiOnMessage = 20
	MaxReactionUsers  = 20 // ids shown in a summary
	MaxMembersAtOnce  = 40
	MaxInviteRooms    = 20
	MaxInviteUses     = 5000
	MaxDirectMembers  = 10
	MaxSessions       = 50
	MaxRooms          = 3000
	MaxTokens         = 50
	MaxUnread         = 100 // counts stop here: "more than 99"
	MaxLatest         = 2   // replies shown with a thread in the list
	MaxBrowsed        = 200 // public rooms in one page
	MaxWatched        = 200
	MaxFrequentEmoji  = 24
	EmojiPictureBytes = 512 << 10 // of a picture that becomes a custom emoji
	MaxKeywords       = text.MaxKeywords
	MaxFiles          = 10 // files of a message
	MaxHooks          = 20 // of a room
	HookKeyLength     = 100
	FileNameLength    = text.FileNameLength
	WaveformBytes     = 64
	KeywordMin        = text.KeywordMin
	KeywordLength     = text.KeywordLength

	DefaultPage     = 50
	DefaultInbox    = 50
	MaxInboxPage    = 100
	MaxPage         = 200
	MaxChangesPage  = 500
	DefaultThreads  = 20
	DefaultFiles    = 60 // in one page of the files of a room
	MaxThreadsPage  = 100
	MaxFeedback     = 20      // in one page
	FeedbackAnswers = 20      // replies shown to its author
	MaxInFlight     = 16      // requests of a user at the same time, on one machine: a browser has at most six on HTTP/1.1
	MaxVersions     = 100     // texts of a message that are kept, the present one included
	PageBytes       = 1 << 19 // a page ends with the message or version that reaches this size; as JSON it can be six times as large

	MaxHandleChanges    = 3 // within HandleChangesWithin
	HandleChangesWithin = 30 * day

	// StoredBytes is what one person may add to the storage in a day, and all bots of one owner together (see [User.Share]): the text of posts
	// and edits, and RowBytes for each of them, for each reaction, for following a thread or not, and for each member of a new room and each
	// message about its settings.
	StoredBytes = 10_000_000
	RowBytes    = 256 // about what a row takes besides its text

	// DefaultMaxFile is the size of the largest file in bytes, unless Options.MaxFile says otherwise. A limit above MaxMaxFile is refused: the
	// client sends a file in parts of 8 MiB, and each takes a request.
	DefaultMaxFile = 100_000_000
	MaxMaxFile     = 2_000_000_000
	// FileBytes is what one person may upload in a day, in bytes, and all bots of one owner together.
	FileBytes = 2_000_000_000
	FileLife  = day // of an upload, and of a file that is in no message
	MaxSeq    = 1<<53 - 1

	InviteLife    = 7 * day // unless said otherwise
	MaxInviteLife = 365 * day
	SessionIdle   = 30 * day // not seen for so long: over
	SessionLife   = 180 * day
	DeviceLife    = 400 * day       // of the cookie of a browser in which somebody signed in; renewed by each sign-in
	SessionTouch  = 5 * time.Minute // last_seen_at is not written more often
	ResetLife     = day             // of a link by which somebody chooses a new password
	TokenLife     = 90 * day        // unless said otherwise
	MaxTokenLife  = 3650 * day
	PasswordFresh = 10 * time.Minute // how long an entered password is enough to make tokens

	StreamEvery   = time.Second      // a message that is streamed is stored at most once in so long
	StreamSilence = 10 * time.Minute // after which a message is no longer being written, unless its bot says so

	HookKeyLife = 30 * day // how long after its last change a message can be edited by its key

	InboxLife = 90 * day
)

const day = 24 * time.Hour

// fileUnit is the number of bytes that count as one of what a person may upload in a day.
const fileUnit = 1000

// Rate is a bound on how often something may be done: a bucket of Burst that fills at one per Every. Each take takes Size of it at once.
type Rate struct {
	Name  string
	Every time.Duration
	Burst int
	Size  int // 0 means one
}

// Of is the rate for takes of size at once.
func (r Rate) Of(size int) Rate {
	r.Size = size
	return r
}

// Cost is how long the bucket takes to make up for one take.
func (r Rate) Cost() time.Duration { return time.Duration(max(r.Size, 1)) * r.Every }

// Fill is how long an empty bucket takes to be full.
func (r Rate) Fill() time.Duration { return time.Duration(r.Burst) * r.Every }

// Limiter counts what is done. Take takes Size of rate for key: zero when there was as much, else how long until there is.
// Give gives one back. Implementations are atomic: of n parallel takes at most Burst succeed.
type Limiter interface {
	Take(ctx context.Context, rate Rate, key string) (wait time.Duration, err error)
	Give(ctx context.Context, rate Rate, key string) error
}

const retryLater = time.Second

// ErrTooManyInFlight is the answer to a request of a user who has MaxInFlight in flight.
func ErrTooManyInFlight() *Error {
	return &Error{
		Code: RateLimited, Message: "Too many requests at the same time. Wait until some of them are answered.", RetryAfter: retryLater,
	}
}

// The rates, each for one user, or for one address where it says so. What they count is in their names. Every command has one
// (see Commands); those that many others hear of are slower.
type rateTable struct {
	request, connect, look, visit, takenHandle                   Rate
	signInAccount, signInAddress, signUpAddress                  Rate
	access, ticket, password, token, invite, profile, administer Rate
	room, settings, member, pointer, post, change, react, typing Rate
	broadcast, emoji, picture, preview, feedback                 Rate
	store, storeWarning, warn                                    Rate
	upload, part, fileBytes                                      Rate
	audit, refusal                                               Rate
	bots, hooks, hook, vitals, stream                            Rate
}

func rates() (r rateTable) {
	r.request = Rate{"requests", 100 * time.Millisecond, 300, 0} // 600 a minute, all commands but those over a socket together
	r.look = Rate{"looking, over a socket", 50 * time.Millisecond, 300, 0}
	r.visit = Rate{"visits from an address", 100 * time.Millisecond, 300, 0}
	r.signInAccount = Rate{"sign-in of an account", 90 * time.Second, 10, 0} // 10 in 15 minutes, failures only
	r.signInAddress = Rate{"sign-in from an address", 9 * time.Second, 100, 0}
	r.signUpAddress = Rate{"sign-up from an address", 36 * time.Second, 100, 0}
	r.access = Rate{"ending access", 100 * time.Millisecond, 60, 0}
	r.connect = Rate{"opening sockets", time.Second, 60, 0} // MaxConnections of a user come back at once after a restart
	r.ticket = Rate{"making tickets", 100 * time.Millisecond, 30, 0}
	r.password = Rate{"checking a password", 90 * time.Second, 10, 0}
	r.token = Rate{"making tokens", 3 * time.Minute, 20, 0}
	r.bots = Rate{"making bots", 3 * time.Minute, 20, 0}
	r.invite = Rate{"inviting", 3 * time.Minute, 20, 0}
	r.profile = Rate{"changing one's profile", 2 * time.Second, 30, 0}
	r.takenHandle = Rate{"asking for handles that are taken", 6 * time.Hour, 10, 0}
	r.administer = Rate{"changing users", 2 * time.Second, 60, 0}
	r.room = Rate{"making rooms", 12 * time.Second, 60, 0}
	r.settings = Rate{"changing rooms", 2 * time.Second, 30, 0}
	r.member = Rate{"changing members", 2 * time.Second, 30, 0}
	r.pointer = Rate{"changing one's settings of rooms", 100 * time.Millisecond, 60, 0}
	r.post = Rate{"posting", 100 * time.Millisecond, 30, 0}
	r.broadcast = Rate{"posting @here and @room", time.Minute, 1, 0}
	r.preview = Rate{"previewing links", 2 * time.Second, 20, 0} // each may ask another host
	r.feedback = Rate{"giving feedback", day / 50, 50, 0}
	r.change = Rate{"changing messages", 100 * time.Millisecond, 30, 0}
	r.stream = Rate{"streaming messages", 20 * time.Millisecond, 100, 0} // most of it is never stored
	r.react = Rate{"reacting", 100 * time.Millisecond, 40, 0}
	r.emoji = Rate{"changing custom emoji", 2 * time.Second, 100, 0}
	r.picture = Rate{"reading small pictures", 20 * time.Millisecond, 2 * emojiname.Max, 0}
	r.typing = Rate{"typing", 500 * time.Millisecond, 10, 0}
	r.store = Rate{"storing, in bytes", day / StoredBytes, StoredBytes, 0} // see StoredBytes
	r.storeWarning = Rate{"storing, in bytes, before the warning", r.store.Every, StoredBytes / 5 * 4, 0}
	r.upload = Rate{"uploading files", time.Second, 60, 0}
	r.part = Rate{"sending parts of files", 50 * time.Millisecond, 100, 0}
	r.fileBytes = Rate{"uploading, in kilobytes", day / (FileBytes / fileUnit), FileBytes / fileUnit, 0}
	r.refusal = Rate{"refusals in the audit log", time.Minute, 300, 0}
	r.audit = Rate{"searching the audit log", time.Second, 30, 0} // each looks at thousands of rows
	r.hooks = Rate{"making webhooks", 3 * time.Minute, 20, 0}
	r.hook = Rate{"posting by a webhook", time.Second, 10, 0}
	r.vitals = Rate{"reporting how fast the page is", 6 * time.Second, 20, 0}
	r.warn = Rate{"warnings about a user", day, 1, 0}
	return r
}

// Rates are all by which something is refused, each once.
func Rates() []Rate {
	out := []Rate{rates().signInAccount, rates().takenHandle, rates().store, rates().broadcast, rates().fileBytes, rates().feedback}
	for _, s := range Commands() {
		if !slices.Contains(out, s.Rate) {
			out = append(out, s.Rate)
		}
	}
	return out
}

// give gives back one of a rate that was taken too early. It cannot fail what was done meanwhile: at worst the next one waits.
func (c *Canteen) give(ctx context.Context, rate Rate, key string) {
	if err := c.limiter.Give(ctx, rate, key); err != nil {
		c.log.WarnContext(ctx, "a rate was not given back", "rate", rate.Name, "error", err)
	}
}

// take takes one of rate for key, or says when to come back.
func (c *Canteen) take(ctx context.Context, rate Rate, key string) error {
	wait, err := c.limiter.Take(ctx, rate, key)
	if err == nil && wait > 0 {
		return tooSoon("Too much at once.", wait)
	}
	return err
}

// tooSoon is the error of a request beyond a rate. said is a sentence that states the rate.
func tooSoon(said string, wait time.Duration) *Error {
	wait = max(wait.Round(time.Second), time.Second)
	unit, of := "second", time.Second
	switch {
	case wait > time.Hour:
		unit, of = "hour", time.Hour
	case wait >= time.Minute:
		unit, of = "minute", time.Minute
	}
	n := (wait + of - 1) / of // rounded up
	if n > 1 {
		unit += "s"
	}
	return &Error{Code: RateLimited, Message: fmt.Sprintf("%s Wait %d %s and try again.", said, n, unit), RetryAfter: wait}
}

// storing counts bytes that the actor is about to add to the storage. It refuses them beyond the quota of a day, and when the storage is
// full for everybody. The log says once a day that somebody has used four fifths of theirs.
func (c *Canteen) storing(ctx context.Context, a Actor, bytes int) error {
	if bytes == 0 {
		return nil
	}
	if c.full != nil && c.full() {
		return ErrUnavailable(errFull)
	}
	if err := c.ofDay(ctx, a, c.rates.store.Of(bytes), "store"); err != nil {
		return err
	}
	share := a.User.Share()
	wait, err := c.limiter.Take(ctx, c.rates.storeWarning.Of(bytes), share)
	if err != nil || wait == 0 {
		return err
	}
	if wait, err = c.limiter.Take(ctx, c.rates.warn, share); err == nil && wait == 0 {
		c.log.WarnContext(ctx, "a user has stored four fifths of what one may in a day", "user", a.User.ID, "handle", a.User.Handle,
			"bytes_a_day", StoredBytes)
	}
	return err
}

// ofDay takes from a quota of a day, of which the actor has a share (see [User.Share]). what names what is done.
func (c *Canteen) ofDay(ctx context.Context, a Actor, quota Rate, what string) error {
	wait, err := c.limiter.Take(ctx, quota, a.User.Share())
	if err != nil || wait == 0 {
		return err
	}
	who := "one person"
	if a.User.Owner != "" {
		who = "all bots of one person together"
	}
	return tooSoon(fmt.Sprintf("You have reached the limit of what %s can %s in a day.", who, what), wait)
}

// errFull says why nothing is stored.
var errFull = errors.New("the storage has too little room left")
