package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/hook"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/settings"
)

// All users lie in one partition, since the directory is read as a whole. DynamoDB splits a busy partition by its range key.
const userPK = "user"

func userKey(id string) table.Key { return table.NewKey(users, userPK, id) }

func emailKey(fold string) table.Key    { return table.NewKey(unique, "email#"+table.KeyName(fold), "-") }
func handleKey(handle string) table.Key { return table.NewKey(unique, "handle#"+handle, "-") }

// user is the item of a user. sk is the id.
type user struct {
	ID          string    `dynamodbav:"sk"`
	Handle      string    `dynamodbav:"handle"`
	Handles     []string  `dynamodbav:"handles"` // all handles ever used, the present one included
	Name        string    `dynamodbav:"name"`
	NameKeys    []string  `dynamodbav:"name_keys"`
	Title       string    `dynamodbav:"title,omitempty"`
	TimeZone    string    `dynamodbav:"time_zone,omitempty"`
	Bot         bool      `dynamodbav:"bot,omitempty"`
	Owner       string    `dynamodbav:"owner,omitempty"` // see ownedKey
	Role        chat.Role `dynamodbav:"role"`
	Deactivated bool      `dynamodbav:"deactivated"`
	Ambiguous   bool      `dynamodbav:"ambiguous"`
	Status      *status   `dynamodbav:"status,omitempty"`
	Email       string    `dynamodbav:"email"`
	EmailFold   string    `dynamodbav:"email_fold"`
	Password    string    `dynamodbav:"password"`
	Settings    choices   `dynamodbav:"settings"`
	Epoch       int64     `dynamodbav:"epoch"`
	Reset       int64     `dynamodbav:"reset"`
	// HandleChanges are times of changes of the handle.
	HandleChanges []int64 `dynamodbav:"handle_changes,omitempty"`
}

// choices are settings.Settings. Attention is nil in an item from before there was such a part.
type choices struct {
	Theme      string
	SkinTone   int
	EnterSends bool
	Attention  *settings.Attention
	Sections   []chat.Section `dynamodbav:",omitempty"`
}

func (s choices) toChat() settings.Settings {
	out := settings.Settings{Theme: s.Theme, SkinTone: s.SkinTone, EnterSends: s.EnterSends, Attention: settings.DefaultAttention(),
		Sections: s.Sections}
	if s.Attention != nil {
		out.Attention = *s.Attention
	}
	return out
}

type status struct {
	Emoji string `dynamodbav:"emoji,omitempty"`
	Text  string `dynamodbav:"text,omitempty"`
	Until *int64 `dynamodbav:"until,omitempty"`
}

// holder names the user or room that owns a unique key.
type holder struct {
	Of string `dynamodbav:"of"`
}

func (u user) toChat() chat.User {
	out := chat.User{
		ID: u.ID, Handle: u.Handle, Name: u.Name, Title: u.Title, TimeZone: u.TimeZone, Bot: u.Bot, Owner: u.Owner, Role: u.Role,
		Deactivated: u.Deactivated,
		Ambiguous:   u.Ambiguous, Email: u.Email, Settings: u.Settings.toChat(), Epoch: u.Epoch, Reset: u.Reset,
	}
	for _, change := range u.HandleChanges {
		out.HandleChanges = append(out.HandleChanges, table.At(change))
	}
	if u.Status != nil {
		out.Status = &chat.Status{Emoji: u.Status.Emoji, Text: u.Status.Text, Until: table.OptionalAt(u.Status.Until)}
	}
	return out
}

// setFromChat takes over the attributes that package chat knows. NameKeys, EmailFold, Password and former handles
// stay.
func (u *user) setFromChat(c chat.User) {
	handles := u.Handles
	if !slices.Contains(handles, c.Handle) {
		handles = append(slices.Clone(handles), c.Handle)
	}
	*u = user{
		ID: c.ID, Handle: c.Handle, Handles: handles, Name: c.Name, NameKeys: u.NameKeys, Title: c.Title,
		TimeZone: c.TimeZone, Bot: c.Bot, Owner: c.Owner, Role: c.Role,
		Deactivated: c.Deactivated, Ambiguous: c.Ambiguous, Email: c.Email, EmailFold: u.EmailFold, Password: u.Password,
		Settings: choices{c.Settings.Theme, c.Settings.SkinTone, c.Settings.EnterSends, &c.Settings.Attention, c.Settings.Sections},
		Epoch:    c.Epoch, Reset: c.Reset,
	}
	for _, change := range c.HandleChanges {
		u.HandleChanges = append(u.HandleChanges, table.Millis(change))
	}
	if c.Status != nil {
		u.Status = &status{Emoji: c.Status.Emoji, Text: c.Status.Text, Until: table.OptionalMillis(c.Status.Until)}
	}
}

