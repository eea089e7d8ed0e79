package wire

// OpsAlarm is an alarm of the server.
type OpsAlarm struct {
	Name          string `json:"name" example:"server-errors"`
	Title         string `json:"title" example:"Server errors"`
	Says          string `json:"says,omitempty" example:"3 answers with 5xx in a minute" doc:"What is wrong; while it is on"`
	State         string `json:"state" enum:"ok,alarm,no_data"`
	Severity      string `json:"severity" enum:"page,warn" doc:"page: somebody must look now"`
	Since         Time   `json:"since" format:"date-time" doc:"Since when it is in this state"`
	SilencedUntil *Time  `json:"silenced_until,omitempty" format:"date-time" doc:"It is not told until then"`
}

// OpsDelivery is a way by which alarms are told.
type OpsDelivery struct {
	Kind         string `json:"kind" enum:"mail,webhook,room,dead_man"`
	To           string `json:"to,omitempty" example:"ada@example.com" doc:"The address, or the name of the room; never a URL"`
	At           *Time  `json:"at,omitempty" format:"date-time" doc:"When something was last sent"`
	FailingSince *Time  `json:"failing_since,omitempty" format:"date-time" doc:"Absent while it works"`
	Error        string `json:"error,omitempty" doc:"Why it fails"`
}

// SilenceAlarm is the body of PUT /ops/silences/{alarm}.
type SilenceAlarm struct {
	Until *Time `json:"until,omitempty" format:"date-time" doc:"At most 30 days ahead; absent, or past: the silence ends"`
}

// TestedAlarms is the answer of POST /ops/test.
type TestedAlarms struct {
	Deliveries []OpsDelivery `json:"deliveries" nullable:"false" doc:"How each went"`
}
