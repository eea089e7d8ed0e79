package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/settings"
)

const userColumns = `id, handle, name, title, time_zone, bot, role, deactivated, ambiguous, status_emoji, status_text, status_until,
	email, theme, skin_tone, enter_sends, attention, epoch, handle_changes, reset, sections, owner`

func scanUser(st *sqlite.Stmt) chat.User { return (&scanner{st: st}).user() }

func (s *scanner) user() chat.User {
	u := chat.User{
		ID: s.text(), Handle: s.text(), Name: s.text(), Title: s.text(), TimeZone: s.text(), Bot: s.bool(),
		Role: chat.Role(s.text()), Deactivated: s.bool(), Ambiguous: s.bool(),
	}
	status := chat.Status{Emoji: s.text(), Text: s.text(), Until: s.optionalTime()}
	if status != (chat.Status{}) {
		u.Status = &status
	}
	u.Email = s.text()
	u.Settings = settings.Settings{Theme: s.text(), SkinTone: s.int(), EnterSends: s.bool(), Attention: s.attention()}
	u.Epoch = s.int64()
	for _, at := range list[int64](s) {
		u.HandleChanges = append(u.HandleChanges, time.UnixMilli(at).UTC())
	}
	u.Reset, u.Settings.Sections, u.Owner = s.int64(), s.sections(), s.text()
	return u
}

// handleChanges is the form in which times of changes are stored.
func handleChanges(u chat.User) string {
	out := make([]int64, len(u.HandleChanges))
	for i, at := range u.HandleChanges {
		out[i] = millis(at)
	}
	return jsonList(out)
}

// sections reads what storedSections wrote.
func (s *scanner) sections() (out []chat.Section) {
	if stored := s.text(); stored != "" {
		if err := json.Unmarshal([]byte(stored), &out); err != nil {
			panic(fmt.Sprintf("sqlite: stored sections are damaged: %v", err))
		}
	}
	return out
}

// storedSections is the form in which sections are stored.
func storedSections(u chat.User) string {
	if len(u.Settings.Sections) == 0 {
		return ""
	}
	return jsonList(u.Settings.Sections)
}

// attention reads what storedAttention wrote.
func (s *scanner) attention() settings.Attention {
	stored, a := s.text(), settings.DefaultAttention()
	if stored == "" {
		return a
	}
	if err := json.Unmarshal([]byte(stored), &a); err != nil {
		panic(fmt.Sprintf("sqlite: stored settings are damaged: %v", err))
	}
	return a
}

// storedAttention is the form in which this part of the settings is stored.
func storedAttention(u chat.User) string {
	b, err := json.Marshal(u.Settings.Attention)
	if err != nil {
		panic(fmt.Sprintf("sqlite: cannot encode settings: %v", err)) // times have years of four digits: chat checks them
	}
	return string(b)
}

func userByID(c *conn, id string) (chat.User, error) {
	return found(row(c, scanUser, "SELECT "+userColumns+" FROM user WHERE id = ?", id))
}

// User implements chat.UserStore.
func (s *Store) User(ctx context.Context, id string) (chat.User, error) {
	return read(ctx, s, func(c *conn) (chat.User, error) { return userByID(c, id) })
}

// UsersByHandle implements chat.UserStore. The table of present and former handles has an index, so it is used to find the users.
func (s *Store) UsersByHandle(ctx context.Context, handles []string) ([]chat.User, error) {
	return read(ctx, s, func(c *conn) ([]chat.User, error) {
		return rows(c, scanUser, "SELECT "+userColumns+` FROM user WHERE handle IN (SELECT value FROM json_each(?1))
			AND id IN (SELECT user FROM handle WHERE handle IN (SELECT value FROM json_each(?1))) ORDER BY id`, jsonList(handles))
	})
}

// Credentials implements chat.UserStore.
func (s *Store) Credentials(ctx context.Context, emailFold string) (chat.User, string, error) {
	return s.credentials(ctx, "SELECT "+userColumns+", password FROM user WHERE email_fold = ?", emailFold)
}

// CredentialsOf implements chat.UserStore.
func (s *Store) CredentialsOf(ctx context.Context, id string) (chat.User, string, error) {
	return s.credentials(ctx, "SELECT "+userColumns+", password FROM user WHERE id = ?", id)
}

func (s *Store) credentials(ctx context.Context, query, arg string) (chat.User, string, error) {
	type credentials struct {
		chat.User
		hash string
	}
	cr, err := read(ctx, s, func(c *conn) (credentials, error) {
		return found(row(c, func(st *sqlite.Stmt) credentials {
			s := &scanner{st: st}
			return credentials{s.user(), s.text()}
		}, query, arg))
	})
	return cr.User, cr.hash, err
}