// user loads the item of a user.
func (t *tx) user(id string) (user, error) { return loadItem[user](t, userKey(id)) }

// users loads users. NotFound if one of them does not exist.
func (t *tx) users(ids []string) ([]chat.User, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = userKey(id)
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	out := make([]chat.User, len(ids))
	for i, id := range ids {
		u, err := t.user(id)
		if err != nil {
			return nil, err
		}
		out[i] = u.toChat()
	}
	return out, nil
}

// User implements chat.UserStore.
func (s *Store) User(ctx context.Context, id string) (chat.User, error) {
	return read(ctx, s, func(t *tx) (chat.User, error) {
		u, err := t.user(id)
		return u.toChat(), err
	})
}

// UsersByHandle implements chat.UserStore. It takes two reads: who has or had the handles, then these users.
func (s *Store) UsersByHandle(ctx context.Context, handles []string) ([]chat.User, error) {
	return read(ctx, s, func(t *tx) (out []chat.User, err error) {
		holders, err := loadAll[holder](t, handles, handleKey)
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, h := range holders {
			ids = append(ids, h.Of)
		}
		slices.Sort(ids)
		users, err := loadAll[user](t, slices.Compact(ids), userKey)
		for _, u := range users {
			if slices.Contains(handles, u.Handle) { // not only a former handle
				out = append(out, u.toChat())
			}
		}
		return out, err
	})
}

// loadAll loads, in one batch, the items that exist under the keys of names.
func loadAll[T any](t *tx, names []string, of func(string) table.Key) (out []T, err error) {
	keys := make([]table.Key, len(names))
	for i, name := range names {
		keys[i] = of(name)
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	for _, k := range keys {
		v, ok, err := loadOptional[T](t, k)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, v)
		}
	}
	return out, nil
}

// Credentials implements chat.UserStore.
func (s *Store) Credentials(ctx context.Context, emailFold string) (chat.User, string, error) {
	u, err := read(ctx, s, func(t *tx) (user, error) {
		h, err := loadItem[holder](t, emailKey(emailFold))
		if err != nil {
			return user{}, err
		}
		return t.user(h.Of)
	})
	return u.toChat(), u.Password, err
}

// CredentialsOf implements chat.UserStore.
func (s *Store) CredentialsOf(ctx context.Context, id string) (chat.User, string, error) {
	u, err := read(ctx, s, func(t *tx) (user, error) { return t.user(id) })
	return u.toChat(), u.Password, err
}

// Users implements chat.UserStore. It reads the version first, so that the version is never newer than the users.
func (s *Store) Users(ctx context.Context) ([]chat.User, int64, error) {
	var version int64
	us, err := read(ctx, s, func(t *tx) ([]chat.User, error) {
		w, _, err := loadOptional[workspace](t, workspaceKey())
		if err != nil {
			return nil, err
		}
		version = w.Directory
		return s.allUsers(ctx)
	})
	return us, version, err
}

func (s *Store) allUsers(ctx context.Context) ([]chat.User, error) {
	items, err := s.db.Query(ctx, table.Range{Table: users, PK: userPK})
	if err != nil {
		return nil, err
	}
	out := make([]chat.User, len(items))
	for i, it := range items {
		u, err := table.Decode[user](it)
		if err != nil {
			return nil, err
		}
		out[i] = u.toChat()
	}
	return out, nil
}

// CoMembers implements chat.UserStore.
func (s *Store) CoMembers(ctx context.Context, id string) ([]string, error) {
	in, err := s.roomsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{id: true}
	for room := range in {
		people, err := s.membersOf(ctx, room)
		if err != nil {
			return nil, err
		}
		for u := range people {
			out[u] = true
		}
	}
	return slices.Sorted(maps.Keys(out)), nil
}

