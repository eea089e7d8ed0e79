package rest_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/rest"
)

// TestCompressedAnswers: answers to GET are compressed; others never are, since they may hold secrets.
func TestCompressedAnswers(t *testing.T) {
	w := world.Open(t)
	for i := range 20 {
		w.Room("ada", "private", "room-"+strings.Repeat("x", i+1))
	}
	ask := func(method, path, body, accept string, more ...string) world.Response {
		h := http.Header{"Authorization": {"Bearer " + w.Token["ada"]}, "Accept-Encoding": {accept}}
		for i := 0; i < len(more); i += 2 {
			h.Set(more[i], more[i+1])
		}
		return w.Send(method, "/api/v1"+path, body, h)
	}
	packed := func(r world.Response) bool { return r.Header.Get("Content-Encoding") == "gzip" }
	plain, small := ask("GET", "/rooms", "", "identity"), ask("GET", "/rooms", "", "gzip")
	if packed(plain) || !packed(small) || len(small.Body)*4 > len(plain.Body) {
		t.Errorf("%d bytes, compressed %d", len(plain.Body), len(small.Body))
	}
	tag := plain.Header.Get("ETag")
	if !strings.HasPrefix(tag, `W/"`) || small.Header.Get("ETag") != tag {
		t.Errorf("tags %s and %s: they stand for the same rooms in other bytes", tag, small.Header.Get("ETag"))
	}
	r := ask("GET", "/rooms", "", "gzip", "If-None-Match", tag)
	if r.StatusCode != 304 || r.Body != "" || packed(r) || r.Header.Get("ETag") != tag {
		t.Errorf("not modified: %d %v %q", r.StatusCode, r.Header, r.Body)
	}
	r = ask("POST", "/rooms/"+w.General()+"/messages", `{"text":"`+strings.Repeat("Lunch? ", 500)+`"}`, "gzip")
	if r.StatusCode != http.StatusCreated || packed(r) || len(r.Body) < 3000 {
		t.Errorf("the answer to a POST: %d %v %s", r.StatusCode, r.Header, r.Body)
	}
}

// TestNoSecretIsCompressed: answers to GET, which are compressed, hold no secrets.
func TestNoSecretIsCompressed(t *testing.T) {
	description, err := rest.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Paths map[string]map[string]struct {
			Responses json.RawMessage
		}
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(description, &api); err != nil {
		t.Fatal(err)
	}
	reference := regexp.MustCompile(`"#/components/schemas/(\w+)"`)
	var all func(part json.RawMessage, seen map[string]bool) string
	all = func(part json.RawMessage, seen map[string]bool) string {
		text := string(part)
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			if !seen[m[1]] {
				seen[m[1]] = true
				text += all(api.Components.Schemas[m[1]], seen)
			}
		}
		return text
	}
	secret := regexp.MustCompile(`"format":"(secret|token|password)"`)
	found := map[string]bool{}
	for path, methods := range api.Paths {
		for method, op := range methods {
			if secret.MatchString(all(op.Responses, map[string]bool{})) {
				found[method] = true
				if method == "get" {
					t.Errorf("GET %s answers with a secret", path)
				}
			}
		}
	}
	if !found["post"] {
		t.Error("no answer to a POST holds a secret: do they have another format?")
	}
}
