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

// The codes of refusals. The list is complete.
const (
	Invalid          = string(chat.Invalid)          // 400: Field names the wrong input
	Unauthenticated  = string(chat.Unauthenticated)  // 401: not signed in, or the token has ended
	Forbidden        = string(chat.Forbidden)        // 403: the user sees the object but may not do this
	NotFound         = string(chat.NotFound)         // 404: the object does not exist, or the user may not see it
	MethodNotAllowed = string(chat.MethodNotAllowed) // 405
	TimedOut         = string(chat.Timeout)          // 408: the body did not arrive in time
	Conflict         = string(chat.Conflict)         // 409: the state does not allow it, such as an archived room
	Gone             = string(chat.Gone)             // 410: the message was deleted, or the changes are too old
	TooLarge         = string(chat.TooLarge)         // 413: a body over 1 MiB
	UnsupportedMedia = string(chat.UnsupportedMedia) // 415
	Misdirected      = string(chat.Misdirected)      // 421: the server has another public URL
	RateLimited      = string(chat.RateLimited)      // 429: RetryAfter says how long to wait
	Internal         = string(chat.Internal)         // 500: the server's log says why, under RequestID
	Unavailable      = string(chat.Unavailable)      // 503: RetryAfter says how long to wait
)

// Error is the server's refusal: a problem document (RFC 9457).
type Error struct {
	wire.Problem               // Code is empty if the answer is not from Canteen but, for example, from a proxy
	RetryAfter   time.Duration // how long to wait before a retry; 0: the server did not say
}

// Error gives status, code, field and detail.
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

// Status is the HTTP status of a refusal; 0 for other errors and for nil.
func Status(err error) int {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Status
	}
	return 0
}

// Code is the code of a refusal, one of this package's constants; "" for other errors and for nil.
func Code(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}

// refusal makes an Error of an answer by Canteen or by a proxy.
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
