package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Tickets is a [chat.TicketStore] in memory, for one machine. A restart forgets the tickets.
type Tickets struct {
	mu   sync.Mutex
	open map[chat.SecretHash]chat.Ticket
}

// AddTicket implements [chat.TicketStore]. It drops tickets that expired before t was created.
func (s *Tickets) AddTicket(_ context.Context, t chat.Ticket, h chat.SecretHash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[chat.SecretHash]chat.Ticket{}
	}
	for other, o := range s.open {
		if o.ExpiresAt.Before(t.ExpiresAt.Add(-chat.TicketLife)) {
			delete(s.open, other)
		}
	}
	s.open[h] = t
	return nil
}

// TakeTicket implements [chat.TicketStore].
func (s *Tickets) TakeTicket(_ context.Context, h chat.SecretHash, now time.Time) (chat.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.open[h]
	delete(s.open, h)
	if !ok || !now.Before(t.ExpiresAt) {
		return chat.Ticket{}, chat.Errorf(chat.NotFound, "There is nothing here.")
	}
	return t, nil
}
