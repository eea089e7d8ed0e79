package chat

import "context"

// Connect lets the actor open a socket. It bounds how often: a handshake costs more than a request, and everybody hears of its presence.
func (c *Canteen) Connect(ctx context.Context, a Actor) error {
	_, err := perform(ctx, c, a, CmdConnect, use[struct{}]{do: func(*attempt) (struct{}, error) { return struct{}{}, nil }})
	return err
}
