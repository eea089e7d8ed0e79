package rest_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

// denied is a request that is refused, and what its audit line must say.
type denied struct {
	name, method, path, body string
	header                   http.Header // nil: the token of a user with this role, made for the row
	role                     chat.Role
	want                     []string
}

// writingRoutes are the routes of the API that change something.
func writingRoutes(t *testing.T, w *world.World) map[string]bool {
	t.Helper()
	var api struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	_, description := w.Raw("", http.MethodGet, "/api/openapi.json", "")
	if err := json.Unmarshal([]byte(description), &api); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for path, methods := range api.Paths {
		for m := range methods {
			if m = strings.ToUpper(m); m != http.MethodGet {
				out[m+" "+path] = true
			}
		}
	}
	return out
}

// TestEveryDeniedWriteLeavesALine: whatever refuses a request that would change something, there is one audit line with the code, the
// address and, if it is known, the person. Each row is another offender, since an offender has a line a second at most.
func TestEveryDeniedWriteLeavesALine(t *testing.T) {
	log := &world.Log{}
	w := world.OpenWith(t, world.Options{Log: slog.New(slog.NewTextHandler(log, nil)), NoRates: true, Proxied: true})
	private := w.Room("ada", "private", "secret")
	public := w.Room("ada", "public", "lobby")
	w.Post("ada", private, 1)
	w.Post("ada", public, 2)
	signIn := func(handle string) string {
		body := `{"email":"` + handle + `@example.com","password":"` + world.Password + `"}`
		c := w.Send(http.MethodPost, "/api/v1/session", body, nil).Cookies[0]
		return c.Name + "=" + c.Value
	}
	cookie, ended := signIn("mira"), signIn("jonas")
	w.Send(http.MethodDelete, "/api/v1/session", "", http.Header{"Cookie": {ended}})
	var made wire.MadeToken
	body := w.Send(http.MethodPost, "/api/v1/tokens", `{"name":"reader","scopes":["read"]}`, http.Header{"Cookie": {cookie}}).Body
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		t.Fatal(err)
	}

	const api, nobody = "/api/v1", "zzzzzzzzzzzz"
	post := `{"client_id":"` + world.UUID(9) + `","text":"hello"}`
	const named = "--x\r\nContent-Disposition: form-data; name=name\r\n\r\nbirdie\r\n--x--\r\n"
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	rows := []denied{
		{"post into an unseen room", "POST", "/rooms/" + private + "/messages", post, nil, chat.Member,
			[]string{"code=not_found", "command=post", "room=" + private}},
		{"post into a room that is none", "POST", "/rooms/" + nobody + "/messages", post, nil, chat.Member, []string{"code=not_found"}},
		{"post into a room with a malformed id", "POST", "/rooms/no/messages", post, nil, chat.Member, []string{"code=not_found"}},
		{"post where one is no member", "POST", "/rooms/" + public + "/messages", post, nil, chat.Member, []string{"code=forbidden"}},
		{"edit another's", "PATCH", "/rooms/" + public + "/messages/1", `{"text":"x"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"post cards", "POST", "/rooms/" + w.General() + "/messages", `{"cards":[{"title":"Disk full"}]}`, nil, chat.Member,
			[]string{"code=forbidden", "command=post"}},
		{"edit in an unseen room", "PATCH", "/rooms/" + private + "/messages/1", `{"text":"x"}`, nil, chat.Member,
			[]string{"code=not_found"}},
		{"delete another's", "DELETE", "/rooms/" + public + "/messages/1", "", nil, chat.Member, []string{"code=forbidden"}},
		{"delete with a malformed seq", "DELETE", "/rooms/" + public + "/messages/x", "", nil, chat.Member, []string{"code=not_found"}},
		{"react unseen", "PUT", "/rooms/" + private + "/messages/1/reactions/%F0%9F%8E%89", "", nil, chat.Member,
			[]string{"code=not_found"}},
		{"unreact unseen", "DELETE", "/rooms/" + private + "/messages/1/reactions/%F0%9F%8E%89", "", nil, chat.Member,
			[]string{"code=not_found"}},
		{"vote unseen", "PUT", "/rooms/" + private + "/messages/1/vote", `{"options":[0]}`, nil, chat.Member, []string{"code=not_found"}},
		{"vote where one is no member", "PUT", "/rooms/" + public + "/messages/1/vote", `{"options":[0]}`, nil, chat.Member,
			[]string{"code=forbidden"}},
		{"close another's poll", "POST", "/rooms/" + public + "/messages/1/poll/close", "", nil, chat.Member, []string{"code=forbidden"}},
		{"join unseen", "POST", "/rooms/" + private + "/join", "", nil, chat.Member, []string{"code=not_found"}},
		{"join as a guest", "POST", "/rooms/" + public + "/join", "", nil, chat.Guest, []string{"code=not_found"}},
		{"rename", "PATCH", "/rooms/" + public, `{"name":"mine"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"describe a room", "PATCH", "/rooms/" + public + "/about", `{"welcome":"x"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"make a webhook", "POST", "/rooms/" + public + "/hooks", `{"name":"x"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"revoke a webhook", "DELETE", "/rooms/" + public + "/hooks/" + nobody, "", nil, chat.Member, []string{"code=forbidden"}},
		{"test a webhook", "POST", "/rooms/" + public + "/hooks/" + nobody + "/test", "", nil, chat.Member, []string{"code=forbidden"}},
		{"confirm unseen", "PUT", "/rooms/" + private + "/messages/1/confirmed", "", nil, chat.Member, []string{"code=not_found"}},
		{"read pointer", "PUT", "/rooms/" + private + "/read", `{"seq":1}`, nil, chat.Member, []string{"code=not_found"}},
		{"follow an unseen thread", "PUT", "/rooms/" + private + "/threads/1/follow", `{"follow":"on"}`, nil, chat.Member,
			[]string{"code=not_found"}},
		{"follow a thread where one is no member", "PUT", "/rooms/" + public + "/threads/1/follow", `{"follow":"on"}`, nil, chat.Member,
			[]string{"code=forbidden"}},
		{"read pointer of an unseen thread", "PUT", "/rooms/" + private + "/threads/1/read", `{"seq":1}`, nil, chat.Member,
			[]string{"code=not_found"}},
		{"room settings", "PATCH", "/rooms/" + private + "/me", `{"starred":true}`, nil, chat.Member, []string{"code=not_found"}},
		{"make a room as a guest", "POST", "/rooms", `{"kind":"public","name":"x"}`, nil, chat.Guest, []string{"code=forbidden"}},
		{"add a member", "PUT", "/rooms/" + private + "/members/" + w.ID["sam"], "{}", nil, chat.Member,
			[]string{"code=not_found", "of_handle=sam"}},
		{"remove a member", "DELETE", "/rooms/" + public + "/members/" + w.ID["ada"], "", nil, chat.Member,
			[]string{"code=forbidden", "of_handle=ada"}},
		{"change the workspace", "PATCH", "/workspace", `{"call_url":""}`, nil, chat.Member, []string{"code=forbidden"}},
		{"change a user", "PATCH", "/users/" + w.ID["ada"], `{"title":"x"}`, nil, chat.Member, []string{"code=forbidden", "of_handle=ada"}},
		{"change an unseen user", "PATCH", "/users/" + nobody, `{"title":"x"}`, nil, chat.Member, []string{"code=not_found"}},
		{"retry a job", "POST", "/ops/jobs/mail/retry", "", nil, chat.Member, []string{"code=forbidden", "job=mail"}},
		{"discard a job", "POST", "/ops/jobs/mail/discard", "", nil, chat.Member, []string{"code=forbidden", "job=mail"}},
		{"silence an alarm", "PUT", "/ops/silences/disk-low", "{}", nil, chat.Member, []string{"code=forbidden", "alarm=disk-low"}},
		{"test the alarms", "POST", "/ops/test", "", nil, chat.Member, []string{"code=forbidden"}},
		{"clear an unknown entry", "PUT", "/inbox/cleared", `{"key":"x"}`, nil, chat.Member, []string{"code=not_found"}},
		{"see an inbox, signed out", "PUT", "/inbox/seen", `{"at":"2026-11-24T09:41:00Z"}`, http.Header{}, "",
			[]string{"code=unauthenticated"}},
		{"add an emoji as a guest", "POST", "/emoji", named, nil, chat.Guest, []string{"code=forbidden", "emoji=birdie"}},
		{"rename no emoji", "PATCH", "/emoji/nobody", `{"name":"birdie"}`, nil, chat.Member, []string{"code=not_found", "emoji=nobody"}},
		{"delete no emoji", "DELETE", "/emoji/nobody", "", nil, chat.Member, []string{"code=not_found", "emoji=nobody"}},
		{"preview a link, signed out", "POST", "/previews", `{"url":"https://example.com"}`, http.Header{}, "",
			[]string{"code=unauthenticated"}},
		{"report vitals, signed out", "POST", "/vitals", `{"vitals":[{"name":"reconnect"}]}`, http.Header{}, "",
			[]string{"code=unauthenticated"}},
		{"give feedback, signed out", "POST", "/feedback", `{"text":"x"}`, http.Header{}, "", []string{"code=unauthenticated"}},
		{"an upload, signed out", "POST", "/files", `{"name":"a","size":1}`, http.Header{}, "", []string{"code=unauthenticated"}},
		{"parts of an unknown upload", "POST", "/files/" + nobody + "/parts", `{"parts":[]}`, nil, chat.Member, []string{"code=not_found"}},
		{"a part of an unknown upload", "PUT", "/files/" + nobody + "/parts/1", "x", nil, chat.Member, []string{"code=not_found"}},
		{"finish an unknown upload", "POST", "/files/" + nobody + "/done", `{}`, nil, chat.Member, []string{"code=not_found"}},
		{"drop an unknown file", "DELETE", "/files/" + nobody, "", nil, chat.Member, []string{"code=not_found"}},
		{"invite", "POST", "/invites", `{"role":"member"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"end an invite", "DELETE", "/invites/" + nobody, "", nil, chat.Member, []string{"code="}},
		{"make a bot as a guest", "POST", "/bots", `{"name":"x","handle":"xx"}`, nil, chat.Guest, []string{"code=forbidden"}},
		{"change another's bot", "PATCH", "/bots/" + w.ID["ada"], `{"title":"x"}`, nil, chat.Member, []string{"code=", "of=" + w.ID["ada"]}},
		{"make a token of another's bot", "POST", "/bots/" + w.ID["ada"] + "/tokens", `{"name":"x"}`, nil, chat.Member, []string{"code="}},
		{"revoke a token of another's bot", "DELETE", "/bots/" + w.ID["ada"] + "/tokens/" + nobody, "", nil, chat.Member, []string{"code="}},
		{"make a token by token", "POST", "/tokens", `{"name":"x"}`, nil, chat.Member, []string{"code=forbidden"}},
		{"end a session by token", "DELETE", "/sessions/" + nobody, "", nil, chat.Member, []string{"code=forbidden"}},
		{"end the other sessions by token", "DELETE", "/sessions", "", nil, chat.Member, []string{"code=forbidden"}},
		{"change the password by token", "POST", "/me/password", `{"current":"x","new":"a quiet place to sit"}`, nil, chat.Member,
			[]string{"code=forbidden"}},
		{"a token's scope", "PATCH", "/me", `{"title":"x"}`, bearer(made.Secret), "", []string{"code=forbidden", "handle=mira"}},
		{"no credentials", "PATCH", "/me", `{"title":"x"}`, http.Header{}, "",
			[]string{"code=unauthenticated", `command="PATCH /api/v1/me"`}},
		{"a session that ended", "PATCH", "/me", `{"title":"x"}`, http.Header{"Cookie": {ended}}, "", []string{"code=unauthenticated"}},
		{"a token that is none", "POST", "/rooms/" + public + "/messages", post, bearer("none"), "", []string{"code=unauthenticated"}},
		{"a ticket for nobody", "POST", "/ws-ticket", "", http.Header{}, "", []string{"code=unauthenticated"}},
		{"revoke a token by token", "DELETE", "/tokens/" + nobody, "", nil, chat.Member, []string{"code=forbidden"}},
		{"end everything by token", "DELETE", "/sessions", "", nil, chat.Member, []string{"code=forbidden"}},
		{"sign out by token", "DELETE", "/session", "", nil, chat.Member, []string{"code=forbidden"}},
		{"a foreign origin", "POST", "/rooms/" + public + "/messages", post,
			http.Header{"Cookie": {cookie}, "Origin": {"https://evil.example"}}, "", []string{"code=forbidden", "messages"}},
		{"a foreign origin signs in", "POST", "/session", `{"email":"a@example.com","password":"x"}`,
			http.Header{"Sec-Fetch-Site": {"cross-site"}}, "", []string{"code=forbidden", "session"}},
		{"a wrong password", "POST", "/session", `{"email":"mira@example.com","password":"x"}`, http.Header{}, "",
			[]string{"code=unauthenticated", "account_handle=mira"}},
		{"an unknown address", "POST", "/session", `{"email":"x@example.com","password":"x"}`, http.Header{}, "",
			[]string{"code=unauthenticated"}},
		{"an unknown invite", "POST", "/signup",
			`{"invite":"x","name":"X","handle":"x1","password":"a quiet place to sit","email":"x@example.com"}`,
			http.Header{}, "", []string{"code=not_found"}},
		{"a dead invite link", "POST", "/signup/check", `{"invite":"x"}`, http.Header{}, "", []string{"code=not_found"}},
		{"a dead setup link", "POST", "/setup/check", `{"token":"x"}`, http.Header{}, "", []string{"code=not_found"}},
		{"a dead link for a new password", "POST", "/reset/check", `{"token":"x"}`, http.Header{}, "", []string{"code=not_found"}},
		{"a dead link to unsubscribe", "POST", "/unsubscribe/" + nobody + strings.Repeat("a", 32), "", http.Header{}, "",
			[]string{"code=not_found"}},
		{"a new password by a dead link", "POST", "/reset", `{"token":"x","password":"a quiet place to sit"}`, http.Header{}, "",
			[]string{"code=not_found"}},
		{"a second setup", "POST", "/setup",
			`{"token":"x","workspace":"X","name":"X","handle":"x1","password":"a quiet place to sit","email":"x@example.com"}`,
			http.Header{}, "", []string{"code=not_found"}},
	}
	for route := range writingRoutes(t, w) {
		method, path, _ := strings.Cut(route, " ")
		form := regexp.MustCompile("^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "[^/]+") + "$")
		if !slices.ContainsFunc(rows, func(r denied) bool { return r.method == method && form.MatchString(api+r.path) }) {
			t.Errorf("no row for %s", route)
		}
	}
	for i, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			header := row.header.Clone()
			want := append([]string{"what=refused"}, row.want...)
			if row.header == nil {
				who := "offender" + string(rune('a'+i%26)) + string(rune('a'+i/26))
				w.Add(who, row.role)
				header = bearer(w.Token[who])
				want = append(want, "user="+w.ID[who], " handle="+who)
			}
			if strings.HasPrefix(row.body, "--x") {
				header.Set("Content-Type", "multipart/form-data; boundary=x")
			}
			address := fmt.Sprintf("198.51.100.%d", i+1)
			header.Set("X-Forwarded-For", address)
			want = append(want, "address="+address)
			log.Take("msg=audit")
			resp := w.Send(row.method, api+row.path, row.body, header)
			lines := log.Take("msg=audit")
			if resp.StatusCode < 400 || len(lines) != 1 {
				t.Fatalf("%d, %d lines: %q", resp.StatusCode, len(lines), lines)
			}
			for _, s := range want {
				if !strings.Contains(lines[0], s) {
					t.Errorf("no %q in %s", s, lines[0])
				}
			}
			for _, s := range []string{`=""`, "hello", "evil", "password", "x@example.com"} {
				if strings.Contains(lines[0], s) && !strings.Contains(row.path, s) {
					t.Errorf("%q in %s", s, lines[0])
				}
			}
		})
	}
}
