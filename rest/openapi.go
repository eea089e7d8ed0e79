package rest

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/wire"
)

// also is the metadata key of an operation's second status. That answer has the usual body, or none for 304.
const also = "also"

// complete adds to the description what huma does not generate: 400 in place of 422 for invalid input, the statuses for refused bodies,
// second statuses, Retry-After, string formats, the descriptions of tags, and the live events.
func complete(o *huma.OpenAPI) {
	events(o)
	fill(o)
	for _, p := range o.Paths {
		for _, op := range operations(p) {
			delete(op.Responses, strconv.Itoa(http.StatusUnprocessableEntity))
			refused := op.Responses[strconv.Itoa(http.StatusBadRequest)]
			if op.RequestBody != nil {
				for _, status := range []int{http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType} {
					op.Responses[strconv.Itoa(status)] = &huma.Response{Description: http.StatusText(status), Content: refused.Content}
				}
			}
			for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
				if r := op.Responses[strconv.Itoa(status)]; r != nil {
					r.Headers = map[string]*huma.Param{"Retry-After": {
						Description: "Seconds after which to try again", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: new(1.0)},
						Required: status == http.StatusTooManyRequests,
					}}
				}
			}
			if r := op.Responses[strconv.Itoa(http.StatusUnauthorized)]; r != nil {
				r.Headers = map[string]*huma.Param{"WWW-Authenticate": {
					Description: "Bearer", Schema: &huma.Schema{Type: huma.TypeString}, Required: true,
				}}
			}
			if status, ok := op.Metadata[also].(int); ok {
				second := *op.Responses[strconv.Itoa(max(op.DefaultStatus, http.StatusOK))]
				if second.Description = http.StatusText(status); status == http.StatusNotModified {
					second.Content = nil
				}
				op.Responses[strconv.Itoa(status)] = &second
			}
		}
	}
	o.Tags = []*huma.Tag{
		{Name: "workspace", Description: "What everybody may see without signing in"},
		{Name: "setup", Description: "The first run"},
		{Name: "signup", Description: "Becoming a user, with an invite"},
		{Name: "session", Description: "Signing in and out with a cookie"},
		{Name: "sessions", Description: "Your signed-in browsers"},
		{Name: "ws-ticket", Description: "Opening a socket without cookie or header"},
		{Name: "tokens", Description: "Bearer tokens for scripts and bots"},
		{Name: "bots", Description: "Bots that somebody made, and their tokens"},
		{Name: "invites", Description: "Invites to the workspace"},
		{Name: "me", Description: "The user who is signed in"},
		{Name: "users", Description: "All users of the workspace"},
		{Name: "rooms", Description: "Rooms, their members and messages"},
		{Name: "emoji", Description: "The custom emoji of the workspace"},
		{Name: "files", Description: "Files: uploads and downloads"},
		{Name: "threads", Description: "The threads that you follow"},
	}
}

// operations returns all operations of a path.
func operations(p *huma.PathItem) []*huma.Operation {
	var out []*huma.Operation
	for _, op := range []*huma.Operation{p.Get, p.Post, p.Put, p.Patch, p.Delete} {
		if op != nil {
			out = append(out, op)
		}
	}
	return out
}

// events adds the frames of the socket to the description's components. Event is the union of what the server sends, with type as the
// discriminator. Command is what a client sends.
func events(o *huma.OpenAPI) {
	schemas := o.Components.Schemas
	union := &huma.Schema{
		Description:   "A live event. A frame of the socket is one event, or an array of them.",
		Discriminator: &huma.Discriminator{PropertyName: "type", Mapping: map[string]string{}},
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[wire.Hello](), reflect.TypeFor[wire.MessageEvent](), reflect.TypeFor[wire.ReactionEvent](),
		reflect.TypeFor[wire.PollEvent](), reflect.TypeFor[wire.RoomEvent](), reflect.TypeFor[wire.MyRoomEvent](),
		reflect.TypeFor[wire.LeftEvent](), reflect.TypeFor[wire.MembersEvent](), reflect.TypeFor[wire.ReadEvent](),
		reflect.TypeFor[wire.ThreadEvent](),
		reflect.TypeFor[wire.ConfirmedEvent](), reflect.TypeFor[wire.UserEvent](), reflect.TypeFor[wire.EmojiEvent](),
		reflect.TypeFor[wire.WorkspaceEvent](), reflect.TypeFor[wire.NotifyEvent](), reflect.TypeFor[wire.TypingEvent](),
		reflect.TypeFor[wire.PresenceEvent](), reflect.TypeFor[wire.Bye](), reflect.TypeFor[wire.Pong](),
	} {
		ref := schemas.Schema(t, true, "")
		union.OneOf = append(union.OneOf, ref)
		for _, name := range schemas.SchemaFromRef(ref.Ref).Properties["type"].Enum {
			union.Discriminator.Mapping[name.(string)] = ref.Ref
		}
	}
	schemas.Map()["Event"] = union
	schemas.Schema(reflect.TypeFor[wire.Command](), true, "")
	present := schemas.Map()["PresenceEvent"].Properties["users"].AdditionalProperties.(*huma.Schema)
	present.Enum = []any{string(wire.Active), string(wire.Away), string(wire.Offline)}
}

const description = `Canteen is a company's group chat. Commands are REST requests; events come over a WebSocket at /ws.

Errors are problem documents (RFC 9457) with a code. The answer is the same 404 for something that you may not see and for something
that does not exist. A change of a message takes the room's next rev; GET /rooms/{room}/changes returns the changes that you missed.
Posting is idempotent: client_id is the idempotency key. A path may name a public room by # and its name, URL-encoded, in
place of its id.

Limits: text 20,000 characters; 40 mentions, 100 different @names, 20 different emoji and 10 files on a message;
bodies 1 MiB, without signing in 8 KiB; frames of the socket 32 KiB; pages 200 messages, changes 500, both of 512 KiB of text at most and one
message more; 40 members and 20 rooms in one request; direct rooms 10 people; 50 sessions, 50 tokens and
20 connections a user, and 16 requests at the same time; 3 changes of a handle in 30 days; 10,000,000 bytes stored by a
user in a day, of texts and 256 for each; 2,000,000,000 bytes of files; 3,000 rooms; 2,000 names of custom emoji. The size of a file is
limited by file_bytes of GET /me, 100,000,000 unless the operator changed it. All requests of a user together: 300 at once, then 10 a
second. In addition, each command that changes something has its own rate, which its route states. Signing in: 10 failures an account and
100 an address in 15 minutes. Frames of a socket: 60 at once, then 20 a second. Beyond a rate: 429 with Retry-After.`
