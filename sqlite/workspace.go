package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

// Workspace implements chat.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (chat.Workspace, error) {
	return read(ctx, s, func(c *conn) (chat.Workspace, error) {
		w, ok, err := row(c, func(st *sqlite.Stmt) chat.Workspace {
			s := &scanner{st: st}
			return chat.Workspace{Name: s.text(), Epoch: s.text(), DefaultRooms: list[string](s), CallURL: s.text()}
		}, "SELECT name, epoch, default_rooms, call_url FROM workspace")
		if err == nil && !ok {
			err = chat.ErrNotFound()
		}
		return w, err
	})
}

// UpdateWorkspace implements chat.WorkspaceStore.
func (s *Store) UpdateWorkspace(ctx context.Context, cmd chat.UpdateWorkspace) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil || cmd.CallURL == nil {
			return err
		}
		return exec(t.Conn, "UPDATE workspace SET call_url = ?", *cmd.CallURL)
	})
}

// Setup implements chat.WorkspaceStore.
func (s *Store) Setup(ctx context.Context, cmd chat.Setup) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		if _, done, err := row(t.Conn, integer, "SELECT 1 FROM workspace"); err != nil || done {
			if err == nil {
				err = chat.ErrSetUp()
			}
			return chat.User{}, err
		}
		w := cmd.Workspace
		if err := exec(t.Conn, "INSERT INTO workspace VALUES (1, ?, ?, ?, 1, 0, ?)", w.Name, w.Epoch,
			jsonList(w.DefaultRooms), w.CallURL); err != nil {
			return chat.User{}, err
		}
		owner, err := t.insertUser(cmd.Owner)
		if err != nil {
			return owner, err
		}
		if err := t.insertRoom(cmd.General()); err != nil {
			return owner, err
		}
		if cmd.Session != nil {
			return owner, t.insertSession(*cmd.Session)
		}
		return owner, nil
	})
}
