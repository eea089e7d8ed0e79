package chat_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/unfurl"
)

// withBot is a house with a bot, ci, in its room.
func withBot(t *testing.T) *house {
	t.Helper()
	h := previewHouse(t)
	_, err := h.rules.AdminAddUser(t.Context(), chat.CommandLineUser{Name: "CI", Handle: "ci", Role: chat.Member, Bot: true})
	h.must(err)
	secret, err := h.rules.AdminAddToken(t.Context(), chat.CommandLineToken{Handle: "ci", Name: "ci"})
	h.must(err)
	h.people["ci"], err = h.rules.ByToken(t.Context(), secret)
	h.must(err)
	owner := chat.RoomOwner
	h.must(h.rules.PutMember(t.Context(), h.people["jonas"], h.room, h.people["ci"].User.ID, &owner))
	return h
}

// TestCardsAreOfBots: nobody takes what a person says for what a system said.
func TestCardsAreOfBots(t *testing.T) {
	h := withBot(t)
	ctx, mira, ci := t.Context(), h.people["mira"], h.people["ci"]
	full := []card.Card{{Color: "danger", Title: "Disk full", Text: "db1 has 2 % left."}}
	kept := []card.Card{{Color: "#a30200", Title: "Disk full", Text: "db1 has 2 % left."}}
	post := func(a chat.Actor, in chat.PostInput) (chat.Message, error) {
		m, _, err := h.rules.PostMessage(ctx, a, h.room, in)
		return m, err
	}
	if _, err := post(mira, chat.PostInput{Text: "x", Cards: full}); outcome(err) != "403" {
		t.Errorf("a person posts cards: %v", err)
	}
	if _, err := post(mira, chat.PostInput{Text: "x", Cards: []card.Card{}}); outcome(err) != "403" {
		t.Errorf("a person posts an empty list of cards: %v", err)
	}
	m, err := post(ci, chat.PostInput{Text: "See below", Cards: full, Sender: &card.Sender{Name: "Grafana"}})
	if err != nil || !reflect.DeepEqual(m.Cards, kept) || m.Fallback || m.Text != "See below" || m.Sender.Name != "Grafana" {
		t.Errorf("a bot: %+v, %v", m, err)
	}
	for name, cards := range map[string][]card.Card{
		"an empty card": {{Color: "danger"}}, "too many": make([]card.Card, card.Max+1), "too long": {{Title: strings.Repeat("x", 301)}},
	} {
		_, err := post(ci, chat.PostInput{Text: "x", Cards: cards})
		is(t, name, err, chat.Invalid, "cards")
	}
	seq := h.post("mira", chat.PostInput{Text: "x"})
	if _, err := h.rules.EditMessage(ctx, mira, h.room, seq, chat.EditInput{Text: "y", Cards: full}); outcome(err) != "403" {
		t.Errorf("a person edits cards: %v", err)
	}
}

// TestTextOfCards: cards without a text give the message one, which mentions and calls nobody.
func TestTextOfCards(t *testing.T) {
	h := withBot(t)
	loud := []card.Card{{Title: "@room @mira, wake up"}}
	m, _, err := h.rules.PostMessage(t.Context(), h.people["ci"], h.room, chat.PostInput{Cards: loud})
	if err != nil || m.Text != "@room @mira, wake up" || !m.Fallback || m.Broadcast != "" || len(m.Mentions) > 0 {
		t.Errorf("cards alone: %+v, %v", m, err)
	}
	m, _, err = h.rules.PostMessage(t.Context(), h.people["ci"], h.room, chat.PostInput{Text: "@mira @room", Cards: loud})
	if err != nil || m.Fallback || m.Broadcast != chat.BroadcastRoom || len(m.Mentions) != 1 {
		t.Errorf("a text beside them: %+v, %v", m, err)
	}
}

