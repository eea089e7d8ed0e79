package catalogue

import "slices"

// All gives all metrics, by subject.
func All() []Metric {
	return slices.Concat(requests(), sockets(), conversation(), adoption(), store(), sizes(), browsers())
}

// requests are the metrics of requests. Those with a route have one series for each route that was ever used.
func requests() []Metric {
	return []Metric{
		{Name: Requests, Kind: Counter, Labels: []string{"route", "method", "status"}, By: "rest",
			AWS:  []string{"Requests", "Errors4xx", "Errors5xx", "Refused"},
			Help: "Requests that were answered, by route, method and class of status. Sockets count when they are refused."},
		{Name: ServerErrors, Kind: Counter, By: "rest", AWS: []string{"Errors5xx"},
			Help: "Requests that were answered with 5xx. It starts at 0, so that the first one is an increase."},
		{Name: RequestDuration, Kind: Histogram, Unit: Seconds, Labels: []string{"route", "method"}, By: "rest",
			AWS: []string{"Latency"}, Buckets: latency(),
			Help: "Time from the end of a request's head to the end of its answer."},
		{Name: RequestsInFlight, Kind: Gauge, By: "rest",
			Help: "Requests that are being answered, sockets apart."},
		{Name: RateLimited, Kind: Counter, Labels: []string{"route"}, By: "rest",
			Help: "Requests that were refused with 429, because somebody sent too many."},
		{Name: SignInFailures, Kind: Counter, By: "rest",
			Help: "Attempts to sign in with an unknown address or a wrong password."},
		{Name: GapFetches, Kind: Counter, By: "rest", AWS: []string{"GapFetches"},
			Help: "Requests by which clients fetch what they missed in a room. Many beside few deliveries mean that deliveries are lost."},
	}
}

// sockets are the metrics of live connections.
func sockets() []Metric {
	return []Metric{
		{Name: Sockets, Kind: Gauge, By: "socket",
			Help: "Open sockets."},
		{Name: PeopleOnline, Kind: Gauge, By: "socket",
			Help: "Users with at least one open socket, bots included."},
		{Name: SocketsOpened, Kind: Counter, By: "socket", AWS: []string{"Connects"},
			Help: "Sockets that were opened."},
		{Name: SocketsClosed, Kind: Counter, Labels: []string{"code"}, By: "socket", AWS: []string{"Gone"},
			Help: "Sockets that ended, by the close code of the server; 1006: the client was gone."},
		{Name: SocketCommands, Kind: Counter, Labels: []string{"command"}, By: "socket",
			AWS:  []string{"Frames", "FrameErrors"},
			Help: "Commands that clients sent over sockets; invalid: what is none."},
		{Name: SocketErrors, Kind: Counter, By: "socket", AWS: []string{"SocketErrors"},
			Help: "Commands over sockets that failed in the server."},
		{Name: Deliveries, Kind: Counter, By: "socket", AWS: []string{"Recipients"},
			Help: "Events that were queued for a socket."},
		{Name: DeliveryDelay, Kind: Histogram, Unit: Seconds, By: "socket", AWS: []string{"CommitToPush"}, Buckets: latency(),
			Help: "Time from a commit until its event is written to a socket. " +
				"A write that carries several events counts once, with the oldest."},
		{Name: QueueOverflows, Kind: Counter, Labels: []string{"queue"}, By: "socket", AWS: []string{"PushErrors"},
			Help: "Queues that were full. fanout: all clients had to fetch again; socket: a slow client was closed."},
	}
}

// conversation are the metrics of what people do.
func conversation() []Metric {
	return []Metric{
		{Name: Posts, Kind: Counter, By: "server",
			Help: "Messages that were posted."},
		{Name: Reactions, Kind: Counter, By: "server",
			Help: "Reactions that were added."},
		{Name: Notifications, Kind: Counter, By: "server",
			Help: "Alerts of new messages that were given to a device."},
		{Name: Mails, Kind: Counter, Labels: []string{"result"}, By: "server", AWS: []string{"MailSent", "MailFailed"},
			Help: "E-mails by result."},
		{Name: Uploads, Kind: Counter, By: "server",
			Help: "Files that were uploaded."},
		{Name: UploadBytes, Kind: Counter, Unit: Bytes, By: "server",
			Help: "Size of the files that were uploaded."},
	}
}

// adoption are the metrics of how much Canteen is used. They count people and name nobody.
func adoption() []Metric {
	return []Metric{
		{Name: People, Kind: Gauge, By: "server",
			Help: "People who have an account, without bots and the deactivated, as of the last minute."},
		{Name: ActivePeople, Kind: Gauge, By: "server",
			Help: "People who were signed in and there within 7 days, as of the last minute."},
		{Name: RoomsAlive, Kind: Gauge, By: "server",
			Help: "Rooms in which something happened within 7 days, direct ones apart, as of the last minute."},
		{Name: FeedbackGiven, Kind: Gauge, By: "server",
			Help: "Feedback that was given within 30 days, as of the last minute."},
		{Name: FeedbackAnswered, Kind: Gauge, By: "server",
			Help: "How much of the feedback that was given within 30 days somebody else has answered, as of the last minute."},
	}
}

