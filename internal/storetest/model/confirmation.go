package model

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// RoomAbout implements chat.RoomStore.
func (s *Store) RoomAbout(ctx context.Context, room string) (chat.RoomAbout, error) {
	return read(ctx, s, func() (chat.RoomAbout, error) {
		if r := s.rooms[room]; r != nil {
			return r.about, nil
		}
		return chat.RoomAbout{}, nil
	})
}

// DescribeRoom implements chat.RoomStore.
func (s *Store) DescribeRoom(ctx context.Context, c chat.DescribeRoom) (chat.RoomAbout, error) {
	return command(ctx, s, c.Facts, func() (chat.RoomAbout, error) {
		r := s.rooms[c.Room]
		if r == nil {
			return chat.RoomAbout{}, chat.ErrNotFound()
		}
		now, changed := c.Apply(r.about)
		if changed {
			r.about, r.Welcomes = now, now.Welcome != ""
			r.Version++
			s.emit(chat.RoomChanged{Room: r.view()})
		}
		return now, nil
	})
}

// Confirm implements chat.ConfirmationStore.
func (s *Store) Confirm(ctx context.Context, c chat.ConfirmMessage) error {
	return do(ctx, s, c.Facts, func() error {
		r, m, err := s.message(c.Room, c.Seq)
		if err == nil {
			err = m.Confirmable()
		}
		if _, has := r.confirmation(c.Seq, c.User); err != nil || has {
			return err
		}
		r.confirm(c.Seq, c.User, c.At)
		s.emit(chat.MessageConfirmed{Room: c.Room, Seq: c.Seq, User: c.User, Author: m.Author})
		return nil
	})
}

func (r *room) confirm(seq int64, user string, at time.Time) {
	if r.confirmed == nil {
		r.confirmed = map[int64]map[string]time.Time{}
	}
	if r.confirmed[seq] == nil {
		r.confirmed[seq] = map[string]time.Time{}
	}
	r.confirmed[seq][user] = at
}

func (r *room) confirmation(seq int64, user string) (time.Time, bool) {
	if r == nil {
		return time.Time{}, false
	}
	at, has := r.confirmed[seq][user]
	return at, has
}

// Confirmations implements chat.ConfirmationStore.
func (s *Store) Confirmations(ctx context.Context, room string, seq int64) ([]chat.Confirmation, error) {
	return read(ctx, s, func() (out []chat.Confirmation, err error) {
		if r := s.rooms[room]; r != nil {
			for _, u := range sorted(r.confirmed[seq]) {
				out = append(out, chat.Confirmation{User: u, At: r.confirmed[seq][u]})
			}
		}
		return out, nil
	})
}

// Confirmed implements chat.ConfirmationStore.
func (s *Store) Confirmed(ctx context.Context, room string, seq int64, user string) (*time.Time, error) {
	return read(ctx, s, func() (*time.Time, error) {
		if at, has := s.rooms[room].confirmation(seq, user); has {
			return &at, nil
		}
		return nil, nil
	})
}
