package history

import (
	"slices"

	"github.com/canteen-chat/canteen/ops/catalogue"
)

// Unit is what the values of a series measure.
type Unit string

// Units.
const (
	PerSecond Unit = "per_second"
	Seconds   Unit = "seconds"
	Bytes     Unit = "bytes"
	Count     Unit = "count"
	Share     Unit = "share" // 0 to 1
)

// kind is how a series follows from its metric.
type kind int

const (
	rate     kind = iota // of a counter: how much it grows in a second
	mean                 // of a gauge; of several the sum
	most                 // of several gauges the largest
	quantile             // of a histogram
)

// Series is one line of a chart. It is computed of all samples of its metric that have its labels.
type Series struct {
	Name   string
	Unit   Unit
	Metric string // a name of the catalogue, or one of the Go runtime or the process

	kind   kind
	labels map[string]string // values that a sample must have
	except map[string]string // values that it must not have
	of     string            // of a quantile: the name of the histogram
	q      float64
}

// histogram is a metric of which the file keeps the rate of each bucket.
type histogram struct {
	name, metric string
	except       map[string]string
}

// Names of the runtime's own metrics.
const (
	cpuSeconds = "process_cpu_seconds_total"
	residents  = "process_resident_memory_bytes"
	goroutines = "go_goroutines"
)

// histograms are those of which there are percentiles. Parts of files are left out of the latency: their time is that of the sender's line.
func histograms() []histogram {
	return []histogram{
		{name: "latency", metric: catalogue.RequestDuration, except: map[string]string{"method": "PUT"}},
		{name: "delivery", metric: catalogue.DeliveryDelay},
		{name: "sync", metric: catalogue.SyncDuration},
		{name: "probe", metric: catalogue.ProbeDuration},
		{name: "first_render", metric: catalogue.BrowserFirstRender},
		{name: "room_switch", metric: catalogue.BrowserRoomSwitch},
		{name: "echo", metric: catalogue.BrowserEcho},
	}
}

// All is the table of series. One that is added is in the file from the next start on.
func All() []Series {
	return slices.Concat(requestSeries(), socketSeries(), conversationSeries(), storeSeries(), sizeSeries(), browserSeries(), percentiles())
}

func requestSeries() []Series {
	return []Series{
		{Name: "requests", Unit: PerSecond, Metric: catalogue.Requests, kind: rate},
		{Name: "client_errors", Unit: PerSecond, Metric: catalogue.Requests, kind: rate, labels: map[string]string{"status": "4xx"}},
		{Name: "server_errors", Unit: PerSecond, Metric: catalogue.ServerErrors, kind: rate},
		{Name: "rate_limited", Unit: PerSecond, Metric: catalogue.RateLimited, kind: rate},
		{Name: "sign_in_failures", Unit: PerSecond, Metric: catalogue.SignInFailures, kind: rate},
		{Name: "gap_fetches", Unit: PerSecond, Metric: catalogue.GapFetches, kind: rate},
		{Name: "in_flight", Unit: Count, Metric: catalogue.RequestsInFlight, kind: mean},
	}
}

func socketSeries() []Series {
	return []Series{
		{Name: "sockets", Unit: Count, Metric: catalogue.Sockets, kind: mean},
		{Name: "people_online", Unit: Count, Metric: catalogue.PeopleOnline, kind: mean},
		{Name: "deliveries", Unit: PerSecond, Metric: catalogue.Deliveries, kind: rate},
		{Name: "queue_overflows", Unit: PerSecond, Metric: catalogue.QueueOverflows, kind: rate},
	}
}