// store are the metrics of the store and of what follows its commits.
func store() []Metric {
	return []Metric{
		{Name: Commits, Kind: Counter, By: "sqlite", AWS: []string{"Batches"},
			Help: "Transactions that were committed."},
		{Name: CommitFailures, Kind: Counter, By: "sqlite",
			Help: "Transactions that failed as a whole, such as when the disk is full."},
		{Name: CommitCommands, Kind: Histogram, By: "sqlite", Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256},
			Help: "Commands in one transaction."},
		{Name: CommitDuration, Kind: Histogram, Unit: Seconds, By: "sqlite", Buckets: latency(),
			Help: "Time of a transaction, from its first command until it is on the disk."},
		{Name: SyncDuration, Kind: Histogram, Unit: Seconds, By: "sqlite", Buckets: latency(),
			Help: "Time of COMMIT alone: the write into the write-ahead log and its fsync."},
		{Name: StoreQueue, Kind: Gauge, By: "sqlite",
			Help: "Commands that wait for a transaction."},
		{Name: FollowerLag, Kind: Gauge, Unit: Seconds, Labels: []string{"follower"}, By: "follow",
			Help: "How long the oldest change waits that a follower of the commit feed has not processed; 0: none."},
	}
}

// sizes are the metrics of the disk and of the program itself.
func sizes() []Metric {
	return []Metric{
		{Name: DatabaseBytes, Kind: Gauge, Unit: Bytes, By: "server",
			Help: "Size of the database file."},
		{Name: WALBytes, Kind: Gauge, Unit: Bytes, By: "server",
			Help: "Size of the write-ahead log."},
		{Name: FilesBytes, Kind: Gauge, Unit: Bytes, By: "server",
			Help: "Size of all uploaded files, as of the last ten minutes."},
		{Name: DiskFree, Kind: Gauge, Unit: Bytes, By: "server",
			Help: "What is left of the data directory's disk."},
		{Name: DiskSize, Kind: Gauge, Unit: Bytes, By: "server",
			Help: "Size of the data directory's disk."},
		{Name: BackupAge, Kind: Gauge, Unit: Seconds, By: "server",
			Help: "Time since the last whole backup, or since changes were last shipped if that was later. NaN: neither ever was."},
		{Name: ShippedAge, Kind: Gauge, Unit: Seconds, By: "server",
			Help: "Time since the changes were last shipped completely. NaN: they are not shipped, or have not been since the start."},
		{Name: Ready, Kind: Gauge, By: "server",
			Help: "1 if the server can take commands, as /readyz says; else 0."},
		{Name: Probes, Kind: Counter, Labels: []string{"result"}, By: "server", AWS: []string{"Probe"},
			Help: "Probes by which the server tried itself, by result: ok, or the step that failed, connect, post or hear."},
		{Name: ProbeUp, Kind: Gauge, By: "server",
			Help: "1 if the last probe succeeded; else 0. There is none before the first probe, and with --probe=off."},
		{Name: ProbeDuration, Kind: Histogram, Unit: Seconds, By: "server", AWS: []string{"ProbeLatency"}, Buckets: latency(),
			Help: "Time from the request of a probe until a socket heard the event that it caused, of those that succeeded."},
		{Name: LogRecords, Kind: Counter, Labels: []string{"level"}, By: "server",
			Help: "Records in the log, of the levels warn and error."},
		{Name: Build, Kind: Gauge, Labels: []string{"version"}, By: "server",
			Help: "1, with the version of the program."},
	}
}

// browsers are the metrics of what browsers report. One tab of ten measures times and counts reconnects; each reports script errors.
func browsers() []Metric {
	return []Metric{
		{Name: BrowserFirstRender, Kind: Histogram, Unit: Seconds, By: "server", AWS: []string{"BrowserFirstRender"}, Buckets: felt(),
			Help: "Time from the request of the page until the first messages were drawn, as browsers measured it."},
		{Name: BrowserRoomSwitch, Kind: Histogram, Unit: Seconds, By: "server", AWS: []string{"BrowserRoomSwitch"}, Buckets: felt(),
			Help: "Time from the choice of a room until its messages were drawn, as browsers measured it."},
		{Name: BrowserEcho, Kind: Histogram, Unit: Seconds, By: "server", AWS: []string{"BrowserEcho"}, Buckets: felt(),
			Help: "Time from sending a message until its event arrived over the socket, as browsers measured it."},
		{Name: BrowserReconnects, Kind: Counter, By: "server", AWS: []string{"BrowserReconnects"},
			Help: "Sockets that browsers lost and opened again."},
		{Name: BrowserScriptErrors, Kind: Counter, By: "server", AWS: []string{"BrowserScriptErrors"},
			Help: "Errors in the scripts of the web client. The log has the place of each."},
		{Name: BrowserReports, Kind: Counter, By: "server",
			Help: "Reports of browsers. Without any, the others say nothing."},
	}
}

// latency are the bounds of durations, in seconds: 0.5 ms to 10 s, so that a percentile is known to about a factor of 2.
func latency() []float64 {
	return []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}
}

// felt are the bounds of times that people wait for, in seconds. Nobody notices less than 10 ms.
func felt() []float64 { return []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10} }
