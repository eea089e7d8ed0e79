package alarm

import (
	"fmt"
	"math"
	"time"
)

// Severity says how urgent an alarm is.
type Severity string

// Severities, as Prometheus's rules name them.
const (
	Page Severity = "page" // people cannot work: somebody must look now
	Warn Severity = "warn" // somebody must look within days
)

// Rule says when there is an alarm. The value that Read gives is bad when it is above Limit, or with Below, when it is below.
type Rule struct {
	Name     string // in URLs
	Alert    string // the alert in deploy/prometheus/canteen.rules.yml that says the same; "" where there is none
	Title    string
	Summary  string // the annotation of that alert
	Severity Severity
	Limit    float64
	Below    bool
	Back     float64       // hysteresis: the value must come back to this one before the alarm can be over; 0: to Limit
	Over     time.Duration // the time that the value is about
	Beside   float64       // the other limit of a rule that has two: see Read
	For      time.Duration // how long the value must be bad
	Read     func(w window, r Rule) (value float64, known bool)
	Says     func(value float64) string
	Bound    func(limit float64) string // says the limit; nil: the value is no number
}

// bound is the limit as people read it; "" where there is none.
func (r Rule) bound() string {
	if r.Bound == nil {
		return ""
	}
	return r.Bound(r.Limit)
}

// bad says whether a value is beyond the limit; with on, the alarm is on already, and the value must come further back.
func (r Rule) bad(value float64, on bool) bool {
	limit := r.Limit
	if on && r.Back != 0 {
		limit = r.Back
	}
	if r.Below {
		return value < limit
	}
	return value > limit
}

const week = 7 * 24 * time.Hour

// Rules is the table of all rules.
func Rules() []Rule {
	out := append(requestRules(), deliveryRules()...)
	out = append(out, storeRules()...)
	return append(out, machineRules()...)
}

func increaseOf(of func(Point) float64) func(window, Rule) (float64, bool) {
	return func(w window, r Rule) (float64, bool) { return w.increase(r.Over, of) }
}

func p99Of(of func(Point) Histogram) func(window, Rule) (float64, bool) {
	return func(w window, r Rule) (float64, bool) { return w.quantile(0.99, r.Over, of) }
}

// says fills the value into a text.
func says(format string) func(float64) string {
	return func(v float64) string { return fmt.Sprintf(format, v) }
}

// counted says how many there are of something.
func counted(one, many string) func(float64) string {
	return func(v float64) string {
		if n := math.Round(v); n != 1 {
			return fmt.Sprintf("%.0f %s", n, many)
		}
		return "1 " + one
	}
}

func failed(p Point) float64   { return p.FailedRequests }
func requests(p Point) float64 { return p.Requests }

func requestRules() []Rule {
	return []Rule{
		{Name: "server-errors", Alert: "CanteenServerErrors", Title: "Server errors", Severity: Page, Over: time.Minute,
			Summary: "Requests were answered with an error of the server. The log has their causes.",
			Read:    increaseOf(func(p Point) float64 { return p.ServerErrors }),
			Says:    counted("answer with 5xx in a minute", "answers with 5xx in a minute"), Bound: says("%.0f")},
		{Name: "error-rate", Alert: "CanteenErrorRate", Title: "Many requests fail", Severity: Page, Limit: 0.01, Beside: 20,
			Over:    5 * time.Minute,
			Summary: "More than 1 % of the requests fail.",
			Read: func(w window, r Rule) (float64, bool) {
				return w.share(r.Over, failed, requests, r.Beside)
			},
			Says: percent("%.1f %% of the requests fail"), Bound: percent("%.4g %%")},
		{Name: "error-budget", Alert: "CanteenErrorBudget", Title: "Error budget", Severity: Page, Limit: 14.4 * 0.001, Beside: 100,
			Over:    time.Hour,
			Summary: "At this rate the errors that 99.9 % allows in 30 days are used up within 2 days.",
			Read: func(w window, r Rule) (float64, bool) {
				long, known := w.share(r.Over, failed, requests, r.Beside)
				short, _ := w.share(5*time.Minute, failed, requests, 0)
				return min(long, short), known
			},
			Says:  percent("%.1f %% of the requests of an hour fail: the errors of 30 days are used up within 2 days"),
			Bound: percent("%.4g %%")},
		{Name: "slow", Alert: "CanteenSlow", Title: "Slow requests", Severity: Warn, Limit: 1.5, Back: 1.2,
			Over: 5 * time.Minute, For: 5 * time.Minute,
			Summary: "1 % of the requests take longer than 1.5 s.",
			Read:    p99Of(func(p Point) Histogram { return p.Requested }),
			Says:    says("1 %% of the requests take longer than %.1f s"), Bound: says("%.4g s")},
		{Name: "sign-in-failures", Alert: "CanteenSignInFailures", Title: "Wrong passwords", Severity: Warn, Limit: 50,
			Over:    5 * time.Minute,
			Summary: "More than 50 wrong passwords in 5 minutes: somebody may be guessing.",
			Read:    increaseOf(func(p Point) float64 { return p.SignInFailures }),
			Says:    says("%.0f wrong passwords in 5 minutes: somebody may be guessing"), Bound: says("%.0f")},
	}
}