func conversationSeries() []Series {
	sent, failed := map[string]string{"result": "sent"}, map[string]string{"result": "failed"}
	return []Series{
		{Name: "posts", Unit: PerSecond, Metric: catalogue.Posts, kind: rate},
		{Name: "reactions", Unit: PerSecond, Metric: catalogue.Reactions, kind: rate},
		{Name: "notifications", Unit: PerSecond, Metric: catalogue.Notifications, kind: rate},
		{Name: "uploads", Unit: PerSecond, Metric: catalogue.Uploads, kind: rate},
		{Name: "upload_bytes", Unit: PerSecond, Metric: catalogue.UploadBytes, kind: rate},
		{Name: "mails_sent", Unit: PerSecond, Metric: catalogue.Mails, kind: rate, labels: sent},
		{Name: "mails_failed", Unit: PerSecond, Metric: catalogue.Mails, kind: rate, labels: failed},
		{Name: "people", Unit: Count, Metric: catalogue.People, kind: mean},
		{Name: "active_people", Unit: Count, Metric: catalogue.ActivePeople, kind: mean},
		{Name: "rooms_alive", Unit: Count, Metric: catalogue.RoomsAlive, kind: mean},
		{Name: "feedback", Unit: Count, Metric: catalogue.FeedbackGiven, kind: mean},
		{Name: "feedback_answered", Unit: Count, Metric: catalogue.FeedbackAnswered, kind: mean},
	}
}

func storeSeries() []Series {
	return []Series{
		{Name: "commits", Unit: PerSecond, Metric: catalogue.Commits, kind: rate},
		{Name: "commit_failures", Unit: PerSecond, Metric: catalogue.CommitFailures, kind: rate},
		{Name: "store_queue", Unit: Count, Metric: catalogue.StoreQueue, kind: mean},
		{Name: "follower_lag", Unit: Seconds, Metric: catalogue.FollowerLag, kind: most},
		{Name: "ready", Unit: Share, Metric: catalogue.Ready, kind: mean},
		{Name: "probe_up", Unit: Share, Metric: catalogue.ProbeUp, kind: mean}, // of the time in which the server ran
	}
}

func sizeSeries() []Series {
	return []Series{
		{Name: "database_bytes", Unit: Bytes, Metric: catalogue.DatabaseBytes, kind: mean},
		{Name: "wal_bytes", Unit: Bytes, Metric: catalogue.WALBytes, kind: mean},
		{Name: "files_bytes", Unit: Bytes, Metric: catalogue.FilesBytes, kind: mean},
		{Name: "disk_free", Unit: Bytes, Metric: catalogue.DiskFree, kind: mean},
		{Name: "disk_size", Unit: Bytes, Metric: catalogue.DiskSize, kind: mean},
		{Name: "log_errors", Unit: PerSecond, Metric: catalogue.LogRecords, kind: rate, labels: map[string]string{"level": "error"}},
		{Name: "cpu", Unit: Count, Metric: cpuSeconds, kind: rate}, // seconds in a second: processors in use
		{Name: "memory", Unit: Bytes, Metric: residents, kind: mean},
		{Name: "goroutines", Unit: Count, Metric: goroutines, kind: mean},
	}
}

// browserSeries are what browsers count. Their times are percentiles.
func browserSeries() []Series {
	return []Series{
		{Name: "browser_reports", Unit: PerSecond, Metric: catalogue.BrowserReports, kind: rate},
		{Name: "reconnects", Unit: PerSecond, Metric: catalogue.BrowserReconnects, kind: rate},
		{Name: "script_errors", Unit: PerSecond, Metric: catalogue.BrowserScriptErrors, kind: rate},
	}
}

func percentiles() (out []Series) {
	for _, h := range histograms() {
		for _, p := range []struct {
			suffix string
			q      float64
		}{{"_p50", 0.5}, {"_p95", 0.95}, {"_p99", 0.99}} {
			out = append(out, Series{Name: h.name + p.suffix, Unit: Seconds, Metric: h.metric, kind: quantile, of: h.name, q: p.q})
		}
	}
	return out
}

// boundsOf are the upper bounds of the buckets of a metric.
func boundsOf(metric string) []float64 {
	for _, m := range catalogue.All() {
		if m.Name == metric {
			return m.Buckets
		}
	}
	return nil
}