// Users implements chat.UserStore.
func (s *Store) Users(ctx context.Context) ([]chat.User, int64, error) {
	var version int64
	us, err := read(ctx, s, func(c *conn) (us []chat.User, err error) {
		if version, _, err = row(c, integer, "SELECT directory FROM workspace"); err != nil {
			return nil, err
		}
		return rows(c, scanUser, "SELECT "+userColumns+" FROM user ORDER BY id")
	})
	return us, version, err
}

// CoMembers implements chat.UserStore.
func (s *Store) CoMembers(ctx context.Context, user string) ([]string, error) {
	return read(ctx, s, func(c *conn) ([]string, error) { return coMembers(c, user) })
}

// AddUser implements chat.UserStore.
func (s *Store) AddUser(ctx context.Context, cmd chat.AddUser) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.User{}, err
		}
		if cmd.Invite != nil {
			if err := t.useInvite(*cmd.Invite, cmd); err != nil {
				return chat.User{}, err
			}
		}
		rooms, err := t.firstRooms(cmd)
		if err != nil {
			return chat.User{}, err
		}
		if err := t.ofOwner(cmd.User.User.Owner, bot.MayMake); err != nil {
			return chat.User{}, err
		}
		u, err := t.insertUser(cmd.User)
		if err != nil {
			return u, err
		}
		for _, r := range rooms {
			if err := t.insertMembers(r, []string{u.ID}, chat.RoomMember, cmd.At); err != nil {
				return u, err
			}
		}
		t.announce(chat.UserChanged{User: u})
		for _, r := range rooms {
			if err := t.announceJoined(r, []string{u.ID}); err != nil {
				return u, err
			}
		}
		for _, r := range rooms {
			if err := t.announceMembers(r); err != nil {
				return u, err
			}
		}
		if err := t.disambiguate(u.NameKeys(), u.ID); err != nil {
			return u, err
		}
		if cmd.Hook != nil {
			return u, t.insertHook(*cmd.Hook)
		}
		if cmd.Session != nil {
			return u, t.insertSession(*cmd.Session)
		}
		return u, nil
	})
}

func (t *tx) firstRooms(cmd chat.AddUser) ([]string, error) {
	return cmd.FirstRooms(func(id string) (chat.Room, bool, error) {
		return row(t.Conn, scanRoom, "SELECT "+roomColumns+" FROM room WHERE id = ?", id)
	})
}

// insertUser adds a user and the handle, and determines whether the name is ambiguous.
func (t *tx) insertUser(n chat.NewUser) (chat.User, error) {
	u := n.User
	if err := t.claimHandle(u.Handle, u.ID, false); err != nil {
		return u, err
	}
	if _, taken, err := row(t.Conn, integer, "SELECT 1 FROM user WHERE email_fold = ?", n.EmailFold); err != nil || taken {
		if err == nil {
			err = chat.ErrEmailTaken()
		}
		return u, err
	}
	_, same, err := row(t.Conn, integer, "SELECT 1 FROM name_key WHERE key IN (SELECT value FROM json_each(?))",
		jsonList(u.NameKeys()))
	if err != nil {
		return u, err
	}
	mixed := u.Deceptive()
	u.Ambiguous = same || mixed
	var status chat.Status
	if u.Status != nil {
		status = *u.Status
	}
	if err := exec(t.Conn, "INSERT INTO user VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		u.ID, u.Handle, u.Name, mixed, u.Title, u.TimeZone, u.Bot, string(u.Role), u.Deactivated, u.Ambiguous,
		status.Emoji, status.Text, optionalMillis(status.Until), u.Email, n.EmailFold, n.PasswordHash,
		u.Settings.Theme, u.Settings.SkinTone, u.Settings.EnterSends, u.Epoch, handleChanges(u), u.Reset,
		storedAttention(u), storedSections(u), u.Owner); err != nil {
		return u, err
	}
	if err := setName(t.Conn, u); err != nil {
		return u, err
	}
	if err := exec(t.Conn, "INSERT INTO handle VALUES (?, ?) ON CONFLICT DO NOTHING", u.Handle, u.ID); err != nil {
		return u, err
	}
	return u, exec(t.Conn, "UPDATE workspace SET directory = directory + 1")
}

// claimHandle returns a Conflict when the handle is or was another user's. With claim, it assigns a free handle to the user.
func (t *tx) claimHandle(handle, user string, claim bool) error {
	of, ok, err := row(t.Conn, text, "SELECT user FROM handle WHERE handle = ?", handle)
	if err != nil {
		return err
	}
	if ok && of != user {
		return chat.ErrHandleTaken()
	}
	if !ok && claim {
		return exec(t.Conn, "INSERT INTO handle VALUES (?, ?)", handle, user)
	}
	return nil
}

func (t *tx) announceUser(id string) error {
	u, err := userByID(t.Conn, id)
	if err != nil {
		return err
	}
	t.announce(chat.UserChanged{User: u})
	return exec(t.Conn, "UPDATE workspace SET directory = directory + 1")
}
