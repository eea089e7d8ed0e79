package dynamodb

import (
	"context"
	"errors"
	"fmt"

	"github.com/canteen-chat/canteen/chat"
)

// CheckRestored returns an error unless the tables fit together. AWS restores each table by itself, so that a commit of the last moment may
// be in some tables only. It reads rooms, memberships and the newest changes, not all messages: a room's last commit required the earlier
// ones.
func (s *Store) CheckRestored(ctx context.Context) error {
	if _, err := s.Workspace(ctx); err != nil {
		if chat.ErrorCode(err) == chat.NotFound {
			return errors.New("there is no workspace in the tables")
		}
		return err
	}
	people, _, err := s.Users(ctx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, u := range people {
		known[u.ID] = true
	}
	entries, err := s.query(ctx, queryRange{table: rooms, pk: allPK})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := s.checkRoom(ctx, e.text("sk"), known); err != nil {
			return fmt.Errorf("room %s: %w", e.text("sk"), err)
		}
	}
	return nil
}

// checkRoom checks that a room, its members and its messages are of one moment.
func (s *Store) checkRoom(ctx context.Context, id string, known map[string]bool) error {
	t := &tx{ctx: ctx, s: s, seen: map[key]item{}}
	r, err := t.room(id)
	if err != nil {
		return err
	}
	a, err := t.audience(id)
	if err != nil {
		return fmt.Errorf("members: %w", err)
	}
	for _, user := range a.users {
		if !known[user] {
			return fmt.Errorf("member %s: %w", user, errPartialCommit)
		}
		if _, err := loadReferenced[userRoom](t, userRoomKey(user, id)); err != nil {
			return fmt.Errorf("member %s: %w", user, err)
		}
	}
	for _, c := range r.Trace {
		m, err := loadReferenced[message](t, messageKey(id, c.Seq))
		if err == nil && m.Rev < c.Rev {
			err = errPartialCommit
		}
		if err != nil {
			return fmt.Errorf("message %d: %w", c.Seq, err)
		}
	}
	later, err := s.query(ctx, queryRange{
		table: messages, pk: messagePK(id), from: changeSK(r.Rev + 1), to: changeSK(highest), limit: 1,
	})
	if err == nil && len(later) > 0 {
		err = fmt.Errorf("a change after revision %d: %w", r.Rev, errPartialCommit)
	}
	return err
}

// SetEpoch gives the workspace a new epoch: clients drop what they have cached and load everything again.
func (s *Store) SetEpoch(ctx context.Context, epoch string) error {
	return do(ctx, s, func(t *tx) error {
		return t.changeWorkspace(func(w *workspace) { w.Epoch = epoch })
	})
}
