package rest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) feedbackRoutes(api huma.API) {
	add(h, api, h.route("giveFeedback POST /feedback 201 200 404 409", "Give feedback about Canteen",
		"For everybody who is signed in: a post of yours in the room that the administrators chose for feedback, "+
			"whether or not you see it. It calls and mentions nobody. A repeated client_id gives what was posted, with 200. "+
			"409 while nobody has chosen a room, and while it is archived. 404 for an unknown file.",
		chat.CmdGiveFeedback), h.giveFeedback)
	add(h, api, h.route("listFeedback GET /feedback 403", "The feedback that people gave",
		"For owners and admins, in the rooms that they see, newest first.",
		chat.CmdFeedback), h.feedback)
	add(h, api, h.route("listMyFeedback GET /me/feedback", "The feedback that you gave",
		"Newest first, with the replies to it, also where you do not see the room.",
		chat.CmdMyFeedback), h.myFeedback)
}

func (h *Handler) giveFeedback(ctx context.Context, a chat.Actor, in *bodyIn[wire.NewFeedback]) (*made[wire.GivenFeedback], error) {
	g, created, err := h.canteen.GiveFeedback(ctx, a, in.Body.Input())
	return &made[wire.GivenFeedback]{status201(created), wire.NewGivenFeedback(g)}, err
}

type feedbackIn struct {
	Cursor string        `query:"cursor" maxLength:"200" doc:"The next of the page before"`
	Limit  optional[int] `query:"limit" minimum:"1" maximum:"20" doc:"20 unless said"`
}

func (h *Handler) feedback(ctx context.Context, a chat.Actor, in *feedbackIn) (*bodyOut[wire.FeedbackList], error) {
	p, err := h.canteen.Feedback(ctx, a, in.Cursor, in.Limit.value)
	return ok(wire.NewFeedbackList(p)), err
}

func (h *Handler) myFeedback(ctx context.Context, a chat.Actor, in *feedbackIn) (*bodyOut[wire.FeedbackList], error) {
	p, err := h.canteen.MyFeedback(ctx, a, in.Cursor, in.Limit.value)
	return ok(wire.NewFeedbackList(p)), err
}
