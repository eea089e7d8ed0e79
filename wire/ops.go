package wire

// Limits of what is said about the server.
const (
	MaxOpsRoutes    = 10
	MaxOpsErrors    = 50
	MaxOpsWeeks     = 26
	MaxOpsDays      = 90
	MaxSeries       = 32
	MaxSeriesValues = 1500
)

// Ops is the answer of GET /ops: how the server is. What a home does not know is absent.
type Ops struct {
	At        Time       `json:"at" format:"date-time" doc:"The time of the server"`
	Home      string     `json:"home" enum:"server,aws" doc:"One machine, or AWS, where CloudWatch has the rest"`
	Healthy   *bool      `json:"healthy,omitempty" doc:"No urgent alarm is on"`
	Since     *Time      `json:"since,omitempty" format:"date-time" doc:"Since when it is healthy or not; at the earliest its start"`
	StartedAt *Time      `json:"started_at,omitempty" format:"date-time"`
	Version   OpsVersion `json:"version"`

	Storage  *OpsStorage   `json:"storage,omitempty"`
	People   *OpsPeople    `json:"people,omitempty"`
	Slowest  []OpsRoute    `json:"slowest" nullable:"false" maxItems:"10" doc:"Routes of the last hour, the slowest first"`
	Errors   []OpsError    `json:"errors" nullable:"false" maxItems:"50" doc:"Answers with 5xx since the start, newest first"`
	Jobs     []OpsJob      `json:"jobs" nullable:"false" doc:"What is done later"`
	Alarms   []OpsAlarm    `json:"alarms" nullable:"false" doc:"Those that are on first; on AWS, CloudWatch has them"`
	Told     []OpsDelivery `json:"deliveries" nullable:"false" doc:"The ways by which alarms are told"`
	Adoption *OpsAdoption  `json:"adoption,omitempty" doc:"How much Canteen is used; nobody by name"`

	Availability *OpsAvailability `json:"availability,omitempty" doc:"What the probe found; absent before the first one"`

	Links []OpsLink `json:"links" nullable:"false" doc:"Where else one sees how it is"`
}

// OpsVersion says what runs.
type OpsVersion struct {
	Server string `json:"server" example:"v1.2.0"`
	Go     string `json:"go" example:"go1.26.0"`
	Schema int    `json:"schema,omitempty" minimum:"1" doc:"Of the database"`
}

// OpsStorage is what is stored, and what is left.
type OpsStorage struct {
	Database int64 `json:"database_bytes" minimum:"0"`
	WAL      int64 `json:"wal_bytes" minimum:"0"`
	Files    int64 `json:"files_bytes" minimum:"0" doc:"As of the last ten minutes"`
	History  int64 `json:"history_bytes" minimum:"0"`
	Free     int64 `json:"disk_free_bytes,omitempty" minimum:"0" doc:"Absent when the disk cannot be asked"`
	Size     int64 `json:"disk_size_bytes,omitempty" minimum:"0"`
	FullAt   *Time `json:"full_at,omitempty" format:"date-time" doc:"When the disk is full if it goes on as in the last week"`
}

// OpsPeople are the people of the workspace.
type OpsPeople struct {
	Online  int  `json:"online" minimum:"0" doc:"With an open socket, bots included"`
	Sockets int  `json:"sockets" minimum:"0"`
	All     *int `json:"all,omitempty" minimum:"0" doc:"Without bots and the deactivated, as of the last minute"`
}

// OpsRoute is how long the answers of a route took, in seconds.
type OpsRoute struct {
	Route  string  `json:"route" example:"/api/v1/rooms/{room}/messages"`
	Method string  `json:"method" example:"POST"`
	Count  int64   `json:"count" minimum:"1"`
	P50    float64 `json:"p50" minimum:"0"`
	P99    float64 `json:"p99" minimum:"0"`
}

// OpsError is an answer with 5xx. The log says why, by the id of the request.
type OpsError struct {
	At      Time   `json:"at" format:"date-time"`
	Route   string `json:"route" example:"/api/v1/rooms/{room}/messages"`
	Method  string `json:"method" example:"POST"`
	Status  int    `json:"status" minimum:"500" maximum:"599"`
	Request string `json:"request" example:"K3X5MQ2AA4TEK3X5"`
}

