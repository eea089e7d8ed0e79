package lambda

import (
	"context"
	"log/slog"

	"github.com/canteen-chat/canteen/vital"
)

// Vitals writes what browsers report as a line of metrics. The log has the places of script errors.
func (m *Metrics) Vitals(log *slog.Logger) func(context.Context, []vital.Vital) {
	return func(ctx context.Context, vs []vital.Vital) {
		values := map[vital.Name][]float64{}
		for _, v := range vs {
			switch v.Name {
			case vital.FirstRender, vital.RoomSwitch, vital.Echo:
				values[v.Name] = append(values[v.Name], v.Seconds*1000)
			default:
				values[v.Name] = append(values[v.Name], 1)
			}
			if v.Name == vital.ScriptError {
				log.InfoContext(ctx, "a script of the web client failed in a browser", "at", v.At)
			}
		}
		m.write(nil,
			newMetric("BrowserFirstRender", milliseconds, values[vital.FirstRender]...),
			newMetric("BrowserRoomSwitch", milliseconds, values[vital.RoomSwitch]...),
			newMetric("BrowserEcho", milliseconds, values[vital.Echo]...),
			newMetric("BrowserReconnects", count, values[vital.Reconnect]...),
			newMetric("BrowserScriptErrors", count, values[vital.ScriptError]...))
	}
}
