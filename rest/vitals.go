package rest

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

func (h *Handler) vitalRoutes(api huma.API) {
	add(h, api, h.route("reportVitals POST /vitals 204 404", "Report how fast the page is",
		"What a browser measured of the web client, or noticed: a few numbers, without ids and texts. They become metrics. 404 where the "+
			"operator has turned that off, see vitals in the workspace.",
		chat.CmdReportVitals), h.reportVitals)
}

func (h *Handler) reportVitals(ctx context.Context, a chat.Actor, in *bodyIn[wire.Vitals]) (*none, error) {
	return nil, h.canteen.ReportVitals(ctx, a, in.Body.Input())
}
