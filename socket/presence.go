package socket

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/wire"
)

// ticks sends changes of presence to the watchers, and closes connections whose session or token expires, once per tick.
func (h *Hub) ticks() {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-h.stop:
			return
		case <-t.C:
			h.sendPresence()
			for _, c := range h.expiring() {
				h.recheck(c)
			}
		}
	}
}

// expiring are the connections whose session or token, as far as it is known, is over by the next tick.
func (h *Hub) expiring() (cs []*conn) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	by := h.o.Clock.Time().Add(tick)
	for _, u := range h.users {
		for c := range u.conns {
			if c.expires(by) {
				cs = append(cs, c)
			}
		}
	}
	return cs
}

// sendPresence sends changes of presence to those watchers who may see the user at this moment.
func (h *Hub) sendPresence() {
	for c, users := range h.presenceChanges() {
		ids, err := h.canteen.StillVisible(context.Background(), c.actor, slices.Collect(maps.Keys(users)))
		if err != nil {
			h.o.Log.Warn("presence not sent", "connection", c.id, "error", err)
			continue
		}
		maps.DeleteFunc(users, func(id string, _ wire.Presence) bool { return !slices.Contains(ids, id) })
		if len(users) > 0 {
			c.send(presenceFrame(users))
		}
	}
}

// presenceChanges are the users whose presence changed since the last time, for each connection that watches them.
func (h *Hub) presenceChanges() map[*conn]map[string]wire.Presence {
	h.mu.Lock()
	defer h.mu.Unlock()
	changes := map[*conn]map[string]wire.Presence{}
	for id := range h.dirty {
		u := h.users[id]
		state, settled := h.state(u)
		if settled {
			delete(h.dirty, id)
		}
		if u != nil && state == wire.Offline {
			delete(h.users, id)
		}
		if u == nil || state == u.shown {
			continue
		}
		u.shown = state
		for c := range h.watchers[id] {
			if changes[c] == nil {
				changes[c] = map[string]wire.Presence{}
			}
			changes[c][id] = state
		}
	}
	return changes
}

// state is a user's current presence. The second result is false if it will change just by the passage of time.
func (h *Hub) state(u *user) (wire.Presence, bool) {
	switch {
	case u == nil:
		return wire.Offline, true
	case len(u.conns) == 0:
		if h.o.Clock.Time().Sub(u.gone) >= offlineGap {
			return wire.Offline, true
		}
		return u.shown, false
	}
	for c := range u.conns {
		if !c.isAway() {
			return wire.Active, true
		}
	}
	return wire.Away, true
}

// Active says whether a user has a connection that is not away.
func (h *Hub) Active(user string) bool {
	h.mu.RLock()
	defer h.mu.RUnlock()
	u := h.users[user]
	if u == nil || len(u.conns) == 0 {
		return false
	}
	state, _ := h.state(u)
	return state == wire.Active
}

func presenceFrame(users map[string]wire.Presence) []byte {
	return encode(wire.PresenceEvent{Type: "presence", Users: users})
}

// watch replaces the users that a connection watches, and sends it their presence.
func (h *Hub) watch(c *conn, ids []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unwatch(c)
	now := map[string]wire.Presence{}
	for _, id := range ids {
		if h.watchers[id] == nil {
			h.watchers[id] = map[*conn]bool{}
		}
		h.watchers[id][c] = true
		now[id], _ = h.state(h.users[id])
	}
	c.watched = ids
	c.send(presenceFrame(now))
}

// unwatch ends all watching of a connection. The caller holds the hub's lock.
func (h *Hub) unwatch(c *conn) {
	for _, id := range c.watched {
		if delete(h.watchers[id], c); len(h.watchers[id]) == 0 {
			delete(h.watchers, id)
		}
	}
	c.watched = nil
}

// presenceChanged records that a connection has become away or active.
func (h *Hub) presenceChanged(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dirty[c.actor.User.ID] = true
}
