package chat

import "context"

// ReadOps lets an administrator see how the server is that runs. do is called once the rules allow it.
func (c *Canteen) ReadOps(ctx context.Context, a Actor, do func() error) error {
	return second(perform(ctx, c, a, CmdReadOps, c.administering(ctx, do)))
}

// RetryJob lets an administrator try at once what a job did in vain.
func (c *Canteen) RetryJob(ctx context.Context, a Actor, job string, do func() error) error {
	return second(perform(ctx, c, a, CmdRetryJob, c.administering(ctx, do, "job", job)))
}

// DiscardJob lets an administrator give up what a job did in vain.
func (c *Canteen) DiscardJob(ctx context.Context, a Actor, job string, do func() error) error {
	return second(perform(ctx, c, a, CmdDiscardJob, c.administering(ctx, do, "job", job)))
}

// administering is what administrators do with the server that runs, of which the store knows nothing.
func (c *Canteen) administering(ctx context.Context, do func() error, about ...any) use[struct{}] {
	return use[struct{}]{
		about: about,
		may:   func(at *attempt) error { return at.administers() },
		do: func(at *attempt) (none struct{}, err error) {
			if err = c.checkActor(ctx, at); err == nil {
				err = do()
			}
			return none, err
		},
	}
}
