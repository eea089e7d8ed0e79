package client_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestFeedback: what somebody gives into a private room that they are not in reaches its members and the list of admins, and the answer
// reaches its author. It is there once, however often it is sent.
func TestFeedback(t *testing.T) {
	w := world.Open(t)
	ctx := t.Context()
	room := w.Room("ada", "private", "soup", "jonas")
	sam, ada := w.As("sam"), w.As("ada")
	in := wire.NewFeedback{Text: "It is slow", Page: "/inbox?q=secret", Version: "v1", ClientID: world.UUID(70)}
	var refused *client.Error
	if _, err := sam.GiveFeedback(ctx, in); !errors.As(err, &refused) || refused.Status != http.StatusConflict {
		t.Fatalf("before there is a room: %v", err)
	}
	if s, err := ada.UpdateWorkspace(ctx, wire.UpdateWorkspace{FeedbackRoom: &room}); err != nil || s.FeedbackRoom != room {
		t.Fatalf("%+v, %v", s, err)
	}
	for range 2 {
		g, err := sam.GiveFeedback(ctx, in)
		if err != nil || g.Room != "" || g.Seq != 0 || g.Text != in.Text || g.About.Page != "/inbox" {
			t.Fatalf("%+v, %v", g, err)
		}
	}
	all, err := ada.Feedback(ctx, "")
	if err != nil || len(all.Feedback) != 1 {
		t.Fatalf("all: %+v, %v", all, err)
	}
	g, seq := all.Feedback[0], all.Feedback[0].Seq
	if g.Room != room || g.Answered || g.Author != w.ID["sam"] {
		t.Errorf("all: %+v", g)
	}
	if _, err := w.As("jonas").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(71), Text: "Mended", Thread: &seq}); err != nil {
		t.Fatal(err)
	}
	own, err := sam.MyFeedback(ctx, "")
	if err != nil || len(own.Feedback) != 1 || len(own.Feedback[0].Answers) != 1 || own.Feedback[0].Answers[0].Text != "Mended" {
		t.Errorf("one's own: %+v, %v", own, err)
	}
	if _, err := sam.Feedback(ctx, ""); !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("a member lists all: %v", err)
	}
	if _, err := ada.Feedback(ctx, "x"); !errors.As(err, &refused) || refused.Field != "cursor" {
		t.Errorf("a cursor that is none: %v", err)
	}
}
