package stack

import (
	"fmt"
	"math"
	"strings"
)

// Calls is what one operation consumes on AWS.
type Calls struct {
	Requests    float64 // of the HTTP API
	Messages    float64 // of the WebSocket API, in and out, each up to 32 KB
	Invocations float64 // of functions
	Compute     float64 // GB·ms: milliseconds by the function's memory in GB
	Reads       float64 // read request units: 4 KB each, half for eventually consistent ones
	Writes      float64 // write request units: 1 KB each, twice within a transaction, once more for each index
	Bytes       float64 // sent to browsers
	Logged      float64 // bytes of log lines, metrics included
}

// Counts holds what each kind of operation consumes.
type Counts struct {
	Post, Reaction Calls
	Page           Calls // a page of messages
	Read           Calls // moving the read pointer
	Connect        Calls // a socket: connect, open, close, and the list of rooms
	FanOut         Calls // one commit, or one other event
	Delivery       Calls // one event to one person
	Typing         Calls // a frame that says that somebody types, and each delivery of it apart
	Heartbeat      Calls
	Presence       Calls // of twenty people
	Probe          Calls // one run of the jobs, with all that it causes
	Alert          Calls // the fan-out of a message that alerts somebody, instead of FanOut and that person's Delivery
	Follow         Calls // one commit of a message with an emoji, by the followers of the feed
	Reply          Calls // a message that answers another one, instead of Post
	FollowReply    Calls // its thread moves in the lists of those who follow it
	Thread         Calls // one thread, for somebody who follows it
	Threads        Calls // a page of the list of threads
	Unread         Calls // the number of unread threads
	Inbox          Calls // a page of the inbox
	InboxUnread    Calls // the number of unread entries
	ReadThread     Calls // moving the read pointer of a thread
	Upload         Calls // of a picture: three requests, and what becomes of it
	Attach         Calls // a message with a file, instead of Post
	View           Calls // one download, of a thumbnail
	Preview        Calls // of a link that somebody writes: its page and picture are fetched, which takes most of the time
	Linked         Calls // a message with a preview, instead of Post
	Audited        Calls // a row of the audit log, besides the command it tells of
	Report         Calls // of what a browser measured
	Sweep          Calls // a look for files that are to be deleted, every minute
}

// Habits are what one person does on a working day. Posts and reactions are assumed for a lively team; the rest follows from
// the client's protocol.
type Habits struct {
	Posts, Reactions, Pages, Reads, Connects float64
	Replies                                  float64 // of the posts
	Alerts                                   float64 // of messages that concern the person while they are there
	Threads                                  float64 // how often the list of threads is opened, and a thread read
	Inboxes                                  float64 // how often the inbox is opened
	Files                                    float64 // pictures that are sent
	Links                                    float64 // links to public pages, each to another page with a picture
	Audits                                   float64 // commands that the audit log tells of, such as signing in
	Reports                                  float64 // of what browsers measured, by one tab in ten, and at most one a minute
	Typings                                  float64 // frames: at most one in three seconds of typing
	Online                                   float64 // hours with a tab open
	Visible                                  float64 // hours with the tab visible, in which it asks for presence
	Days                                     float64 // working days in a month
}

// DefaultHabits are those of the printed estimate.
func DefaultHabits() Habits {
	return Habits{
		Posts: 35, Replies: 7, Alerts: 12, Reactions: 10, Pages: 40, Reads: 60, Threads: 6, Inboxes: 6, Files: 0.5, Links: 1, Connects: 8,
		Audits:  0.3,
		Reports: 6, Typings: 70, Online: 9, Visible: 2, Days: 22,
	}
}

