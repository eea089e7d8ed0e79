package sqlite

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// recorder is a feed that keeps all announcements.
type recorder struct {
	mu  sync.Mutex
	all []chat.Announcement
	n   int // calls of feed
}

func (h *recorder) feed(as []chat.Announcement) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n++
	h.all = append(h.all, as...)
}

func (h *recorder) take() []chat.Announcement {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.all
	h.all, h.n = nil, 0
	return a
}

func newUser(id, handle string) chat.NewUser {
	return chat.NewUser{
		User: chat.User{
			ID: id, Handle: handle, Name: handle, Role: chat.Member, Email: handle + "@example.com", Settings: settings.Default(),
			Epoch: 1,
		},
		EmailFold: handle + "@example.com", PasswordHash: "hash",
	}
}

func open(t testing.TB, path string, h *recorder) *Store {
	t.Helper()
	s, err := Open(context.Background(), path, Options{Feed: h.feed, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		Inspect(t, s)
		_ = s.Close()
	})
	return s
}

// testStore opens a store with mira (owner) and jonas in the public room general. It returns the feed and the file too.
func testStore(t testing.TB) (*Store, *recorder, string) {
	t.Helper()
	h := &recorder{}
	path := filepath.Join(t.TempDir(), "canteen.db")
	s := open(t, path, h)
	fill(t, s)
	h.take()
	return s, h, path
}

// fill makes mira (owner) and jonas, in the public room general.
func fill(t testing.TB, s *Store) {
	t.Helper()
	o := newUser("mira", "mira")
	o.User.Role = chat.Owner
	_, err := s.Setup(context.Background(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "e", DefaultRooms: []string{"general"}}, Owner: o, RoomID: "general", At: noon,
	})
	must(t, err)
	addUser(t, s, "jonas", "general")
}

func addUser(t testing.TB, s *Store, id string, rooms ...string) {
	t.Helper()
	_, err := s.AddUser(context.Background(), chat.AddUser{User: newUser(id, id), Rooms: rooms, At: noon})
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func cid(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

func post(s *Store, author string, n int, text string) (chat.Message, error) {
	m, _, err := s.PostMessage(context.Background(), chat.PostMessage{
		Room: "general", Author: author, ClientID: cid(n), Text: text, At: noon,
	})
	return m, err
}
