package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite/sqlitex"

	driver "zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/emojiname"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/sqlite"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// workspace is a data directory with Mira, a session, two files (one of them a picture with a thumbnail), and an emoji.
type workspace struct {
	dir    string
	store  *sqlite.Store
	bodies *disk.Bodies
	file   string // id of the plain file
	photo  string // id of the picture
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// temp is a temporary directory, in memory if possible, where nothing waits for the disk.
func temp(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "canteen-backup")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func newWorkspace(t testing.TB) *workspace {
	t.Helper()
	dir := filepath.Join(temp(t), "data")
	must(t, os.Mkdir(dir, 0o700))
	w := &workspace{dir: dir, file: chat.NewID(), photo: chat.NewID()}
	var err error
	w.store, err = sqlite.Open(t.Context(), filepath.Join(dir, databaseFile), sqlite.Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	w.bodies, err = disk.Open(filepath.Join(dir, bodiesDir))
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close(), w.bodies.Close()) })
	mira := chat.User{ID: "mira", Handle: "mira", Name: "Mira", Role: chat.Owner, Email: "mira@example.com", Epoch: 1,
		Settings: settings.Default()}
	_, err = w.store.Setup(t.Context(), chat.Setup{
		Workspace: chat.Workspace{Name: "Acme", Epoch: "before", DefaultRooms: []string{"general"}},
		Owner:     chat.NewUser{User: mira, EmailFold: mira.Email, PasswordHash: "hash"}, RoomID: "general", At: noon,
		Session: &chat.NewSession{Session: chat.Session{ID: "s", User: "mira", UserEpoch: 1, ExpiresAt: noon.Add(time.Hour)}},
	})
	must(t, err)
	w.post(t, 1, "hello")
	w.addFile(t, w.file, bytes.Repeat([]byte("some text\n"), 3000), nil)
	w.addFile(t, w.photo, []byte("a picture"), []int{360})
	w.putBody(t, files.ThumbKey(w.photo, 360), []byte("a thumbnail"))
	picture := chat.NewID()
	w.putBody(t, emoji.Key(picture), []byte("an emoji"))
	_, err = w.store.AddCustomEmoji(t.Context(), chat.AddCustomEmoji{Revision: "r", Emoji: emojiname.Emoji{
		Name: "canteen", Picture: picture, Sum: "sum", By: "mira", At: noon, MainAt: noon}})
	must(t, err)
	return w
}

func (w *workspace) post(t testing.TB, n int, text string) {
	t.Helper()
	_, _, err := w.store.PostMessage(t.Context(), chat.PostMessage{Room: "general", Author: "mira", Text: text, At: noon,
		ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n)})
	must(t, err)
}

func (w *workspace) putBody(t testing.TB, key string, b []byte) {
	t.Helper()
	must(t, w.bodies.Put(t.Context(), key, "", bytes.NewReader(b), int64(len(b))))
}

func (w *workspace) addFile(t testing.TB, id string, b []byte, thumbs []int) {
	t.Helper()
	w.putBody(t, id, b)
	w.addRow(t, id, b, thumbs)
}

// addRow adds a file whose body is there.
func (w *workspace) addRow(t testing.TB, id string, b []byte, thumbs []int) {
	t.Helper()
	sum := sha256.Sum256(b)
	row := chat.FileRow{State: chat.FileOpen, Owner: "mira", At: noon, Due: noon.Add(chat.FileLife), File: chat.File{ID: id, Name: id,
		Size: int64(len(b)), Kind: chat.OtherFile}}
	must(t, w.store.AddFile(t.Context(), chat.AddFile{Row: row}))
	row.SHA256, row.Thumbs = hex.EncodeToString(sum[:]), thumbs
	_, err := w.store.FinishFile(t.Context(), chat.FinishFile{File: row.File, Due: row.Due})
	must(t, err)
}

func (w *workspace) source() Source {
	return Source{Database: filepath.Join(w.dir, databaseFile), Bodies: w.bodies, Clock: func() time.Time { return noon }, Program: "test"}
}

// backup makes a backup in memory.
func (w *workspace) backup(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, Make(t.Context(), w.source(), &out))
	return out.Bytes()
}

