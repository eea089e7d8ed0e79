package chat

import (
	"context"
	"strings"

	"github.com/canteen-chat/canteen/text"
)

// Origin is the message that another one forwards. Nothing of it is stored with the message that forwards it: who reads that reads the
// origin as it is then, if they see its room.
type Origin struct {
	Room string `json:"room"`
	Seq  int64  `json:"seq"`
}

// source is the message to be forwarded. NotFound unless the actor sees its room and it was posted.
func (c *Canteen) source(ctx context.Context, a Actor, o Origin) (Message, error) {
	if _, err := c.see(ctx, a, o.Room); err != nil {
		return Message{}, err
	}
	m, err := c.store.Message(ctx, o.Room, o.Seq, a.User.ID)
	if ErrorCode(err) == NotFound {
		err = ErrNotFound() // as of a room that the actor does not see
	}
	return m, err
}

// Forwardable is Gone for a tombstone, and Invalid for a system message: it tells only of its own room.
func (m Message) Forwardable() error {
	if m.DeletedAt != nil {
		return Errorf(Gone, "The message that you want to forward was deleted.")
	}
	if m.System != nil {
		return InvalidField("forward", "Notices of a room cannot be forwarded.")
	}
	return nil
}

// messageText checks the text of a message, which may be empty if the message has other parts.
func messageText(s string, empty bool) (string, error) {
	if empty && strings.TrimSpace(s) == "" {
		return "", nil
	}
	body, why := text.Message(s)
	return body, reason("text", why)
}
