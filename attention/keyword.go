package attention

import (
	"context"
	"slices"
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

// keywords are those of all users by their first word. What several people have is there once, so that a text that repeats a popular
// keyword costs no more than one that has it once.
type keywords map[string][]*keyword

type keyword struct {
	words []string
	of    map[string]string // who has it, each with the keyword as they wrote it
}

// add adds a keyword of a user.
func (x keywords) add(user, written string) {
	words := text.Words(written)
	if len(words) == 0 {
		return
	}
	i := slices.IndexFunc(x[words[0]], func(k *keyword) bool { return slices.Equal(k.words, words) })
	if i < 0 {
		i = len(x[words[0]])
		x[words[0]] = append(x[words[0]], &keyword{words, map[string]string{}})
	}
	if of := x[words[0]][i].of; of[user] == "" {
		of[user] = written
	}
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
	words, out, found := text.Words(m.Text), map[string]string{}, map[*keyword]bool{}
	for i, w := range words {
		for _, k := range all[w] {
			if len(words)-i < len(k.words) || !slices.Equal(words[i:i+len(k.words)], k.words) || found[k] {
				continue
			}
			found[k] = true
			for user, written := range k.of {
				if _, done := out[user]; !done && user != m.Author {
					out[user] = written
				}
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
			x.all.add(u.ID, k)
		}
	}
	return x.all, nil
}
