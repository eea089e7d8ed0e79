package rest

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/canteen-chat/canteen/chat"
)

// Access knows who asks and from where: the one place that reads cookies, bearer headers, origins and addresses, for REST
// and for sockets.
type Access struct {
	canteen *chat.Canteen
	origins []string
	secure  bool
	proxies []netip.Prefix
}

// NewAccess is for a server whose browsers reach it at publicURL. X-Forwarded-For counts from proxies alone.
func NewAccess(c *chat.Canteen, publicURL string, proxies []netip.Prefix) *Access {
	a := &Access{canteen: c, origins: []string{publicURL}, secure: strings.HasPrefix(publicURL, "https:"), proxies: proxies}
	u, err := url.Parse(publicURL)
	if err != nil || a.secure {
		return a
	}
	if names := []string{"localhost", "127.0.0.1", "::1"}; slices.Contains(names, u.Hostname()) { // one machine, one origin
		for _, name := range names {
			u.Host = net.JoinHostPort(name, u.Port())
			a.origins = append(a.origins, u.String())
		}
	}
	return a
}

// trusted says whether an Origin header is the product's own.
func (a *Access) trusted(origin string) bool { return slices.Contains(a.origins, origin) }

// cookie is the name of the session's cookie; __Host- binds it to this host and to TLS.
func (a *Access) cookie() string {
	if a.secure {
		return "__Host-canteen"
	}
	return "canteen"
}

// sessionCookie carries a secret; an empty one deletes the cookie.
func (a *Access) sessionCookie(secret string) http.Cookie {
	c := http.Cookie{ // #nosec G124 -- Secure but where the public URL is plain http on this machine
		Name: a.cookie(), Value: secret, Path: "/", HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteLaxMode,
		MaxAge: int(chat.SessionLife.Seconds()),
	}
	if secret == "" {
		c.MaxAge = -1
	}
	return c
}

// Who is the actor of a request, and whether a cookie says so: then the request may be a foreign page's doing, and its
// origin matters. A bearer header, if there is one, counts alone. Invalid for two headers, Unauthenticated for nobody.
func (a *Access) Who(r *http.Request) (actor chat.Actor, cookie bool, err error) {
	actor, cookie, err = a.who(r)
	actor.Address = a.address(r)
	return actor, cookie, err
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

// cookieSecret is what the session's cookie holds; "" without one.
func (a *Access) cookieSecret(r *http.Request) string {
	c, err := r.Cookie(a.cookie())
	if err != nil {
		return ""
	}
	return c.Value
}

// Connects is who opens a socket with a request: by ticket, bearer header or cookie. Browsers let any page open one, so a
// foreign Origin is Forbidden always, and none at all is with a cookie. Otherwise the errors are those of Who.
func (a *Access) Connects(r *http.Request) (chat.Actor, error) {
	origin := r.Header.Get("Origin")
	foreign := chat.Errorf(chat.Forbidden, "This connection came from a page of another origin.")
	if origin != "" && !a.trusted(origin) {
		return chat.Actor{}, foreign
	}
	if ticket := r.URL.Query().Get("ticket"); ticket != "" {
		actor, err := a.canteen.ByTicket(r.Context(), ticket)
		actor.Address = a.address(r)
		return actor, err
	}
	actor, cookie, err := a.Who(r)
	if err == nil && cookie && origin == "" {
		return chat.Actor{}, foreign
	}
	return actor, err
}

// address is the client's: the peer's or, behind trusted proxies, what the outermost of them saw.
func (a *Access) address(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	at := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.trusts(at); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap()
	}
	if at.Is6() { // one customer has a /64
		if p, err := at.Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}

func (a *Access) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(a.proxies, func(p netip.Prefix) bool { return p.Contains(at) })
}
