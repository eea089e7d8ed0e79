package client_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// ownedBot makes a bot of Mira, and gives it and a client that acts as the bot.
func ownedBot(t *testing.T, w *world.World) (mira *client.Client, b wire.User, as *client.Client) {
	t.Helper()
	mira = w.SignIn("mira")
	b = world.Must[wire.User](t)(mira.MakeBot(t.Context(), wire.NewBotBody{Name: "Builds", Handle: "builds"}))
	made := world.Must[wire.MadeToken](t)(mira.AddBotToken(t.Context(), b.ID, wire.NewTokenBody{Name: "ci"}))
	return mira, b, client.New(w.URL, made.Secret)
}

// TestOwnedBotLeavesWithItsOwner: it hears of a private room until its owner is removed, and nothing after that.
func TestOwnedBotLeavesWithItsOwner(t *testing.T) {
	w, ctx := world.Open(t), t.Context()
	_, b, bot := ownedBot(t, w)
	jonas, mira := w.As("jonas"), w.ID["mira"]
	room := world.Must[wire.MyRoom](t)(jonas.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "plans"})).ID
	put := func(user string) error { _, err := jonas.PutMember(ctx, room, user, ""); return err }
	if err := put(b.ID); client.Status(err) != http.StatusConflict || !strings.Contains(err.Error(), "Mira") {
		t.Errorf("without its owner: %v", err)
	}
	for _, user := range []string{mira, b.ID} {
		if err := put(user); err != nil {
			t.Fatal(err)
		}
	}
	live := world.Must[*client.Live](t)(bot.Dial(ctx))
	t.Cleanup(func() { _ = live.Close() })
	w.Say("jonas", room, 1, "inside")
	world.UpTo(t, live, "message", "inside")
	if err := jonas.RemoveMember(ctx, room, mira); err != nil {
		t.Fatal(err)
	}
	left := world.UpTo(t, live, "left", room)
	for _, e := range left {
		if e.Type == "message" {
			t.Errorf("heard %s", e.JSON)
		}
	}
	w.Say("jonas", room, 2, "secret")
	talk := world.Must[wire.MyRoom](t)(jonas.AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{b.ID}})).ID
	w.Say("jonas", talk, 3, "hello")
	for _, e := range world.UpTo(t, live, "message", "hello") {
		if strings.Contains(string(e.JSON), "secret") || strings.Contains(string(e.JSON), room) {
			t.Errorf("heard %s", e.JSON)
		}
	}
	for name, err := range map[string]error{
		"reads": second(bot.Page(ctx, room, nil)), "posts": second(bot.Post(ctx, room, wire.PostMessage{Text: "Green"})),
		"comes back alone": put(b.ID),
	} {
		s := client.Status(err)
		if s != http.StatusNotFound && s != http.StatusConflict || s == http.StatusConflict && name != "comes back alone" {
			t.Errorf("it %s: %v", name, err)
		}
	}
	for _, user := range []string{mira, b.ID} {
		if err := put(user); err != nil {
			t.Errorf("with its owner again: %v", err)
		}
	}
	world.Must[wire.Message](t)(bot.Post(ctx, room, wire.PostMessage{Text: "Green"}))
}

