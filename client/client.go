// Package client talks to a Canteen server: one method a command of the API, answers in the shapes of package wire, and
// the live events as they come. Integrators, the load generator and the tests use it.
//
// It imports wire and, for its close codes, nothing of the server.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// Client is one user's way to a server. It is safe for concurrent use once signed in.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// New is a client of the server at base ("http://localhost:8080"). With a token it is signed in; without, SignIn, SignUp or
// Setup do that by cookie.
func New(base, token string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never without options
	}
	t := &http.Transport{MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}
	return &Client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{Jar: jar, Transport: t, Timeout: time.Minute}}
}

// Error is the server's refusal.
type Error struct {
	wire.Problem
	RetryAfter time.Duration
}

func (e *Error) Error() string { return fmt.Sprintf("%d %s: %s", e.Status, e.Code, e.Detail) }

// Status is the HTTP status of a refusal, 0 for another error or none.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Do sends a request below /api/v1 and decodes the answer into out, unless out is nil.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return refusal(resp, b)
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	return json.Unmarshal(b, out)
}

func refusal(resp *http.Response, b []byte) error {
	e := &Error{Problem: wire.Problem{Status: resp.StatusCode, Detail: resp.Status}}
	if err := json.Unmarshal(b, &e.Problem); err != nil {
		e.Detail = resp.Status // a proxy's answer
	}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	return e
}

func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	err := c.Do(ctx, method, path, in, &out)
	return out, err
}

// Setup does the first run and signs in.
func (c *Client) Setup(ctx context.Context, b wire.Setup) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/setup", b)
}

// SignIn signs in by cookie.
func (c *Client) SignIn(ctx context.Context, email, password string) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/session", wire.SignIn{Email: email, Password: password})
}

// SignUp uses an invite and signs in by cookie.
func (c *Client) SignUp(ctx context.Context, b wire.SignUp) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/signup", b)
}

// AddInvite makes an invite.
func (c *Client) AddInvite(ctx context.Context, b wire.NewInviteBody) (wire.MadeInvite, error) {
	return call[wire.MadeInvite](ctx, c, http.MethodPost, "/invites", b)
}

// Me is oneself.
func (c *Client) Me(ctx context.Context) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodGet, "/me", nil)
}

// Rooms are one's own.
func (c *Client) Rooms(ctx context.Context) ([]wire.MyRoom, error) {
	r, err := call[wire.MyRooms](ctx, c, http.MethodGet, "/rooms", nil)
	return r.Rooms, err
}

// AddRoom makes a room.
func (c *Client) AddRoom(ctx context.Context, b wire.NewRoomBody) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms", b)
}

// Join joins a public room.
func (c *Client) Join(ctx context.Context, room string) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms/"+room+"/join", nil)
}

// PutMember adds a member or sets a role ("" leaves it).
func (c *Client) PutMember(ctx context.Context, room, user, role string) (wire.Member, error) {
	var b wire.PutMember
	if role != "" {
		b.Role = &role
	}
	return call[wire.Member](ctx, c, http.MethodPut, "/rooms/"+room+"/members/"+user, b)
}

// RemoveMember removes a member; oneself: leaves.
func (c *Client) RemoveMember(ctx context.Context, room, user string) error {
	return c.Do(ctx, http.MethodDelete, "/rooms/"+room+"/members/"+user, nil, nil)
}

// Post posts a message. The same ClientID again gives the first message.
func (c *Client) Post(ctx context.Context, room string, b wire.PostMessage) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPost, "/rooms/"+room+"/messages", b)
}

// Page is a page of the timeline; query holds before, after, around, thread and limit.
func (c *Client) Page(ctx context.Context, room string, query url.Values) (wire.Page, error) {
	return call[wire.Page](ctx, c, http.MethodGet, "/rooms/"+room+"/messages?"+query.Encode(), nil)
}

// Changes are what changed since a revision.
func (c *Client) Changes(ctx context.Context, room string, since int64) (wire.Changes, error) {
	return call[wire.Changes](ctx, c, http.MethodGet, fmt.Sprintf("/rooms/%s/changes?since=%d", room, since), nil)
}

// Edit changes one's message.
func (c *Client) Edit(ctx context.Context, room string, seq int64, text string) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPatch, message(room, seq), wire.EditMessage{Text: text})
}

// Delete deletes a message.
func (c *Client) Delete(ctx context.Context, room string, seq int64) error {
	return c.Do(ctx, http.MethodDelete, message(room, seq), nil, nil)
}

// React adds (or takes back) a reaction.
func (c *Client) React(ctx context.Context, room string, seq int64, emoji string, on bool) (wire.Message, error) {
	method := http.MethodPut
	if !on {
		method = http.MethodDelete
	}
	return call[wire.Message](ctx, c, method, message(room, seq)+"/reactions/"+url.PathEscape(emoji), nil)
}

// SetRead moves one's read pointer.
func (c *Client) SetRead(ctx context.Context, room string, seq int64) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPut, "/rooms/"+room+"/read", wire.SetRead{Seq: seq})
}

func message(room string, seq int64) string { return fmt.Sprintf("/rooms/%s/messages/%d", room, seq) }
