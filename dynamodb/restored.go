package dynamodb

import (
	"context"
	"errors"
	"fmt"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
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
	entries, err := s.db.Query(ctx, table.Range{Table: rooms, PK: allPK})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := s.checkRoom(ctx, e.Text("sk"), known); err != nil {
			return fmt.Errorf("room %s: %w", e.Text("sk"), err)
		}
	}
	return nil
}

// checkRoom checks that a room, its members and its messages are of one moment.
func (s *Store) checkRoom(ctx context.Context, id string, known map[string]bool) error {
	t := &tx{Tx: table.NewReader(ctx, s.db), ctx: ctx, s: s}
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
			return fmt.Errorf("member %s: %w", user, table.ErrPartialCommit)
		}
		if _, err := loadReferenced[userRoom](t, userRoomKey(user, id)); err != nil {
			return fmt.Errorf("member %s: %w", user, err)
		}
	}
	for _, c := range r.Trace {
		m, err := loadReferenced[message](t, messageKey(id, c.Seq))
		if err == nil && m.Rev < c.Rev {
			err = table.ErrPartialCommit
		}
		if err != nil {
			return fmt.Errorf("message %d: %w", c.Seq, err)
		}
	}
	later, err := s.db.Query(ctx, table.Range{
		Table: messages, PK: messagePK(id), From: changeSK(r.Rev + 1), To: changeSK(highest), Limit: 1,
	})
	if err == nil && len(later) > 0 {
		err = fmt.Errorf("a change after revision %d: %w", r.Rev, table.ErrPartialCommit)
	}
	return err
}

// SetEpoch gives the workspace a new epoch: clients drop what they have cached and load everything again.
func (s *Store) SetEpoch(ctx context.Context, epoch string) error {
	return do(ctx, s, func(t *tx) error {
		return t.changeWorkspace(func(w *workspace) { w.Epoch = epoch })
	})
}
