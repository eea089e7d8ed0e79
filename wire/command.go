package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/chat"
)

// Command is a client's command on the socket, one JSON object in each frame. Type determines which other fields are allowed.
type Command struct {
	Type   string   `json:"type" enum:"open,watch,typing,presence,ping"`
	Room   string   `json:"room,omitempty" doc:"open (null: none) and typing"`
	Thread int64    `json:"thread,omitempty" minimum:"1" doc:"open: the root of the room's thread that is on the screen too"`
	Users  []string `json:"users,omitempty" doc:"watch: at most 200 ids"`
	State  Presence `json:"state,omitempty" enum:"active,away" doc:"presence"`
}

// ErrCommand is returned for a frame that is not a valid command.
var ErrCommand = errors.New("not a command")

// ParseCommand parses a frame strictly. It returns ErrCommand for an unknown type, for an unknown, missing or repeated field, and
// for data after the object.
func ParseCommand(frame []byte) (Command, error) {
	fields, err := object(frame)
	if err != nil {
		return Command{}, err
	}
	var c Command
	if err := field(fields, "type", &c.Type); err != nil {
		return Command{}, err
	}
	switch c.Type {
	case "open":
		var room *string
		if err = field(fields, "room", &room); err == nil && room != nil {
			c.Room = *room
			err = c.thread(fields)
		}
	case "typing":
		err = field(fields, "room", &c.Room)
	case "watch":
		err = field(fields, "users", &c.Users)
		if len(c.Users) > chat.MaxWatched {
			err = fmt.Errorf("%w: more than %d users", ErrCommand, chat.MaxWatched)
		}
	case "presence":
		if err = field(fields, "state", &c.State); err == nil && c.State != Active && c.State != Away {
			err = fmt.Errorf("%w: unknown state", ErrCommand)
		}
	case "ping":
	default:
		err = fmt.Errorf("%w: unknown type", ErrCommand)
	}
	if err == nil && len(fields) > 0 {
		err = fmt.Errorf("%w: unknown field", ErrCommand)
	}
	if err != nil {
		return Command{}, err
	}
	return c, nil
}

// thread takes the optional field of open. A thread needs its room, so that null with a thread is refused as an unknown field.
func (c *Command) thread(fields map[string]json.RawMessage) error {
	if _, there := fields["thread"]; !there {
		return nil
	}
	if err := field(fields, "thread", &c.Thread); err != nil {
		return err
	}
	if c.Thread < 1 {
		return fmt.Errorf("%w: thread is no seq", ErrCommand)
	}
	return nil
}

// object splits a JSON object into its fields. It refuses a repeated field.
func object(b []byte) (map[string]json.RawMessage, error) {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrCommand, what) }
	if !utf8.Valid(b) {
		return nil, bad("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, bad("not an object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return nil, bad("malformed")
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, bad("malformed")
		}
		if _, twice := fields[name]; twice {
			return nil, bad("repeated field")
		}
		fields[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, bad("malformed")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, bad("data after the object")
	}
	return fields, nil
}

// field decodes one field and removes it from fields. It refuses a missing field.
func field(fields map[string]json.RawMessage, name string, to any) error {
	v, ok := fields[name]
	if !ok {
		return fmt.Errorf("%w: %s is missing", ErrCommand, name)
	}
	delete(fields, name)
	if err := json.Unmarshal(v, to); err != nil {
		return fmt.Errorf("%w: %s has the wrong type", ErrCommand, name)
	}
	return nil
}

// NotOwn says whether a socket opened with this query does not hear of what its user did itself: that of a bot, unless own=true.
func NotOwn(u chat.User, query url.Values) bool { return u.Bot && query.Get("own") != "true" }
