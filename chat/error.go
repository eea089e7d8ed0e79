package chat

import (
	"errors"
	"fmt"
	"time"
)

// Code says for machines what went wrong. The REST adapter maps each to one HTTP status.
type Code string

// The closed list of codes, with the HTTP status each becomes.
const (
	Invalid          Code = "invalid"            // 400
	Unauthenticated  Code = "unauthenticated"    // 401
	Forbidden        Code = "forbidden"          // 403
	NotFound         Code = "not_found"          // 404, also for what the actor may not see
	MethodNotAllowed Code = "method_not_allowed" // 405
	Timeout          Code = "timeout"            // 408: the request did not arrive in time
	Conflict         Code = "conflict"           // 409
	Gone             Code = "gone"               // 410
	TooLarge         Code = "too_large"          // 413
	UnsupportedMedia Code = "unsupported_media"  // 415
	Misdirected      Code = "misdirected"        // 421: the request is for another host
	RateLimited      Code = "rate_limited"       // 429
	Internal         Code = "internal"           // 500
	Unavailable      Code = "unavailable"        // 503
)

// Error is the one error that leaves the rules: a code for machines and a message for people.
type Error struct {
	Code       Code
	Field      string        // the input at fault, as the API names it ("text", "invite"); may be empty
	Message    string        // for people: what is wrong and what would be right
	RetryAfter time.Duration // with RateLimited and Unavailable
	Err        error         // the cause, for the log alone
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	if e.Field != "" {
		s = string(e.Code) + " " + e.Field + ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error without a field.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// InvalidField says what is wrong with one input and what would be right.
func InvalidField(field, format string, args ...any) *Error {
	return &Error{Code: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// ErrorCode is the code of err: Internal for what is not an [Error].
func ErrorCode(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// ErrStale is a store's answer to a command whose [Facts] no longer hold: nothing was written, the rules read again and
// decide again. It never leaves this package.
var ErrStale = errors.New("a fact the command rested on has changed")

// ErrNotFound is the single answer to everything that does not exist or may not be seen.
func ErrNotFound() *Error { return Errorf(NotFound, "There is nothing here.") }

// ErrUnavailable is the answer of a store that cannot take a command now; cause is for the log alone.
func ErrUnavailable(cause error) *Error {
	return &Error{
		Code: Unavailable, Message: "Canteen cannot save anything right now. Try again.", RetryAfter: retryLater, Err: cause,
	}
}

// errTaken is a Conflict over one input.
func errTaken(field, message string) *Error {
	return &Error{Code: Conflict, Field: field, Message: message}
}
