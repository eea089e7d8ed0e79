package model

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/canteen-chat/canteen"
	"github.com/canteen-chat/canteen/text"
)

// AddInvite implements canteen.InviteStore.
func (s *Store) AddInvite(ctx context.Context, f canteen.Facts, i canteen.Invite, h canteen.SecretHash) error {
	return do(ctx, s, f, func() error {
		i.Rooms = slices.Clone(i.Rooms)
		s.invites[h] = &i
		return nil
	})
}

// viewInvite is a copy.
func viewInvite(i *canteen.Invite) canteen.Invite {
	v := *i
	v.Rooms = slices.Clone(v.Rooms)
	return v
}

// InviteBySecret implements canteen.InviteStore.
func (s *Store) InviteBySecret(ctx context.Context, h canteen.SecretHash) (canteen.Invite, error) {
	return read(ctx, s, func() (canteen.Invite, error) {
		i := s.invites[h]
		if i == nil {
			return canteen.Invite{}, errNotFound()
		}
		return viewInvite(i), nil
	})
}

// open says whether an invite can still be used at now, by somebody.
func open(i *canteen.Invite, now time.Time) bool {
	return now.Before(i.ExpiresAt) && (i.MaxUses == 0 || i.Uses < i.MaxUses)
}

// usable is the invite if it lets this address in, else nil.
func (s *Store) usable(h canteen.SecretHash, emailFold string, now time.Time) *canteen.Invite {
	i := s.invites[h]
	if i == nil || !open(i, now) || i.Email != "" && text.Fold(i.Email) != emailFold {
		return nil
	}
	return i
}

// Invites implements canteen.InviteStore.
func (s *Store) Invites(ctx context.Context, by string, now time.Time) ([]canteen.Invite, error) {
	return read(ctx, s, func() (out []canteen.Invite, err error) {
		for _, i := range s.invites {
			if (by == "" || by == i.By) && open(i, now) {
				out = append(out, viewInvite(i))
			}
		}
		slices.SortFunc(out, func(a, b canteen.Invite) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.ID, b.ID))
		})
		return out, nil
	})
}

// EndInvite implements canteen.InviteStore.
func (s *Store) EndInvite(ctx context.Context, f canteen.Facts, by, id string) error {
	return do(ctx, s, f, func() error {
		for h, i := range s.invites {
			if i.ID == id && (by == "" || by == i.By) {
				delete(s.invites, h)
				return nil
			}
		}
		return errNotFound()
	})
}