// TestRestore: what is restored has all rows and bodies, a new epoch, and no sessions. Nobody else can read it.
func TestRestore(t *testing.T) {
	w := newWorkspace(t)
	b := w.backup(t)
	s, err := Verify(t.Context(), bytes.NewReader(b), temp(t))
	must(t, err)
	if s.Bytes != int64(len(b)) || !s.At.Equal(noon) || s.Files != 4 || len(s.Sums) != 4 || s.Program != "test" {
		t.Errorf("%+v of %d bytes", s, len(b))
	}
	dir := temp(t)
	must(t, os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600)) // #nosec G302 -- as tests find it
	_, err = Restore(t.Context(), bytes.NewReader(b), dir, "lock")
	must(t, err)
	for _, name := range []string{w.file, w.photo, files.ThumbKey(w.photo, 360)} {
		want, err := os.ReadFile(filepath.Join(w.dir, bodiesDir, name))
		must(t, err)
		if got, err := os.ReadFile(filepath.Join(dir, bodiesDir, name)); !bytes.Equal(got, want) || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	only := []string{". drwx------", "canteen.db -rw-------", "files drwx------", "lock -rw-------"}
	if found := listing(t, dir); !slices.Equal(found, only) {
		t.Errorf("the directory holds %q", found)
	}
	restored, err := sqlite.Open(t.Context(), filepath.Join(dir, databaseFile), sqlite.Options{Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer restored.Close()
	now, err := restored.Workspace(t.Context())
	must(t, err)
	m, err := restored.Message(t.Context(), "general", 1, "mira")
	must(t, err)
	if now.Name != "Acme" || !chat.IsID(now.Epoch) || m.Text != "hello" {
		t.Errorf("%+v, message %q", now, m.Text)
	}
	if n := sessions(t, filepath.Join(dir, databaseFile)); n != 0 {
		t.Errorf("%d sessions", n)
	}
	if n := sessions(t, filepath.Join(w.dir, databaseFile)); n != 1 {
		t.Errorf("%d sessions of the original", n)
	}
}

func sessions(t testing.TB, path string) int64 {
	t.Helper()
	return count(t, path, "SELECT count(*) FROM session")
}

func count(t testing.TB, path, query string) (n int64) {
	t.Helper()
	c, err := driver.OpenConn(path, driver.OpenReadWrite)
	must(t, err)
	defer c.Close()
	must(t, sqlitex.ExecuteTransient(c, query, &sqlitex.ExecOptions{ResultFunc: func(s *driver.Stmt) error {
		n = s.ColumnInt64(0)
		return nil
	}}))
	return n
}

// listing gives the names and modes in a directory, without the bodies.
func listing(t testing.TB, dir string) []string {
	t.Helper()
	info, err := os.Stat(dir)
	must(t, err)
	out := []string{". " + info.Mode().String()}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		out = append(out, e.Name()+" "+info.Mode().String())
	}
	return out
}

// TestEveryBitCounts: an archive of which one bit is another, or a part is missing or too much, is not whole.
func TestEveryBitCounts(t *testing.T) {
	b := newWorkspace(t).backup(t)
	seed := rand.Uint64()                    // #nosec G404 -- it chooses bits
	random := rand.New(rand.NewPCG(seed, 1)) // #nosec G404
	bits := []int{0, 8*len(b) - 1}
	for range 300 {
		bits = append(bits, random.IntN(8*len(b)), 8*(len(b)-4096)+random.IntN(8*4096), random.IntN(8*2048))
	}
	for i, bit := range bits {
		damaged := bytes.Clone(b)
		damaged[bit/8] ^= 1 << (bit % 8)
		_, err := Read(bytes.NewReader(damaged))
		if i%20 == 0 && err != nil {
			_, err = Verify(t.Context(), bytes.NewReader(damaged), temp(t))
		}
		if err == nil {
			t.Fatalf("seed %d: nobody sees that bit %d of byte %d is another", seed, bit%8, bit/8)
		}
	}
	for range 50 {
		n := random.IntN(len(b))
		if _, err := Read(bytes.NewReader(b[:n])); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d of %d bytes: %v", n, len(b), err)
		}
	}
	for _, more := range []int{1, 511, 512, 513, 5000} {
		if _, err := Read(io.MultiReader(bytes.NewReader(b), bytes.NewReader(make([]byte, more)))); !errors.Is(err, ErrDamaged) {
			t.Errorf("%d bytes more: %v", more, err)
		}
	}
	if _, err := Read(bytes.NewReader(b)); err != nil {
		t.Error(err)
	}
}

// TestSums: the digests are those that sha256sum checks.
func TestSums(t *testing.T) {
	in := tar.NewReader(bytes.NewReader(newWorkspace(t).backup(t)))
	var want []string
	for {
		h, err := in.Next()
		must(t, err)
		b, err := io.ReadAll(in)
		must(t, err)
		if h.Mode != 0o600 || !h.ModTime.Equal(noon) {
			t.Errorf("%+v", h)
		}
		if h.Name != sumsFile {
			want = append(want, fmt.Sprintf("%x  %s", sha256.Sum256(b), h.Name))
			continue
		}
		lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
		if !strings.HasPrefix(lines[0], "# ") || !slices.Equal(lines[1:], want) {
			t.Errorf("%s\nwant\n%s", b, strings.Join(want, "\n"))
		}
		return
	}
}

