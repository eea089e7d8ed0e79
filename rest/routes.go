package rest

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/canteen-chat/canteen/wire"
)

const base = "/api/v1"

// routes is the table of the API: method and path, what it does, and the handler.
func (h *Handler) routes() huma.API {
	cfg := huma.DefaultConfig("Canteen", "1")
	cfg.Info.Description = description
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema in bodies
	cfg.RejectUnknownQueryParameters = true
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decode}
	cfg.Formats = map[string]huma.Format{"application/json": strict, "json": strict} // the second for …+json
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"cookie": {Type: "apiKey", In: "cookie", Name: h.o.Access.cookie()},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	api := humago.New(h.mux, cfg)

	add(h, api, h.public("GET /workspace", "The workspace before signing in"), h.workspace)
	add(h, api, h.public("POST /setup 201", "Set the workspace up, with the link the server printed"), h.setup)
	add(h, api, h.public("POST /signup 201", "Sign up with an invite"), h.signUp)
	add(h, api, h.public("POST /session 201", "Sign in"), h.signIn)
	add(h, api, h.route("DELETE /session 204", "Sign out"), h.signOut)
	add(h, api, h.route("GET /sessions", "One's own sessions"), h.sessions)
	add(h, api, h.route("DELETE /sessions/{id} 204", "End one of one's sessions"), h.endSession)
	add(h, api, h.route("POST /ws-ticket 201", "A ticket that opens one socket"), h.ticket)
	add(h, api, h.route("GET /tokens", "One's own tokens"), h.tokens)
	add(h, api, h.route("POST /tokens 201", "Make a token; its secret is shown once"), h.addToken)
	add(h, api, h.route("DELETE /tokens/{id} 204", "Revoke a token"), h.endToken)
	add(h, api, h.route("GET /invites", "One's own invites; admins see all"), h.invites)
	add(h, api, h.route("POST /invites 201", "Invite to the workspace"), h.addInvite)
	add(h, api, h.route("DELETE /invites/{id} 204", "End an invite"), h.endInvite)

	add(h, api, h.route("GET /me", "Oneself"), h.me)
	add(h, api, h.route("PATCH /me", "Change one's profile, status and settings"), h.updateMe)
	add(h, api, h.route("POST /me/password 204", "Change one's password; other sessions end"), h.changePassword)
	add(h, api, h.route("GET /me/emoji", "The emoji one uses most"), h.myEmoji)
	add(h, api, h.route("GET /users", "The directory, deactivated users included"), h.users)
	add(h, api, h.route("GET /users/{user}", "A user"), h.user)
	add(h, api, h.route("PATCH /users/{user}", "Change a user's role, profile or deactivation (admins)"), h.updateUser)

	add(h, api, h.route("GET /rooms", "One's own rooms, or with browse=true the public rooms one is not in"), h.rooms)
	add(h, api, h.route("POST /rooms 201", "Make a room; a direct one with the same people is returned with 200"), h.addRoom)
	add(h, api, h.route("GET /rooms/{room}", "A room"), h.room)
	add(h, api, h.route("PATCH /rooms/{room}", "Rename, set the topic, archive, say who posts"), h.updateRoom)
	add(h, api, h.route("POST /rooms/{room}/join", "Join a public room"), h.join)
	add(h, api, h.route("GET /rooms/{room}/members", "A room's members"), h.members)
	add(h, api, h.route("PUT /rooms/{room}/members/{user}", "Add a member, or set a role"), h.putMember)
	add(h, api, h.route("DELETE /rooms/{room}/members/{user} 204", "Remove a member; oneself: leave"), h.removeMember)
	add(h, api, h.route("PATCH /rooms/{room}/me", "One's own settings of a room"), h.updateMyRoom)
	add(h, api, h.route("PUT /rooms/{room}/read", "Move one's read pointer"), h.setRead)

	add(h, api, h.route("GET /rooms/{room}/messages", "A page of the timeline or of a thread"), h.messages)
	add(h, api, h.route("POST /rooms/{room}/messages 201", "Post; a repeated client_id gives the first message with 200"), h.post)
	add(h, api, h.route("GET /rooms/{room}/changes", "What changed since a revision"), h.changes)
	add(h, api, h.route("GET /rooms/{room}/messages/{seq}", "A message"), h.message)
	add(h, api, h.route("PATCH /rooms/{room}/messages/{seq}", "Edit one's message"), h.edit)
	add(h, api, h.route("DELETE /rooms/{room}/messages/{seq} 204", "Delete a message"), h.delete)
	add(h, api, h.route("GET /rooms/{room}/messages/{seq}/history", "The texts a message has had"), h.history)
	add(h, api, h.route("GET /rooms/{room}/messages/{seq}/reactions", "Who reacted"), h.reactions)
	add(h, api, h.route("PUT /rooms/{room}/messages/{seq}/reactions/{emoji}", "React"), h.react)
	add(h, api, h.route("DELETE /rooms/{room}/messages/{seq}/reactions/{emoji}", "Take a reaction back"), h.unreact)
	events(api.OpenAPI())
	return api
}

// route reads "METHOD /path [status]".
func (h *Handler) route(what, summary string) huma.Operation {
	words := strings.Fields(what)
	op := huma.Operation{
		Method: words[0], Path: base + words[1], Summary: summary, MaxBodyBytes: wire.BodyBytes + 1, BodyReadTimeout: 15 * time.Second,
		OperationID: operationID(words[0], words[1]), Tags: []string{strings.Split(words[1], "/")[1]},
		Security: []map[string][]string{{"cookie": {}}, {"bearer": {}}},
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests,
			http.StatusServiceUnavailable},
	}
	switch words[len(words)-1] {
	case "201":
		op.DefaultStatus = http.StatusCreated
	case "204":
		op.DefaultStatus = http.StatusNoContent
	}
	return op
}

// public is a route for who is not signed in.
func (h *Handler) public(what, summary string) huma.Operation {
	op := h.route(what, summary)
	op.Security = nil
	h.open[op.Method+" "+op.Path] = true
	return op
}

var notWord = regexp.MustCompile("[^a-z]+") // immutable

func operationID(method, path string) string {
	return strings.Trim(strings.ToLower(method)+"-"+notWord.ReplaceAllString(path, "-"), "-")
}

const description = `Canteen is a company's group chat: commands by REST, and what happens by WebSocket at /ws.

Errors are problem documents (RFC 9457) with a code. What one may not see answers 404 as what does not exist. A change of a
message takes the room's next rev; GET /rooms/{room}/changes gives what one missed. Posting is idempotent by client_id.

Limits: text 20,000 characters; 50 mentions and 20 different emoji on a message; bodies 1 MiB; frames of the socket 32 KiB;
pages 200 messages, changes 500; 40 members and 20 rooms in one request; direct rooms 10 people; 50 sessions, 50 tokens and
20 connections a user; 3,000 rooms. Rates, each a bucket that fills steadily: posting 10/s (burst 30), changing 10/s (30),
reacting 10/s (40), signing in 10 failures an account and 100 an address in 15 minutes, inviting 20/h, making rooms 5/min
(60), frames of the socket 20/s (60). Beyond a rate: 429 with Retry-After.`
