package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// Workspace implements chat.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (chat.Workspace, error) {
	return read(ctx, s, func() (chat.Workspace, error) {
		if s.workspace == nil {
			return chat.Workspace{}, chat.ErrNotFound()
		}
		w := *s.workspace
		w.DefaultRooms = slices.Clone(w.DefaultRooms)
		return w, nil
	})
}

// Setup implements chat.WorkspaceStore.
func (s *Store) Setup(ctx context.Context, c chat.Setup) (chat.User, error) {
	return command(ctx, s, chat.Facts{}, func() (chat.User, error) {
		if s.workspace != nil {
			return chat.User{}, chat.ErrSetUp()
		}
		s.workspace = copied(&c.Workspace)
		s.workspace.DefaultRooms = slices.Clone(c.Workspace.DefaultRooms)
		u := s.insertUser(c.Owner)
		s.insertRoom(c.General())
		if c.Session != nil {
			s.insertSession(*c.Session)
		}
		return u.view(), nil
	})
}

// UpdateWorkspace implements chat.WorkspaceStore.
func (s *Store) UpdateWorkspace(ctx context.Context, c chat.UpdateWorkspace) error {
	return do(ctx, s, c.Facts, func() error {
		if s.workspace == nil {
			return chat.ErrNotFound()
		}
		if !c.None() {
			*s.workspace = c.Apply(*s.workspace)
			s.emit(chat.WorkspaceChanged{})
		}

		return nil
	})
}

// Ready implements chat.WorkspaceStore. The model is always ready.
func (s *Store) Ready(ctx context.Context) error { return ctx.Err() }
