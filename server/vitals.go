package server

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/canteen-chat/canteen/ops/catalogue"
	"github.com/canteen-chat/canteen/ops/metrics"
	"github.com/canteen-chat/canteen/vital"
)

// countVitals gives the function that adds reports of browsers to the metrics. The log has the places of script errors. Without on, it is
// nil: no reports are wanted.
func countVitals(on bool, m *metrics.Meter, log *slog.Logger) func(context.Context, []vital.Vital) {
	if !on {
		return nil
	}
	times := map[vital.Name]prometheus.Observer{
		vital.FirstRender: m.Histogram(catalogue.BrowserFirstRender), vital.RoomSwitch: m.Histogram(catalogue.BrowserRoomSwitch),
		vital.Echo: m.Histogram(catalogue.BrowserEcho),
	}
	counts := map[vital.Name]prometheus.Counter{
		vital.Reconnect: m.Counter(catalogue.BrowserReconnects), vital.ScriptError: m.Counter(catalogue.BrowserScriptErrors),
	}
	reports := m.Counter(catalogue.BrowserReports)
	return func(ctx context.Context, vs []vital.Vital) {
		reports.Inc()
		for _, v := range vs {
			if h := times[v.Name]; h != nil {
				h.Observe(v.Seconds)
				continue
			}
			counts[v.Name].Inc()
			if v.Name == vital.ScriptError {
				log.InfoContext(ctx, "a script of the web client failed in a browser", "at", v.At)
			}
		}
	}
}
