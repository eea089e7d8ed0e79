package limit

import (
	"context"
	"sync"
	"time"

	"github.com/canteen-chat/canteen"
)

// Tickets is a [canteen.TicketStore] for one machine. A restart forgets them.
type Tickets struct {
	mu   sync.Mutex
	open map[canteen.SecretHash]canteen.Ticket
}

// AddTicket implements [canteen.TicketStore]. Those that expired by the time at which this one was made are dropped.
func (s *Tickets) AddTicket(_ context.Context, t canteen.Ticket, h canteen.SecretHash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[canteen.SecretHash]canteen.Ticket{}
	}
	for other, o := range s.open {
		if o.ExpiresAt.Before(t.ExpiresAt.Add(-canteen.TicketLife)) {
			delete(s.open, other)
		}
	}
	s.open[h] = t
	return nil
}

// TakeTicket implements [canteen.TicketStore].
func (s *Tickets) TakeTicket(_ context.Context, h canteen.SecretHash, now time.Time) (canteen.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.open[h]
	delete(s.open, h)
	if !ok || !now.Before(t.ExpiresAt) {
		return canteen.Ticket{}, canteen.Errorf(canteen.NotFound, "There is nothing here.")
	}
	return t, nil
}