func deliveryRules() []Rule {
	return []Rule{
		{Name: "delivery-slow", Alert: "CanteenDeliverySlow", Title: "Slow delivery", Severity: Warn, Limit: 1, Back: 0.8,
			Over: 5 * time.Minute, For: 5 * time.Minute,
			Summary: "1 % of the events need longer than a second from the commit to the socket.",
			Read:    p99Of(func(p Point) Histogram { return p.Delivered }),
			Says:    says("1 %% of the events need longer than %.1f s from the commit to the socket"), Bound: says("%.4g s")},
		{Name: "queue-overflow", Alert: "CanteenQueueOverflow", Title: "Queue of events full", Severity: Warn, Over: 5 * time.Minute,
			Summary: "The queue of events was full: all clients had to fetch again what they missed.",
			Read:    increaseOf(func(p Point) float64 { return p.Overflows }),
			Says:    counted("overflow of the queue of events in 5 minutes", "overflows of the queue of events in 5 minutes"),
			Bound:   says("%.0f")},
		{Name: "gap-fetches", Alert: "CanteenGapFetches", Title: "Events fetched again", Severity: Warn, Limit: 0.02, Beside: 100,
			Over: 30 * time.Minute, For: 10 * time.Minute,
			Summary: "Clients fetch more than 2 % of the events again: deliveries may be lost.",
			Read: func(w window, r Rule) (float64, bool) {
				fetches, known := w.increase(r.Over, func(p Point) float64 { return p.GapFetches })
				delivered, _ := w.increase(r.Over, func(p Point) float64 { return p.Deliveries })
				if fetches <= r.Beside {
					return 0, known
				}
				return fetches / max(delivered, 1), known
			},
			Says: percent("clients fetch %.1f %% of the events again"), Bound: percent("%.4g %%")},
		{Name: "mail-fails", Alert: "CanteenMailFails", Title: "E-mails fail", Severity: Warn, Over: time.Hour,
			Summary: "E-mails cannot be sent.",
			Read: func(w window, r Rule) (float64, bool) {
				n, known := w.increase(r.Over, func(p Point) float64 { return p.MailsFailed })
				return n, known && w.last().MailUsed
			},
			Says: counted("e-mail could not be sent in an hour", "e-mails could not be sent in an hour"), Bound: says("%.0f")},
		{Name: "delivery-fails", Title: "Alarms are not delivered", Severity: Warn, For: time.Minute,
			Summary: "A way by which alarms are told fails.",
			Read:    func(w window, _ Rule) (float64, bool) { return float64(w.last().FailingWays), true },
			Says:    counted("way of telling alarms fails", "ways of telling alarms fail"), Bound: says("%.0f")},
	}
}

func storeRules() []Rule {
	return []Rule{
		{Name: "not-ready", Alert: "CanteenNotReady", Title: "Not ready", Severity: Page, For: time.Minute,
			Summary: "Canteen cannot take commands: nothing can be saved.",
			Read:    func(w window, _ Rule) (float64, bool) { return one(!w.last().Ready), true },
			Says:    constant("nothing can be saved")},
		{Name: "probe", Title: "Self-probe", Severity: Page, For: 30 * time.Second,
			Summary: "What Canteen sends to itself does not arrive.",
			Read:    func(w window, _ Rule) (float64, bool) { p := w.last(); return one(!p.ProbeWorks), p.Probed },
			Says:    constant("what Canteen sends to itself does not arrive")},
		{Name: "commits-fail", Alert: "CanteenCommitsFail", Title: "Saving fails", Severity: Page, Over: 5 * time.Minute,
			Summary: "The database could not store something.",
			Read:    increaseOf(func(p Point) float64 { return p.CommitFailures }),
			Says:    counted("transaction failed in 5 minutes", "transactions failed in 5 minutes"), Bound: says("%.0f")},
		{Name: "disk-slow", Alert: "CanteenDiskSlow", Title: "Slow disk", Severity: Warn, Limit: 0.5, Back: 0.4,
			Over: 5 * time.Minute, For: 5 * time.Minute,
			Summary: "1 % of the commits need longer than half a second to reach the disk.",
			Read:    p99Of(func(p Point) Histogram { return p.Synced }),
			Says:    says("1 %% of the commits need longer than %.1f s to reach the disk"), Bound: says("%.4g s")},
		{Name: "follower-behind", Alert: "CanteenFollowerBehind", Title: "Inboxes are late", Severity: Warn, Limit: 60, For: time.Minute,
			Summary: "{{ $labels.follower }} is more than a minute behind.",
			Read:    func(w window, _ Rule) (float64, bool) { return w.last().FollowerLag.Seconds(), true },
			Says:    says("what follows the messages, such as inboxes, is %.0f s behind"), Bound: says("%.0f s")},
		{Name: "backup-old", Alert: "CanteenBackupOld", Title: "No recent backup", Severity: Warn, Limit: 24,
			Summary: "The last backup is older than a day.",
			Read: func(w window, _ Rule) (float64, bool) {
				p := w.last()
				newest := p.Backup
				if p.Shipped.After(newest) {
					newest = p.Shipped
				}
				return p.At.Sub(newest).Hours(), !newest.IsZero()
			},
			Says: says("the last backup is %.0f hours old"), Bound: says("%.0f hours")},
		{Name: "shipping", Alert: "CanteenShippingFails", Title: "Changes are not shipped", Severity: Page, Limit: 10,
			Summary: "Changes have not been shipped for 10 minutes: they would be lost with the disk.",
			Read: func(w window, _ Rule) (float64, bool) {
				p := w.last()
				return p.At.Sub(p.Shipped).Minutes(), p.ShipsUsed && !p.Shipped.IsZero()
			},
			Says: says("changes have not been shipped for %.0f minutes: they would be lost with the disk"), Bound: says("%.0f minutes")},
	}
}

