package rest

import "sync"

// budget bounds the bytes of request bodies that are held in memory at a time: of all senders together, and of each.
type budget struct {
	all, each int64

	mu   sync.Mutex
	held int64
	by   map[string]int64
}

const (
	// Bodies without authentication: enough for thousands of sign-ins at once, and little enough not to matter.
	openBudget, openShare = 1 << 20, 256 << 10
	// Bodies of users. A body that is read takes up to five times its size until its request is answered.
	userBudget, userShare = 16 << 20, 2 << 20
	// Bodies that webhooks are sent, apart from those of users: one person can make many webhooks.
	hookBudget, hookShare = 4 << 20, 1 << 20
	// Files that are sent whole.
	wholeBudget, wholeShare = 16 << 20, 8 << 20
	// Of each body these are not counted: its connection takes more. So whoever holds long bodies back keeps nobody from signing in or
	// posting.
	freeBytes = 1 << 10
)

func newBudget(all, each int64) *budget { return &budget{all: all, each: each, by: map[string]int64{}} }

// take takes n bytes for a sender. It says whether they were left.
func (b *budget) take(sender string, n int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held+n > b.all || b.by[sender]+n > b.each {
		return false
	}
	b.held += n
	b.by[sender] += n
	return true
}

// give returns n bytes of a sender.
func (b *budget) give(sender string, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held -= n
	if b.by[sender] -= n; b.by[sender] <= 0 {
		delete(b.by, sender)
	}
}
