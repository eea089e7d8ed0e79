package dynamodb

import (
	"context"
	"encoding/hex"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

func workspaceKey() table.Key { return table.NewKey(rooms, "workspace", "-") }
func setupKey() table.Key     { return table.NewKey(rooms, "workspace", "setup") }

// workspace is the single item with the workspace's settings and counters.
type workspace struct {
	Name         string   `dynamodbav:"name"`
	Epoch        string   `dynamodbav:"epoch"`
	DefaultRooms []string `dynamodbav:"default_rooms"`
	Directory    int64    `dynamodbav:"directory"` // version of the directory: rises with each change of a user that others see
	Owners       int64    `dynamodbav:"owners"`    // active owners
	Rooms        int64    `dynamodbav:"rooms"`     // public and private rooms
	CallURL      string   `dynamodbav:"call_url,omitempty"`
	PreviewsOff  bool     `dynamodbav:"previews_off,omitempty"`
	FeedbackRoom string   `dynamodbav:"feedback_room,omitempty"`
	Names        int64    `dynamodbav:"names"` // the version in which names are compared
}

// settings are what the rules know of the workspace.
func (w workspace) settings() chat.Workspace {
	return chat.Workspace{
		Name: w.Name, Epoch: w.Epoch, DefaultRooms: w.DefaultRooms, CallURL: w.CallURL, PreviewsOff: w.PreviewsOff,
		FeedbackRoom: w.FeedbackRoom,
	}
}

// setup holds the hash of the secret in the setup link, in hex.
type setup struct {
	Hash string `dynamodbav:"hash"`
}

// Workspace implements chat.WorkspaceStore.
func (s *Store) Workspace(ctx context.Context) (chat.Workspace, error) {
	return read(ctx, s, func(t *tx) (chat.Workspace, error) {
		w, err := loadItem[workspace](t, workspaceKey())
		return w.settings(), err
	})
}

// UpdateWorkspace implements chat.WorkspaceStore.
func (s *Store) UpdateWorkspace(ctx context.Context, cmd chat.UpdateWorkspace) error {
	return do(ctx, s, func(t *tx) error {
		t.requireFacts(cmd.Facts)
		if cmd.None() {
			return nil
		}
		if err := t.changeWorkspace(func(w *workspace) {
			now := cmd.Apply(w.settings())
			w.CallURL, w.PreviewsOff, w.FeedbackRoom = now.CallURL, now.PreviewsOff, now.FeedbackRoom
		}); err != nil {
			return err
		}
		return t.addEvent(chat.WorkspaceChanged{}, 0)
	})
}

// changeWorkspace changes the workspace's item. A command may call it several times.
func (t *tx) changeWorkspace(f func(*workspace)) error {
	w, err := change(t, workspaceKey(), f)
	if t.eventPos.room == "" {
		t.eventPos.version = w.Directory
	}
	return err
}

// Setup implements chat.WorkspaceStore.
func (s *Store) Setup(ctx context.Context, cmd chat.Setup) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		if i, err := t.Load(workspaceKey()); err != nil || i != nil {
			if err == nil {
				err = chat.ErrSetUp()
			}
			return chat.User{}, err
		}
		w := cmd.Workspace
		if err := t.Put(workspaceKey(), workspace{
			Name: w.Name, Epoch: w.Epoch, DefaultRooms: w.DefaultRooms, CallURL: w.CallURL, PreviewsOff: w.PreviewsOff,
			FeedbackRoom: w.FeedbackRoom,
			Names:        chat.NamesVersion,
		}); err != nil {
			return chat.User{}, err
		}
		owner, _, err := t.insertUser(cmd.Owner)
		if err != nil {
			return owner, err
		}
		if _, err := t.insertRoom(cmd.General(), []chat.User{owner}); err != nil {
			return owner, err
		}
		if cmd.Session != nil {
			return owner, t.insertSession(*cmd.Session)
		}
		return owner, nil
	})
}

// SetupSecret returns the hash of the secret in the setup link. NotFound if the deployment left none.
func (s *Store) SetupSecret(ctx context.Context) (chat.SecretHash, error) {
	return read(ctx, s, func(t *tx) (h chat.SecretHash, err error) {
		stored, err := loadItem[setup](t, setupKey())
		if err != nil {
			return h, err
		}
		_, err = hex.Decode(h[:], []byte(stored.Hash))
		return h, err
	})
}

// SetSetupSecret stores the hash of the secret in a new setup link, which replaces the former one.
func (s *Store) SetSetupSecret(ctx context.Context, h chat.SecretHash) error {
	return do(ctx, s, func(t *tx) error {
		if _, err := t.Load(setupKey()); err != nil {
			return err
		}
		return t.Put(setupKey(), setup{hex.EncodeToString(h[:])})
	})
}
