package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen"
)

// Workspace implements canteen.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (canteen.Workspace, error) {
	return read(ctx, s, func(c *sqlite.Conn) (canteen.Workspace, error) {
		w, ok, err := row(c, func(st *sqlite.Stmt) canteen.Workspace {
			s := &scanner{st: st}
			return canteen.Workspace{Name: s.text(), Epoch: s.text(), DefaultRooms: list[string](s)}
		}, "SELECT name, epoch, default_rooms FROM workspace")
		if err == nil && !ok {
			err = errNotFound()
		}
		return w, err
	})
}

// Setup implements canteen.WorkspaceStore.
func (s *Store) Setup(ctx context.Context, cmd canteen.Setup) (canteen.User, error) {
	return write(ctx, s, func(t *tx) (canteen.User, error) {
		if _, done, err := row(t.Conn, integer, "SELECT 1 FROM workspace"); err != nil || done {
			if err == nil {
				err = canteen.Errorf(canteen.Conflict, "Canteen is set up already. Sign in.")
			}
			return canteen.User{}, err
		}
		w := cmd.Workspace
		if err := exec(t.Conn, "INSERT INTO workspace VALUES (1, ?, ?, ?, 1)", w.Name, w.Epoch, jsonList(w.DefaultRooms)); err != nil {
			return canteen.User{}, err
		}
		owner, err := t.insertUser(cmd.Owner)
		if err != nil {
			return owner, err
		}
		r := canteen.Room{
			ID: cmd.RoomID, Kind: canteen.Public, Name: "general", Posting: canteen.PostingEveryone, CreatedBy: owner.ID, CreatedAt: cmd.At,
		}
		general := []canteen.RoomMembership{{User: owner.ID, Role: canteen.RoomOwner, JoinedAt: cmd.At}}
		if err := t.insertRoom(r, "general", general); err != nil {
			return owner, err
		}
		if cmd.Session != nil {
			return owner, t.insertSession(*cmd.Session)
		}
		return owner, nil
	})
}
