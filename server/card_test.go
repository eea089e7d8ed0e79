package server_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestCards takes the card of a bot through the real server to another member of the room: over the socket, in a page, and in the list of
// rooms. Its picture comes from this server.
func TestCards(t *testing.T) {
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 1600, 400))); err != nil {
		t.Fatal(err)
	}
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/graph.png" {
			http.NotFound(w, r)
		} else if _, err := w.Write(drawn.Bytes()); err != nil {
			t.Log(err)
		}
	}))
	defer host.Close()
	w := previewing(t, io.Discard, func(netip.AddrPort) error { return nil })
	ctx, general := t.Context(), w.General()
	w.AddBot("grafana", "ada", general)
	live := w.Live("jonas")
	card := wire.Card{
		Color: "danger", Title: "Disk full", URL: "https://grafana.example/d/7", Text: "**db1** has 2 % left.",
		Fields:  []wire.CardField{{Title: "Severity", Value: "page", Short: true}},
		Image:   &wire.CardPicture{URL: host.URL + "/graph.png", Alt: "Free space"},
		Thumb:   &wire.CardPicture{URL: host.URL + "/missing.png"},
		Author:  &wire.CardAuthor{Name: "Ops"},
		Buttons: []wire.CardButton{{Text: "Runbook", URL: "https://wiki.example/disk"}},
	}
	posted, err := w.As("grafana").Post(ctx, general, wire.PostMessage{Cards: []wire.Card{card}})
	if err != nil || len(posted.Cards) != 1 || !posted.Fallback {
		t.Fatalf("%+v, %v", posted, err)
	}
	copied := posted.Cards[0].Image.Copy
	if copied == nil || copied.Width != 800 || copied.Height != 200 || posted.Cards[0].Thumb.Copy != nil {
		t.Fatalf("%+v, %+v", posted.Cards[0].Image, posted.Cards[0].Thumb)
	}
	card.Color, card.Image = "#a30200", &wire.CardPicture{URL: card.Image.URL, Alt: "Free space", Copy: copied}
	if !reflect.DeepEqual(posted.Cards[0], card) {
		t.Errorf("posted: %+v", posted.Cards[0])
	}
	for {
		e, err := live.Next()
		if err != nil {
			t.Fatal(err)
		}
		var heard wire.MessageEvent
		if e.Type != "message" {
			continue
		}
		if err := json.Unmarshal(e.JSON, &heard); err != nil || !reflect.DeepEqual(heard.Message.Cards, posted.Cards) {
			t.Errorf("heard: %s, %v", e.JSON, err)
		}
		break
	}
	page := world.Must[wire.Page](t)(w.As("jonas").Page(ctx, general, nil))
	if last := page.Messages[len(page.Messages)-1]; !reflect.DeepEqual(last.Cards, posted.Cards) {
		t.Errorf("the page has %+v", last)
	}
	rooms := world.Must[[]wire.MyRoom](t)(w.As("jonas").Rooms(ctx))
	if last := rooms[0].LastMessage; last == nil || !strings.HasPrefix(last.Text, "Ops\nDisk full\n**db1** has 2 % left.") {
		t.Errorf("the list of rooms says %+v", last)
	}
	status, body := w.Raw("jonas", http.MethodGet, "/api/v1/files/"+copied.ID, "")
	if status != http.StatusOK || len(body) < 100 {
		t.Errorf("the picture: %d, %d bytes", status, len(body))
	}
	edited, err := w.As("grafana").EditMessage(ctx, general, posted.Seq, wire.EditMessage{Text: "Resolved", Cards: []wire.Card{}})
	if err != nil || len(edited.Cards) > 0 || edited.Fallback {
		t.Errorf("edited: %+v, %v", edited, err)
	}
	if status, _ := w.Raw("jonas", http.MethodGet, "/api/v1/files/"+copied.ID, ""); status != http.StatusNotFound {
		t.Errorf("the picture of a former card: %d", status)
	}
}
