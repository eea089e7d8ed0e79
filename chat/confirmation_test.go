package chat_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

func confirmationRules() []rule {
	confirm := func(name, room, grid string, what func(*stage) int64) rule {
		return rule{chat.CmdConfirm, name, room, "write", grid, "MessageConfirmed", func(s *stage) error {
			return second(s.rules.Confirm(s.ctx, s.kim, s.room, what(s)))
		}}
	}
	read := func(name, room, grid string, what func(*stage) int64) rule {
		return rule{chat.CmdConfirmations, name, room, "read", grid, "", func(s *stage) error {
			return second(s.rules.Confirmations(s.ctx, s.kim, s.room, what(s)))
		}}
	}
	asks := func(s *stage) int64 { return s.asks }
	_, none, _, _, gone := targets()
	return []rule{
		confirm("", "public asks", insidePublic, asks),
		confirm("", "private asks", insideHidden, asks),
		confirm("", "public asks owners", insidePublic, asks),
		confirm("", "public asks archived", with(insidePublic, "409"), asks),
		confirm("what asks for none", "public", with(insidePublic, "409"), none),
		confirm("a tombstone", "public", with(insidePublic, "410"), gone),

		read("", "public asks", insidePublic, asks),
		read("", "private asks archived", insideHidden, asks),
		read("of what asks for none", "private", with(insideHidden, "409"), none),
		read("of a tombstone", "public", with(insidePublic, "410"), gone),
		{chat.CmdConfirmations, "of everybody", "public asks", "read", "ok 404 403 / ok 404 403 / ok 404 403 / ok 404 404", "", seesAll},
	}
}

// seesAll is NotFound for who sees only whether they have confirmed themselves.
func seesAll(s *stage) error {
	c, err := s.rules.Confirmations(s.ctx, s.kim, s.room, s.asks)
	if err == nil && !c.All && (c.Confirmed != nil || c.Missing != nil) {
		s.t.Errorf("not all, but %+v", c)
	}
	return none(c.All, err)
}

// TestConfirm: members confirm once; the author and owners of the room see who has and who has not, others their own.
func TestConfirm(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga, mira, sam, jonas := h.people["olga"], h.people["mira"], h.people["sam"], h.people["jonas"]
	room, _, err := h.rules.AddRoom(ctx, jonas, chat.NewRoomInput{
		Kind: chat.Private, Name: "news", Members: []string{mira.User.ID, sam.User.ID, olga.User.ID},
	})
	h.must(err)
	thread := int64(1)
	_, _, err = h.rules.PostMessage(ctx, jonas, room.ID, chat.PostInput{Text: "x", Thread: &thread, Confirm: true})
	is(t, "a reply", err, chat.Invalid, "confirm")
	m, _, err := h.rules.PostMessage(ctx, jonas, room.ID, chat.PostInput{Text: "The kitchen moves", Confirm: true})
	h.must(err)
	h.take()
	first, err := h.rules.Confirm(ctx, mira, room.ID, m.Seq)
	if err != nil || first.Mine == nil || first.All || first.Confirmed != nil || first.Missing != nil {
		t.Errorf("mira sees %+v, %v", first, err)
	}
	h.pass(1)
	again, err := h.rules.Confirm(ctx, mira, room.ID, m.Seq)
	if err != nil || !again.Mine.Equal(*first.Mine) {
		t.Errorf("again: %+v, %v", again, err)
	}
	if got := h.take(); got != "MessageConfirmed" {
		t.Errorf("announced: %s", got)
	}
	owner := chat.RoomOwner
	h.must(h.rules.PutMember(ctx, jonas, room.ID, olga.User.ID, &owner))
	h.must(h.rules.RemoveMember(ctx, jonas, room.ID, mira.User.ID))
	for _, a := range []chat.Actor{jonas, olga} {
		c, err := h.rules.Confirmations(ctx, a, room.ID, m.Seq)
		missing := slices.Sorted(slices.Values([]string{olga.User.ID, sam.User.ID}))
		if err != nil || !c.All || len(c.Confirmed) != 1 || c.Confirmed[0].User != mira.User.ID ||
			!slices.Equal(slices.Sorted(slices.Values(c.Missing)), missing) {
			t.Errorf("%s sees %+v, %v", a.User.Handle, c, err)
		}
	}
	if c, err := h.rules.Confirmations(ctx, sam, room.ID, m.Seq); err != nil || c.All || c.Mine != nil {
		t.Errorf("sam sees %+v, %v", c, err)
	}
	h.must(h.rules.DeleteMessage(ctx, jonas, room.ID, m.Seq))
	_, err = h.rules.Confirm(ctx, sam, room.ID, m.Seq)
	is(t, "a tombstone", err, chat.Gone, "")
}

