package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

const (
	maxRedirects = 3
	maxURL       = 2048     // bytes
	maxHeader    = 64 << 10 // bytes of the headers of an answer
	dialWithin   = 3 * time.Second
)

// ErrAnswer says that the host gave no usable answer: another status than 200, a compressed body, or a redirect too many.
var ErrAnswer = errors.New("outbound: the host gave no usable answer")

// Options configure a [Client]. The zero value is right for all but tests.
type Options struct {
	// Check replaces the guard of addresses, so that tests reach hosts on this machine.
	Check func(netip.AddrPort) error
	// Resolver replaces the system's resolver.
	Resolver *net.Resolver
	// Own is the host name at which browsers reach this server. It is never asked.
	Own string
	// UserAgent is sent with each request, "Canteen" if empty.
	UserAgent string
}

// Client makes guarded requests. It keeps no connection open, and is safe for concurrent use.
type Client struct {
	http           *http.Client
	own, userAgent string
}

// New makes a client.
func New(o Options) *Client {
	guarded := o.Check == nil
	if guarded {
		o.Check = Check
	}
	if o.UserAgent == "" {
		o.UserAgent = "Canteen"
	}
	dialer := &net.Dialer{Timeout: dialWithin, Resolver: o.Resolver, Control: control(o.Check)}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dialer.DialContext(ctx, network, address)
		if err == nil && guarded && toItself(c) {
			return nil, errors.Join(fmt.Errorf("%w: it is this machine", ErrForbidden), c.Close())
		}
		return c, err
	}
	c := &Client{own: o.Own, userAgent: o.UserAgent}
	c.http = &http.Client{
		CheckRedirect: c.redirect,
		Transport: &http.Transport{ // Proxy stays nil: a proxy would connect past the guard
			DialContext: dial, DisableCompression: true, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeader,
			TLSHandshakeTimeout: dialWithin, ForceAttemptHTTP2: false,
		},
	}
	return c
}

// redirect allows a few redirects, each to a URL that Get would take.
func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d redirects", ErrAnswer, maxRedirects)
	}
	r.Header.Del("Referer")
	return c.check(r.URL)
}

// check returns [ErrForbidden] for a URL that cannot be asked. The guard decides about its host, when it is dialed.
func (c *Client) check(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%w: scheme %q", ErrForbidden, u.Scheme)
	case u.Hostname() == "" || u.User != nil || u.Opaque != "":
		return fmt.Errorf("%w: it needs a host, and must have no user", ErrForbidden)
	case c.own != "" && strings.EqualFold(strings.TrimSuffix(u.Hostname(), "."), c.own):
		return fmt.Errorf("%w: it is this server", ErrForbidden)
	case len(u.String()) > maxURL:
		return fmt.Errorf("%w: it has more than %d bytes", ErrForbidden, maxURL)
	}
	return nil
}

// Answer is what a host answered.
type Answer struct {
	URL  *url.URL // after redirects
	Type string   // the media type, in lower case and without parameters
	// Charset is the parameter of the type, "" if there is none.
	Charset string
	Body    []byte
	Cut     bool // the body is longer than what was read
}

// Get asks for a URL and reads at most most bytes of the body. accept is the header Accept. The context bounds the time; without a
// deadline a host may keep the caller waiting.
func (c *Client) Get(ctx context.Context, address, accept string, most int64) (*Answer, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	if err := c.check(u); err != nil {
		return nil, err
	}
	u.Fragment = ""
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set("User-Agent", c.userAgent)
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask a host: %w", err)
	}
	out, err := read(resp, most)
	return out, errors.Join(err, resp.Body.Close())
}

func read(resp *http.Response, most int64) (*Answer, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: status %d", ErrAnswer, resp.StatusCode)
	}
	if e := resp.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, fmt.Errorf("%w: it is compressed", ErrAnswer)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil && len(body) == 0 {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	out := &Answer{URL: resp.Request.URL, Body: body, Cut: err != nil}
	if int64(len(body)) > most {
		out.Body, out.Cut = body[:most], true
	}
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err == nil {
		out.Type, out.Charset = kind, params["charset"]
	}
	return out, nil
}

// Post sends a body of a media type to a URL. Any status 2xx is a success. It follows no redirect: the body was meant for this host.
func (c *Client) Post(ctx context.Context, address, kind string, body []byte) error {
	return c.send(ctx, http.MethodPost, address, kind, body)
}

// Ping requests a URL and reads nothing of the answer. Any status 2xx is a success. It follows no redirect.
func (c *Client) Ping(ctx context.Context, address string) error {
	return c.send(ctx, http.MethodGet, address, "", nil)
}

func (c *Client) send(ctx context.Context, method, address, kind string, body []byte) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	if err := c.check(u); err != nil {
		return err
	}
	u.Fragment = ""
	r, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForbidden, err)
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("User-Agent", c.userAgent)
	straight := *c.http
	straight.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := straight.Do(r)
	if err != nil {
		return fmt.Errorf("send to a host: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%w: status %d", ErrAnswer, resp.StatusCode)
	}
	return errors.Join(err, resp.Body.Close())
}
