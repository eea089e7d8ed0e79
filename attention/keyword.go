package attention

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/text"
)

// Directory is what Keywords need of a store.
type Directory interface {
	// Users is the whole directory, as of chat.UserStore.
	Users(ctx context.Context) ([]chat.User, int64, error)
}

// Keywords are the keywords of all users. The consumers share one. It is safe for concurrent use.
type Keywords struct {
	Store Directory
	Clock chat.Clock

	stale  atomic.Bool // a user has changed since the keywords were read
	mu     sync.Mutex
	all    keywords  // guarded by mu
	loaded time.Time // when all was read; guarded by mu
}

// keywordsLife is how long the keywords of all users are kept in memory.
const keywordsLife = time.Minute

// keywords are those of all users by their first word.
type keywords map[string][]keyword

type keyword struct {
	user, text string
	words      []string
}

// Heard notes that users have changed, so that new keywords count at once where it hears of that, and within keywordsLife elsewhere. It
// never blocks.
func (x *Keywords) Heard(as []chat.Announcement) {
	for _, a := range as {
		switch a.Event.(type) {
		case chat.UserChanged, chat.SettingsChanged:
			x.stale.Store(true)
		}
	}
}

// matched are those with a keyword that the message has, and which one.
func (x *Keywords) matched(ctx context.Context, m chat.Message) (map[string]string, error) {
	all, err := x.index(ctx)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	words, out := text.Words(m.Text), map[string]string{}
	for i, w := range words {
		for _, k := range all[w] {
			if _, done := out[k.user]; !done && k.user != m.Author && len(words)-i >= len(k.words) && text.HasWords(words[i:i+len(k.words)], k.words) {
				out[k.user] = k.text
			}
		}
	}
	return out, nil
}

// index is the keywords of all users.
func (x *Keywords) index(ctx context.Context) (keywords, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	now := x.Clock.Time()
	if stale := x.stale.Swap(false); !stale && x.all != nil && now.Sub(x.loaded) < keywordsLife {
		return x.all, nil
	}
	users, _, err := x.Store.Users(ctx)
	if err != nil {
		x.stale.Store(true)
		return nil, err
	}
	x.all, x.loaded = keywords{}, now
	for _, u := range users {
		if u.Deactivated {
			continue
		}
		for _, k := range u.Settings.Attention.Keywords {
			if words := text.Words(k); len(words) > 0 {
				x.all[words[0]] = append(x.all[words[0]], keyword{u.ID, k, words})
			}
		}
	}
	return x.all, nil
}