const (
	heartbeatEvery = 480.0 / 3600 // hours; the heartbeat on AWS
	presenceEvery  = 60.0 / 3600
	messageKept    = 1500.0 // bytes that a post occupies in tables, index entries included
	alarmMetrics   = 27     // metrics that the template's alarms watch: one each, two for those that divide
	composites     = 3      // alarms that combine others
	idleMetrics    = 14     // metrics that a probe causes: its own two, four of a request, three of sockets, five of a push
	talkMetrics    = 3      // metrics of frames and gaps, which are billed by the hour in which somebody talks
	browserMetrics = 5      // metrics that browsers report; as talkMetrics
	dashboards     = 1
	probes         = 30 * 24 * 12 // runs of the jobs in a month, and five-minute spans
	sweeps         = 30 * 24 * 60
	fileKept       = 1.2e6 // bytes of a picture and its thumbnails
	filePuts       = 7     // requests to S3 that an upload makes: to begin, list and end it, a part, the body without metadata, two thumbnails
	fileGets       = 6     // of the cheaper kind
	pagePicture    = 25e3  // bytes of the picture of a page
	pagePuts       = 2     // requests to S3: one copy is kept for a day for all, the other one belongs to the message
	pageGets       = 2
	pageAsked      = 12e3 // bytes to a page and to its picture, with TLS and acknowledgements
	tables         = 11
	tableKeys      = 24  // tables that the roles of the functions read or write, counted for each role
	accessLine     = 230 // bytes of a line in the gateway's log
	probeKeys      = 5   // of these, those that a probe uses
	busyHours      = 12  // of a working day
	openShare      = 0.2 // of those online who have the room of a message on the screen
	threadPeople   = 4   // who follow a thread and are online
	million        = 1e6
	gigabyte       = 1 << 30
)

// MeasuredCounts returns what each operation consumes. TestCalls in cmd/canteen-lambda checks reads, writes and messages;
// milliseconds and bytes are estimates from the emulator.
func MeasuredCounts() Counts {
	return Counts{
		Post:        Calls{Requests: 1, Invocations: 1, Compute: 20, Reads: 4, Writes: 14, Bytes: 1500, Logged: 500},
		Reaction:    Calls{Requests: 1, Invocations: 1, Compute: 18, Reads: 8, Writes: 12, Bytes: 1200, Logged: 500},
		Page:        Calls{Requests: 1, Invocations: 1, Compute: 25, Reads: 13, Bytes: 12000, Logged: 500},
		Read:        Calls{Requests: 1, Invocations: 1, Compute: 12, Reads: 7, Writes: 8, Bytes: 500, Logged: 500},
		Connect:     Calls{Requests: 1, Messages: 2, Invocations: 4, Compute: 40, Reads: 42, Writes: 13, Bytes: 9000, Logged: 1600},
		FanOut:      Calls{Invocations: 0.7, Compute: 15, Reads: 4, Logged: 400},
		Delivery:    Calls{Messages: 1, Compute: 0.3, Reads: 1, Bytes: 700},
		Typing:      Calls{Messages: 1, Invocations: 1, Compute: 5, Reads: 8, Writes: 3, Logged: 350},
		Heartbeat:   Calls{Messages: 2, Invocations: 1, Compute: 3, Reads: 6, Writes: 3, Bytes: 20, Logged: 350},
		Probe:       Calls{Requests: 1, Messages: 1, Invocations: 7, Compute: 100, Reads: 6, Writes: 8, Logged: 2500},
		Alert:       Calls{Messages: 2, Compute: 20, Reads: 7, Writes: 2},
		Follow:      Calls{Compute: 20, Reads: 3, Writes: 3},
		Reply:       Calls{Requests: 1, Invocations: 1, Compute: 25, Reads: 9, Writes: 30, Bytes: 1500, Logged: 500},
		FollowReply: Calls{Compute: 20, Reads: 7, Writes: 25},
		Thread:      Calls{Requests: 1, Invocations: 1, Compute: 15, Reads: 11, Bytes: 3000, Logged: 500},
		Threads:     Calls{Requests: 1, Invocations: 1, Compute: 40, Reads: 90, Bytes: 20000, Logged: 500},
		Unread:      Calls{Requests: 1, Invocations: 1, Compute: 15, Reads: 12, Bytes: 2000, Logged: 500},
		Inbox:       Calls{Requests: 1, Invocations: 1, Compute: 45, Reads: 109, Bytes: 25000, Logged: 500},
		InboxUnread: Calls{Requests: 1, Invocations: 1, Compute: 20, Reads: 21, Bytes: 2000, Logged: 500},
		ReadThread:  Calls{Requests: 1, Invocations: 1, Compute: 20, Reads: 11, Writes: 12, Bytes: 3000, Logged: 500},
		Upload:      Calls{Requests: 3, Invocations: 3, Compute: 2000, Reads: 11, Writes: 12, Bytes: 2500, Logged: 1500},
		Attach:      Calls{Requests: 1, Invocations: 1, Compute: 25, Reads: 6, Writes: 18, Bytes: 2000, Logged: 500},
		View:        Calls{Requests: 1, Invocations: 1, Compute: 10, Reads: 5, Bytes: 90_000, Logged: 500},
		Preview:     Calls{Requests: 1, Invocations: 1, Compute: 1000, Reads: 6, Writes: 8, Bytes: 700, Logged: 500},
		Linked:      Calls{Requests: 1, Invocations: 1, Compute: 25, Reads: 8, Writes: 16, Bytes: 2000, Logged: 500},
		Audited:     Calls{Compute: 8, Reads: 1, Writes: 4, Logged: 400},
		Report:      Calls{Requests: 1, Invocations: 1, Compute: 8, Reads: 4, Bytes: 500, Logged: 900},
		Sweep:       Calls{Invocations: 1, Compute: 4, Reads: 1, Logged: 300},
		Presence:    Calls{Messages: 2, Invocations: 1, Compute: 4, Reads: 26, Writes: 3, Bytes: 400, Logged: 350},
	}
}

