package rest

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) me(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Me], error) {
	u, w, err := h.canteen.Me(ctx, a)
	return ok(wire.NewMe(u, w)), err
}

func (h *Handler) updateMe(ctx context.Context, a chat.Actor, in *bodyIn[wire.UpdateMe]) (*bodyOut[wire.Me], error) {
	u, w, err := h.canteen.UpdateMe(ctx, a, in.Body.Input())
	return ok(wire.NewMe(u, w)), err
}

func (h *Handler) updateWorkspace(ctx context.Context, a chat.Actor, in *bodyIn[wire.UpdateWorkspace]) (*bodyOut[wire.MyWorkspace], error) {
	w, err := h.canteen.UpdateWorkspace(ctx, a, chat.UpdateWorkspaceInput(in.Body))
	return ok(wire.NewMyWorkspace(w)), err
}

func (h *Handler) changePassword(ctx context.Context, a chat.Actor, in *bodyIn[wire.ChangePassword]) (*newCookies, error) {
	s, err := h.canteen.ChangePassword(ctx, a, in.Body.Current, in.Body.New)
	return &newCookies{[]http.Cookie{h.o.Access.sessionCookie(s.Secret), h.o.Access.deviceCookie(s.Device)}}, err
}

func (h *Handler) myEmoji(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Emoji], error) {
	es, err := h.canteen.FrequentEmoji(ctx, a)
	return ok(wire.Emoji{Emoji: each(es, func(e string) string { return e })}), err
}

// Conditional is exported since huma fills only exported embedded structs.
type Conditional struct {
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of the answer that you have: 304 while it is still true"`
}

// matches says whether an If-None-Match header names the tag (RFC 9110, 13.1.2: a list, compared weakly, or *). Tags are weak: a
// compressed answer has the same one.
func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// unchanged returns a 304 if the client has the tag already, else nil.
func unchanged[T any](c Conditional, tag string) *tagged[T] {
	if !matches(c.IfNoneMatch, tag) {
		return nil
	}
	return &tagged[T]{Status: http.StatusNotModified, ETag: tag}
}

func (h *Handler) users(ctx context.Context, a chat.Actor, in *Conditional) (*tagged[*wire.Users], error) {
	us, version, err := h.canteen.Users(ctx, a)
	if err != nil {
		return nil, err
	}
	list := func() []wire.User {
		return each(us, func(u chat.User) wire.User { return wire.NewUser(u, a.SeesEmail(u)) })
	}
	addresses := a.SeesEmail(chat.User{}) // those of others
	tag := fmt.Sprintf(`W/"%s-%s-%t-%d"`, a.User.ID, a.User.Role, addresses, version)
	if a.User.Role == chat.Guest { // the version tells of strangers, and not of who shares a room now
		body, err := json.Marshal(list())
		if err != nil {
			return nil, err
		}
		tag = fmt.Sprintf(`W/"%s-%x"`, a.User.ID, sha256.Sum256(body))
	}
	if out := unchanged[*wire.Users](*in, tag); out != nil {
		return out, nil
	}
	return &tagged[*wire.Users]{Status: http.StatusOK, ETag: tag, Body: &wire.Users{Users: list()}}, nil
}

func (h *Handler) user(ctx context.Context, a chat.Actor, in *userIn) (*bodyOut[wire.User], error) {
	u, err := h.canteen.User(ctx, a, in.User)
	return ok(wire.NewUser(u, a.SeesEmail(u))), err
}

type updateUserIn struct {
	User string `path:"user" format:"id" doc:"User id"`
	Body wire.UpdateUser
}

func (h *Handler) updateUser(ctx context.Context, a chat.Actor, in *updateUserIn) (*bodyOut[wire.User], error) {
	u, err := h.canteen.UpdateUser(ctx, a, in.User, in.Body.Input())
	return ok(wire.NewUser(u, a.SeesEmail(u))), err
}
