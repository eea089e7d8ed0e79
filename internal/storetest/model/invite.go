package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// AddInvite implements chat.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f chat.Facts, i chat.Invite, h chat.SecretHash) error {
	return do(ctx, s, f, func() error {
		i.Rooms = slices.Clone(i.Rooms)
		s.invites[h] = &i
		return nil
	})
}

// viewInvite copies an invite.
func viewInvite(i *chat.Invite) chat.Invite {
	v := *i
	v.Rooms = slices.Clone(v.Rooms)
	return v
}

// InviteBySecret implements chat.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h chat.SecretHash, now time.Time) (chat.Invite, error) {
	return read(ctx, s, func() (chat.Invite, error) {
		i := s.invites[h]
		if i == nil {
			return chat.Invite{}, chat.ErrNotFound()
		}
		return viewInvite(i), s.admits(i, now)
	})
}

// usable finds an invite and checks that it is valid for this address.
func (s *Store) usable(h chat.SecretHash, emailFold string, now time.Time) (*chat.Invite, error) {
	i := s.invites[h]
	if i == nil {
		return nil, chat.ErrNotFound()
	}
	if err := s.admits(i, now); err != nil {
		return nil, err
	}
	return i, i.Usable(now, emailFold)
}

// admits is NotFound unless the invite lets somebody in at now.
func (s *Store) admits(i *chat.Invite, now time.Time) error {
	if !i.Open(now) || s.users[i.By] == nil {
		return chat.ErrNotFound()
	}
	return i.Stands(s.users[i.By].User, func(room string) (bool, error) {
		r := s.rooms[room]
		return r != nil && r.member(i.By) != nil, nil
	})
}

// Invites implements chat.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]chat.Invite, error) {
	return read(ctx, s, func() (out []chat.Invite, err error) {
		for _, i := range s.invites {
			if i.Of(by) && s.admits(i, now) == nil {
				out = append(out, viewInvite(i))
			}
		}
		slices.SortFunc(out, func(a, b chat.Invite) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
		return out, nil
	})
}

// EndInvite implements chat.InviteStore.
func (s *Store) EndInvite(ctx context.Context, f chat.Facts, by, id string) error {
	return do(ctx, s, f, func() error {
		for h, i := range s.invites {
			if i.ID == id && i.Of(by) {
				delete(s.invites, h)
				return nil
			}
		}
		return chat.ErrNotFound()
	})
}