// TestOwnedBotEndsWithItsOwner: its socket closes, and its token is good for nothing, also when the owner is back.
func TestOwnedBotEndsWithItsOwner(t *testing.T) {
	w, ctx := world.Open(t), t.Context()
	_, b, bot := ownedBot(t, w)
	ada, yes, no := w.As("ada"), true, false
	live := world.Must[*client.Live](t)(bot.Dial(ctx))
	t.Cleanup(func() { _ = live.Close() })
	world.Must[wire.User](t)(ada.UpdateUser(ctx, w.ID["mira"], wire.UpdateUser{Deactivated: &yes}))
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := live.Next(); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		if !strings.Contains(err.Error(), "4001") {
			t.Errorf("the socket ends with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the socket of the bot stays open")
	}
	refused := func(what string) {
		t.Helper()
		if err := second(bot.Me(ctx)); client.Status(err) != http.StatusUnauthorized {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("its owner is deactivated")
	if err := second(ada.UpdateUser(ctx, b.ID, wire.UpdateUser{Deactivated: &no})); client.Status(err) != http.StatusConflict {
		t.Errorf("an admin brings the bot back: %v", err)
	}
	world.Must[wire.User](t)(ada.UpdateUser(ctx, w.ID["mira"], wire.UpdateUser{Deactivated: &no}))
	refused("its owner is back")
	mira := w.SignIn("mira")
	world.Must[wire.User](t)(mira.UpdateBot(ctx, b.ID, wire.UpdateBotBody{Deactivated: &no}))
	refused("it is back")
	made := world.Must[wire.MadeToken](t)(mira.AddBotToken(ctx, b.ID, wire.NewTokenBody{Name: "ci"}))
	me := world.Must[wire.Me](t)(client.New(w.URL, made.Secret).Me(ctx))
	if me.Owner != w.ID["mira"] || me.Role != "guest" || !me.Bot {
		t.Errorf("%+v", me.User)
	}
}

// TestOwnersSeeTheirBots: and administrators all; nobody else makes tokens of them, and no token does.
func TestOwnersSeeTheirBots(t *testing.T) {
	w, ctx := world.Open(t), t.Context()
	mira, b, bot := ownedBot(t, w)
	ada, sam := w.SignIn("ada"), w.SignIn("sam")
	list := func(c *client.Client, owner string) string {
		t.Helper()
		bs, err := c.Bots(ctx, owner)
		if err != nil {
			return err.Error()
		}
		ids, err := json.Marshal(bs)
		if err != nil {
			t.Fatal(err)
		}
		return string(ids)
	}
	for name, c := range map[string]*client.Client{"its owner": mira, "an owner of the workspace": ada} {
		if got := list(c, w.ID["mira"]); !strings.Contains(got, b.ID) || !strings.Contains(got, `"owner":"`+w.ID["mira"]+`"`) {
			t.Errorf("%s: %s", name, got)
		}
		if got := list(c, ""); !strings.Contains(got, b.ID) {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := list(sam, ""); got != "[]" && got != "null" {
		t.Errorf("Sam: %s", got)
	}
	for what, err := range map[string]error{
		"sam lists":         second(sam.Bots(ctx, w.ID["mira"])),
		"a token lists":     second(w.As("mira").Bots(ctx, "")),
		"the bot lists":     second(bot.Bots(ctx, "")),
		"a guest makes one": second(w.SignIn("kim").MakeBot(ctx, wire.NewBotBody{Name: "B", Handle: "bb"})),
		"a token makes one": second(w.As("mira").MakeBot(ctx, wire.NewBotBody{Name: "B", Handle: "bb"})),
	} {
		if client.Status(err) != http.StatusForbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, err := range map[string]error{
		"sam changes it":    second(sam.UpdateBot(ctx, b.ID, wire.UpdateBotBody{})),
		"sam makes a token": second(sam.AddBotToken(ctx, b.ID, wire.NewTokenBody{Name: "x"})),
		"ada makes a token": second(ada.AddBotToken(ctx, b.ID, wire.NewTokenBody{Name: "x"})),
		"ada lists tokens":  second(ada.BotTokens(ctx, b.ID)),
		"ada lists rooms":   second(ada.BotRooms(ctx, b.ID)), "sam lists rooms": second(sam.BotRooms(ctx, b.ID)),
		"a bot of nobody": second(ada.UpdateBot(ctx, w.ID["sam"], wire.UpdateBotBody{})), "no id": second(mira.BotTokens(ctx, "x")),
	} {
		if client.Status(err) != http.StatusNotFound {
			t.Errorf("%s: %v", what, err)
		}
	}
	ts := world.Must[[]wire.Token](t)(mira.BotTokens(ctx, b.ID))
	if len(ts) != 1 || mira.EndBotToken(ctx, b.ID, ts[0].ID) != nil ||
		client.Status(second(bot.Me(context.WithoutCancel(ctx)))) != http.StatusUnauthorized {
		t.Errorf("%+v", ts)
	}
}

// TestOwnersSeeTheRoomsOfTheirBots: those that the bot is in now, without direct conversations, which others have with it.
func TestOwnersSeeTheRoomsOfTheirBots(t *testing.T) {
	w, ctx := world.Open(t), t.Context()
	mira, b, _ := ownedBot(t, w)
	rooms := func() string { return strings.Join(world.Must[[]string](t)(mira.BotRooms(ctx, b.ID)), " ") }
	if got := rooms(); got != "" {
		t.Errorf("at first: %s", got)
	}
	room := world.Must[wire.MyRoom](t)(mira.AddRoom(ctx, wire.NewRoomBody{Kind: "private", Name: "plans"})).ID
	world.Must[wire.Member](t)(mira.PutMember(ctx, room, b.ID, ""))
	world.Must[wire.MyRoom](t)(w.As("jonas").AddRoom(ctx, wire.NewRoomBody{Kind: "direct", Members: []string{b.ID}}))
	if got := rooms(); got != room {
		t.Errorf("in %s: %s", room, got)
	}
	if err := mira.RemoveMember(ctx, room, b.ID); err != nil || rooms() != "" {
		t.Errorf("taken out: %v", err)
	}
}

// second drops the first result.
func second[T any](_ T, err error) error { return err }
