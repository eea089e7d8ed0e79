package chat

import (
	"context"

	"github.com/canteen-chat/canteen/vital"
)

// ReportVitals passes on what a browser of the actor measured. NotFound when this deployment does not want to know, Invalid as
// [vital.Check] says.
func (c *Canteen) ReportVitals(ctx context.Context, a Actor, vs []vital.Vital) error {
	return second(perform(ctx, c, a, CmdReportVitals, use[struct{}]{
		state: func(*attempt) (bool, error) {
			if c.vitals == nil {
				return false, ErrNotFound()
			}
			if field, why := vital.Check(vs); why != "" {
				return false, InvalidField(field, "%s", why)
			}
			return false, nil
		},
		do: func(at *attempt) (struct{}, error) {
			err := c.checkActor(ctx, at)
			if err == nil {
				c.vitals(ctx, vs)
			}
			return struct{}{}, err
		},
	}))
}
