package sqlite

import (
	"context"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
)

const workspaceSelect = "SELECT name, epoch, default_rooms, call_url, previews_off, feedback_room FROM workspace"

func scanWorkspace(st *sqlite.Stmt) chat.Workspace {
	return (&scanner{st: st}).workspace()
}

func (s *scanner) workspace() chat.Workspace {
	return chat.Workspace{
		Name: s.text(), Epoch: s.text(), DefaultRooms: list[string](s), CallURL: s.text(), PreviewsOff: s.bool(),
		FeedbackRoom: s.text(),
	}
}

// Workspace implements chat.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (chat.Workspace, error) {
	return read(ctx, s, func(c *conn) (chat.Workspace, error) {
		return found(row(c, scanWorkspace, workspaceSelect))
	})
}

// UpdateWorkspace implements chat.WorkspaceStore.
func (s *Store) UpdateWorkspace(ctx context.Context, cmd chat.UpdateWorkspace) error {
	return do(ctx, s, func(t *tx) error {
		if err := t.checkFacts(cmd.Facts); err != nil || cmd.None() {
			return err
		}
		w, err := found(row(t.Conn, scanWorkspace, workspaceSelect))
		if err != nil {
			return err
		}
		w = cmd.Apply(w)
		t.announce(chat.WorkspaceChanged{})
		return exec(t.Conn, "UPDATE workspace SET call_url = ?, previews_off = ?, feedback_room = ?", w.CallURL, w.PreviewsOff,
			w.FeedbackRoom)
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
		if err := exec(t.Conn, "INSERT INTO workspace VALUES (1, ?, ?, ?, 1, 0, ?, ?, ?)", w.Name, w.Epoch,
			jsonList(w.DefaultRooms), w.CallURL, w.PreviewsOff, w.FeedbackRoom); err != nil {
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
