package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Tickets is a [chat.TicketStore] for one machine. A restart forgets them.
type Tickets struct {
	mu   sync.Mutex
	open map[chat.SecretHash]chat.Ticket
}

// AddTicket implements [chat.TicketStore]. Those that expired by the time at which this one was made are dropped.
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
