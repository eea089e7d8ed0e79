package socket

import (
	"maps"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/connection"
)

// Users are all who have a connection, for package attention.
func (h *Hub) Users() []string {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return slices.Collect(maps.Keys(h.users))
}

// Connections are those of a user, for package attention.
func (h *Hub) Connections(user string) []connection.Connection {
	h.mu.RLock()
	defer h.mu.RUnlock()
	all, _ := h.states(user)
	return all
}

// states are a user's connections by their state's id. The caller holds the lock.
func (h *Hub) states(user string) (all []connection.Connection, by map[string]*conn) {
	u := h.users[user]
	if u == nil {
		return nil, nil
	}
	by = make(map[string]*conn, len(u.conns))
	for c := range u.conns {
		all, by[c.id] = append(all, c.state()), c
	}
	return all, by
}

// alert sends an alert to the one connection that gets it at this moment. The caller holds the lock.
func (h *Hub) alert(e chat.Alerted) {
	all, by := h.states(e.User)
	if c, ok := connection.Target(e, all); ok {
		by[c.ID].send(h.encode(e))
	}
}
