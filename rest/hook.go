package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/hook"
	"github.com/canteen-chat/canteen/text"
	"github.com/canteen-chat/canteen/wire"
)

type hookIn struct {
	Room string `path:"room" format:"room" doc:"Room id, or # and the name of a public room, URL-encoded"`
	ID   string `path:"id" format:"id" doc:"The webhook's"`
}

func (h *Handler) hooks(ctx context.Context, a chat.Actor, in *roomIn) (*bodyOut[wire.Hooks], error) {
	hs, err := h.canteen.Hooks(ctx, a, in.Room)
	return ok(wire.Hooks{Hooks: each(hs, wire.NewHook)}), err
}

func (h *Handler) addHook(ctx context.Context, a chat.Actor, in *roomBody[wire.NewHookBody]) (*bodyOut[wire.MadeHook], error) {
	made, secret, err := h.canteen.AddHook(ctx, a, in.Room, chat.NewHookInput{Name: in.Body.Name, Calls: in.Body.Calls})
	return ok(wire.MadeHook{Hook: wire.NewHook(made), URL: h.o.Access.origins[0] + "/hooks/" + made.ID + "/" + secret}), err
}

func (h *Handler) endHook(ctx context.Context, a chat.Actor, in *hookIn) (*none, error) {
	return nil, h.canteen.EndHook(ctx, a, in.Room, in.ID)
}

func (h *Handler) testHook(ctx context.Context, a chat.Actor, in *hookIn) (*bodyOut[wire.Message], error) {
	m, err := h.canteen.TestHook(ctx, a, in.Room, in.ID)
	return ok(wire.NewMessage(m)), err
}

// The addresses of webhooks are outside the API: what other systems send there is theirs, and the answers are Slack's.
func (h *Handler) hookAddress() {
	const pattern = "/hooks/{id}/{secret}"
	h.mux.HandleFunc(http.MethodPost+" "+pattern, func(w http.ResponseWriter, r *http.Request) {
		answer, wait := h.byHook(w, r)
		h.tell(w, answer, wait)
	})
}

// tell answers the sender of a body.
func (h *Handler) tell(w http.ResponseWriter, answer hook.Answer, wait time.Duration) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	w.WriteHeader(answer.Status())
	_, _ = io.WriteString(w, string(answer)) // the sender may be gone
}

// byHook posts what a body says. wait is when to send again, if that is known.
func (h *Handler) byHook(w http.ResponseWriter, r *http.Request) (answer hook.Answer, wait time.Duration) {
	ctx, req := r.Context(), requestOf(r.Context())
	a, err := h.canteen.ByHook(ctx, req.actor.Address, r.PathValue("id"), r.PathValue("secret"))
	if err == nil {
		req.actor, err = h.canteen.Count(ctx, a) // before the body is read
	}
	if err != nil {
		return h.answerOf(r, err, hook.NoService)
	}
	body, done, err := h.hookBody(w, r)
	defer done()
	if err != nil {
		return h.answerOf(r, err, hook.InvalidPayload)
	}
	post, err := hook.Decode(r.Header.Get("Content-Type"), body)
	if err != nil {
		return h.answerOf(r, err, hook.InvalidPayload)
	}
	in := chat.HookPost{
		Text: post.Text, Cards: post.Cards, Sender: card.Sender{Name: post.Name, Icon: post.Icon}, Calls: post.Broadcast != "",
		Headline: post.Headline(), Key: r.URL.Query().Get("key"),
	}
	if len([]rune(in.Key)) > chat.HookKeyLength {
		return hook.InvalidPayload, 0
	}
	if key := r.Header.Get("Idempotency-Key"); text.IsUUID(key) {
		in.ClientID = key
	} else if key != "" {
		in.ClientID = text.UUIDOf("idempotency", key)
	}
	if _, err := h.canteen.PostByHook(ctx, req.actor, in); err != nil {
		return h.answerOf(r, err, hook.NoRoom)
	}
	return hook.OK, 0
}

// hookBody reads the body of a request to a webhook.
func (h *Handler) hookBody(w http.ResponseWriter, r *http.Request) (body []byte, done func(), err error) {
	b := incomingOf(r, hook.MaxBody, h.hooked)
	if r.ContentLength > b.limit {
		return nil, b.done, errTooLarge(b.limit)
	}
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(bodyWithin)) // a Lambda function has none, and no need of one
	if body, err = io.ReadAll(b); err != nil {
		return nil, b.done, err
	}
	_ = c.SetReadDeadline(time.Time{})
	requestOf(r.Context()).unread = false
	return body, b.done, nil
}

// answerOf is the answer for an error. missing is the one for what is not there.
func (h *Handler) answerOf(r *http.Request, err error, missing hook.Answer) (answer hook.Answer, wait time.Duration) {
	if errors.As(err, &answer) {
		return answer, 0
	}
	if e := (*chat.Error)(nil); errors.As(err, &e) {
		wait = e.RetryAfter
	}
	switch chat.ErrorCode(err) {
	case chat.NotFound, chat.Unauthenticated:
		return missing, wait
	case chat.Forbidden:
		return hook.Prohibited, wait
	case chat.Conflict, chat.Gone:
		return hook.Archived, wait
	case chat.Invalid, chat.TooLarge, chat.Timeout, chat.UnsupportedMedia:
		return hook.InvalidPayload, wait
	case chat.RateLimited:
		return hook.TooMany, wait
	case chat.Unavailable:
		return hook.Unavailable, max(wait, time.Second)
	}
	requestOf(r.Context()).log.ErrorContext(r.Context(), "a webhook failed", "error", err)
	return hook.Failed, 0
}
