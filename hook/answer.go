package hook

import "net/http"

// Answer is what a sender is told, in Slack's words: by it senders decide whether to send again. It is an error, too, so that Decode can
// return the answer to a body that it refuses.
type Answer string

// The answers. To anything else the server answers with Failed.
const (
	OK             Answer = "ok"
	InvalidPayload Answer = "invalid_payload"
	NoText         Answer = "no_text"
	Prohibited     Answer = "action_prohibited"
	NoService      Answer = "no_service"
	NoRoom         Answer = "channel_not_found"
	Archived       Answer = "channel_is_archived"
	TooMany        Answer = "rate_limited"
	Unavailable    Answer = "service_unavailable"
	Failed         Answer = "rollup_error"
)

// Error implements error.
func (a Answer) Error() string { return string(a) }

// Status is the status of HTTP that goes with the answer.
func (a Answer) Status() int {
	switch a {
	case OK:
		return http.StatusOK
	case InvalidPayload, NoText:
		return http.StatusBadRequest
	case Prohibited:
		return http.StatusForbidden
	case NoService, NoRoom:
		return http.StatusNotFound
	case Archived:
		return http.StatusGone
	case Unavailable:
		return http.StatusServiceUnavailable
	case TooMany:
		return http.StatusTooManyRequests
	}
	return http.StatusInternalServerError
}
