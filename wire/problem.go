package wire

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/canteen-chat/canteen/chat"
)

// Problem is the body of every error: a problem document (RFC 9457) with a code for programs.
type Problem struct {
	Type      string `json:"type" doc:"about:blank: code says it"`
	Title     string `json:"title" example:"Bad Request"`
	Status    int    `json:"status" minimum:"400" maximum:"599" example:"400"`
	Detail    string `json:"detail" example:"There is nothing here." doc:"For people: what is wrong and what would be right"`
	Code      string `json:"code" enum:"invalid,unauthenticated,forbidden,not_found,method_not_allowed,timeout,conflict,gone,too_large,unsupported_media,misdirected,rate_limited,internal,unavailable"`
	Field     string `json:"field,omitempty" example:"text" doc:"The input at fault"`
	RequestID string `json:"request_id" minLength:"1" example:"K3X5MQ2AA4TEB7QN"`
}

// ProblemType is the media type of a problem document.
const ProblemType = "application/problem+json"

// Challenge is the header WWW-Authenticate of an answer with status 401 (RFC 9110, 11.6.1, and RFC 6750, 3).
const Challenge = `Bearer realm="Canteen"`

// NewProblem maps every error to its problem document, and to the value of its header Retry-After, "" for none. shown says whether the
// client learns the error; if not, the document says only that something went wrong, and the caller logs the error.
func NewProblem(err error, requestID string) (p Problem, retryAfter string, shown bool) {
	e, ok := errors.AsType[*chat.Error](err)
	shown = true
	switch {
	case ok && HTTPStatus(e.Code) != http.StatusInternalServerError:
	case errors.Is(err, context.Canceled):
		e = chat.Errorf(chat.Unavailable, "The request was cancelled.")
	case errors.Is(err, context.DeadlineExceeded):
		e = chat.Errorf(chat.Unavailable, "The request took too long.")
	default:
		shown = false
		e = chat.Errorf(chat.Internal, "Something went wrong here. Whoever runs Canteen finds the cause by the request id %s.", requestID)
	}
	if e.RetryAfter > 0 {
		retryAfter = strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))
	}
	status := HTTPStatus(e.Code)
	return Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: e.Message, Code: string(e.Code), Field: e.Field,
		RequestID: requestID,
	}, retryAfter, shown
}
