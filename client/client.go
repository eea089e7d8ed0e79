package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// Bounds of a request.
const (
	Timeout   = time.Minute // for all of it, the answer included
	MaxAnswer = 64 << 20    // bytes: the largest page of changes, 500 messages of 20,000 characters, takes 40 MB
)

// Client is one user's way to a server. It is safe for concurrent use once signed in.
type Client struct {
	base  string
	token string
	http  *http.Client
	most  int64                // bytes of an answer
	life  func() time.Duration // of a connection that the server will end, until it is renewed
}

// New is a client of the server at base, its public URL ("https://chat.example.com"). With a token it is signed in, and may do
// what the token's scopes allow; without, SignIn, SignUp or Setup do that by cookie, which the client keeps in memory.
func New(base, token string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // never without options
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base: strings.TrimSuffix(base, "/"), token: token, most: MaxAnswer, life: life,
		http: &http.Client{Jar: jar, Transport: t, Timeout: Timeout, CheckRedirect: stay},
	}
}

// Do sends one request below /api/v1, for commands that have no method here: in, unless nil, as JSON; the answer into out,
// unless that is nil. Path elements must be escaped already.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: encode the body: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err // names method and address
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, c.most+1))
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if int64(len(b)) > c.most {
		return fmt.Errorf("%s %s: the answer has more than %d bytes", method, path, c.most)
	}
	if resp.StatusCode >= 300 {
		return refusal(resp, b)
	}
	if out == nil || len(b) == 0 {
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("%s %s: decode the answer: %w", method, path, err)
	}
	return nil
}

func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	err := c.Do(ctx, method, path, in, &out)
	return out, err
}

// Setup does the first run, with the token of the link that the server printed, and signs in as the owner. NotFound for another
// token, Conflict once it is done.
func (c *Client) Setup(ctx context.Context, b wire.Setup) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/setup", b)
}

// SignIn signs in by cookie. Unauthenticated when address and password do not fit; RateLimited after 10 failures.
func (c *Client) SignIn(ctx context.Context, email, password string) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/session", wire.SignIn{Email: email, Password: password})
}

// SignUp uses an invite and signs in by cookie. NotFound for one that is unknown, used up or expired.
func (c *Client) SignUp(ctx context.Context, b wire.SignUp) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/signup", b)
}

// AddInvite makes an invite, whose secret and link are said here alone. For owners and admins, to rooms they are in.
func (c *Client) AddInvite(ctx context.Context, b wire.NewInviteBody) (wire.MadeInvite, error) {
	return call[wire.MadeInvite](ctx, c, http.MethodPost, "/invites", b)
}

// Me is oneself, with the workspace and its limits.
func (c *Client) Me(ctx context.Context) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodGet, "/me", nil)
}

// UpdateMe changes one's profile, status and settings; what is nil stays.
func (c *Client) UpdateMe(ctx context.Context, b wire.UpdateMe) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPatch, "/me", b)
}

// AddToken makes a token, whose secret is said here alone. For who signed in by cookie: Forbidden with a token.
func (c *Client) AddToken(ctx context.Context, b wire.NewTokenBody) (wire.MadeToken, error) {
	return call[wire.MadeToken](ctx, c, http.MethodPost, "/tokens", b)
}

// Users is the directory, deactivated users included and marked. Guests see those with whom they share a room.
func (c *Client) Users(ctx context.Context) ([]wire.User, error) {
	r, err := call[wire.Users](ctx, c, http.MethodGet, "/users", nil)
	return r.Users, err
}

// UpdateUser changes another's role, profile or deactivation; what is nil stays. For owners and admins.
func (c *Client) UpdateUser(ctx context.Context, user string, b wire.UpdateUser) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPatch, "/users/"+user, b)
}

// Rooms are one's own, archived ones included.
func (c *Client) Rooms(ctx context.Context) ([]wire.MyRoom, error) {
	r, err := call[wire.MyRooms](ctx, c, http.MethodGet, "/rooms", nil)
	return r.Rooms, err
}

// Room is one room as one has it. Role is empty for who sees a public room without being in it. NotFound when there is no
// such room, or one may not see it.
func (c *Client) Room(ctx context.Context, room string) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodGet, "/rooms/"+room, nil)
}

