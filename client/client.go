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

// Limits of a request.
const (
	Timeout   = time.Minute // from the start to the end of the answer
	MaxAnswer = 64 << 20    // bytes: the largest page of changes, 500 messages of 20,000 characters, takes 40 MB
)

// Client sends one user's requests to a server. It is safe for concurrent use once signed in.
type Client struct {
	base  string
	token string
	http  *http.Client
	most  int64                // maximum size of an answer, in bytes
	life  func() time.Duration // age at which a connection of limited lifetime is replaced
}

// New makes a client of the server at base, its public URL ("https://chat.example.com"). With a token the client is signed in,
// with the token's scopes. Without one, SignIn, SignUp or Setup sign it in with a session cookie, which the client keeps in
// memory.
func New(base, token string) *Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // cannot happen without options
	}
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	noRedirects := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{
		base: strings.TrimSuffix(base, "/"), token: token, most: MaxAnswer, life: life,
		http: &http.Client{Jar: jar, Transport: t, Timeout: Timeout, CheckRedirect: noRedirects},
	}
}

// Do sends one request below /api/v1, for commands that have no method here. It sends in as JSON and decodes the answer into out;
// either may be nil. Path elements must be escaped.
func (c *Client) Do(ctx context.Context, method, path string, in, out any) error {
	if in == nil {
		return c.send(ctx, method, path, "", nil, out)
	}
	b, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s %s: encode the body: %w", method, path, err)
	}
	return c.send(ctx, method, path, "application/json", bytes.NewReader(b), out)
}

// send sends a request with a body of the type, or without one if body is nil. It decodes the answer into out. If out is a *[]byte, it gets
// the answer as it is; if it is nil, the answer is ignored.
func (c *Client) send(ctx context.Context, method, path, contentType string, body io.Reader, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return err // it names the method and the URL
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
	if raw, ok := out.(*[]byte); ok {
		*raw = b
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

// CheckSetup checks the token of a setup link. Errors as those of Setup.
func (c *Client) CheckSetup(ctx context.Context, token string) error {
	return c.Do(ctx, http.MethodPost, "/setup/check", wire.CheckSetup{Token: token}, nil)
}

// Setup sets up the workspace with the token of the setup link that the server printed, and signs in as the owner. Errors:
// NotFound for a wrong token, Conflict if the workspace is set up already.
func (c *Client) Setup(ctx context.Context, b wire.Setup) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/setup", b)
}

// SignIn signs in with a session cookie. Errors: Unauthenticated for a wrong address or password, RateLimited after 10 failures.
func (c *Client) SignIn(ctx context.Context, email, password string) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/session", wire.SignIn{Email: email, Password: password})
}

// CheckInvite checks the secret of an invite link. Errors: NotFound for an invite that lets nobody in.
func (c *Client) CheckInvite(ctx context.Context, secret string) error {
	return c.Do(ctx, http.MethodPost, "/signup/check", wire.CheckInvite{Invite: secret}, nil)
}

// Unsubscribe stops the digests of whom a link is for: NotFound for a link that is unknown or too old.
func (c *Client) Unsubscribe(ctx context.Context, token string) error {
	return c.Do(ctx, http.MethodPost, "/unsubscribe/"+url.PathEscape(token), nil, nil)
}

// CheckReset is NotFound for a link that resets no password, as ResetPassword is.
func (c *Client) CheckReset(ctx context.Context, token string) error {
	return c.Do(ctx, http.MethodPost, "/reset/check", wire.CheckReset{Token: token}, nil)
}

// ResetPassword chooses a new password by a link and signs in with a session cookie. Errors: NotFound for a link that is unknown, used,
// replaced or too old.
func (c *Client) ResetPassword(ctx context.Context, b wire.ResetPassword) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/reset", b)
}

// SignUp creates a user with an invite and signs in with a session cookie. Errors: NotFound for an invite that is unknown, used up
// or expired.
func (c *Client) SignUp(ctx context.Context, b wire.SignUp) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPost, "/signup", b)
}

