package apigateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

func TestFanOutCoalescesInOrder(t *testing.T) {
	f := open(t)
	bob, eve, silent := f.live("bob", ""), f.live("eve", ""), f.connect("eve")
	for i := range 5 {
		f.post("ada", fmt.Sprint("soup ", i))
	}
	result := f.fanOut()
	if result.Recipients != 2 || result.Errors+result.Gone > 0 {
		t.Errorf("%+v", result)
	}
	for _, id := range []string{bob, eve} {
		frames := f.lines.heard(id)
		if len(frames) != 1 || !slices.Equal(types(t, frames), []string{"message", "message", "message", "message", "message"}) {
			t.Fatalf("%s heard %q", id, frames)
		}
		for i, at := 0, 0; i < 5; i++ {
			next := strings.Index(frames[0], fmt.Sprint("soup ", i))
			if next < at {
				t.Errorf("message %d stands at %d", i, next)
			}
			at = next
		}
	}
	if got := f.lines.heard(silent); len(got) > 0 {
		t.Errorf("a connection that did not open yet got %q", got)
	}
}

// TestBotsDoNotHearThemselves: the connection of a bot has no event of what the bot did.
func TestBotsDoNotHearThemselves(t *testing.T) {
	f := open(t)
	deaf, other := f.live("ada", ""), f.live("ada", "")
	c, err := f.conns.Connection(context.Background(), deaf, f.clock.time())
	if err != nil {
		t.Fatal(err)
	}
	c.NotOwn = true
	if err := f.conns.AddConnection(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	f.post("ada", "Build 412 is green")
	f.post("bob", "thanks")
	f.fanOut()
	for id, want := range map[string]int{deaf: 1, other: 2} {
		if frames := f.lines.heard(id); len(frames) != 1 || len(types(t, frames)) != want {
			t.Errorf("%s heard %q", id, frames)
		}
	}
}

func TestFanOutSplitsAtTheLimitOfAFrame(t *testing.T) {
	f := open(t)
	id := f.live("bob", "")
	for range 4 {
		f.post("ada", strings.Repeat("é", 6000))
	}
	f.post("ada", strings.Repeat("🎉", 9000)) // too large for a frame even alone
	f.fanOut()
	frames := f.lines.heard(id)
	for _, frame := range frames {
		if len(frame) > wire.FrameBytes {
			t.Errorf("a frame of %d bytes", len(frame))
		}
	}
	if n := len(types(t, frames)); n != 5 || len(frames) < 2 || len(frames) > 3 {
		t.Errorf("%d events in %d frames", n, len(frames))
	}
	if last := frames[len(frames)-1]; !strings.Contains(last, `"seq":5`) || strings.Contains(last, "🎉") {
		t.Errorf("the largest came as %.100q", last)
	}
}

func TestTroubleOfOneConnection(t *testing.T) {
	for what, c := range map[string]struct {
		answer func(nth int, frame []byte) error
		gone   bool
		errors int
		hears  bool
		posts  int
	}{
		"gone":                    {func(int, []byte) error { return StatusError(410) }, true, 0, false, 1},
		"a full buffer, for ever": {func(int, []byte) error { return StatusError(429) }, false, 1, false, attempts},
		"a full buffer, for once": {func(n int, _ []byte) error { return map[bool]error{true: StatusError(429)}[n == 1] },
			false, 0, true, 2},
		"5xx, for ever": {func(int, []byte) error { return StatusError(500) }, false, 1, false, attempts},
		"no answer, for once": {func(n int, _ []byte) error { return map[bool]error{true: io.ErrUnexpectedEOF}[n == 1] },
			false, 0, true, 2},
		"not allowed": {func(int, []byte) error { return StatusError(403) }, false, 1, false, 1},
		"too large, then small": {func(_ int, b []byte) error {
			return map[bool]error{true: StatusError(413)}[strings.Contains(string(b), "soup")]
		}, false, 0, true, 2},
		"too large, whatever it is": {func(int, []byte) error { return StatusError(413) }, false, 1, false, 2},
	} {
		f := open(t)
		bad, good := f.live("bob", ""), []string{f.live("bob", ""), f.live("eve", ""), f.live("ada", "")}
		before := f.lines.posts[bad]
		f.lines.answer = func(id string, nth int, frame []byte) error {
			if id != bad {
				return nil
			}
			return c.answer(nth-before, frame)
		}
		f.post("ada", "soup")
		result := f.fanOut()
		if result.Errors != c.errors || (result.Gone == 1) != c.gone {
			t.Errorf("%s: %+v", what, result)
		}
		for _, id := range good {
			if got := types(t, f.lines.heard(id)); !slices.Equal(got, []string{"message"}) {
				t.Errorf("%s: another heard %q", what, got)
			}
		}
		if _, found := f.conns.conns[bad]; found == c.gone || len(f.conns.conns) != 4-map[bool]int{true: 1}[c.gone] {
			t.Errorf("%s: found %v, %d are left", what, found, len(f.conns.conns))
		}
		if heard := len(f.lines.heard(bad)) > 0; heard != c.hears || f.lines.posts[bad]-before != c.posts {
			t.Errorf("%s: heard %v after %d posts", what, heard, f.lines.posts[bad]-before)
		}
	}
}

// A joined frame that the gateway finds too large is posted event by event, and an event that is too large alone as its
// fallback.
func TestTooLargeTogether(t *testing.T) {
	f := open(t)
	id := f.live("bob", "")
	f.lines.answer = func(_ string, _ int, b []byte) error {
		if len(b) > 1000 {
			return StatusError(statusTooLarge)
		}
		return nil
	}
	f.post("ada", "first")
	f.post("ada", strings.Repeat("x", 2000))
	f.post("ada", "third")
	f.fanOut()
	frames := f.lines.heard(id)
	if len(frames) != 3 || !strings.Contains(frames[0], "first") || !strings.Contains(frames[1], `"seq":2`) ||
		strings.Contains(frames[1], "xx") || !strings.Contains(frames[2], "third") {
		t.Errorf("heard %q", frames)
	}
}

func TestEndOfSessionsEndsConnections(t *testing.T) {
	f := open(t)
	bob, unopened, eve := f.live("bob", f.general), f.connect("bob"), f.live("eve", "")
	f.post("ada", "before")
	f.deactivate("bob")
	f.post("ada", "after")
	f.fanOut()
	for _, id := range []string{bob, unopened} {
		if got := f.lines.heard(id); len(got) != 1 || bye(t, got) != wire.CloseEnded || strings.Contains(got[0], "retry") {
			t.Errorf("%s heard %q", id, got)
		}
		if _, found := f.conns.conns[id]; found || !f.lines.closed[id] {
			t.Errorf("%s is still there", id)
		}
	}
	if got := types(t, f.lines.heard(eve)); !slices.Contains(got, "message") || f.lines.closed[eve] {
		t.Errorf("another heard %q", got)
	}
}

func TestEnds(t *testing.T) {
	c := connection.Connection{SessionID: "s"}
	for what, e := range map[string]struct {
		e    chat.SessionsEnded
		ends bool
	}{
		"all":             {chat.SessionsEnded{All: true}, true},
		"all but this":    {chat.SessionsEnded{All: true, Except: "s"}, false},
		"all but another": {chat.SessionsEnded{All: true, Except: "r"}, true},
		"this":            {chat.SessionsEnded{IDs: []string{"r", "s"}}, true},
		"another":         {chat.SessionsEnded{IDs: []string{"r"}}, false},
	} {
		if endedBy(e.e, c) != e.ends {
			t.Errorf("%s: %v", what, !e.ends)
		}
	}
}

func TestRoomLeftClosesIt(t *testing.T) {
	f := open(t)
	room, _, err := f.rules.AddRoom(t.Context(), f.actor["ada"], chat.NewRoomInput{Kind: chat.Private, Name: "leads",
		Members: []string{f.id("bob")}})
	if err != nil {
		t.Fatal(err)
	}
	f.said = nil
	ada, bob := f.live("ada", room.ID), f.live("bob", room.ID)
	if err := f.rules.RemoveMember(t.Context(), f.actor["ada"], room.ID, f.id("bob")); err != nil {
		t.Fatal(err)
	}
	f.fanOut()
	if got := types(t, f.lines.heard(bob)); !slices.Equal(got, []string{"left"}) {
		t.Errorf("heard %q", got)
	}
	f.lines.heard(ada)
	f.say(ada, `{"type":"typing","room":"`+room.ID+`"}`)
	if got := f.lines.heard(bob); len(got) > 0 || f.conns.conns[bob].Room != "" {
		t.Errorf("after the end heard %q; open is %q", got, f.conns.conns[bob].Room)
	}
}

func TestFanOutFailsWithTheStore(t *testing.T) {
	f := open(t)
	f.live("bob", "")
	f.post("ada", "soup")
	f.conns.fail = errors.New("throttled")
	if _, err := f.gateway.FanOut(t.Context(), f.commits()); err == nil {
		t.Error("a batch that nobody received is done")
	}
}

// A large batch is posted in chunks and takes at least the pace.
func TestLargeRooms(t *testing.T) {
	f := open(t)
	for i := range 2*chunkSize + 1 {
		id, now := fmt.Sprint("c", i), f.clock.time()
		f.conns.conns[id] = connection.Connection{ID: id, User: f.id("bob"), MadeAt: now.Add(-time.Second), SeenAt: now,
			ExpiresAt: now.Add(connectionLife)}
	}
	f.lines.answer = func(string, int, []byte) error { time.Sleep(time.Millisecond); return nil }
	f.post("ada", "soup")
	began := time.Now()
	result := f.fanOut()
	if took := time.Since(began); result.Recipients != 2*chunkSize+1 || took < f.gateway.o.Pace {
		t.Errorf("%+v after %v", result, took)
	}
	if most := f.lines.most.Load(); most > maxConcurrentPosts || most < maxConcurrentPosts/4 {
		t.Errorf("%d posts at once", most)
	}
}

func TestConnectionsAreSigned(t *testing.T) {
	var got *http.Request
	var body []byte
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(status)
	}))
	defer server.Close()
	c := NewConnections(ConnectionsOptions{
		Endpoint: server.URL + "/ws", Host: "abc.execute-api.localhost:4566", Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "secret", SessionToken: "session"}, nil
		}),
	})
	if err := c.Post(t.Context(), "L0SM9cOFvHcCIhw=", []byte(`{"type":"pong"}`)); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.RequestURI != "/ws/@connections/L0SM9cOFvHcCIhw%3D" ||
		string(body) != `{"type":"pong"}` || got.Host != "abc.execute-api.localhost:4566" {
		t.Errorf("%s %s of %s with %s", got.Method, got.RequestURI, got.Host, body)
	}
	if a := got.Header.Get("Authorization"); !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential=AKID/") ||
		!strings.Contains(a, "/eu-central-1/execute-api/aws4_request") || got.Header.Get("X-Amz-Security-Token") != "session" {
		t.Errorf("Authorization: %s", a)
	}
	for _, status = range []int{410, 413, 429, 500} {
		if err := c.Delete(t.Context(), "x"); !hasStatus(err, status) {
			t.Errorf("%d became %v", status, err)
		}
	}
	server.Close()
	if err := c.Post(t.Context(), "x", nil); err == nil || !temporary(err) {
		t.Errorf("nobody there: %v", err)
	}
}
