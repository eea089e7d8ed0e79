package chat_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

// is holds an error to a code and a field; "" for no error.
func is(t *testing.T, what string, err error, code chat.Code, field string) {
	t.Helper()
	var got chat.Error
	if e, ok := errors.AsType[*chat.Error](err); ok {
		got = *e
	}
	if (err == nil) != (code == "") || got.Code != code || got.Field != field {
		t.Errorf("%s: %v, want %q %q", what, err, code, field)
	}
}

func TestTakenNamesTheField(t *testing.T) {
	is(t, "a handle", chat.ErrHandleTaken(), chat.Conflict, "handle")
	is(t, "an e-mail", chat.ErrEmailTaken(), chat.Conflict, "email")
	is(t, "a room's name", chat.ErrRoomNameTaken(), chat.Conflict, "name")
	is(t, "the setup", chat.ErrSetUp(), chat.Conflict, "")
	is(t, "a place that is not empty", archive.ErrNotEmpty(), chat.Conflict, "")
	is(t, "nothing", chat.ErrNotFound(), chat.NotFound, "")
	busy := chat.ErrUnavailable(errors.New("disk full"))
	if is(t, "a full disk", busy, chat.Unavailable, ""); busy.RetryAfter <= 0 || busy.Err == nil {
		t.Errorf("%+v says neither when to try again nor why", busy)
	}
}

func TestKeepAnOwner(t *testing.T) {
	owner, admin := chat.User{Role: chat.Owner}, chat.User{Role: chat.Admin}
	gone := chat.User{Role: chat.Owner, Deactivated: true}
	for _, c := range []struct {
		what     string
		was, now chat.User
		another  bool
		want     chat.Code
	}{
		{"the last owner becomes an admin", owner, admin, false, chat.Conflict},
		{"the last owner is deactivated", owner, gone, false, chat.Conflict},
		{"one of two owners becomes an admin", owner, admin, true, ""},
		{"the last owner stays one", owner, owner, false, ""},
		{"an admin becomes an owner", admin, owner, false, ""},
		{"a deactivated owner becomes an admin", gone, admin, false, ""},
	} {
		err := chat.KeepAnOwner(c.was, c.now, func() (bool, error) { return c.another, nil })
		field := ""
		if c.want != "" {
			field = "role"
		}
		is(t, c.what, err, c.want, field)
	}
	broken := errors.New("broken")
	if err := chat.KeepAnOwner(owner, admin, func() (bool, error) { return true, broken }); !errors.Is(err, broken) {
		t.Errorf("%v, want the error of the store", err)
	}
}

func TestSessionsAndTokensLive(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	end, later := now, now.Add(time.Second)
	mira := chat.User{ID: "mira", Epoch: 2}
	gone := chat.User{ID: "mira", Epoch: 2, Deactivated: true}
	for _, c := range []struct {
		what    string
		user    chat.User
		epoch   int64
		expires *time.Time
		want    bool
	}{
		{"good", mira, 2, &later, true},
		{"expires now", mira, 2, &end, false},
		{"of a former epoch", mira, 1, &later, false},
		{"of somebody deactivated", gone, 2, &later, false},
	} {
		s := chat.Session{UserEpoch: c.epoch, ExpiresAt: *c.expires}
		if s.Lives(c.user, now) != c.want || (chat.Token{UserEpoch: c.epoch, ExpiresAt: c.expires}).Lives(c.user, now) != c.want {
			t.Errorf("%s: want %v", c.what, c.want)
		}
		fits := (chat.NewSession{Session: s}).Fits(c.user) == nil
		if want := c.epoch == c.user.Epoch && !c.user.Deactivated; fits != want {
			t.Errorf("%s: a new session fits: %v", c.what, fits)
		}
	}
	if !(chat.Token{UserEpoch: 2}).Lives(mira, now) {
		t.Error("a token without an end has one")
	}
	is(t, "one token more", chat.MayAddToken(chat.MaxTokens-1), "", "")
	is(t, "one token too many", chat.MayAddToken(chat.MaxTokens), chat.Conflict, "")
}

func TestUpdateUserRestsOnAFact(t *testing.T) {
	was := chat.User{Role: chat.Member, Epoch: 3}
	for _, c := range []struct {
		fact *chat.UserFact
		want error
	}{
		{nil, nil},
		{&chat.UserFact{Role: chat.Member, Epoch: 3}, nil},
		{&chat.UserFact{Role: chat.Admin, Epoch: 3}, chat.ErrStale},
		{&chat.UserFact{Role: chat.Member, Epoch: 2}, chat.ErrStale},
	} {
		if err := (chat.UpdateUser{Was: c.fact}).Check(was); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.fact, err, c.want)
		}
	}
}

func TestUpdateUserApplies(t *testing.T) {
	name, handle, title, zone, role, gone := "Mira K", "mk", "Founder", "Europe/Berlin", chat.Admin, true
	theme := "dark"
	status, chosen := &chat.Status{Text: "away"}, settings.Input{Theme: &theme}
	quiet := settings.Input{Theme: &theme, Attention: &settings.AttentionInput{Quiet: &quiet.Quiet{Until: &time.Time{}}}}
	was := chat.User{ID: "mira", Handle: "mira", Name: "Mira", Epoch: 1}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	now := chat.UpdateUser{
		Handle: &handle, Title: &title, TimeZone: &zone, Role: &role, Deactivated: &gone, Status: &status, Settings: &chosen,
		Name: &name, EndSessions: true, At: noon,
	}.Apply(was)
	want := chat.User{
		ID: "mira", Handle: handle, Name: "Mira K", Title: title, TimeZone: zone, Role: role, Deactivated: gone, Status: status,
		Settings: settings.Settings{Theme: "dark"}, Epoch: 2, Reset: 2, HandleChanges: []time.Time{noon},
	}
	if !reflect.DeepEqual(now, want) {
		t.Errorf("%+v, want %+v", now, want)
	}
	if none := (chat.UpdateUser{}).Apply(was); !reflect.DeepEqual(none, was) {
		t.Errorf("nothing changes %+v to %+v", was, none)
	}
	for _, c := range []struct {
		what string
		cmd  chat.UpdateUser
		want chat.Event // of no user
	}{
		{"nothing", chat.UpdateUser{}, nil},
		{"the epoch alone", chat.UpdateUser{EndSessions: true}, nil},
		{"settings", chat.UpdateUser{Settings: &chosen}, chat.SettingsChanged{}},
		{"do not disturb", chat.UpdateUser{Settings: &quiet}, chat.UserChanged{}},
		{"a title", chat.UpdateUser{Title: &title}, chat.UserChanged{}},
		{"settings and a title", chat.UpdateUser{Settings: &chosen, Title: &title}, chat.UserChanged{}},
	} {
		if got := was.Told(c.cmd.Apply(was)); reflect.TypeOf(got) != reflect.TypeOf(c.want) {
			t.Errorf("%s: %T is told, want %T", c.what, got, c.want)
		}
	}
}

func TestFirstRooms(t *testing.T) {
	rooms := map[string]chat.Room{
		"general": {Kind: chat.Public}, "leads": {Kind: chat.Private}, "old": {Kind: chat.Public, Archived: true}, "two": {Kind: chat.Direct},
	}
	cmd := chat.AddUser{Rooms: []string{"leads", "old", "gone", "general", "two", "leads"}}
	got, err := cmd.FirstRooms(func(id string) (chat.Room, bool, error) {
		r, ok := rooms[id]
		return r, ok, nil
	})
	if want := []string{"leads", "general"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
