package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
)

// Access determines who sent a request, and from which address. Only Access reads cookies, bearer headers, origins and addresses,
// for REST and for sockets.
type Access struct {
	canteen *chat.Canteen
	public  origin.Origin
	origins []string
	proxies *Proxies
}

const deviceSuffix = "-device" // of the name of the session cookie

// NewAccess makes the Access of a server that browsers reach at public, perhaps through proxies (nil: none).
func NewAccess(c *chat.Canteen, public origin.Origin, proxies *Proxies) *Access {
	a := &Access{canteen: c, public: public, origins: []string{public.String()}, proxies: proxies}
	names := []string{"localhost", "127.0.0.1", "::1"}
	if !public.Secure() && slices.Contains(names, public.Host) { // all names of this machine are trusted
		for _, name := range names {
			a.origins = append(a.origins, origin.Origin{Scheme: public.Scheme, Host: name, Port: public.Port}.String())
		}
	}
	return a
}

// trusted says whether an Origin header names this server.
func (a *Access) trusted(header string) bool { return slices.Contains(a.origins, header) }

// cookie returns the name of the session cookie. The prefix __Host- binds the cookie to this host and to TLS.
func (a *Access) cookie() string {
	if a.public.Secure() {
		return "__Host-canteen"
	}
	return "canteen"
}

// sessionCookie returns the session cookie with a secret. An empty secret deletes the cookie.
func (a *Access) sessionCookie(secret string) http.Cookie {
	c := http.Cookie{ // #nosec G124 -- Secure unless the public URL is plain http
		Name: a.cookie(), Value: secret, Path: "/", HttpOnly: true, Secure: a.public.Secure(), SameSite: http.SameSiteLaxMode,
		MaxAge: int(chat.SessionLife.Seconds()),
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}

// deviceCookie returns the cookie by which a browser is known in which somebody signed in before.
func (a *Access) deviceCookie(value string) http.Cookie {
	return http.Cookie{ // #nosec G124 -- Secure unless the public URL is plain http
		Name: a.cookie() + deviceSuffix, Value: value, Path: "/", HttpOnly: true, Secure: a.public.Secure(),
		SameSite: http.SameSiteStrictMode, MaxAge: int(chat.DeviceLife.Seconds()),
	}
}

// device returns the device cookie of a request, or "".
func (a *Access) device(r *http.Request) string {
	c, err := r.Cookie(a.cookie() + deviceSuffix)
	if err != nil {
		return ""
	}
	return c.Value
}

// Who returns the actor of a request, and whether the session cookie authenticated it. Another site's page can send a request with the
// cookie, so its origin must be checked. If there is a bearer header, the cookie is ignored. Who returns Invalid for two
// Authorization headers, and Unauthenticated without a valid token or cookie.
func (a *Access) Who(r *http.Request) (actor chat.Actor, cookie bool, err error) {
	actor, cookie, err = a.who(r)
	actor.Address, actor.Device = a.address(r), a.device(r)
	return actor, cookie, err
}

// visitor is who sent a request, before it is authenticated.
func (a *Access) visitor(r *http.Request) chat.Actor {
	return chat.Actor{Address: a.address(r), Device: a.device(r)}
}

func (a *Access) who(r *http.Request) (actor chat.Actor, cookie bool, err error) {
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) > 1:
		return actor, false, chat.InvalidField("Authorization", "Only one such header is allowed.")
	case len(headers) == 1:
		scheme, secret, _ := strings.Cut(headers[0], " ")
		if !strings.EqualFold(scheme, "Bearer") || secret == "" || strings.ContainsAny(secret, " \t,") {
			return actor, false, chat.Errorf(chat.Unauthenticated, "Authorization: Bearer TOKEN is needed.")
		}
		actor, err = a.canteen.ByToken(r.Context(), secret)
		return actor, false, err
	}
	secret := a.cookieSecret(r)
	if secret == "" {
		return actor, false, chat.Errorf(chat.Unauthenticated, "Sign in first.")
	}
	actor, err = a.canteen.BySession(r.Context(), secret)
	return actor, true, err
}

// cookieSecret returns the secret in the session cookie, or "" without a cookie.
func (a *Access) cookieSecret(r *http.Request) string {
	c, err := r.Cookie(a.cookie())
	if err != nil {
		return ""
	}
	return c.Value
}

// Connects returns the actor of a request that opens a socket, by ticket, bearer header or cookie. Browsers let any page open a socket,
// so Connects returns Forbidden for a foreign Origin, and for a missing Origin if the request is authenticated by cookie. The other
// errors are those of Who and of the ticket.
func (a *Access) Connects(r *http.Request) (chat.Actor, error) {
	page := r.Header.Get("Origin")
	foreign := chat.Errorf(chat.Forbidden, "This connection came from a page of another origin.")
	if page != "" && !a.trusted(page) {
		a.canteen.Refused(r.Context(), chat.Visitor(a.address(r)), "open a socket", foreign)
		return chat.Actor{}, foreign
	}
	if ticket := r.URL.Query().Get("ticket"); ticket != "" {
		actor, err := a.canteen.ByTicket(r.Context(), ticket)
		if err != nil {
			return chat.Actor{}, err
		}
		actor.Address = a.address(r)
		return actor, a.canteen.Connect(r.Context(), actor)
	}
	actor, cookie, err := a.Who(r)
	if err == nil && cookie && page == "" {
		a.canteen.Refused(r.Context(), actor, "open a socket", foreign)
		return chat.Actor{}, foreign
	}
	if err != nil {
		return chat.Actor{}, err
	}
	return actor, a.canteen.Connect(r.Context(), actor)
}

// address returns the client's address as rates and audit lines name it. Of IPv6 it is the /64 network: a single customer usually has a
// whole one.
func (a *Access) address(r *http.Request) string {
	at, err := a.proxies.client(r)
	if err != nil {
		return r.RemoteAddr
	}
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}
