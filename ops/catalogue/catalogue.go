package catalogue

// Kind is the kind of a metric.
type Kind string

// Kinds. A counter only grows, and starts at 0 with the process; a gauge is read when somebody asks; a histogram counts values by size.
const (
	Counter   Kind = "counter"
	Gauge     Kind = "gauge"
	Histogram Kind = "histogram"
)

// Unit is what a value measures.
type Unit string

// Units.
const (
	Seconds Unit = "seconds"
	Bytes   Unit = "bytes"
	Count   Unit = ""
)

// Metric describes a metric.
type Metric struct {
	Name    string
	Kind    Kind
	Unit    Unit
	Labels  []string
	Help    string
	By      string    // the package that reports it on one machine
	AWS     []string  // names of the metrics in CloudWatch that say the same on AWS
	Buckets []float64 // of a histogram: upper bounds, in its unit
}

// Names of the metrics. All says what each means.
const (
	Requests         = "canteen_http_requests_total"
	ServerErrors     = "canteen_http_server_errors_total"
	RequestDuration  = "canteen_http_request_duration_seconds"
	RequestsInFlight = "canteen_http_requests_in_flight"
	RateLimited      = "canteen_rate_limited_total"
	SignInFailures   = "canteen_sign_in_failures_total"
	GapFetches       = "canteen_gap_fetches_total"

	Sockets        = "canteen_sockets"
	PeopleOnline   = "canteen_people_online"
	SocketsOpened  = "canteen_sockets_opened_total"
	SocketsClosed  = "canteen_sockets_closed_total"
	SocketCommands = "canteen_socket_commands_total"
	SocketErrors   = "canteen_socket_errors_total"
	Deliveries     = "canteen_deliveries_total"
	DeliveryDelay  = "canteen_delivery_delay_seconds"
	QueueOverflows = "canteen_queue_overflows_total"

	Posts         = "canteen_posts_total"
	Reactions     = "canteen_reactions_total"
	Notifications = "canteen_notifications_total"
	Mails         = "canteen_mails_total"
	Uploads       = "canteen_uploads_total"
	UploadBytes   = "canteen_upload_bytes_total"

	People           = "canteen_people"
	ActivePeople     = "canteen_active_people"
	RoomsAlive       = "canteen_rooms_alive"
	FeedbackGiven    = "canteen_feedback_messages"
	FeedbackAnswered = "canteen_feedback_answered_messages"

	Commits        = "canteen_store_commits_total"
	CommitFailures = "canteen_store_commit_failures_total"
	CommitCommands = "canteen_store_commit_commands"
	CommitDuration = "canteen_store_commit_duration_seconds"
	SyncDuration   = "canteen_store_sync_duration_seconds"
	StoreQueue     = "canteen_store_queue_commands"
	FollowerLag    = "canteen_follower_lag_seconds"

	DatabaseBytes = "canteen_database_bytes"
	WALBytes      = "canteen_database_wal_bytes"
	FilesBytes    = "canteen_files_bytes"
	DiskFree      = "canteen_disk_free_bytes"
	DiskSize      = "canteen_disk_size_bytes"
	BackupAge     = "canteen_backup_age_seconds"
	ShippedAge    = "canteen_shipped_age_seconds"
	Ready         = "canteen_ready"
	Probes        = "canteen_probes_total"
	ProbeUp       = "canteen_probe_up"
	ProbeDuration = "canteen_probe_duration_seconds"
	LogRecords    = "canteen_log_records_total"
	Build         = "canteen_build_info"

	BrowserFirstRender  = "canteen_browser_first_render_seconds"
	BrowserRoomSwitch   = "canteen_browser_room_switch_seconds"
	BrowserEcho         = "canteen_browser_echo_seconds"
	BrowserReconnects   = "canteen_browser_reconnects_total"
	BrowserScriptErrors = "canteen_browser_script_errors_total"
	BrowserReports      = "canteen_browser_reports_total"
)