// AddInvite creates an invite. Only this answer contains its secret and link. For owners and admins, and to rooms that they are
// members of.
func (c *Client) AddInvite(ctx context.Context, b wire.NewInviteBody) (wire.MadeInvite, error) {
	return call[wire.MadeInvite](ctx, c, http.MethodPost, "/invites", b)
}

// Me is the signed-in user, with the workspace and its limits.
func (c *Client) Me(ctx context.Context) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodGet, "/me", nil)
}

// UpdateMe changes the user's own profile, status and settings. Fields that are nil are not changed.
func (c *Client) UpdateMe(ctx context.Context, b wire.UpdateMe) (wire.Me, error) {
	return call[wire.Me](ctx, c, http.MethodPatch, "/me", b)
}

// UpdateWorkspace changes settings of the workspace. For owners and admins.
func (c *Client) UpdateWorkspace(ctx context.Context, b wire.UpdateWorkspace) (wire.MyWorkspace, error) {
	return call[wire.MyWorkspace](ctx, c, http.MethodPatch, "/workspace", b)
}

// AddToken creates a token. Only this answer contains its secret. It needs a session cookie. Errors: Forbidden with a token.
func (c *Client) AddToken(ctx context.Context, b wire.NewTokenBody) (wire.MadeToken, error) {
	return call[wire.MadeToken](ctx, c, http.MethodPost, "/tokens", b)
}

// Users is the directory, including deactivated users, which are marked. Guests see only users with whom they share a room.
func (c *Client) Users(ctx context.Context) ([]wire.User, error) {
	r, err := call[wire.Users](ctx, c, http.MethodGet, "/users", nil)
	return r.Users, err
}

// UpdateUser changes another user's role, profile or deactivation. Fields that are nil are not changed. For owners and admins.
func (c *Client) UpdateUser(ctx context.Context, user string, b wire.UpdateUser) (wire.User, error) {
	return call[wire.User](ctx, c, http.MethodPatch, "/users/"+user, b)
}

// Rooms are the rooms that the user is a member of, including archived ones.
func (c *Client) Rooms(ctx context.Context) ([]wire.MyRoom, error) {
	r, err := call[wire.MyRooms](ctx, c, http.MethodGet, "/rooms", nil)
	return r.Rooms, err
}

// Room is one room with the user's own settings and counts. Role is empty if the user is not a member of the public room. Errors:
// NotFound if the room does not exist or the user may not see it.
func (c *Client) Room(ctx context.Context, room string) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodGet, "/rooms/"+url.PathEscape(room), nil)
}

// AddRoom creates a room, whose owner is the user. If a direct room with the same people exists, it is returned instead. Guests
// can create direct rooms only. Errors: Conflict if another public room has the name.
func (c *Client) AddRoom(ctx context.Context, b wire.NewRoomBody) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms", b)
}

// UpdateRoom changes the name, the topic, whether the room is archived, who may post, and whether it is public. Fields that are nil are not changed. For
// owners of the room and admins.
func (c *Client) UpdateRoom(ctx context.Context, room string, b wire.UpdateRoom) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPatch, "/rooms/"+url.PathEscape(room), b)
}

// RoomAbout is the description and the welcome of a room. For everybody who sees the room.
func (c *Client) RoomAbout(ctx context.Context, room string) (wire.RoomAbout, error) {
	return call[wire.RoomAbout](ctx, c, http.MethodGet, "/rooms/"+url.PathEscape(room)+"/about", nil)
}

// DescribeRoom changes the description and the welcome of a room. Fields that are nil are not changed. For owners of the room and admins.
func (c *Client) DescribeRoom(ctx context.Context, room string, b wire.UpdateRoomAbout) (wire.RoomAbout, error) {
	return call[wire.RoomAbout](ctx, c, http.MethodPatch, "/rooms/"+url.PathEscape(room)+"/about", b)
}

