package rest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// sampled is a server on a clock of its own, which keeps a sample when it is told to, 10 s after the one before.
func sampled(t *testing.T) (w *world.World, clock *world.Clock, sample func()) {
	t.Helper()
	clock = world.NewClock()
	ticks := make(chan time.Time)
	w = world.OpenWith(t, world.Options{NoRates: true, Configure: func(c *server.Config) { c.Clock, c.Samples = clock.Now, ticks }})
	return w, clock, func() {
		clock.Advance(10 * time.Second)
		ticks <- clock.Now()
		ticks <- clock.Now() // received when the first is recorded
	}
}

// TestSeriesAsCSV: a table with a column for each series, and nothing where nothing is known.
func TestSeriesAsCSV(t *testing.T) {
	w, clock, sample := sampled(t)
	sample()
	clock.Advance(10 * time.Second)
	sample()
	path := "/api/v1/ops/series?name=ready,queue_overflows&from=" + world.Noon.Format(time.RFC3339) + "&step=10"
	want := "time,ready,queue_overflows\n2026-11-24T12:00:00Z,1,0\n2026-11-24T12:00:10Z,,\n2026-11-24T12:00:20Z,1,0\n"
	bearer := "Bearer " + w.Token["ada"]
	for _, r := range []world.Response{
		w.Send("GET", path+"&format=csv", "", http.Header{"Authorization": {bearer}}),
		w.Send("GET", path, "", http.Header{"Authorization": {bearer}, "Accept": {"text/csv"}}),
	} {
		if r.Body != want || r.Header.Get("Content-Type") != "text/csv; charset=utf-8" ||
			!strings.Contains(r.Header.Get("Content-Disposition"), ".csv") {
			t.Errorf("%v %q, want %q", r.Header, r.Body, want)
		}
	}
	r := w.Send("GET", path+"&format=json", "", http.Header{"Authorization": {bearer}, "Accept": {"text/csv"}})
	if !strings.HasPrefix(r.Body, "{") {
		t.Errorf("JSON in place of CSV: %q", r.Body)
	}
	for what, query := range map[string]string{
		"an unknown series": "name=nonsense", "no name": "from=2026-11-24T12:00:00Z",
		"no time":  "name=ready&from=2026-11-24T12:00:00Z&to=2026-11-24T12:00:00Z",
		"too many": "name=" + strings.Repeat("ready,", 32) + "ready", "a step of nothing": "name=ready&step=0",
	} {
		if status, body := w.Raw("ada", "GET", "/api/v1/ops/series?"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", what, status, body)
		}
	}
}

// TestOpsIsForAdministrators: by session, or by token with the scope admin.
func TestOpsIsForAdministrators(t *testing.T) {
	w, _, _ := sampled(t)
	for handle, want := range map[string]int{"ada": 200, "mira": 403, "kim": 403, "": 401} {
		for _, path := range []string{"/api/v1/ops", "/api/v1/ops/series?name=ready"} {
			if status, body := w.Raw(handle, "GET", path, ""); status != want {
				t.Errorf("%q asks for %s: %d %s", handle, path, status, body)
			}
		}
	}
	var out wire.Ops
	if err := w.SignIn("ada").Do(context.Background(), http.MethodGet, "/ops", nil, &out); err != nil {
		t.Errorf("by session: %v", err)
	}
	body := wire.NewTokenBody{Name: "x", Scopes: []string{"write"}}
	made := world.Must[wire.MadeToken](t)(w.SignIn("ada").AddToken(context.Background(), body))
	if r := w.Send("GET", "/api/v1/ops", "", http.Header{"Authorization": {"Bearer " + made.Secret}}); r.StatusCode != 403 {
		t.Errorf("with a token of the scope write: %d", r.StatusCode)
	}
}

// TestErrorsNameTheirRoute: the last errors have the pattern of the route, never the path, and the id of the request.
func TestErrorsNameTheirRoute(t *testing.T) {
	w, _, _ := sampled(t)
	path := "/api/v1/rooms/" + w.General() + "/messages?limit=1"
	var r world.Response
	world.Break(t, w.Dir, func() { r = w.Send("GET", path, "", http.Header{"Authorization": {"Bearer " + w.Token["mira"]}}) })
	var p wire.Problem
	if err := json.Unmarshal([]byte(r.Body), &p); err != nil || r.StatusCode != 500 {
		t.Fatalf("%d %s", r.StatusCode, r.Body)
	}
	var got wire.Ops
	if err := w.SignIn("ada").Do(context.Background(), http.MethodGet, "/ops", nil, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Errors) != 1 {
		t.Fatalf("%+v", got.Errors)
	}
	if e := got.Errors[0]; e.Route != "/api/v1/rooms/{room}/messages" || e.Method != "GET" || e.Status != 500 || e.Request != p.RequestID ||
		!e.At.Equal(world.Noon) {
		t.Errorf("%+v, the answer was %+v", e, p)
	}
}
