package rest_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// TestBadInput: each bad input is refused with its status and field, and changes nothing.
func TestBadInput(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	sam := h.As("sam")
	room := world.Must[[]wire.MyRoom](t)(sam.Rooms(ctx))[0].ID
	world.Must[wire.Message](t)(h.As("jonas").Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Text: "jonas's"}))
	posts, long := "/api/v1/rooms/"+room+"/messages", strings.Repeat("x", 20_001)
	for _, c := range []struct {
		what, method, path, body string
		status                   int
		field                    string
	}{
		{"wrong password", "POST", "/api/v1/session", `{"email":"sam@example.com","password":"wrong"}`, 401, ""},
		{"unknown person", "POST", "/api/v1/session", `{"email":"no@example.com","password":"wrong"}`, 401, ""},
		{"unknown invite", "POST", "/api/v1/signup", `{"invite":"x","name":"X","handle":"xx","password":"a quiet place"}`, 404, "invite"},
		{"second setup", "POST", "/api/v1/setup",
			`{"token":"x","workspace":"A","name":"X","handle":"xx","email":"x@example.com","password":"a quiet place"}`, 404, "token"},
		{"taken handle", "PATCH", "/api/v1/me", `{"handle":"jonas"}`, 409, "handle"},
		{"name too long", "PATCH", "/api/v1/me", `{"name":"` + strings.Repeat("x", 81) + `"}`, 400, "name"},
		{"a keyword of one letter", "PATCH", "/api/v1/me", `{"settings":{"attention":{"keywords":["a"]}}}`,
			400, "settings.attention.keywords"},
		{"a pattern as keyword", "PATCH", "/api/v1/me", `{"settings":{"attention":{"keywords":[".*"]}}}`,
			400, "settings.attention.keywords"},
		{"21 keywords", "PATCH", "/api/v1/me", `{"settings":{"attention":{"keywords":[` + strings.Repeat(`"word",`, 20) + `"word"]}}}`,
			400, "settings.attention.keywords"},
		{"two sections of one name", "PATCH", "/api/v1/me", `{"settings":{"sections":[{"name":"a","rooms":[]},{"name":"A","rooms":[]}]}}`,
			400, "settings.sections"},
		{"sections that were others", "PATCH", "/api/v1/me", `{"settings":{"sections":[],"sections_were":"x"}}`, 409, "settings.sections"},
		{"an unknown day", "PATCH", "/api/v1/me",
			`{"settings":{"attention":{"quiet":{"schedule":{"days":["monday"],"from":"22:00","to":"07:00"}}}}}`,
			400, "settings.attention.quiet.schedule.days[0]"},
		{"a time that there is not", "PATCH", "/api/v1/me",
			`{"settings":{"attention":{"quiet":{"schedule":{"days":["mon"],"from":"24:00","to":"07:00"}}}}}`,
			400, "settings.attention.quiet.schedule.from"},
		{"a schedule without a time zone", "PATCH", "/api/v1/me",
			`{"settings":{"attention":{"quiet":{"schedule":{"days":["mon"],"from":"22:00","to":"07:00"}}}}}`,
			400, "settings.attention.quiet.schedule"},
		{"a delay above an hour", "PATCH", "/api/v1/me", `{"settings":{"attention":{"push_delay":3601}}}`,
			400, "settings.attention.push_delay"},
		{"own role", "PATCH", "/api/v1/me", `{"role":"owner"}`, 400, "role"},
		{"another's role", "PATCH", "/api/v1/users/" + h.ID["jonas"], `{"role":"guest"}`, 403, ""},
		{"empty message", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":" "}`, 400, "text"},
		{"20,001 characters", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"` + long + `"}`, 400, "text"},
		{"malformed client id", "POST", posts, `{"client_id":"x","text":"x"}`, 400, "client_id"},
		{"unknown field", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","created_at":"2020-01-01T00:00:00Z"}`,
			400, "created_at"},
		{"repeated field", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","text":"y"}`, 400, "text"},
		{"another case", "POST", posts, `{"client_id":"` + world.UUID(2) + `","Text":"x"}`, 400, ""},
		{"wrong type", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":["x"]}`, 400, "text"},
		{"null", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":null}`, 400, "text"},
		{"null for an optional field", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","thread":null}`, 400, "thread"},
		{"null for a list", "POST", "/api/v1/rooms", `{"kind":"direct","members":null}`, 400, "members"},
		{"unpaired surrogate", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x\\\ud83c"}`, 400, ""},
		{"two high surrogates", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"\ud83c\ud83c\udf89"}`, 400, ""},
		{"a fraction", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","thread":1.5}`, 400, "thread"},
		{"a number beyond int64", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","thread":1e999999999}`, 400, ""},
		{"trailing data", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x"} {}`, 400, ""},
		{"broken JSON", "POST", posts, `{"client_id":`, 400, ""},
		{"not UTF-8", "POST", posts, "{\"client_id\":\"" + world.UUID(2) + "\",\"text\":\"\xff\"}", 400, ""},
		{"deep JSON", "POST", posts, strings.Repeat("[", 10_000), 400, ""},
		{"unknown thread", "POST", posts, `{"client_id":"` + world.UUID(2) + `","text":"x","thread":99}`, 404, ""},
		{"edit another's", "PATCH", posts + "/1", `{"text":"mine"}`, 403, ""},
		{"delete another's", "DELETE", posts + "/1", "", 403, ""},
		{"no emoji", "PUT", posts + "/1/reactions/x", "", 400, "emoji"},
		{"two emoji", "PUT", posts + "/1/reactions/%F0%9F%8E%89%F0%9F%8E%89", "", 400, "emoji"},
		{"a poll without options", "POST", posts, `{"text":"x","poll":{}}`, 400, "poll.options"},
		{"a poll with one option", "POST", posts, `{"text":"x","poll":{"options":["a"]}}`, 400, "poll.options"},
		{"a poll with the same option twice", "POST", posts, `{"text":"x","poll":{"options":["a","A "]}}`, 400, "poll.options"},
		{"a poll without a question", "POST", posts, `{"poll":{"options":["a","b"]}}`, 400, "text"},
		{"a poll that is over", "POST", posts, `{"text":"x","poll":{"options":["a","b"],"closes_at":"2020-01-01T00:00:00Z"}}`,
			400, "poll.closes_at"},
		{"cards of a person", "POST", posts, `{"text":"x","cards":[{"title":"Disk full"}]}`, 403, ""},
		{"an empty card", "POST", posts, `{"text":"x","cards":[{}]}`, 400, "cards"},
		{"a field of a card that is none", "POST", posts, `{"text":"x","cards":[{"title":"x","onclick":"x"}]}`, 400, "cards[0].onclick"},
		{"a sender", "POST", posts, `{"text":"x","sender":{"name":"Grafana"}}`, 400, "sender"},
		{"a vote without a poll", "PUT", posts + "/1/vote", `{"options":[0]}`, 404, ""},
		{"a vote for nothing", "PUT", posts + "/1/vote", `{}`, 400, "options"},
		{"a vote for a word", "PUT", posts + "/1/vote", `{"options":["a"]}`, 400, "options[0]"},
		{"votes without a poll", "GET", posts + "/1/votes", "", 404, ""},
		{"limit 0", "GET", posts + "?limit=0", "", 400, "limit"},
		{"limit -1", "GET", posts + "?limit=-1", "", 400, "limit"},
		{"limit 10⁹", "GET", posts + "?limit=1000000000", "", 400, "limit"},
		{"limit beyond int64", "GET", posts + "?limit=9223372036854775808", "", 400, "limit"},
		{"malformed limit", "GET", posts + "?limit=abc", "", 400, "limit"},
		{"limit empty", "GET", posts + "?limit=", "", 400, "limit"},
		{"a page of one's own rooms", "GET", "/api/v1/rooms?limit=1&after=aaaaaaaaaaaa", "", 400, "after"},
		{"a page of nothing", "GET", "/api/v1/rooms?browse=true&after=aaaaaaaaaaaa", "", 404, ""},
		{"before and after", "GET", posts + "?before=5&after=1", "", 400, "after"},
		{"around and a time", "GET", posts + "?around=5&at=2026-11-24T12:00:00Z", "", 400, "at"},
		{"a time without its zone", "GET", posts + "?at=2026-11-24T12:00:00", "", 400, "at"},
		{"a day that is none", "GET", posts + "?at=2026-02-30T12:00:00Z", "", 400, "at"},
		{"a day as a time", "GET", posts + "?at=2026-11-24", "", 400, "at"},
		{"no time", "GET", posts + "?at=", "", 400, "at"},
		{"limit twice", "GET", posts + "?limit=1&limit=2", "", 400, "limit"},
		{"unknown parameter", "GET", posts + "?offset=1", "", 400, "offset"},
		{"neither true nor false", "GET", "/api/v1/rooms?browse=maybe", "", 400, "browse"},
		{"changes since nothing", "GET", "/api/v1/rooms/" + room + "/changes", "", 400, "since"},
		{"changes beyond", "GET", "/api/v1/rooms/" + room + "/changes?since=99", "", 410, ""},
		{"unknown room", "GET", "/api/v1/rooms/zzzzzzzzzzzz", "", 404, ""},
		{"seq beyond int64", "GET", posts + "/9223372036854775808", "", 404, ""},
		{"room of bytes", "GET", "/api/v1/rooms/%ff%00%0a", "", 404, ""},
		{"malformed room", "GET", "/api/v1/rooms/..%2f..", "", 404, ""},
		{"room name", "POST", "/api/v1/rooms", `{"kind":"public","name":"No Good"}`, 400, "name"},
		{"taken room name", "POST", "/api/v1/rooms", `{"kind":"public","name":"general"}`, 409, "name"},
		{"eleven people", "POST", "/api/v1/rooms", `{"kind":"direct","members":["` + strings.Join(strangers(10), `","`) + `"]}`,
			400, "members"},
		{"malformed member", "POST", "/api/v1/rooms", `{"kind":"direct","members":["jonas"]}`, 400, "members[0]"},
		{"read beyond", "PUT", "/api/v1/rooms/" + room + "/read", `{"seq":99}`, 400, "seq"},
		{"an invite by a member", "POST", "/api/v1/invites", `{"role":"member"}`, 403, ""},
		{"a token by a token", "POST", "/api/v1/tokens", `{"name":"x"}`, 403, ""},
		{"no route", "GET", "/api/v1/nothing", "", 404, ""},
		{"no method", "PUT", "/api/v1/rooms", "", 405, ""},
	} {
		status, body := h.Raw("sam", c.method, c.path, c.body)
		if status != c.status || c.field != "" && !strings.Contains(body, `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s; want %d, field %q", c.what, status, body, c.status, c.field)
		}
		if !strings.Contains(body, `.","code":"`) || strings.Contains(body, "wrong\"") {
			t.Errorf("%s: no problem document, one whose detail is no sentence, or one that repeats the password: %s", c.what, body)
		}
	}
	page := world.Must[wire.Page](t)(sam.Page(ctx, room, nil))
	if len(page.Messages) != 1 || page.Head != 1 || page.Messages[0].Text != "jonas's" {
		t.Errorf("bad input changed the room: %+v", page)
	}
}

// strangers returns ids of users who do not exist.
func strangers(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strings.Repeat("abcdefghijklm"[i:i+1], 12)
	}
	return ids
}

// TestNumbersAndEscapes: 3.0 and 1e2 are integers (JSON Schema, 4.2.3), a surrogate pair is one character, and an escaped backslash
// followed by u is not a Unicode escape.
func TestNumbersAndEscapes(t *testing.T) {
	h, ctx := world.Open(t), context.Background()
	sam := h.As("sam")
	room := world.Must[[]wire.MyRoom](t)(sam.Rooms(ctx))[0].ID
	world.Must[wire.Message](t)(sam.Post(ctx, room, wire.PostMessage{ClientID: world.UUID(1), Text: "one"}))
	status, body := h.Raw("sam", "POST", "/api/v1/rooms/"+room+"/messages",
		`{"client_id":"`+world.UUID(2)+`","text":"\ud83c\udf89 \\ud83c","thread":1.0}`)
	if status != 201 || !strings.Contains(body, `"text":"🎉 \\ud83c"`) || !strings.Contains(body, `"thread":1,`) {
		t.Errorf("%d %s", status, body)
	}
	status, body = h.Raw("sam", "PUT", "/api/v1/rooms/"+room+"/read", `{"seq":1e0}`)
	if status != 200 || !strings.Contains(body, `"read_seq":1,`) {
		t.Errorf("%d %s", status, body)
	}
}

// TestConditional: If-None-Match is a list, compared weakly, or * (RFC 9110, 13.1.2).
func TestConditional(t *testing.T) {
	h := world.Open(t)
	for _, path := range []string{"/api/v1/rooms", "/api/v1/users"} {
		get := func(tag string) *http.Response {
			req, err := http.NewRequest(http.MethodGet, h.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+h.Token["sam"])
			req.Header.Set("If-None-Match", tag)
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Fatal(err)
			}
			return resp
		}
		tag := get(`"other"`).Header.Get("ETag")
		strong := strings.TrimPrefix(tag, "W/")
		for header, status := range map[string]int{tag: 304, strong: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, "": 200} {
			if resp := get(header); resp.StatusCode != status || resp.Header.Get("ETag") != tag {
				t.Errorf("%s, If-None-Match: %s: %d, ETag %s; want %d", path, header, resp.StatusCode, resp.Header.Get("ETag"), status)
			}
		}
	}
}

// TestForeignPagesAndStrangers: unauthenticated and cross-origin requests are refused before their body is read.
func TestForeignPagesAndStrangers(t *testing.T) {
	h := world.Open(t)
	for _, c := range []struct {
		what   string
		header http.Header
		status int
	}{
		{"nobody", http.Header{}, 401},
		{"no bearer", http.Header{"Authorization": {"Basic eDp5"}}, 401},
		{"unknown token", http.Header{"Authorization": {"Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}, 401},
		{"two tokens", http.Header{"Authorization": {"Bearer " + h.Token["jonas"], "Bearer " + h.Token["sam"]}}, 400},
		{"a foreign page", http.Header{
			"Authorization": {"Bearer " + h.Token["jonas"]}, "Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"},
		}, 403},
	} {
		req, err := http.NewRequest(http.MethodPost, h.URL+"/api/v1/rooms", strings.NewReader(`{"kind":"public","name":"x"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = c.header
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.what, resp.StatusCode, c.status)
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("%s: content security policy %q", c.what, csp)
		}
	}
	_, err := client.New(h.URL, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").Dial(context.Background())
	if err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a stranger's socket: %v", err)
	}
}