// audience estimates how many others are online when somebody posts: 20 of 50 colleagues, 35 of 500, 60 of 5,000.
func audience(people float64) float64 {
	return math.Min(people-1, 20*math.Pow(3, math.Log10(people/50)/2))
}

// month adds up what people consume in a month.
func (c Counts) month(people float64, h Habits) Calls {
	var sum Calls
	times := func(calls Calls, n float64) {
		n *= people * h.Days
		sum = Calls{
			sum.Requests + n*calls.Requests, sum.Messages + n*calls.Messages, sum.Invocations + n*calls.Invocations,
			sum.Compute + n*calls.Compute,
			sum.Reads + n*calls.Reads, sum.Writes + n*calls.Writes, sum.Bytes + n*calls.Bytes, sum.Logged + n*calls.Logged,
		}
	}
	commits := h.Posts + h.Reactions
	times(c.Post, h.Posts-h.Replies-h.Files-h.Links)
	times(c.Upload, h.Files)
	times(c.Attach, h.Files)
	times(c.View, h.Files*audience(people)) // thumbnails; of twenty, one person opens the picture itself
	times(c.Preview, h.Links)
	times(c.Linked, h.Links)
	shown := c.View
	shown.Bytes = pagePicture
	times(shown, h.Links*audience(people))
	times(c.Reply, h.Replies)
	times(c.FollowReply, h.Replies)
	times(c.Thread, h.Replies*threadPeople) // all fetch the thread; the event itself comes with the message
	times(c.Threads, h.Threads)
	times(c.ReadThread, h.Threads)
	times(c.FanOut, h.Threads) // as of Reads
	times(c.Delivery, h.Threads)
	times(c.Unread, h.Connects)
	times(c.Inbox, h.Inboxes)
	times(c.InboxUnread, h.Connects+h.Replies*threadPeople) // again with each reply in a thread that they follow
	times(Calls{
		Messages: c.Alert.Messages - c.Delivery.Messages, Compute: c.Alert.Compute - c.FanOut.Compute,
		Reads: c.Alert.Reads - c.FanOut.Reads, Writes: c.Alert.Writes, Bytes: 150,
	}, h.Alerts)
	times(c.Reaction, h.Reactions)
	times(c.Page, h.Pages)
	times(c.Read, h.Reads)
	times(c.FanOut, h.Reads) // a moved pointer is pushed to one's own tabs
	times(c.Delivery, h.Reads)
	times(c.Typing, h.Typings)
	times(Calls{Messages: c.Delivery.Messages, Compute: c.Delivery.Compute, Bytes: 100}, h.Typings*openShare*audience(people))
	times(c.Connect, h.Connects)
	times(c.Audited, h.Audits)
	times(c.Report, h.Reports)
	times(c.FanOut, commits)
	times(c.Follow, commits)
	times(c.Delivery, commits*audience(people))
	times(c.Heartbeat, h.Online/heartbeatEvery)
	times(c.Presence, h.Visible/presenceEvery)
	p, s := c.Probe, c.Sweep
	return Calls{
		sum.Requests + probes*p.Requests, sum.Messages + probes*p.Messages, sum.Invocations + probes*p.Invocations + sweeps*s.Invocations,
		sum.Compute + probes*p.Compute + sweeps*s.Compute, sum.Reads + probes*p.Reads + sweeps*s.Reads, sum.Writes + probes*p.Writes,
		sum.Bytes + probes*p.Bytes,
		sum.Logged + probes*p.Logged + sweeps*s.Logged + accessLine*(sum.Requests+probes*p.Requests),
	}
}

