package apigateway

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
	"github.com/canteen-chat/canteen/wire"
)

// maxWatched is how many users one watch command may name. Each of them costs a query.
const maxWatched = 20

// execute runs one command of a connection.
func (s *Sockets) execute(ctx context.Context, c *connection.Connection, a chat.Actor, cmd wire.Command) error {
	switch cmd.Type {
	case "open":
		return s.open(ctx, c, a, cmd)
	case "presence":
		away := cmd.State == wire.Away
		return s.save(ctx, c, func(c *connection.Connection) {
			if c.Away = away; !away {
				c.ActiveAt = s.o.Clock.Time()
			}
		})
	}
	if s.o.Clock.Time().Sub(c.SeenAt) >= touchEvery {
		if err := s.save(ctx, c, func(c *connection.Connection) {
			if cmd.Type == "typing" {
				c.ActiveAt = s.o.Clock.Time()
			}
		}); err != nil {
			return err
		}
	}
	switch cmd.Type {
	case "ping":
		return s.reply(ctx, c, wire.Pong{Type: "pong"})
	case "typing":
		return s.canteen.Typing(ctx, a, cmd.Room)
	case "watch":
		return s.watch(ctx, c, a, cmd.Users)
	}
	return nil
}

// save changes the connection, with the present time as SeenAt.
func (s *Sockets) save(ctx context.Context, c *connection.Connection, change func(*connection.Connection)) error {
	now, until := s.o.Clock.Time(), c.Until
	saved, err := s.o.Connections.UpdateConnection(ctx, c.User, c.ID, func(c *connection.Connection) {
		change(c)
		c.SeenAt, c.Until = now, until
		if !greeted(*c) { // made in this very millisecond
			c.SeenAt = c.MadeAt.Add(time.Millisecond)
		}
	})
	if err == nil {
		*c = saved
	}
	return err
}

// reply posts to the connection that sent the command. An unreachable connection is no error: its client reconnects or is
// gone.
func (s *Sockets) reply(ctx context.Context, c *connection.Connection, v any) error {
	result, err := s.postTo(ctx, &recipient{Connection: *c, events: []event{{text: encode(v)}}})
	if result.Gone > 0 {
		s.o.Log.DebugContext(ctx, "connection gone", "connection", c.ID)
	}
	return err
}

// open sets the room on screen, and the thread in it, if the user may open it. A connection that opens for the first time gets hello. open
// checks membership again after the write: the fan-out of a removal either finds the room on the connection, or came before this check.
func (s *Sockets) open(ctx context.Context, c *connection.Connection, a chat.Actor, cmd wire.Command) error {
	first, previous := !greeted(*c), c.Room
	room, thread := c.Room, c.Thread
	if cmd.Room == "" {
		room, thread = "", 0
	} else if may, err := s.canteen.MayOpen(ctx, a, cmd.Room); err != nil {
		return err
	} else if may {
		room, thread = cmd.Room, cmd.Thread
	}
	if err := s.save(ctx, c, func(c *connection.Connection) {
		c.Room, c.Thread = room, thread
		if !first { // a connection that begins is no sign of its user
			c.ActiveAt = s.o.Clock.Time()
		}
	}); err != nil {
		return err
	}
	if room != "" && room != previous {
		may, err := s.canteen.MayOpen(ctx, a, room)
		if err != nil {
			return err
		}
		if !may {
			if err := s.save(ctx, c, func(c *connection.Connection) { closeIf(c, room) }); err != nil {
				return err
			}
		}
	}
	if !first {
		return nil
	}
	_, workspace, err := s.canteen.Me(ctx, a)
	if err != nil {
		return err
	}
	return s.reply(ctx, c, wire.Hello{
		Type: "hello", User: a.User.ID, Connection: c.ID, Epoch: workspace.Epoch,
		Heartbeat: int(heartbeat.Seconds()), PresencePoll: int(presencePoll.Seconds()),
	})
}

// watch replies with the presence of the named users that the actor may see.
func (s *Sockets) watch(ctx context.Context, c *connection.Connection, a chat.Actor, ids []string) error {
	ids, err := s.canteen.VisibleUsers(ctx, a, ids[:min(len(ids), maxWatched)])
	if err != nil {
		return err
	}
	states := make(map[string]wire.Presence, len(ids))
	for _, id := range ids {
		states[id] = wire.Offline
	}
	if len(ids) > 0 {
		now := s.o.Clock.Time()
		conns, err := s.o.Connections.ConnectionsOf(ctx, ids, now)
		if err != nil {
			return err
		}
		for _, o := range conns {
			switch {
			case !alive(o, now) || states[o.User] == wire.Active:
			case o.Away:
				states[o.User] = wire.Away
			default:
				states[o.User] = wire.Active
			}
		}
	}
	return s.reply(ctx, c, wire.PresenceEvent{Type: "presence", Users: states})
}
