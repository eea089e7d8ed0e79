package dynamodb

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

const invitePK = "invite"

// expiredInvites is how long an expired invite is kept. It is short because every list reads all invites.
const expiredInvites = 24 * time.Hour

// invite is the item of an invite. sk is the hash of its secret.
type invite struct {
	ID        string    `dynamodbav:"id"`
	By        string    `dynamodbav:"by"`
	Email     string    `dynamodbav:"email,omitempty"`
	Role      chat.Role `dynamodbav:"role"`
	Rooms     []string  `dynamodbav:"rooms"`
	CreatedAt int64     `dynamodbav:"created_at"`
	ExpiresAt int64     `dynamodbav:"expires_at"`
	Uses      int       `dynamodbav:"uses"`
	MaxUses   int       `dynamodbav:"max_uses"`
	TTL       int64     `dynamodbav:"ttl"`
}

func inviteKey(h chat.SecretHash) key { return key{invites, invitePK, hex.EncodeToString(h[:])} }

func (i invite) toChat() chat.Invite {
	return chat.Invite{
		ID: i.ID, By: i.By, Email: i.Email, Role: i.Role, Rooms: i.Rooms, CreatedAt: at(i.CreatedAt), ExpiresAt: at(i.ExpiresAt),
		Uses: i.Uses, MaxUses: i.MaxUses,
	}
}

func newInvite(i chat.Invite) invite {
	return invite{
		ID: i.ID, By: i.By, Email: i.Email, Role: i.Role, Rooms: i.Rooms, CreatedAt: millis(i.CreatedAt), ExpiresAt: millis(i.ExpiresAt),
		Uses:    i.Uses,
		MaxUses: i.MaxUses, TTL: seconds(i.ExpiresAt.Add(expiredInvites)),
	}
}

// AddInvite implements chat.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(f)
		return t.put(inviteKey(h), newInvite(i))
	})
}

// InviteBySecret implements chat.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h chat.SecretHash) (chat.Invite, error) {
	return read(ctx, s, func(t *tx) (chat.Invite, error) {
		i, err := loadItem[invite](t, inviteKey(h))
		return i.toChat(), err
	})
}

// useInvite counts one use of the invite. Whatever makes the invite unusable for this user, the error is NotFound.
func (t *tx) useInvite(h chat.SecretHash, cmd chat.AddUser) error {
	i, err := loadItem[invite](t, inviteKey(h))
	if err != nil {
		return err
	}
	if err := i.toChat().Usable(cmd.At, cmd.User.EmailFold); err != nil {
		return err
	}
	i.Uses++
	return t.put(inviteKey(h), i)
}

func (s *Store) invites(ctx context.Context) ([]keyed[invite], error) {
	return read(ctx, s, func(t *tx) ([]keyed[invite], error) { return loadPartition[invite](t, invites, invitePK) })
}

// Invites implements chat.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]chat.Invite, error) {
	all, err := s.invites(ctx)
	if err != nil {
		return nil, err
	}
	var out []chat.Invite
	for _, o := range all {
		if i := o.v.toChat(); i.Of(by) && i.Open(now) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b chat.Invite) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// EndInvite implements chat.InviteStore.
func (s *Store) EndInvite(ctx context.Context, f chat.Facts, by, id string) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(f)
		all, err := loadPartition[invite](t, invites, invitePK)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.v.ID == id && o.v.toChat().Of(by) {
				t.remove(o.key)
				return nil
			}
		}
		return chat.ErrNotFound()
	})
}