// Confirm confirms that the user has read a message that asks for it. Repeating it changes nothing. Errors: Conflict for a message that
// does not ask for it.
func (c *Client) Confirm(ctx context.Context, room string, seq int64) (wire.Confirmations, error) {
	return call[wire.Confirmations](ctx, c, http.MethodPut, message(room, seq)+"/confirmed", nil)
}

// Confirmations is whether the user has confirmed a message, and for its author and owners of the room who else has and has not.
func (c *Client) Confirmations(ctx context.Context, room string, seq int64) (wire.Confirmations, error) {
	return call[wire.Confirmations](ctx, c, http.MethodGet, message(room, seq)+"/confirmed", nil)
}

// UpdateMyRoom changes the user's own settings of a room. Fields that are nil are not changed.
func (c *Client) UpdateMyRoom(ctx context.Context, room string, b wire.UpdateMyRoom) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPatch, "/rooms/"+url.PathEscape(room)+"/me", b)
}

// Join joins a public room. It does nothing if the user is a member. Errors: NotFound for guests, Conflict if the room is archived.
func (c *Client) Join(ctx context.Context, room string) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPost, "/rooms/"+url.PathEscape(room)+"/join", nil)
}

// PutMember adds a member (for members who are not guests) or sets a role (for owners of the room and admins). role is "owner" or
// "member"; "" keeps the present role.
func (c *Client) PutMember(ctx context.Context, room, user, role string) (wire.Member, error) {
	var b wire.PutMember
	if role != "" {
		b.Role = &role
	}
	return call[wire.Member](ctx, c, http.MethodPut, "/rooms/"+url.PathEscape(room)+"/members/"+user, b)
}

// RemoveMember removes a member (for owners of the room and admins), or leaves the room if user is the user's own id.
func (c *Client) RemoveMember(ctx context.Context, room, user string) error {
	return c.Do(ctx, http.MethodDelete, "/rooms/"+url.PathEscape(room)+"/members/"+user, nil, nil)
}

// Post posts a message, for members. ClientID is its idempotency key: a repeated Post with the same ClientID posts nothing and
// returns the first message in its present state. Errors: Forbidden if only owners may post, Conflict in an archived room,
// RateLimited above 10 a second.
func (c *Client) Post(ctx context.Context, room string, b wire.PostMessage) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPost, "/rooms/"+url.PathEscape(room)+"/messages", b)
}

// Preview asks what the page behind a link says about itself. Name the ID of the answer in a post whose text has the link. Errors: NotFound
// for a link without a preview, and while previews are off; RateLimited above one in 2 seconds.
func (c *Client) Preview(ctx context.Context, link string) (wire.MadePreview, error) {
	return call[wire.MadePreview](ctx, c, http.MethodPost, "/previews", wire.AskPreview{URL: link})
}

// Page is a page of the timeline, or of a thread, by ascending seq. query may hold limit (1 … 200, default 50), thread (the seq of
// the root), and one of before, after and around (a seq), and at (a time in RFC 3339: around the first message posted then or later);
// without those it is the latest page. For everybody who sees the room.
func (c *Client) Page(ctx context.Context, room string, query url.Values) (wire.Page, error) {
	return call[wire.Page](ctx, c, http.MethodGet, "/rooms/"+url.PathEscape(room)+"/messages?"+query.Encode(), nil)
}

// Changes are the messages that changed after a revision, at most 500, each once in its present state. While More is true, call it
// again with Next. Errors: Gone if the server does not know the revision or has forgotten it; then load the page again.
func (c *Client) Changes(ctx context.Context, room string, since int64) (wire.Changes, error) {
	return call[wire.Changes](ctx, c, http.MethodGet, fmt.Sprintf("/rooms/%s/changes?since=%d", url.PathEscape(room), since), nil)
}

// Edit changes the text of the user's own message. The same text changes nothing. Errors: Gone if the message was deleted.
func (c *Client) Edit(ctx context.Context, room string, seq int64, text string) (wire.Message, error) {
	return c.EditMessage(ctx, room, seq, wire.EditMessage{Text: text})
}

