package model

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen"
)

// Workspace implements canteen.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (canteen.Workspace, error) {
	return read(ctx, s, func() (canteen.Workspace, error) {
		if s.workspace == nil {
			return canteen.Workspace{}, errNotFound()
		}
		w := *s.workspace
		w.DefaultRooms = slices.Clone(w.DefaultRooms)
		return w, nil
	})
}

// Setup implements canteen.WorkspaceStore.
func (s *Store) Setup(ctx context.Context, c canteen.Setup) (canteen.User, error) {
	return command(ctx, s, canteen.Facts{}, func() (canteen.User, error) {
		if s.workspace != nil {
			return canteen.User{}, canteen.Errorf(canteen.Conflict, "Canteen is set up already. Sign in.")
		}
		s.workspace = copied(&c.Workspace)
		s.workspace.DefaultRooms = slices.Clone(c.Workspace.DefaultRooms)
		u := s.insertUser(c.Owner)
		s.insertRoom(canteen.Room{
			ID: c.RoomID, Kind: canteen.Public, Name: "general", Posting: canteen.PostingEveryone, CreatedBy: u.ID, CreatedAt: c.At,
		}, "general", []canteen.RoomMembership{{User: u.ID, Role: canteen.RoomOwner, JoinedAt: c.At}})
		if c.Session != nil {
			s.insertSession(*c.Session)
		}
		return u.view(), nil
	})
}

// Ready implements canteen.WorkspaceStore: memory always is.
func (s *Store) Ready(ctx context.Context) error { return ctx.Err() }