// AddUser implements chat.UserStore.
func (s *Store) AddUser(ctx context.Context, cmd chat.AddUser) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		t.requireFacts(cmd.Facts)
		if cmd.Invite != nil {
			if err := t.useInvite(*cmd.Invite, cmd); err != nil {
				return chat.User{}, err
			}
		}
		firsts, err := t.firstRooms(cmd)
		if err != nil {
			return chat.User{}, err
		}
		if err := t.ofOwner(cmd.User.User.Owner, bot.MayMake); err != nil {
			return chat.User{}, err
		}
		u, others, err := t.insertUser(cmd.User)
		if err != nil {
			return u, err
		}
		var joined []chat.MyRoom
		for _, r := range firsts {
			j, err := t.insertMembers(r, []chat.User{u}, chat.RoomMember, cmd.At)
			if err != nil {
				return u, err
			}
			joined = append(joined, j...)
		}
		if err := t.addNewUserEvents(u, joined); err != nil {
			return u, err
		}
		for _, o := range others {
			if err := t.addUserEvent(o); err != nil {
				return u, err
			}
		}
		if cmd.Hook != nil {
			return u, t.Put(hook.Key(cmd.Hook.ID), hook.New(*cmd.Hook))
		}
		if cmd.Session != nil {
			return u, t.insertSession(*cmd.Session)
		}
		return u, nil
	})
}

// addNewUserEvents adds the events of a new user and of the rooms they join.
func (t *tx) addNewUserEvents(u chat.User, joined []chat.MyRoom) error {
	if err := t.addEvent(chat.UserChanged{User: u}, 0); err != nil {
		return err
	}
	for _, r := range joined {
		if err := t.addEvent(chat.RoomJoined{User: u.ID, Room: r}, 0); err != nil {
			return err
		}
	}
	for _, r := range joined {
		if err := t.addMembersEvent(r.Room); err != nil {
			return err
		}
	}
	return nil
}

// firstRooms returns the rooms that a new user joins.
func (t *tx) firstRooms(cmd chat.AddUser) ([]room, error) {
	loaded, err := loadAll[room](t, cmd.Rooms, roomKey)
	if err != nil {
		return nil, err
	}
	found := map[string]room{}
	for _, r := range loaded {
		found[r.ID] = r
	}
	ids, err := cmd.FirstRooms(func(id string) (chat.Room, bool, error) {
		r, ok := found[id]
		return r.toChat(), ok, nil
	})
	out := make([]room, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out, err
}

// insertUser writes the item and claims handle, e-mail address and name. others are users whose name it made ambiguous.
func (t *tx) insertUser(n chat.NewUser) (u chat.User, others []chat.User, err error) {
	u = n.User
	keys := []table.Key{userKey(u.ID), handleKey(u.Handle), emailKey(n.EmailFold), workspaceKey()}
	for _, k := range u.NameKeys() {
		keys = append(keys, nameKey(k))
	}
	if _, err := t.Load(keys...); err != nil {
		return u, nil, err
	}
	if err := t.claim(handleKey(u.Handle), u.ID, chat.ErrHandleTaken()); err != nil {
		return u, nil, err
	}
	if err := t.claim(emailKey(n.EmailFold), u.ID, chat.ErrEmailTaken()); err != nil {
		return u, nil, err
	}
	if u.Ambiguous, others, err = t.setName(u, nil); err != nil {
		return u, nil, err
	}
	i := user{NameKeys: u.NameKeys(), EmailFold: n.EmailFold, Password: n.PasswordHash}
	i.setFromChat(u)
	if err := t.Put(userKey(u.ID), i); err != nil {
		return u, nil, err
	}
	if u.Owner != "" {
		if err := t.Put(ownedKey(u.Owner, u.ID), struct{}{}); err != nil {
			return u, nil, err
		}
	}
	return u, others, t.changeWorkspace(func(w *workspace) {
		w.Directory++
		w.Owners += activeOwners(u)
	})
}

// activeOwners is 1 for an active owner and 0 for others.
func activeOwners(u chat.User) int64 {
	if u.ActiveOwner() {
		return 1
	}
	return 0
}

// claim gives a unique key to its first claimant, for ever. The error is taken if another owns it.
func (t *tx) claim(k table.Key, of string, taken *chat.Error) error {
	h, ok, err := loadOptional[holder](t, k)
	if err != nil {
		return err
	}
	if ok && h.Of != of {
		return taken
	}
	if ok {
		return nil
	}
	return t.Put(k, holder{of})
}

// addUserEvent adds the event that a user's public attributes changed.
func (t *tx) addUserEvent(u chat.User) error {
	if err := t.addEvent(chat.UserChanged{User: u}, 0); err != nil {
		return err
	}
	return t.changeWorkspace(func(w *workspace) { w.Directory++ })
}