// TestForeignArchives: archives that nobody's Make has written are refused, and nothing of them is extracted.
func TestForeignArchives(t *testing.T) {
	header := fmt.Sprintf(`{"canteen_backup":%d,"at":"2026-03-02T12:00:00Z","schema":1}`, format)
	database := [2]string{databaseFile, "x"}
	for what, c := range map[string]struct {
		members [][2]string
		says    string
	}{
		"empty":              {nil, "does not begin like a backup"},
		"another program's":  {[][2]string{{"readme", "hello"}}, "does not begin like a backup"},
		"without a database": {[][2]string{{headerFile, header}, {"files/aaaaaaaaaaaa", "x"}}, "does not belong there"},
		"a path upwards":     {[][2]string{{headerFile, header}, database, {"files/../../x", "x"}}, "does not belong there"},
		"an absolute path":   {[][2]string{{headerFile, header}, database, {"/files/aaaaaaaaaaaa", "x"}}, "does not belong there"},
		"a body twice": {[][2]string{{headerFile, header}, database, {"files/aaaaaaaaaaaa", "x"}, {"files/aaaaaaaaaaaa", "x"}},
			"is there twice"},
		"two databases": {[][2]string{{headerFile, header}, database, database}, "does not belong there"},
		"not finished":  {[][2]string{{headerFile, header}, database}, "damaged or not complete"},
		"a newer format": {[][2]string{{headerFile, strings.Replace(header, fmt.Sprint(format), fmt.Sprint(format+1), 1)}},
			fmt.Sprintf("has the format %d, and this program knows %d: upgrade the program", format+1, format)},
	} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for _, m := range c.members {
			must(t, w.WriteHeader(member(m[0], int64(len(m[1])), noon)))
			_, err := w.Write([]byte(m[1]))
			must(t, err)
		}
		must(t, w.Close())
		dir := temp(t)
		if _, err := Restore(t.Context(), &out, dir, "lock"); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
		if found := listing(t, dir); len(found) > 1 {
			t.Errorf("%s: it left %q", what, found)
		}
	}
}

// TestWholeButWrong: an archive whose digests are right is refused if its database is damaged, is newer, or does not name its bodies.
func TestWholeButWrong(t *testing.T) {
	w := newWorkspace(t)
	var database []byte
	stored := map[string][]byte{}
	in := tar.NewReader(bytes.NewReader(w.backup(t)))
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		b, err := io.ReadAll(in)
		must(t, err)
		if key, isBody := strings.CutPrefix(h.Name, bodies); isBody {
			stored[key] = b
		} else if h.Name == databaseFile {
			database = b
		}
	}
	pages := bytes.Clone(database)
	clear(pages[8*4096 : 9*4096])
	path := filepath.Join(temp(t), databaseFile)
	must(t, os.WriteFile(path, database, 0o600))
	count(t, path, "UPDATE session SET user = 'nobody'")
	dangling, err := os.ReadFile(path) // #nosec G304 -- in a temporary directory
	must(t, err)
	newer := bytes.Clone(database)
	newer[60], newer[63] = 1, 0 // user_version
	without, other, more := maps.Clone(stored), maps.Clone(stored), maps.Clone(stored)
	delete(without, w.file)
	other[w.file] = []byte("something else")
	more[chat.NewID()] = nil
	for what, c := range map[string]struct {
		database []byte
		bodies   map[string][]byte
		says     string
	}{
		"a damaged page":     {pages, stored, "the database is damaged"},
		"a row of nobody":    {dangling, stored, "the database is damaged: foreign_key_check: session"},
		"half a database":    {database[:len(database)/2], stored, "damaged"},
		"a newer database":   {newer, stored, "newer Canteen"},
		"a body is missing":  {database, without, "the file " + w.file + " is not in the backup"},
		"another body":       {database, other, "the file " + w.file + " has another digest than its row says"},
		"a body without row": {database, more, "has 5 bodies"},
		"nothing":            {database, stored, ""},
	} {
		var out bytes.Buffer
		contents := schemaOf(t, w)
		a, err := newWriter(&out, Header{Format: format, At: noon, Schema: contents, Files: len(c.bodies)})
		must(t, err)
		_, err = a.add(databaseFile, bytes.NewReader(c.database), int64(len(c.database)))
		must(t, err)
		for key, b := range c.bodies {
			_, err = a.add(bodies+key, bytes.NewReader(b), int64(len(b)))
			must(t, err)
		}
		must(t, a.close())
		_, err = Verify(t.Context(), &out, temp(t))
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func schemaOf(t testing.TB, w *workspace) int {
	t.Helper()
	c, err := sqlite.Copy(t.Context(), filepath.Join(w.dir, databaseFile), io.Discard, func(int64) error { return nil })
	must(t, err)
	return c.Schema
}