// leastTrend is how long the disk must have been watched before something is foretold.
const leastTrend = time.Hour

func machineRules() []Rule {
	free := func(p Point) float64 { return p.DiskFree }
	return []Rule{
		{Name: "disk-low", Alert: "CanteenDiskLow", Title: "Disk nearly full", Severity: Warn, Limit: 0.1, Back: 0.12, Below: true,
			For:     time.Minute,
			Summary: "Less than a tenth of the disk is left.",
			Read: func(w window, _ Rule) (float64, bool) {
				p := w.last()
				return p.DiskFree / p.DiskSize, p.DiskSize > 0
			},
			Says: percent("%.1f %% of the disk is left"), Bound: percent("%.4g %%")},
		{Name: "disk-fills", Alert: "CanteenDiskFills", Title: "Disk fills up", Severity: Warn, Limit: week.Hours() / 24, Back: 8, Beside: 0.5,
			Below: true, Over: 6 * time.Hour, For: 30 * time.Minute,
			Summary: "At this rate the disk is full within 7 days.",
			Read: func(w window, r Rule) (float64, bool) {
				slope, now, known := w.trend(r.Over, leastTrend, free)
				p := w.last()
				if slope >= 0 || p.DiskFree/p.DiskSize >= r.Beside {
					return math.Inf(1), known && p.DiskSize > 0
				}
				return now / -slope / (24 * time.Hour).Seconds(), known && p.DiskSize > 0
			},
			Says: says("at this rate the disk is full in %.1f days"), Bound: says("%.0f days")},
		{Name: "restarts", Alert: "CanteenRestarts", Title: "Restarts", Severity: Warn, Limit: 2, Over: 15 * time.Minute,
			Summary: "Canteen was started more than twice within 15 minutes.",
			Read: func(w window, r Rule) (n float64, known bool) {
				p := w.last()
				for _, at := range p.Starts {
					ago := p.At.Sub(at) // negative: the clock was set back since
					n += one(ago >= 0 && ago <= r.Over)
				}
				return n, true
			},
			Says: says("Canteen was started %.0f times within 15 minutes"), Bound: says("%.0f")},
		{Name: "certificate", Title: "Certificate ends", Severity: Page, Limit: 14, Below: true,
			Summary: "The certificate ends within 14 days, and has not been renewed.",
			Read: func(w window, _ Rule) (float64, bool) {
				p := w.last()
				return p.CertificateEnds.Sub(p.At).Hours() / 24, !p.CertificateEnds.IsZero()
			},
			Says: says("the certificate ends in %.0f days, and has not been renewed"), Bound: says("%.0f days")},
		{Name: "clock", Title: "Clock", Severity: Warn, Limit: 5, Over: 10 * time.Minute,
			Summary: "The clock of the machine was moved.",
			Read: func(w window, r Rule) (float64, bool) {
				by, known := w.jump(r.Over)
				return by.Seconds(), known
			},
			Says: says("the clock of the machine was moved by %.0f s, or the machine slept"), Bound: says("%.0f s")},
	}
}

func one(so bool) float64 {
	if so {
		return 1
	}
	return 0
}

func constant(text string) func(float64) string { return func(float64) string { return text } }

// percent fills a share into a text, in percent.
func percent(format string) func(float64) string {
	return func(v float64) string { return fmt.Sprintf(format, 100*v) }
}
