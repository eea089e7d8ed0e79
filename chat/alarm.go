package chat

import (
	"context"
	"time"
)

// MaxSilence is how long an alarm can be silenced at most.
const MaxSilence = 30 * day

// SilenceAlarm lets an administrator keep an alarm from being told until a moment; one that is past ends the silence. do is called once the
// rules allow it.
func (c *Canteen) SilenceAlarm(ctx context.Context, a Actor, alarm string, until time.Time, do func() error) error {
	end := "now"
	if until.After(c.clock.Time()) {
		end = until.UTC().Format(time.RFC3339)
	}
	u := c.administering(ctx, do, "alarm", alarm, "until", end)
	u.state = func(*attempt) (bool, error) {
		if until.After(c.clock.Time().Add(MaxSilence)) {
			return false, InvalidField("until", "An alarm can be silenced for at most %d days.", int(MaxSilence/day))
		}
		return false, nil
	}
	return second(perform(ctx, c, a, CmdSilenceAlarm, u))
}

// TestAlarms lets an administrator try whether alarms arrive. do is called once the rules allow it.
func (c *Canteen) TestAlarms(ctx context.Context, a Actor, do func() error) error {
	return second(perform(ctx, c, a, CmdTestAlarms, c.administering(ctx, do)))
}