// EditMessage is Edit with the choice of another preview, or none.
func (c *Client) EditMessage(ctx context.Context, room string, seq int64, b wire.EditMessage) (wire.Message, error) {
	return call[wire.Message](ctx, c, http.MethodPatch, message(room, seq), b)
}

// History is the texts that a message has had, newest first, at most 100. before, if it is not 0, is the N of a version: the answer
// holds older ones. While More is true, call it again with the last N. Errors: NotFound if the message was deleted.
func (c *Client) History(ctx context.Context, room string, seq, before int64) (wire.Versions, error) {
	path := message(room, seq) + "/history"
	if before > 0 {
		path += fmt.Sprintf("?before=%d", before)
	}
	return call[wire.Versions](ctx, c, http.MethodGet, path, nil)
}

// Delete replaces a message by a tombstone. Users can delete their own messages, owners of the room and admins any message. Deleting
// again does nothing.
func (c *Client) Delete(ctx context.Context, room string, seq int64) error {
	return c.Do(ctx, http.MethodDelete, message(room, seq), nil, nil)
}

// React adds a reaction, or removes it if on is false. Repeating either changes nothing. emoji is one Unicode emoji, in any form.
// Errors: Invalid for other text, Conflict for a 21st different emoji on a message.
func (c *Client) React(ctx context.Context, room string, seq int64, emoji string, on bool) (wire.Message, error) {
	method := http.MethodPut
	if !on {
		method = http.MethodDelete
	}
	return call[wire.Message](ctx, c, method, message(room, seq)+"/reactions/"+url.PathEscape(emoji), nil)
}

// SetRead moves the user's read pointer to seq, 0 … LastSeq. A smaller seq than before marks messages as unread.
func (c *Client) SetRead(ctx context.Context, room string, seq int64) (wire.MyRoom, error) {
	return call[wire.MyRoom](ctx, c, http.MethodPut, "/rooms/"+url.PathEscape(room)+"/read", wire.SetRead{Seq: seq})
}

// Threads are the threads that the user follows and that have replies, the newest reply first. query may hold limit (1 … 100, default
// 20), unread (true: only those with something unread) and cursor (the Next of an earlier answer).
func (c *Client) Threads(ctx context.Context, query url.Values) (wire.MyThreads, error) {
	return call[wire.MyThreads](ctx, c, http.MethodGet, "/threads?"+query.Encode(), nil)
}

// Thread is a thread as the user has it, named by the seq of its root. For everybody who sees the room. Errors: NotFound if the message is
// itself a reply.
func (c *Client) Thread(ctx context.Context, room string, root int64) (wire.MyThread, error) {
	return call[wire.MyThread](ctx, c, http.MethodGet, thread(room, root), nil)
}

// FollowThread follows a thread or, if on is false, stops to, until the user replies in it. For members.
func (c *Client) FollowThread(ctx context.Context, room string, root int64, on bool) (wire.MyThread, error) {
	b := wire.FollowThread{Follow: "off"}
	if on {
		b.Follow = "on"
	}
	return call[wire.MyThread](ctx, c, http.MethodPut, thread(room, root)+"/follow", b)
}

// ReadThread moves the user's read pointer of a thread to seq, a place in the room. It changes nothing if the user does not follow the
// thread. For members.
func (c *Client) ReadThread(ctx context.Context, room string, root, seq int64) (wire.MyThread, error) {
	return call[wire.MyThread](ctx, c, http.MethodPut, thread(room, root)+"/read", wire.SetRead{Seq: seq})
}

func thread(room string, root int64) string {
	return fmt.Sprintf("/rooms/%s/threads/%d", url.PathEscape(room), root)
}

func message(room string, seq int64) string {
	return fmt.Sprintf("/rooms/%s/messages/%d", url.PathEscape(room), seq)
}
