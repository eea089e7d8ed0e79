package chat

import (
	"context"
	"log/slog"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/vital"
)

// Hasher hashes passwords and knows weak ones. Both hashing calls bound how many run at once, and let senders take turns.
type Hasher interface {
	Hash(ctx context.Context, sender, password string) (string, error)
	// Verify does the same work for an empty hash and answers false, so that its time tells nothing.
	Verify(ctx context.Context, sender, hash, password string) (bool, error)
	// Weak says why a password is easily guessed, given words of its context (names, handle, e-mail); "" when it is not.
	Weak(password string, words ...string) string
}

// Options are the parts a Canteen is made of. All but Previews, Full, Audit and Vitals are required.
type Options struct {
	Store    Store
	Uses     EmojiUseStore // a follower fills it
	Inbox    Inboxes
	Digests  DigestStore
	Emoji    CustomEmojiStore
	Feedback FeedbackStore
	Audit    audit.Store // nil: audit lines go to Log alone
	Pictures EmojiPictures
	Previews Previews // nil: links get no previews
	Hasher   Hasher
	Limiter  Limiter
	Live     Live // for what is stored nowhere: typing
	Tickets  TicketStore
	Setup    func(context.Context) (SecretHash, error) // of the secret in the setup link
	Full     func() bool                               // says whether the storage has no room for more; nil where it always has
	Mail     bool                                      // whether this deployment can send e-mail
	Clock    Clock
	Log      *slog.Logger // audit lines: who did or was refused what, never content
	Files    FileStore
	Vitals   func(context.Context, []vital.Vital) // takes what browsers report; nil: they are to report nothing
	MaxFile  int64                                // bytes of the largest file; 0: DefaultMaxFile
}

// Canteen is the use cases. It is safe for concurrent use.
type Canteen struct {
	store    Store
	uses     EmojiUseStore
	inbox    Inboxes
	digests  DigestStore
	emoji    CustomEmojiStore
	given    FeedbackStore
	pictures EmojiPictures
	previews Previews
	hasher   Hasher
	limiter  Limiter
	live     Live
	clock    Clock
	log      *slog.Logger
	auditor  *auditor
	specs    map[Command]Spec
	rates    rateTable
	setup    func(context.Context) (SecretHash, error)
	tickets  TicketStore
	full     func() bool
	vitals   func(context.Context, []vital.Vital)
	mail     bool
	files    FileStore
	maxFile  int64
}

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
	HookStore
	RoomStore
	MemberStore
	MessageStore
	PollStore
	ThreadStore
	PageStore
	ReactionStore
	ConfirmationStore
}

// New makes a Canteen.
func New(o Options) *Canteen {
	if o.MaxFile == 0 {
		o.MaxFile = DefaultMaxFile
	}
	return &Canteen{
		store: o.Store, uses: o.Uses, inbox: o.Inbox, digests: o.Digests, emoji: o.Emoji, pictures: o.Pictures,
		previews: o.Previews, hasher: o.Hasher, limiter: o.Limiter, live: o.Live,
		clock: o.Clock, log: o.Log, setup: o.Setup, tickets: o.Tickets, full: o.Full, mail: o.Mail,
		files: o.Files, maxFile: o.MaxFile, given: o.Feedback, vitals: o.Vitals,
		auditor: newAuditor(o), specs: specs(), rates: rates(),
	}
}

// Ready is nil when commands can be taken.
func (c *Canteen) Ready(ctx context.Context) error { return c.store.Ready(ctx) }
