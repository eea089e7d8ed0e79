package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// The codes of refusals: a closed list.
const (
	Invalid          = string(chat.Invalid)          // 400: Field names the input at fault
	Unauthenticated  = string(chat.Unauthenticated)  // 401: sign in, or the token is over
	Forbidden        = string(chat.Forbidden)        // 403: one sees it and may not do it
	NotFound         = string(chat.NotFound)         // 404: it does not exist, or one may not see it
	MethodNotAllowed = string(chat.MethodNotAllowed) // 405
	Conflict         = string(chat.Conflict)         // 409: not in this state, such as an archived room
	Gone             = string(chat.Gone)             // 410: a deleted message; changes too far back to be known
	TooLarge         = string(chat.TooLarge)         // 413: a body over 1 MiB
	UnsupportedMedia = string(chat.UnsupportedMedia) // 415
	RateLimited      = string(chat.RateLimited)      // 429: RetryAfter says how long to wait
	Internal         = string(chat.Internal)         // 500: the server's log says why, under RequestID
	Unavailable      = string(chat.Unavailable)      // 503: RetryAfter says how long to wait
)

// Error is the server's refusal: a problem document (RFC 9457).
type Error struct {
	wire.Problem               // Code is empty when it was not Canteen that answered, such as a proxy
	RetryAfter   time.Duration // how long the server asked to wait; 0: it did not say
}

// Error says status, code and what is wrong, and with which input.
func (e *Error) Error() string {
	code := e.Code
	if code == "" {
		code = "not by Canteen"
	}
	if e.Field != "" {
		return fmt.Sprintf("%d %s: %s: %s", e.Status, code, e.Field, e.Detail)
	}
	return fmt.Sprintf("%d %s: %s", e.Status, code, e.Detail)
}

// Status is the HTTP status of a refusal, 0 for another error or none.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Code is the code of a refusal, one of this package's constants; "" for another error or none.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// refusal makes an Error of an answer, whoever gave it.
func refusal(resp *http.Response, b []byte) error {
	e := &Error{}
	if media, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";"); media != "application/problem+json" ||
		json.Unmarshal(b, &e.Problem) != nil {
		e.Problem = wire.Problem{Detail: resp.Status} // a proxy's answer
		if to := resp.Header.Get("Location"); to != "" {
			e.Detail += ", redirected to " + to
		}
	}
	e.Status = resp.StatusCode
	e.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	return e
}

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds, or a date.
func retryAfter(h string, now time.Time) time.Duration {
	if s, err := strconv.ParseUint(h, 10, 32); err == nil {
		return time.Duration(s) * time.Second // #nosec G115 -- 32 bits of seconds fit
	}
	if at, err := http.ParseTime(h); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