// Line is one line of the bill in USD a month: at list prices, and after AWS's permanent free tier.
type Line struct {
	What       string
	List, Paid float64
}

// price is USD for each unit, and how many units are free every month.
type price struct{ each, free float64 }

func (p price) line(what string, units float64) Line {
	return Line{what, units * p.each, math.Max(0, units-p.free) * p.each}
}

// busy is how many hours of a month somebody talks.
func (h Habits) busy() float64 { return busyHours * h.Days }

// Estimate returns the monthly bill for a number of people. Prices are those of us-east-1 as AWS listed them in 2026; other
// regions cost up to half more.
func Estimate(people int, c Counts, h Habits) []Line {
	n := float64(people)
	m := c.month(n, h)
	kept := n * h.Days * h.Posts * messageKept / gigabyte // a month's messages; the tables grow by this each month
	files := n * h.Days * h.Files
	links := n * h.Days * h.Links
	views := (files + links) * audience(n)
	return []Line{
		// https://aws.amazon.com/api-gateway/pricing/: WebSocket messages $1.00 a million (first billion), of 32 KB.
		price{1.00 / million, 0}.line("messages to and from browsers (WebSocket API)", m.Messages),
		// The same page: connection minutes $0.25 a million.
		price{0.25 / million, 0}.line("minutes of connections", n*h.Days*h.Online*60),
		// The same page: HTTP API calls $1.00 a million (first 300 million), of 512 KB.
		price{1.00 / million, 0}.line("requests (HTTP API)", m.Requests),
		// https://aws.amazon.com/lambda/pricing/: $0.20 a million, 1 million free.
		price{0.20 / million, million}.line("calls of functions (Lambda)", m.Invocations),
		// The same page: arm64 $0.0000133334 a GB-second, 400,000 free.
		price{0.0000133334, 400_000}.line("computing (Lambda, arm64)", m.Compute/1000),
		// https://aws.amazon.com/dynamodb/pricing/on-demand/: writes $0.625 a million. Streams read by Lambda and TTL are free.
		price{0.625 / million, 0}.line("writes (DynamoDB)", m.Writes),
		// The same page: reads $0.125 a million.
		price{0.125 / million, 0}.line("reads (DynamoDB)", m.Reads),
		// The same page: storage $0.25 a GB, 25 free.
		price{0.25, 25}.line("storage of a first year's messages (DynamoDB)", 12*kept),
		// The same page: point-in-time recovery $0.20 a GB.
		price{0.20, 0}.line("recovery to any second (DynamoDB)", 12*kept),
		// https://aws.amazon.com/kms/pricing/: $0.03 for 10,000, 20,000 free. All tables use one key, AWS's own, which costs nothing.
		// DynamoDB asks for it every five minutes for each table and role in use; a probe uses five.
		price{0.03 / 10_000, 20_000}.line("the tables' key (KMS)", probes*probeKeys+(tableKeys-probeKeys)*12*h.busy()),
		// https://aws.amazon.com/cloudfront/pricing/: $0.085 a GB out (North America, Europe), 1 TB free.
		price{0.085, 1024}.line("bytes to browsers (CloudFront)", m.Bytes/gigabyte),
		// The same page: HTTPS requests $0.01 for 10,000, 10 million free.
		price{0.01 / 10_000, 10 * million}.line("requests (CloudFront)", m.Requests+n*h.Days*h.Connects+files+views),
		// https://aws.amazon.com/s3/pricing/: storage $0.023 a GB.
		price{0.023, 0}.line("storage of a first year's files (S3)", 12*(files*fileKept+links*pagePicture)/gigabyte),
		// The same page: requests that put or list $5 a million, that read $0.40 a million.
		price{5 / million, 0}.line("requests that write files (S3)", files*filePuts+links*pagePuts),
		price{0.4 / million, 0}.line("requests that read files (S3)", files*fileGets+links*pageGets+views),
		// CloudFront, as above: $0.02 a GB to an origin.
		price{0.02, 0}.line("bytes to the bucket (CloudFront)", files*fileKept/gigabyte),
		// https://aws.amazon.com/ec2/pricing/on-demand/, which holds for Lambda: $0.09 a GB to the Internet, 100 free. Bytes in are free.
		price{0.09, 100}.line("bytes to pages that have a preview (Lambda)", links*pageAsked/gigabyte),
		// https://aws.amazon.com/cloudwatch/pricing/: logs $0.50 a GB, 5 free.
		price{0.50, 5}.line("logs (CloudWatch)", m.Logged/gigabyte),
		// The same page: custom metrics $0.30 each, 10 free, by the hour in which they have values.
		price{0.30, 10}.line("metrics (CloudWatch)", idleMetrics+(talkMetrics+browserMetrics)*h.busy()/(30*24)),
		// The same page: alarms $0.10 for each metric, 10 free; composite alarms $0.50.
		price{0.10, 10}.line("alarms (CloudWatch)", alarmMetrics),
		price{0.50, 0}.line("alarms that combine others (CloudWatch)", composites),
		// The same page: dashboards $3.00. Those with at most 50 metrics are free, and this one has more.
		price{3.00, 0}.line("dashboard (CloudWatch)", dashboards),
	}
}

