package dynamodb_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/canteen-chat/canteen/aws/local"
	"github.com/canteen-chat/canteen/chat"
)

// largest is a transport that remembers how many items the largest transaction had.
type largest struct {
	next  http.RoundTripper
	items atomic.Int64
}

func (l *largest) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".TransactWriteItems") {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		var in struct{ TransactItems []json.RawMessage }
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, err
		}
		l.items.Store(max(l.items.Load(), int64(len(in.TransactItems))))
	}
	return l.next.RoundTrip(r)
}

// TestSignUpIntoManyRooms: a sign-up into as many rooms as an invite may hold, and a default room, by somebody with a namesake, fits into
// one transaction of DynamoDB, which has 100 items at most. Its invite, used up, is gone.
func TestSignUpIntoManyRooms(t *testing.T) {
	ctx, counted := context.Background(), &largest{}
	s := on(t, local.Ministack, func(next http.RoundTripper) http.RoundTripper { counted.next = next; return counted })
	store := s.open(t)
	defer s.drop(t, 1)
	owner := newUser("mira", chat.Owner)
	_, err := store.Setup(ctx, chat.Setup{Workspace: chat.Workspace{Name: "Acme", Epoch: "e"}, Owner: owner, RoomID: "general", At: noon})
	must(t, err)
	var rooms []string
	for i := range chat.MaxInviteRooms + 1 {
		id := fmt.Sprint("room", i)
		rooms = append(rooms, id)
		_, _, err := store.AddRoom(ctx, chat.AddRoom{
			Room:    chat.Room{ID: id, Kind: chat.Private, Name: id, Posting: chat.PostingEveryone, CreatedBy: "umira", CreatedAt: noon},
			Members: []chat.RoomMembership{{User: "umira", Role: chat.RoomOwner, JoinedAt: noon}},
		})
		must(t, err)
	}
	secret := chat.HashSecret("invite")
	must(t, store.AddInvite(ctx, chat.Facts{}, chat.Invite{
		ID: "invite", By: "umira", Epoch: 1, Role: chat.Member, Rooms: rooms[1:], CreatedAt: noon, ExpiresAt: noon.AddDate(50, 0, 0), MaxUses: 1,
	}, secret))
	newcomer := newUser("kim", chat.Member)
	newcomer.User.Name = owner.User.Name
	session := chat.NewSession{Session: chat.Session{ID: "s", User: "ukim", CreatedAt: noon, ExpiresAt: noon.AddDate(50, 0, 0)}}
	_, err = store.AddUser(ctx, chat.AddUser{User: newcomer, Invite: &secret, Rooms: rooms, Session: &session, At: noon})
	must(t, err)
	if n := counted.items.Load(); n > 100 {
		t.Errorf("a transaction of %d items", n)
	} else {
		t.Logf("a transaction of %d items", n)
	}
	if in, err := store.MyRooms(ctx, "ukim"); err != nil || len(in) != len(rooms) {
		t.Errorf("in %d rooms (%v), want %d", len(in), err, len(rooms))
	}
	if i, err := store.InviteBySecret(ctx, secret, noon); i.ID != "" || chat.ErrorCode(err) != chat.NotFound {
		t.Errorf("the invite is still there: %+v (%v)", i, err)
	}
}
