package chat

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/text"
)

// RoomAbout is what is told of a room to those who look at it. It lies apart from the room, since every message changes the room and
// every list of rooms reads it.
type RoomAbout struct {
	Description string // what the room is for; may have several lines
	Welcome     string // Markdown that who joins is shown once; "" for none
}

// DescribeRoom changes a RoomAbout.
type DescribeRoom struct {
	Facts                Facts
	Room                 string
	Description, Welcome *string
}

// Apply is what is told after the command, and whether that is any different.
func (cmd DescribeRoom) Apply(was RoomAbout) (now RoomAbout, changed bool) {
	now = was
	set(&now.Description, cmd.Description)
	set(&now.Welcome, cmd.Welcome)
	return now, now != was
}

// RoomAbout is for everybody who sees the room.
func (c *Canteen) RoomAbout(ctx context.Context, a Actor, id string) (RoomAbout, error) {
	return perform(ctx, c, a, CmdRoomAbout, use[RoomAbout]{room: id, do: func(*attempt) (RoomAbout, error) {
		return c.store.RoomAbout(ctx, id)
	}})
}

// RoomAboutInput changes what is told of a room; what is nil stays.
type RoomAboutInput struct{ Description, Welcome *string }

// DescribeRoom is for those who manage the room. Nothing is told in the room.
func (c *Canteen) DescribeRoom(ctx context.Context, a Actor, id string, in RoomAboutInput) (RoomAbout, error) {
	var err error
	if in.Description, err = about("description", in.Description, DescriptionLength); err != nil {
		return RoomAbout{}, err
	}
	if in.Welcome, err = about("welcome", in.Welcome, WelcomeLength); err != nil {
		return RoomAbout{}, err
	}
	var cmd DescribeRoom
	var was RoomAbout
	return perform(ctx, c, a, CmdDescribeRoom, use[RoomAbout]{
		room: id,
		may:  func(at *attempt) error { return mayManage(at.Actor, at.room) },
		state: func(at *attempt) (unchanged bool, err error) {
			cmd = DescribeRoom{Facts: at.facts(), Room: id, Description: in.Description, Welcome: in.Welcome}
			if was, err = c.store.RoomAbout(ctx, id); err != nil {
				return false, err
			}
			_, changed := cmd.Apply(was)
			at.about = append(audit.Redacted("description", was.Description, in.Description),
				audit.Redacted("welcome", was.Welcome, in.Welcome)...)
			return !changed, openIf(changed, at.room.Room)
		},
		same:   func(*attempt) (RoomAbout, error) { return was, nil },
		stores: func() int { return RowBytes + length(in.Description) + length(in.Welcome) },
		do:     func(*attempt) (RoomAbout, error) { return c.store.DescribeRoom(ctx, cmd) },
	})
}

func length(s *string) int {
	if s == nil {
		return 0
	}
	return len(*s)
}

// about checks a text of several lines, and returns it without white space around it.
func about(field string, s *string, most int) (*string, error) {
	if s == nil || strings.TrimSpace(*s) == "" {
		if s != nil {
			s = new(string)
		}
		return s, nil
	}
	clean, why := text.Message(strings.TrimSpace(*s))
	if err := reason(field, why); err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(clean) > most {
		return nil, InvalidField(field, "At most %d characters are allowed.", most)
	}
	return &clean, nil
}
