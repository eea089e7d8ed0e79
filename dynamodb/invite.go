package dynamodb

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

const invitePK = "invite"

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
	Epoch     int64     `dynamodbav:"epoch"`
	TTL       int64     `dynamodbav:"ttl"`
}

func inviteKey(h chat.SecretHash) table.Key {
	return table.NewKey(invites, invitePK, hex.EncodeToString(h[:]))
}

func (i invite) toChat() chat.Invite {
	return chat.Invite{
		ID: i.ID, By: i.By, Email: i.Email, Role: i.Role, Rooms: i.Rooms, CreatedAt: table.At(i.CreatedAt), ExpiresAt: table.At(i.ExpiresAt),
		Uses: i.Uses, MaxUses: i.MaxUses, Epoch: i.Epoch,
	}
}

func newInvite(i chat.Invite) invite {
	return invite{
		ID: i.ID, By: i.By, Email: i.Email, Role: i.Role, Rooms: i.Rooms, CreatedAt: table.Millis(i.CreatedAt),
		ExpiresAt: table.Millis(i.ExpiresAt), Uses: i.Uses, MaxUses: i.MaxUses, Epoch: i.Epoch,
		TTL: table.Seconds(i.ExpiresAt.Add(time.Second)), // no sooner than it expires
	}
}

// AddInvite implements chat.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(f)
		return t.Put(inviteKey(h), newInvite(i))
	})
}

// InviteBySecret implements chat.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h chat.SecretHash, now time.Time) (chat.Invite, error) {
	return read(ctx, s, func(t *tx) (chat.Invite, error) {
		i, err := t.invite(h, now)
		return i.toChat(), err
	})
}

// invite loads an invite. NotFound unless it lets somebody in at now.
func (t *tx) invite(h chat.SecretHash, now time.Time) (invite, error) {
	i, err := loadItem[invite](t, inviteKey(h))
	if err != nil {
		return i, err
	}
	if _, err := t.Load(i.restsOn()...); err != nil {
		return i, err
	}
	return i, t.admits(i.toChat(), now)
}

// restsOn are the keys of the items on which it depends whether the maker could make the invite now: the maker, and their memberships.
func (i invite) restsOn() []table.Key {
	keys := []table.Key{userKey(i.By)}
	for _, room := range i.Rooms {
		keys = append(keys, userRoomKey(i.By, room))
	}
	return keys
}

// admits is NotFound unless the invite lets somebody in at now. What it rests on is loaded.
func (t *tx) admits(i chat.Invite, now time.Time) error {
	if !i.Open(now) {
		return chat.ErrNotFound()
	}
	maker, err := t.user(i.By)
	if err != nil {
		return err
	}
	return i.Stands(maker.toChat(), func(room string) (bool, error) {
		membership, err := t.Load(userRoomKey(i.By, room))
		return membership != nil, err
	})
}

// useInvite counts one use of the invite, and deletes it with the last one. Whatever makes the invite unusable for this user, the error
// is NotFound. That the maker could make it now is a condition of the transaction.
func (t *tx) useInvite(h chat.SecretHash, cmd chat.AddUser) error {
	i, err := t.invite(h, cmd.At)
	if err != nil {
		return err
	}
	if err := i.toChat().Usable(cmd.At, cmd.User.EmailFold); err != nil {
		return err
	}
	if err := t.Guard(userKey(i.By)); err != nil {
		return err
	}
	for _, k := range i.restsOn()[1:] { // memberships hold read pointers, which may move meanwhile
		t.RequireExists(k)
	}
	if i.Uses++; i.toChat().UsedUp() {
		t.Remove(inviteKey(h))
		return nil
	}
	return t.Put(inviteKey(h), i)
}

// Invites implements chat.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]chat.Invite, error) {
	out, err := read(ctx, s, func(t *tx) (out []chat.Invite, err error) {
		all, err := loadPartition[invite](t, invites, invitePK)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(o keyed[invite]) bool { i := o.v.toChat(); return !i.Of(by) || !i.Open(now) })
		var keys []table.Key
		for _, o := range all {
			keys = append(keys, o.v.restsOn()...)
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		for _, o := range all {
			switch err := t.admits(o.v.toChat(), now); {
			case err == nil:
				out = append(out, o.v.toChat())
			case chat.ErrorCode(err) != chat.NotFound:
				return nil, err
			}
		}
		return out, nil
	})
	slices.SortFunc(out, func(a, b chat.Invite) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, err
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
				t.Remove(o.key)
				return nil
			}
		}
		return chat.ErrNotFound()
	})
}
