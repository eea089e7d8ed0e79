package rest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
)

// TestEveryRouteRunsCommands: each route names the commands that it runs, and each command has a route unless it is sent over sockets. So
// a route without a row in the command table of package chat fails a test.
func TestEveryRouteRunsCommands(t *testing.T) {
	access := NewAccess(nil, origin.Origin{Scheme: "https", Host: "example.com"}, nil)
	h := &Handler{mux: http.NewServeMux(), open: map[string]bool{}, o: Options{Access: access}}
	routed, named := map[chat.Command]bool{}, map[string]bool{}
	routes := 0
	for path, p := range h.routes().OpenAPI().Paths {
		for _, op := range operations(p) {
			routes++
			if named[op.OperationID] || !regexp.MustCompile(`^[a-z][a-zA-Z]+$`).MatchString(op.OperationID) {
				t.Errorf("%s %s is named %q: generated clients need a unique camelCase name", op.Method, path, op.OperationID)
			}
			named[op.OperationID] = true
			commands, _ := op.Metadata[runs].([]chat.Command)
			if len(commands) == 0 {
				t.Errorf("%s %s runs no command", op.Method, path)
			}
			for _, c := range commands {
				routed[c] = true
			}
		}
	}
	routed[chat.CmdPostByHook] = true // by an address outside the API
	for _, s := range chat.Commands() {
		if routed[s.Command] == s.Live {
			t.Errorf("%q: has a route %v, comes over sockets %v", s.Command, routed[s.Command], s.Live)
		}
		delete(routed, s.Command)
	}
	for c := range routed {
		t.Errorf("a route runs %q, which is not in chat.Commands", c)
	}
	if routes < 40 {
		t.Errorf("only %d routes were found: the test looks in the wrong place", routes)
	}
}

// TestDescriptionNamesTheServer: a generated client knows where the API is.
func TestDescriptionNamesTheServer(t *testing.T) {
	b, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if want := `"url":"https://example.com"}]`; !strings.Contains(string(b), want) {
		t.Errorf("no %s in the description", want)
	}
}
