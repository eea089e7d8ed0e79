package rest

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Alarms are the alarms of a server. Only administrators change them: the rules are asked before.
type Alarms interface {
	// Silence keeps an alarm from being told until a moment; one that is past ends the silence. NotFound for an unknown alarm.
	Silence(alarm string, until time.Time) error
	// Test tells a test by each way, and says how that went.
	Test(ctx context.Context) []wire.OpsDelivery
}

func (h *Handler) alarmRoutes(api huma.API) {
	add(h, api, h.route("silenceAlarm PUT /ops/silences/{alarm} 403 404", "Silence an alarm",
		"For owners and admins: the alarm is shown, but nobody is told of it until a time at most 30 days ahead. Without until, the silence "+
			"ends. 404 for an unknown alarm, and on AWS, where CloudWatch has the alarms.",
		chat.CmdSilenceAlarm), h.silenceAlarm)
	add(h, api, h.route("testAlarms POST /ops/test 403 404", "Try whether alarms arrive",
		"For owners and admins: sends a test by each way by which alarms are told, and says how that went. 404 on AWS.",
		chat.CmdTestAlarms), h.testAlarms)
}

// noAlarms is the answer where something else has the alarms.
func noAlarms() error { return chat.Errorf(chat.NotFound, "This server has no alarms of its own.") }

type silenceIn struct {
	Alarm string `path:"alarm" maxLength:"40" example:"server-errors"`
	Body  wire.SilenceAlarm
}

func (h *Handler) silenceAlarm(ctx context.Context, a chat.Actor, in *silenceIn) (*none, error) {
	var until time.Time
	if at := in.Body.Until.Pointer(); at != nil {
		until = *at
	}
	return nil, h.canteen.SilenceAlarm(ctx, a, in.Alarm, until, func() error {
		if h.o.Alarms == nil {
			return noAlarms()
		}
		return h.o.Alarms.Silence(in.Alarm, until)
	})
}

func (h *Handler) testAlarms(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.TestedAlarms], error) {
	var out wire.TestedAlarms
	err := h.canteen.TestAlarms(ctx, a, func() error {
		if h.o.Alarms == nil {
			return noAlarms()
		}
		out.Deliveries = h.o.Alarms.Test(ctx)
		return nil
	})
	return ok(out), err
}
