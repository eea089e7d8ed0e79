package chat_test

import (
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
)

// elsewhere says whether a rule needs another room, with Kim in it, which is made just before.
func (r rule) elsewhere() bool { return strings.HasPrefix(r.name, "a message of a ") }

// forwardRules: who posts in a room forwards into it what they see, and nothing else.
func forwardRules() []rule {
	forward := func(name, room, grid string, of func(*stage) chat.Origin) rule {
		return rule{chat.CmdPostMessage, name, room, "write", grid, "MessageChanged", func(s *stage) error {
			o := of(s)
			s.take()
			m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(100), Forward: &o})
			return none(m.Origin != nil && *m.Origin == o && m.Text == "", err)
		}}
	}
	here := func(s *stage) chat.Origin { return chat.Origin{Room: s.room, Seq: s.others} }
	// elsewhere is a message of Jonas's in another room, with those members.
	elsewhere := func(kind chat.Kind, members ...string) func(*stage) chat.Origin {
		return func(s *stage) chat.Origin {
			in := chat.NewRoomInput{Kind: kind}
			if kind != chat.Direct {
				in.Name = "kitchen"
			}
			for _, m := range members {
				in.Members = append(in.Members, s.id(m))
			}
			r, _, err := s.rules.AddRoom(s.ctx, s.people["jonas"], in)
			s.must(err)
			m, _, err := s.rules.PostMessage(s.ctx, s.people["jonas"], r.ID, chat.PostInput{ClientID: clientID(101), Text: "Soup"})
			s.must(err)
			return chat.Origin{Room: r.ID, Seq: m.Seq}
		}
	}
	const public = "ok ok 403 / ok ok 403 / ok ok 403 / 404 404 404" // a guest sees no public room that she is not in
	return []rule{
		forward("a message of the same room", "public", insidePublic, here),
		forward("a message of the same room", "direct", insideHidden, here),
		forward("a message", "public archived", with(insidePublic, "409"), here),
		forward("a message", "public owners", "ok 403 403 / ok 403 403 / ok 403 403 / ok 403 404", here),
		forward("a message of a public room", "private", "ok ok 404 / ok ok 404 / ok ok 404 / 404 404 404", elsewhere(chat.Public)),
		forward("a message of a public room", "public", public, elsewhere(chat.Public)),
		forward("a message of a private room one is in", "public", insidePublic, elsewhere(chat.Private, "kim")),
		forward("a message of a private room one is not in", "public", with(insidePublic, "404"), elsewhere(chat.Private, "mira")),
		forward("a message of a private room one has left", "public", with(insidePublic, "404"), func(s *stage) chat.Origin {
			o := elsewhere(chat.Private, "kim")(s)
			s.must(s.rules.RemoveMember(s.ctx, s.people["jonas"], o.Room, s.id("kim")))
			return o
		}),
		forward("a message of a conversation one is in", "public", insidePublic, elsewhere(chat.Direct, "kim")),
		forward("a message of a conversation of others", "public", with(insidePublic, "404"), elsewhere(chat.Direct, "mira")),
		forward("what was deleted", "public", with(insidePublic, "410"), func(s *stage) chat.Origin {
			return chat.Origin{Room: s.room, Seq: s.gone}
		}),
		forward("a notice", "public", with(insidePublic, "400"), func(s *stage) chat.Origin {
			return chat.Origin{Room: s.room, Seq: s.system}
		}),
		forward("what was never posted", "public", with(insidePublic, "404"), func(s *stage) chat.Origin {
			return chat.Origin{Room: s.room, Seq: 1000}
		}),
		forward("what is no room", "public", with(insidePublic, "404"), func(*stage) chat.Origin { return chat.Origin{Room: "kitchen", Seq: 1} }),
	}
}

// TestUnseenOrigins (AZ-09): a message that one does not see answers as one that was never posted, in a room that one sees and in none.
func TestUnseenOrigins(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	private, _, err := s.rules.AddRoom(s.ctx, s.people["jonas"], chat.NewRoomInput{Kind: chat.Private, Name: "leads"})
	s.must(err)
	secret, _, err := s.rules.PostMessage(s.ctx, s.people["jonas"], private.ID, chat.PostInput{ClientID: clientID(101), Text: "Secret"})
	s.must(err)
	answers := map[string]bool{}
	for _, o := range []chat.Origin{{private.ID, secret.Seq}, {private.ID, 77}, {s.room, 1000}, {"aaaaaaaaaaaa", 1}, {"", 0}} {
		_, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(100), Text: "Look", Forward: &o})
		if outcome(err) != "404" {
			t.Errorf("%v: %v", o, err)
			continue
		}
		answers[err.Error()] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers tell what is there: %v", answers)
	}
}

// TestForwardedTexts: what has a part needs no text, also when it is edited; what has none does.
func TestForwardedTexts(t *testing.T) {
	s := newStage(t, "public", chat.Member, 1)
	m, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room,
		chat.PostInput{ClientID: clientID(100), Text: "See:", Forward: &chat.Origin{Room: s.room, Seq: s.others}})
	s.must(err)
	edited, err := s.rules.EditMessage(s.ctx, s.kim, s.room, m.Seq, chat.EditInput{Text: " "})
	if s.must(err); edited.Text != "" || edited.Origin == nil {
		t.Errorf("after an edit: %+v", edited)
	}
	if _, err := s.rules.EditMessage(s.ctx, s.kim, s.room, s.own, chat.EditInput{Text: ""}); outcome(err) != "400" {
		t.Errorf("a message became empty: %v", err)
	}
	if _, _, err := s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(102)}); outcome(err) != "400" {
		t.Errorf("an empty message was posted: %v", err)
	}
	s.must(s.rules.DeleteMessage(s.ctx, s.kim, s.room, m.Seq))
	if gone, err := s.rules.Message(s.ctx, s.kim, s.room, m.Seq); err != nil || gone.Origin != nil {
		t.Errorf("a tombstone tells what it forwarded: %+v %v", gone, err)
	}
}