// TestConfirmTogether: of many confirmations at the same time each person's counts once.
func TestConfirmTogether(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga := h.people["olga"]
	room, _, err := h.rules.AddRoom(ctx, olga, chat.NewRoomInput{
		Kind: chat.Private, Name: "news", Members: []string{h.people["mira"].User.ID, h.people["sam"].User.ID},
	})
	h.must(err)
	m, _, err := h.rules.PostMessage(ctx, olga, room.ID, chat.PostInput{Text: "News", Confirm: true})
	h.must(err)
	var wg sync.WaitGroup
	failed := make([]error, 20)
	for i := range failed {
		wg.Go(func() {
			_, failed[i] = h.rules.Confirm(ctx, h.people[[]string{"mira", "sam"}[i%2]], room.ID, m.Seq)
		})
	}
	wg.Wait()
	h.must(errors.Join(failed...))
	c, err := h.rules.Confirmations(ctx, olga, room.ID, m.Seq)
	if err != nil || len(c.Confirmed) != 2 || len(c.Missing) != 0 {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestKinds: the room in which new people start stays public, and a taken name keeps a room private.
func TestKinds(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga, public, private := h.people["olga"], chat.Public, chat.Private
	general, err := h.rules.RoomNamed(ctx, "general")
	h.must(err)
	_, err = h.rules.UpdateRoom(ctx, olga, general, chat.UpdateRoomInput{Kind: &private})
	is(t, "general", err, chat.Conflict, "")
	room, _, err := h.rules.AddRoom(ctx, olga, chat.NewRoomInput{Kind: chat.Private, Name: "general"})
	h.must(err)
	_, err = h.rules.UpdateRoom(ctx, olga, room.ID, chat.UpdateRoomInput{Kind: &public, Confirm: "general"})
	is(t, "a taken name", err, chat.Conflict, "name")
	name := "food"
	v, err := h.rules.UpdateRoom(ctx, olga, room.ID, chat.UpdateRoomInput{Kind: &public, Confirm: "general", Name: &name})
	if err != nil || v.Room.Kind != chat.Public {
		t.Errorf("with another name: %+v, %v", v.Room, err)
	}
	if id, err := h.rules.RoomNamed(ctx, "food"); err != nil || id != room.ID {
		t.Errorf("#food is %s, %v", id, err)
	}
	h.must(h.rules.UpdateRoom(ctx, olga, room.ID, chat.UpdateRoomInput{Kind: &private}))
	_, err = h.rules.RoomNamed(ctx, "food")
	is(t, "the name of a private room", err, chat.NotFound, "")
	h.must(second(third2(h.rules.AddRoom(ctx, olga, chat.NewRoomInput{Kind: chat.Public, Name: "food"}))))
}

func third2[A, B any](a A, _ B, err error) (A, error) { return a, err }

// TestWelcome: who joins a room with a welcome is to be greeted until they put it away; who was there is not.
func TestWelcome(t *testing.T) {
	h, ctx := open(t, nil), t.Context()
	olga, mira, sam := h.people["olga"], h.people["mira"], h.people["sam"]
	room, _, err := h.rules.AddRoom(ctx, olga, chat.NewRoomInput{Kind: chat.Public, Name: "food", Members: []string{sam.User.ID}})
	h.must(err)
	long, text := strings.Repeat("x", chat.WelcomeLength+1), " Hello!\n\nRead this. "
	_, err = h.rules.DescribeRoom(ctx, olga, room.ID, chat.RoomAboutInput{Welcome: &long})
	is(t, "a long welcome", err, chat.Invalid, "welcome")
	about, err := h.rules.DescribeRoom(ctx, olga, room.ID, chat.RoomAboutInput{Welcome: &text, Description: &text})
	if want := strings.TrimSpace(text); err != nil || about != (chat.RoomAbout{Description: want, Welcome: want}) {
		t.Errorf("%+v, %v", about, err)
	}
	if p, err := h.rules.Browse(ctx, mira, "food", "", nil); err != nil || p.Rooms[0].Description != about.Description {
		t.Errorf("browsing: %+v, %v", p, err)
	}
	greet := func(a chat.Actor, want bool) {
		t.Helper()
		v, err := h.rules.Room(ctx, a, room.ID)
		if err != nil || v.Mine.Greet != want {
			t.Errorf("%s is greeted: %+v, %v", a.User.Handle, v.Mine, err)
		}
	}
	joined, err := h.rules.Join(ctx, mira, room.ID)
	if err != nil || !joined.Greet {
		t.Errorf("joined: %+v, %v", joined, err)
	}
	greet(mira, true)
	greet(sam, false)
	yes, no := true, false
	_, err = h.rules.UpdateMyRoom(ctx, mira, room.ID, chat.MyRoomInput{Greet: &yes})
	is(t, "greet again", err, chat.Invalid, "greet")
	h.must(h.rules.UpdateMyRoom(ctx, mira, room.ID, chat.MyRoomInput{Greet: &no}))
	greet(mira, false)
	none := ""
	h.must(h.rules.DescribeRoom(ctx, olga, room.ID, chat.RoomAboutInput{Welcome: &none}))
	if joined, err := h.rules.Join(ctx, h.people["jonas"], room.ID); err != nil || joined.Greet {
		t.Errorf("without a welcome: %+v, %v", joined, err)
	}
}
