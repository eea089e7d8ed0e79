package apigateway

import (
	"context"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// maxWatched is of how many users presence is answered here, where each answer is asked for.
const maxWatched = 20

// execute obeys one command of an actor, as of now.
func (s *Sockets) execute(ctx context.Context, c *chat.Connection, a chat.Actor, cmd wire.Command) error {
	switch cmd.Type {
	case "open":
		return s.open(ctx, c, a, cmd.Room)
	case "presence":
		c.Away = cmd.State == wire.Away
		return s.save(ctx, c)
	}
	if s.o.Clock.Time().Sub(c.SeenAt) >= touchEvery {
		if err := s.save(ctx, c); err != nil {
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

// save keeps the connection as it is, heard of now.
func (s *Sockets) save(ctx context.Context, c *chat.Connection) error {
	c.SeenAt = s.o.Clock.Time()
	if !greeted(*c) { // in the millisecond in which it was made
		c.SeenAt = c.MadeAt.Add(time.Millisecond)
	}
	return s.o.Connections.UpdateConnection(ctx, *c)
}

// reply posts to the connection of the command. That it cannot be reached is no failure: it comes again, or is gone.
func (s *Sockets) reply(ctx context.Context, c *chat.Connection, v any) error {
	result, err := s.postEach(ctx, &recipient{Connection: *c, events: []event{{text: encode(v)}}})
	if result.Gone > 0 {
		s.o.Log.DebugContext(ctx, "connection gone", "connection", c.ID)
	}
	return err
}

// open sets the room on screen, if the user is in it, and greets who opens for the first time. Membership is asked once more
// when the room is kept: a fan-out of its end either finds the room there, or was before.
func (s *Sockets) open(ctx context.Context, c *chat.Connection, a chat.Actor, room string) error {
	first, previous := !greeted(*c), c.Room
	if room == "" {
		c.Room = ""
	} else if may, err := s.canteen.MayOpen(ctx, a, room); err != nil {
		return err
	} else if may {
		c.Room = room
	}
	if err := s.save(ctx, c); err != nil {
		return err
	}
	if c.Room != "" && c.Room != previous {
		may, err := s.canteen.MayOpen(ctx, a, c.Room)
		if err != nil {
			return err
		}
		if !may {
			c.Room = ""
			if err := s.save(ctx, c); err != nil {
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

// watch answers with the presence of the first users named whom the actor may see.
func (s *Sockets) watch(ctx context.Context, c *chat.Connection, a chat.Actor, ids []string) error {
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