// TestCardsOfAnEdit: an edit replaces the cards, or keeps them. The same again changes nothing. A deletion leaves none.
func TestCardsOfAnEdit(t *testing.T) {
	h := withBot(t)
	ctx, ci := t.Context(), h.people["ci"]
	firing, resolved := []card.Card{{Title: "Firing"}}, []card.Card{{Title: "Resolved"}}
	seq := h.post("ci", chat.PostInput{Cards: firing})
	before, err := h.rules.Message(ctx, ci, h.room, seq)
	h.must(err)
	for _, c := range []struct {
		name     string
		in       chat.EditInput
		cards    []card.Card
		text     string
		fallback bool
		revs     int64
	}{
		{"the same", chat.EditInput{Cards: firing}, firing, "Firing", true, 0},
		{"others", chat.EditInput{Cards: resolved}, resolved, "Resolved", true, 1},
		{"a text alone", chat.EditInput{Text: "All is well"}, resolved, "All is well", false, 1},
		{"the same text, no cards named", chat.EditInput{Text: "All is well"}, resolved, "All is well", false, 0},
		{"other cards, the same text", chat.EditInput{Text: "All is well", Cards: firing}, firing, "All is well", false, 1},
		{"none", chat.EditInput{Text: "All is well", Cards: []card.Card{}}, nil, "All is well", false, 1},
	} {
		m, err := h.rules.EditMessage(ctx, ci, h.room, seq, c.in)
		if err != nil || len(m.Cards) != len(c.cards) || len(m.Cards) > 0 && m.Cards[0].Title != c.cards[0].Title || m.Text != c.text ||
			m.Fallback != c.fallback || m.Rev != before.Rev+c.revs {
			t.Errorf("%s: %+v, %v", c.name, m, err)
		}
		before = m
	}
	_, err = h.rules.EditMessage(ctx, ci, h.room, seq, chat.EditInput{Cards: []card.Card{}})
	is(t, "neither text nor cards", err, chat.Invalid, "text")
	seq = h.post("ci", chat.PostInput{Cards: firing})
	h.must(h.rules.DeleteMessage(ctx, ci, h.room, seq))
	if m, err := h.rules.Message(ctx, ci, h.room, seq); err != nil || !m.Parts.None() {
		t.Errorf("deleted: %+v, %v", m.Parts, err)
	}
}

const graph, missing = "https://grafana.example/graph.png", "https://grafana.example/missing.png"

// withGraph is a house where a host has a picture.
func withGraph(t *testing.T) (*house, []card.Card) {
	h := withBot(t)
	h.web.says[graph] = unfurl.Page{Picture: &unfurl.Picture{Type: "image/png", Color: "#808080", Width: 900, Height: 4, Body: []byte("soup")}}
	return h, []card.Card{
		{Title: "A", Image: &card.Picture{URL: graph, Alt: "Disk"}, Thumb: &card.Picture{URL: graph, File: "aaaaaaaaaaaa", Width: 1}},
		{Title: "B", Image: &card.Picture{URL: missing}},
	}
}