// AddRoom makes a room and its owner of oneself. A direct room with the same people is given back as it is. Conflict when a
// public room has the name; guests make direct rooms only.
func (c *Client) AddRoom(ctx context.Context, b wire.NewRoomBody) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms", b)
}

// UpdateRoom renames, sets the topic, archives, or says who posts; what is nil stays. For the room's owners and admins.
func (c *Client) UpdateRoom(ctx context.Context, room string, b wire.UpdateRoom) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPatch, "/rooms/"+room, b)
}

// UpdateMyRoom changes one's own settings of a room; what is nil stays.
func (c *Client) UpdateMyRoom(ctx context.Context, room string, b wire.UpdateMyRoom) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPatch, "/rooms/"+room+"/me", b)
}

// Join joins a public room; who is a member already stays one. NotFound for guests, Conflict when it is archived.
func (c *Client) Join(ctx context.Context, room string) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms/"+room+"/join", nil)
}

// PutMember adds a member, for members who are not guests, or sets a role ("owner" or "member"; "" leaves it), for the room's
// owners and admins.
func (c *Client) PutMember(ctx context.Context, room, user, role string) (wire.Member, error) {
	var b wire.PutMember
	if role != "" {
		b.Role = &role
	}
	return call[wire.Member](ctx, c, http.MethodPut, "/rooms/"+room+"/members/"+user, b)
}

// RemoveMember removes a member, for the room's owners and admins; oneself: leaves.
func (c *Client) RemoveMember(ctx context.Context, room, user string) error {
	return c.Do(ctx, http.MethodDelete, "/rooms/"+room+"/members/"+user, nil, nil)
}

// Post posts a message, for members. The same ClientID again gives the first message as it is now, and posts nothing: Post may
// be repeated until it is answered. Forbidden where only owners post, Conflict in an archived room, RateLimited beyond 10 a
// second.
func (c *Client) Post(ctx context.Context, room string, b wire.PostMessage) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPost, "/rooms/"+room+"/messages", b)
}

// Page is a page of the timeline, or of a thread, by ascending seq. query holds at most one of before, after and around (a
// seq; none: the latest), thread (the root's seq) and limit (1 … 200; 50 unless said). For whoever sees the room.
func (c *Client) Page(ctx context.Context, room string, query url.Values) (wire.Page, error) {
	return call[wire.Page](ctx, c, http.MethodGet, "/rooms/"+room+"/messages?"+query.Encode(), nil)
}

// Changes are the messages changed since a revision, at most 500, each once in its present state; go on with Next while More.
// Gone when the revision is not known (any more): load the page again.
func (c *Client) Changes(ctx context.Context, room string, since int64) (wire.Changes, error) {
	return call[wire.Changes](ctx, c, http.MethodGet, fmt.Sprintf("/rooms/%s/changes?since=%d", room, since), nil)
}

// Edit changes the text of one's own message. The same text changes nothing. Gone when it was deleted.
func (c *Client) Edit(ctx context.Context, room string, seq int64, text string) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPatch, message(room, seq), wire.EditMessage{Text: text})
}

// Delete leaves a tombstone in place of a message: one's own; any, for the room's owners and admins. Again: nothing happens.
func (c *Client) Delete(ctx context.Context, room string, seq int64) error {
	return c.Do(ctx, http.MethodDelete, message(room, seq), nil, nil)
}

// React adds a reaction or, with on false, takes it back; either again changes nothing. emoji is one emoji of Unicode's set, in
// any form. Invalid for something else, Conflict beyond 20 different ones on a message.
func (c *Client) React(ctx context.Context, room string, seq int64, emoji string, on bool) (wire.Message, error) {
	method := http.MethodPut
	if !on {
		method = http.MethodDelete
	}
	return call[wire.Message](ctx, c, method, message(room, seq)+"/reactions/"+url.PathEscape(emoji), nil)
}

// SetRead moves one's read pointer to seq, 0 … LastSeq; backwards marks unread.
func (c *Client) SetRead(ctx context.Context, room string, seq int64) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPut, "/rooms/"+room+"/read", wire.SetRead{Seq: seq})
}

func message(room string, seq int64) string { return fmt.Sprintf("/rooms/%s/messages/%d", room, seq) }
