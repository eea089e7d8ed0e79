package attention

import (
	"context"
	"fmt"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Mentioned implements follow.Consumer: those whom a reply mentions by name follow its thread from then on. Who stopped to follow it stays
// out; see thread.Row.Heard.
type Mentioned struct {
	Store interface {
		FollowMentioned(ctx context.Context, reply chat.Message) error
	}
	Clock chat.Clock
}

// mentionedWithin is how old what a reply says may be. It is as long as AWS keeps the record of a commit. The consumer begins at the start
// of each room, where older mentions must not make threads unread that their readers have long seen.
const mentionedWithin = 24 * time.Hour

// Name implements follow.Consumer.
func (*Mentioned) Name() string { return "mentioned" }

// Apply implements follow.Consumer.
func (x *Mentioned) Apply(ctx context.Context, _ string, ms []chat.Message) (wrote bool, err error) {
	for _, m := range ms {
		if m.Thread == 0 || m.DeletedAt != nil || len(m.Counted()) == 0 || x.Clock.Time().Sub(m.Version().At) > mentionedWithin {
			continue
		}
		if err := x.Store.FollowMentioned(ctx, m); err != nil {
			return wrote, fmt.Errorf("follow the thread of %d: %w", m.Seq, err)
		}
		wrote = true
	}
	return wrote, nil
}
