package bot_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// is compares an error with "" or the code and field of a refusal.
func is(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if e, ok := errors.AsType[*chat.Error](err); ok {
		got = strings.TrimSpace(string(e.Code) + " " + e.Field)
	} else if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

// bots are so many active and ended ones.
func bots(active, ended int) []chat.User {
	out := make([]chat.User, active+ended)
	for n := range ended {
		out[n].Deactivated = true
	}
	return out
}

func TestHowManyBotsOneHas(t *testing.T) {
	here, gone := chat.User{Name: "Mira"}, chat.User{Name: "Mira", Deactivated: true}
	for what, c := range map[string]struct {
		owner      chat.User
		bots       []chat.User
		make, wake string
	}{
		"none":             {here, nil, "", ""},
		"nine":             {here, bots(bot.Max-1, 0), "", ""},
		"ten":              {here, bots(bot.Max, 0), "conflict", "conflict deactivated"},
		"nine of many":     {here, bots(bot.Max-1, bot.MaxAll-bot.Max), "", ""},
		"thirty":           {here, bots(0, bot.MaxAll), "conflict", ""},
		"none of who left": {gone, nil, "conflict", "conflict deactivated"},
	} {
		is(t, what+", made", bot.MayMake(c.owner, c.bots), c.make)
		is(t, what+", brought back", bot.MayWake(c.owner, c.bots), c.wake)
	}
}

func TestBotsWakeAndStop(t *testing.T) {
	yes, no, name := true, false, "Mira"
	person, theirs, hook := chat.User{ID: "mira"}, chat.User{ID: "bea", Bot: true, Owner: "mira"}, chat.User{ID: "hook", Bot: true}
	out := func(u chat.User) chat.User { u.Deactivated = true; return u }
	for _, c := range []struct {
		what        string
		was         chat.User
		in          *bool
		wakes, ends bool
	}{
		{"a person ends", person, &yes, false, true},
		{"a person who is out ends", out(person), &yes, false, false},
		{"a person comes back", out(person), &no, false, false},
		{"a person changes", person, nil, false, false},
		{"a bot ends", theirs, &yes, false, false},
		{"a bot comes back", out(theirs), &no, true, false},
		{"a bot that is out changes", out(theirs), nil, false, false},
		{"a bot stays", theirs, &no, false, false},
		{"a webhook comes back", out(hook), &no, false, false},
		{"a webhook ends", hook, &yes, false, false},
	} {
		cmd := chat.UpdateUser{User: c.was.ID, Deactivated: c.in, Name: &name}
		if wakes, ends := bot.Wakes(cmd, c.was), bot.Stops(cmd, c.was); wakes != c.wakes || ends != c.ends {
			t.Errorf("%s: wakes %v, ends bots %v", c.what, wakes, ends)
		}
	}
	stop := bot.Stop(chat.UpdateUser{User: "mira"}, theirs)
	if u := stop.Apply(theirs); stop.User != "bea" || !u.Deactivated || u.Epoch != theirs.Epoch+1 || u.Reset != u.Epoch {
		t.Errorf("%+v makes %+v", stop, u)
	}
}

func TestWhereBotsMayBe(t *testing.T) {
	theirs, nobodys := chat.User{ID: "bea", Name: "Bea", Bot: true, Owner: "mira"}, chat.User{ID: "ci", Bot: true}
	load := func(id string) (chat.User, error) {
		if id != "mira" {
			return chat.User{}, chat.ErrNotFound()
		}
		return chat.User{ID: id, Name: "Mira"}, nil
	}
	for _, c := range []struct {
		what         string
		u            chat.User
		kind         chat.Kind
		members      string
		enter, begin string
	}{
		{"with its owner", theirs, chat.Private, "mira bea", "", ""},
		{"without its owner", theirs, chat.Private, "sam bea", "conflict user", "conflict members"},
		{"in public", theirs, chat.Public, "sam bea", "conflict user", "conflict members"},
		{"in a conversation", theirs, chat.Direct, "sam bea", "", ""},
		{"nobody's", nobodys, chat.Private, "sam ci", "", ""},
		{"a person", chat.User{ID: "sam"}, chat.Private, "", "", ""},
		{"of who is lost", chat.User{ID: "bea", Bot: true, Owner: "eve"}, chat.Private, "sam bea", "not_found", "not_found"},
	} {
		cmd := chat.AddRoom{Room: chat.Room{Kind: c.kind}}
		for _, id := range strings.Fields(c.members) {
			cmd.Members = append(cmd.Members, chat.RoomMembership{User: id})
		}
		in := func(id string) bool { return strings.Contains(c.members, id) }
		is(t, c.what, bot.MayEnter(c.u, c.kind, in, load), c.enter)
		is(t, c.what+", at first", bot.MayBegin(cmd, c.u, load), c.begin)
	}
	if err := bot.MayEnter(theirs, chat.Public, func(string) bool { return false }, load); !strings.Contains(err.Error(), "Mira") {
		t.Errorf("%v does not say whose it is", err)
	}
	for by, want := range map[string]string{"": "mira", "jonas": "jonas"} {
		left := bot.Left(chat.RemoveMember{Room: "r", User: "mira", By: by}, "bea")
		if left != (chat.RoomLeft{Room: "r", User: "bea", Reason: chat.Removed, By: want}) {
			t.Errorf("by %q: %+v", by, left)
		}
	}
}
