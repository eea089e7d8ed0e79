package rest

import (
	"context"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// signedIn is the answer of signing in: the user, the session cookie and the device cookie.
type signedIn struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      wire.Me
}

func (h *Handler) signedIn(ctx context.Context, s chat.SignedIn, err error) (*signedIn, error) {
	if err != nil {
		return nil, err
	}
	u, w, err := h.canteen.Me(ctx, s.Actor)
	if err != nil {
		return nil, err
	}
	cookies := []http.Cookie{h.o.Access.sessionCookie(s.Secret), h.o.Access.deviceCookie(s.Device)}
	return &signedIn{cookies, wire.NewMe(u, w)}, nil
}

func (h *Handler) workspace(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Workspace], error) {
	w, err := h.canteen.WorkspaceInfo(ctx, a, requestOf(ctx).former)
	return ok(wire.Workspace{Name: w.Name, Setup: w.Setup, SignedIn: w.SignedIn}), err
}

func (h *Handler) checkSetup(ctx context.Context, a chat.Actor, in *bodyIn[wire.CheckSetup]) (*none, error) {
	return nil, h.canteen.CheckSetup(ctx, a, in.Body.Token)
}

func (h *Handler) setup(ctx context.Context, a chat.Actor, in *bodyIn[wire.Setup]) (*signedIn, error) {
	b := in.Body
	s, err := h.canteen.Setup(ctx, a, chat.SetupInput{
		Token: b.Token, Workspace: b.Workspace, Name: b.Name, Handle: b.Handle, Email: b.Email, Password: b.Password,
		UserAgent: requestOf(ctx).agent,
	})
	return h.signedIn(ctx, s, err)
}

func (h *Handler) checkInvite(ctx context.Context, a chat.Actor, in *bodyIn[wire.CheckInvite]) (*none, error) {
	return nil, h.canteen.CheckInvite(ctx, a, in.Body.Invite)
}

func (h *Handler) signUp(ctx context.Context, a chat.Actor, in *bodyIn[wire.SignUp]) (*signedIn, error) {
	b := in.Body
	s, err := h.canteen.SignUp(ctx, a, chat.SignUpInput{
		Invite: b.Invite, Name: b.Name, Handle: b.Handle, Password: b.Password, Email: b.Email,
		UserAgent: requestOf(ctx).agent, Former: requestOf(ctx).former,
	})
	return h.signedIn(ctx, s, err)
}

func (h *Handler) checkReset(ctx context.Context, a chat.Actor, in *bodyIn[wire.CheckReset]) (*none, error) {
	return nil, h.canteen.CheckReset(ctx, a, in.Body.Token)
}

func (h *Handler) resetPassword(ctx context.Context, a chat.Actor, in *bodyIn[wire.ResetPassword]) (*signedIn, error) {
	s, err := h.canteen.ResetPassword(ctx, a, chat.NewPasswordInput{
		Token: in.Body.Token, Password: in.Body.Password, UserAgent: requestOf(ctx).agent, Former: requestOf(ctx).former,
	})
	return h.signedIn(ctx, s, err)
}

func (h *Handler) signIn(ctx context.Context, a chat.Actor, in *bodyIn[wire.SignIn]) (*signedIn, error) {
	s, err := h.canteen.SignIn(ctx, a, chat.SignInInput{
		Email: in.Body.Email, Password: in.Body.Password, UserAgent: requestOf(ctx).agent, Former: requestOf(ctx).former,
	})
	return h.signedIn(ctx, s, err)
}

// newCookies is the answer that sets or deletes cookies.
type newCookies struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (h *Handler) signOut(ctx context.Context, a chat.Actor, _ *none) (*newCookies, error) {
	return &newCookies{[]http.Cookie{h.o.Access.sessionCookie("")}}, h.canteen.SignOut(ctx, a)
}

func (h *Handler) sessions(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Sessions], error) {
	ss, err := h.canteen.Sessions(ctx, a)
	return ok(wire.Sessions{Sessions: each(ss, func(s chat.Session) wire.Session { return wire.NewSession(s, a.SessionID) })}), err
}

func (h *Handler) endSession(ctx context.Context, a chat.Actor, in *idIn) (*none, error) {
	return nil, h.canteen.EndSession(ctx, a, in.ID)
}

func (h *Handler) endSessions(ctx context.Context, a chat.Actor, _ *none) (*newCookies, error) {
	secret, err := h.canteen.EndSessions(ctx, a)
	return &newCookies{[]http.Cookie{h.o.Access.sessionCookie(secret)}}, err
}

func (h *Handler) ticket(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Ticket], error) {
	secret, err := h.canteen.NewTicket(ctx, a)
	return ok(wire.Ticket{Ticket: secret}), err
}
