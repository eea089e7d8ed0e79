package storetest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
)

// cards checks that cards come and go with their message, and that their pictures do.
func cards(t *testing.T, open Open) {
	s, _ := furnished(t, open)
	ctx := context.Background()
	fs, ok := s.Store.(chat.FileStore)
	if !ok {
		t.Fatalf("%T keeps no files", s.Store)
	}
	at := began.Add(time.Minute)
	of := func(title string, ids ...string) (cs []card.Card, pictures []chat.File) {
		for _, id := range ids {
			f := image(id)
			f.Kind = chat.PageFile
			pictures = append(pictures, f)
			c := card.Card{
				Color: "#a30200", Title: title, URL: "https://a.example", Text: "**full**", Footer: "Prometheus", At: &at,
				Fields: []card.Field{{Title: "Node", Value: "a", Short: true}}, Author: &card.Author{Name: "Ops"},
				Buttons: []card.Button{{Text: "Silence", URL: "https://a.example/s"}}, Image: &card.Picture{URL: "https://a.example/" + id},
			}
			c.Image.Show(id, f.Width, f.Height, f.Color)
			cs = append(cs, c)
		}
		return cs, pictures
	}
	all := []string{"c1", "c2", "c3"}
	_, pictures := of("", all...)
	for _, f := range pictures {
		row := chat.FileRow{File: f, State: chat.FileReady, Owner: "umira", At: began, Due: began.Add(time.Hour)}
		if err := fs.AddFile(ctx, chat.AddFile{Row: row}); err != nil {
			t.Fatal(err)
		}
	}
	post := chat.PostMessage{Room: general, Author: "umira", ClientID: "c", Text: "Disk full", At: began}
	post.Cards, post.CardPictures = of("Disk full", "c1", "c2")
	post.Fallback, post.Sender = true, &card.Sender{Name: "Grafana", Icon: "🔥"}
	m, _, err := s.PostMessage(ctx, post)
	if err != nil {
		t.Fatal(err)
	}
	is := func(when string, want chat.Parts, states string) {
		t.Helper()
		got, err := s.Message(ctx, general, m.Seq, "usam")
		if err != nil || !reflect.DeepEqual(got.Parts, want) {
			t.Errorf("%s: %+v, %v, want %+v", when, got.Parts, err, want)
		}
		rows, err := fs.Files(ctx, all)
		found := ""
		for _, r := range rows {
			found += " " + string(r.State)
		}
		if err != nil || found != states {
			t.Errorf("%s:%s, %v, want%s", when, found, err, states)
		}
		if rows, err := fs.RoomFiles(ctx, general, "", chat.MaxSeq, 10); err != nil || len(rows) > 0 {
			t.Errorf("%s, the list of files has %v, %v", when, rows, err)
		}
	}
	is("posted", post.Parts, " attached attached ready")
	edit := func(text string, set bool, cs []card.Card, pictures []chat.File) (chat.Message, error) {
		return s.EditMessage(ctx, chat.EditMessage{
			Room: general, Seq: m.Seq, By: "umira", Text: text, SetCards: set, Cards: cs, CardPictures: pictures, Fallback: set, At: began,
		})
	}
	want := post.Parts
	cs, pictures := of("Disk full", "c1", "c2")
	cs[0].Image.File = "c3" // another copy of the same picture changes nothing
	if same, err := edit("Disk full", true, cs, pictures); err != nil || same.EditedAt != nil {
		t.Errorf("the same cards: edited at %v, %v", same.EditedAt, err)
	}
	is("edited to the same", want, " attached attached ready")
	if _, err := edit("Disk full!", false, nil, nil); err != nil {
		t.Fatal(err)
	}
	want.Fallback = false
	is("another text", want, " attached attached ready")
	cs, pictures = of("Resolved", "c2", "c3")
	if _, err := edit("Disk full!", true, cs, pictures); err != nil {
		t.Fatal(err)
	}
	want.Cards, want.CardPictures, want.Fallback = cs, pictures, true
	is("other cards", want, " dead attached attached")
	cs, pictures = of("Full again", "c1")
	if _, err := edit("x", true, cs, pictures); !errors.Is(err, chat.ErrStale) {
		t.Errorf("a dead picture: %v", err)
	}
	is("after that", want, " dead attached attached")
	if err := s.DeleteMessage(ctx, chat.DeleteMessage{Room: general, Seq: m.Seq, At: began}); err != nil {
		t.Fatal(err)
	}
	is("deleted", chat.Parts{}, " dead dead dead")
}