// TestPicturesOfCards: the server makes copies of the pictures of cards, which are read by who may read the message, and end with it.
// One that it cannot fetch stays a link.
func TestPicturesOfCards(t *testing.T) {
	h, cards := withGraph(t)
	ctx := t.Context()
	seq := h.post("ci", chat.PostInput{Cards: cards})
	m, err := h.rules.Message(ctx, h.people["mira"], h.room, seq)
	if err != nil || len(m.CardPictures) != 2 || len(h.web.asked) != 3 {
		t.Fatalf("%+v, %v, asked %v", m.CardPictures, err, h.web.asked)
	}
	image, thumb, none := m.Cards[0].Image, m.Cards[0].Thumb, m.Cards[1].Image
	if image.Width != chat.CardPictureSide || thumb.Width != chat.CardThumbSide || image.Alt != "Disk" || *none != (card.Picture{URL: missing}) ||
		string(h.web.kept[image.File]) != "soup" || thumb.File == image.File {
		t.Errorf("%+v, %+v, %+v", image, thumb, none)
	}
	if f, err := h.rules.File(ctx, h.people["mira"], image.File); err != nil || f.Kind != chat.PageFile {
		t.Errorf("a member reads %+v, %v", f, err)
	}
	if _, err := h.rules.EditMessage(ctx, h.people["ci"], h.room, seq, chat.EditInput{Cards: cards[1:]}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.rules.File(ctx, h.people["mira"], image.File); outcome(err) != "404" {
		t.Errorf("a picture of former cards: %v", err)
	}
}

// TestHostsAreNotAsked: no host hears of cards while previews are off, or of cards that a person posts. Bots cause no more requests than
// people do with links, and the bytes of a copy count as an upload.
func TestHostsAreNotAsked(t *testing.T) {
	h, cards := withGraph(t)
	ctx := t.Context()
	_, _, err := h.rules.PostMessage(ctx, h.people["mira"], h.room, chat.PostInput{Cards: cards})
	if outcome(err) != "403" || len(h.web.asked) > 0 {
		t.Errorf("a person: %v, asked %v", err, h.web.asked)
	}
	previews := false
	h.must(h.rules.UpdateWorkspace(ctx, h.people["olga"], chat.UpdateWorkspaceInput{Previews: &previews}))
	m, _, err := h.rules.PostMessage(ctx, h.people["ci"], h.room, chat.PostInput{Cards: cards})
	if err != nil || len(m.CardPictures) > 0 || m.Cards[0].Image.File != "" || len(h.web.asked) > 0 {
		t.Errorf("off: %+v, %v, asked %v", m.Parts, err, h.web.asked)
	}
	previews = true
	h.must(h.rules.UpdateWorkspace(ctx, h.people["olga"], chat.UpdateWorkspaceInput{Previews: &previews}))
	h.rules = h.with(h.store, limit.New(h.clock))
	for range 8 {
		h.post("ci", chat.PostInput{Cards: cards})
	}
	if len(h.web.asked) != 18 { // of 24 pictures, as many as previews of links
		t.Errorf("eight posts at once asked hosts %d times", len(h.web.asked))
	}
	h.pass(time.Minute)
	large := *h.web.says[graph].Picture
	large.Body = make([]byte, 5000)
	h.web.says[graph] = unfurl.Page{Picture: &large}
	h.rules = h.with(h.store, limit.New(h.clock))
	for i := range chat.FileBytes / chat.DefaultMaxFile {
		size := int64(chat.DefaultMaxFile)
		if i == 0 {
			size -= 2000
		}
		_, err := h.rules.AddFile(ctx, h.people["ci"], chat.NewFileInput{Name: "a", Size: size}, roomFor)
		h.must(err)
	}
	m, _, err = h.rules.PostMessage(ctx, h.people["ci"], h.room, chat.PostInput{Cards: cards[:1]})
	if err != nil || len(m.CardPictures) > 0 {
		t.Errorf("without room for uploads: %+v, %v", m.CardPictures, err)
	}
}

// TestHostsAreAskedOnce, however often the post is tried.
func TestHostsAreAskedOnce(t *testing.T) {
	h, cards := withGraph(t)
	h.rules = h.with(&stale{Store: h.store, times: 2}, limit.New(h.clock))
	m, _, err := h.rules.PostMessage(t.Context(), h.people["ci"], h.room, chat.PostInput{Cards: cards[1:]})
	if err != nil || len(h.web.asked) != 1 {
		t.Errorf("%+v, %v, asked %v", m.Parts, err, h.web.asked)
	}
}

// TestCardsAreCounted: cards count as what their bot stores, and fill a page like a text.
func TestCardsAreCounted(t *testing.T) {
	h := withBot(t)
	l := &spender{quota: limit.New(h.clock)}
	h.rules = h.with(h.store, l)
	cards, text := []card.Card{{Title: "Disk", Text: strings.Repeat("<", 5200)}}, "Look"
	seq := h.post("ci", chat.PostInput{Text: text, Cards: cards})
	want := chat.RowBytes + len(text) + card.Size(cards)
	if l.bytes != want {
		t.Errorf("a post counts as %d bytes, want %d", l.bytes, want)
	}
	cards[0].Title = "Tape"
	_, err := h.rules.EditMessage(t.Context(), h.people["ci"], h.room, seq, chat.EditInput{Text: text, Cards: cards})
	if err != nil || l.bytes != 2*want {
		t.Errorf("after an edit: %d bytes, %v, want %d", l.bytes, err, 2*want)
	}
	for range chat.PageBytes/want + 3 {
		h.post("ci", chat.PostInput{Text: text, Cards: cards})
	}
	p, err := h.rules.Messages(t.Context(), h.people["ci"], h.room, chat.PageInput{})
	if err != nil || !p.MoreBefore || len(p.Messages) > chat.PageBytes/want+1 {
		t.Errorf("a page has %d messages, more before: %v, %v", len(p.Messages), p.MoreBefore, err)
	}
}
