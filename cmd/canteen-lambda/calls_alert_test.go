package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
)

// TestCallsOfAlerts counts like TestCalls what it takes to decide whom a message alerts, beyond the fan-out of that message. Most messages
// alert nobody who is there: then it takes nothing.
func TestCallsOfAlerts(t *testing.T) {
	w, ctx, bill := start(t), t.Context(), stack.MeasuredCounts()
	for _, c := range []string{"jonas", "ada", "gus"} {
		w.colleague(t, c)
	}
	me := w.me(t).User.ID
	must(t, w.sockets.Connect(ctx, "one", &http.Request{URL: &url.URL{Path: "/ws"}}))
	w.frame(t, "one", `{"type":"open","room":null}`)
	says := func(text string, mentions ...string) func() {
		w.ids++
		m, _, err := w.store.PostMessage(ctx, chat.PostMessage{
			Room: w.room, Author: "ujonas", ClientID: string(rune(w.ids)), Text: text, Mentions: mentions, At: w.now,
		})
		must(t, err)
		image := w.image(t, int(m.Seq))
		return func() { w.fanOut(t, image) }
	}
	says("warm")() // members, keywords
	named := says("@mira", me)
	w.hold(t, []operation{
		{"fan-out, alerts nobody", 4, stack.Calls{}, 1, says("hello")},
		{"fan-out with an alert", 6, bill.Alert, 2, named},
		{"the same once more", 7, stack.Calls{}, 1, named},
		{"fan-out, of others", 4, stack.Calls{}, 1, says("@ada", "uada")},
	})
}