// OpsJob is work that is done later.
type OpsJob struct {
	Name       string `json:"name" example:"mail" enum:"mail,files,alerts,ship,backup"`
	Waiting    int64  `json:"waiting" minimum:"0" doc:"What is due"`
	Failed     int64  `json:"failed" minimum:"0" doc:"What was tried in vain, and is tried again"`
	Oldest     *Time  `json:"oldest,omitempty" format:"date-time" doc:"Since when the first of them waits"`
	LastAt     *Time  `json:"last_at,omitempty" format:"date-time" doc:"When it last did its work"`
	FailedAt   *Time  `json:"last_error_at,omitempty" format:"date-time" doc:"When it last failed, since the start"`
	CanRetry   bool   `json:"can_retry" doc:"What failed can be tried at once"`
	CanDiscard bool   `json:"can_discard" doc:"What failed can be given up"`
}

// OpsAvailability is what the probe of the server found, which uses it as a person would, every ten seconds.
type OpsAvailability struct {
	Up      bool     `json:"up" doc:"The last probe succeeded"`
	Since   Time     `json:"since" format:"date-time" doc:"Since when that is so"`
	Last    Time     `json:"last" format:"date-time" doc:"When the last probe ended"`
	Step    string   `json:"step,omitempty" enum:"ok,connect,post,hear" doc:"ok, or the step at which the last probe since the start failed"`
	Latency *float64 `json:"latency,omitempty" minimum:"0" doc:"From the post to the socket, in seconds, of the last probe that succeeded"`
	Days    []OpsDay `json:"days" nullable:"false" maxItems:"90" doc:"Days in UTC, oldest first; one of which nothing is known is missing"`
}

// OpsDay counts the probes of a day.
type OpsDay struct {
	Day    string `json:"day" format:"date" example:"2026-11-30"`
	OK     int    `json:"ok" minimum:"0"`
	Failed int    `json:"failed" minimum:"0" doc:"While the server ran"`
	Down   int    `json:"down" minimum:"0" doc:"Due while the server did not run"`
}

// OpsAdoption is how much Canteen is used, in the last 7 days unless said.
type OpsAdoption struct {
	ActivePeople *int      `json:"active_people,omitempty" minimum:"0" doc:"Who was signed in and there"`
	RoomsAlive   *int      `json:"rooms_alive,omitempty" minimum:"0" doc:"Rooms in which something happened, direct ones apart"`
	Messages     int64     `json:"messages" minimum:"0"`
	Reactions    int64     `json:"reactions" minimum:"0"`
	Feedback     *int      `json:"feedback,omitempty" minimum:"0" doc:"Given in the last 30 days"`
	Answered     *int      `json:"answered,omitempty" minimum:"0" doc:"How many of them somebody has answered"`
	Weeks        []OpsWeek `json:"weeks" nullable:"false" maxItems:"26" doc:"Whole weeks from Monday in UTC, oldest first"`
}

// OpsWeek is a week of which something is known.
type OpsWeek struct {
	From         Time  `json:"from" format:"date-time"`
	Messages     int64 `json:"messages" minimum:"0"`
	Reactions    int64 `json:"reactions" minimum:"0"`
	ActivePeople *int  `json:"active_people,omitempty" minimum:"0" doc:"At its end"`
	RoomsAlive   *int  `json:"rooms_alive,omitempty" minimum:"0"`
}

// OpsLink leads to a page elsewhere.
type OpsLink struct {
	Name string `json:"name" enum:"dashboard,alarms"`
	URL  string `json:"url" format:"uri"`
}

// OpsSeries is the answer of GET /ops/series. Value i of each series tells of the time from from + i × step on.
type OpsSeries struct {
	From   Time           `json:"from" format:"date-time"`
	To     Time           `json:"to" format:"date-time"`
	Step   int            `json:"step" minimum:"10" doc:"Seconds; larger than asked where it is not kept so finely"`
	Series []OpsOneSeries `json:"series" nullable:"false" maxItems:"32"`
}

// OpsOneSeries are the values of a series.
type OpsOneSeries struct {
	Name   string     `json:"name" example:"requests"`
	Unit   string     `json:"unit" enum:"per_second,seconds,bytes,count,share"`
	Values []*float64 `json:"values" nullable:"false" maxItems:"1500" doc:"null: nothing was measured"`
}