// Sum adds up a bill.
func Sum(lines []Line) (list, paid float64) {
	for _, l := range lines {
		list, paid = list+l.List, paid+l.Paid
	}
	return list, paid
}

// Bill returns the estimate as deploy prints it.
func Bill() string {
	h := DefaultHabits()
	var b strings.Builder
	fmt.Fprintf(&b, "What a month costs, at us-east-1 list prices, if each writes %.0f messages and %.0f reactions on each of %.0f days:\n",
		h.Posts, h.Reactions, h.Days)
	for _, n := range []int{50, 500, 5000} {
		list, paid := Sum(Estimate(n, MeasuredCounts(), h))
		fmt.Fprintf(&b, "%6s people  about $%.0f  ($%.0f within what AWS gives everybody for free)\n", thousands(n), list, paid)
	}
	idle, free := Sum(Estimate(50, MeasuredCounts(), Habits{}))
	fmt.Fprintf(&b, "  nobody talks   $%.2f  ($%.2f)\n", idle, free)
	// https://aws.amazon.com/ses/pricing/: $0.10 for 1,000 e-mails. CloudWatch: two metrics at $0.30 and an alarm at $0.10.
	b.WriteString("Digests by e-mail (--mail-from): $0.10 for 1,000, and $0.70 for watching them.\n")
	return b.String()
}

func thousands(n int) string {
	if n >= 1000 {
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return fmt.Sprint(n)
}

// BillTable returns the estimate as a Markdown table for docs/aws.md.
func BillTable() string {
	sizes := []int{50, 500, 5000}
	bills := make([][]Line, len(sizes))
	var b strings.Builder
	b.WriteString("| a month, USD |")
	for i, n := range sizes {
		bills[i] = Estimate(n, MeasuredCounts(), DefaultHabits())
		fmt.Fprintf(&b, " %s people |", thousands(n))
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(sizes)) + "\n")
	for row := range bills[0] {
		fmt.Fprintf(&b, "| %s |", bills[0][row].What)
		for i := range sizes {
			fmt.Fprintf(&b, " %.2f |", bills[i][row].List)
		}
		b.WriteString("\n")
	}
	for _, end := range []struct {
		what string
		of   func([]Line) float64
	}{
		{"**together**", func(l []Line) float64 { list, _ := Sum(l); return list }},
		{"**within what AWS gives everybody for free**", func(l []Line) float64 { _, paid := Sum(l); return paid }},
	} {
		fmt.Fprintf(&b, "| %s |", end.what)
		for i := range sizes {
			fmt.Fprintf(&b, " **%.0f** |", end.of(bills[i]))
		}
		b.WriteString("\n")
	}
	return b.String()
}
