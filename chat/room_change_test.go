package chat_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

func TestMayAddRoom(t *testing.T) {
	for _, c := range []struct {
		kind  chat.Kind
		count int
		want  chat.Code
	}{
		{chat.Public, chat.MaxRooms - 1, ""}, {chat.Public, chat.MaxRooms, chat.Conflict}, {chat.Private, chat.MaxRooms, chat.Conflict},
		{chat.Direct, chat.MaxRooms, ""},
	} {
		is(t, string(c.kind), chat.AddRoom{Room: chat.Room{Kind: c.kind}}.MayAddRoom(c.count), c.want, "")
	}
}

func TestPeopleAreASet(t *testing.T) {
	cmd := chat.AddRoom{Members: []chat.RoomMembership{{User: "mira"}, {User: "ada"}}}
	if got := cmd.People(); !reflect.DeepEqual(got, []string{"ada", "mira"}) {
		t.Errorf("%v", got)
	}
	if cmd.Members[0].User != "mira" {
		t.Error("the command's members changed their order")
	}
}

func TestFreshMembers(t *testing.T) {
	cmd := chat.AddMembers{Users: []string{"mira", "ada", "jonas", "ada"}}
	got := cmd.Fresh(func(u string) bool { return u == "jonas" })
	if want := []string{"mira", "ada"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestUpdateRoom(t *testing.T) {
	was := chat.Room{Name: "lunch", Topic: "food", Posting: chat.PostingEveryone}
	name, same, topic, posting, yes, no := "dinner", "lunch", "", chat.PostingOwners, true, false
	for _, c := range []struct {
		what string
		cmd  chat.UpdateRoom
		want []chat.System
	}{
		{"nothing", chat.UpdateRoom{}, nil},
		{"what is so already", chat.UpdateRoom{Name: &same, Archived: &no}, nil},
		{"everything, in the order of the fields", chat.UpdateRoom{Name: &name, Topic: &topic, Posting: &posting, Archived: &yes}, []chat.System{
			{What: chat.Renamed, Value: "dinner"}, {What: chat.TopicChanged}, {What: chat.PostingSet, Value: "owners"}, {What: chat.RoomArchived},
		}},
	} {
		if got := c.cmd.Changes(was); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
	archived := chat.Room{Archived: true}
	if got := (chat.UpdateRoom{Archived: &no}).Changes(archived); !reflect.DeepEqual(got, []chat.System{{What: chat.RoomUnarchive}}) {
		t.Errorf("%+v", got)
	}
	now := chat.UpdateRoom{Name: &name, Topic: &topic, Posting: &posting, Archived: &yes}.Apply(was)
	if want := (chat.Room{Name: name, Posting: posting, Archived: true}); !reflect.DeepEqual(now, want) {
		t.Errorf("%+v, want %+v", now, want)
	}
}

func TestSystemPost(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := chat.SystemPost{By: "mira", System: chat.System{What: chat.Renamed, Value: "dinner"}, Text: "renamed"}
	want := chat.Message{Room: "lunch", Author: "mira", Text: "renamed", CreatedAt: at, System: &p.System}
	if got := p.Message("lunch", at); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestSetupMakesGeneral(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	got := chat.Setup{Owner: chat.NewUser{User: chat.User{ID: "mira"}}, RoomID: "r", At: at}.General()
	want := chat.AddRoom{
		Room:    chat.Room{ID: "r", Kind: chat.Public, Name: "general", Posting: chat.PostingEveryone, CreatedBy: "mira", CreatedAt: at},
		Members: []chat.RoomMembership{{User: "mira", Role: chat.RoomOwner, JoinedAt: at}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}
