package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const problemType = "application/problem+json"

// problem returns the problem document (RFC 9457) of an error and its headers, the same as package rest. It reveals nothing of errors
// that are not a chat.Error.
func problem(err error, id string) (status int, header map[string]string, body []byte) {
	e, ok := errors.AsType[*chat.Error](err)
	switch {
	case ok && wire.HTTPStatus(e.Code) != http.StatusInternalServerError:
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e = chat.Errorf(chat.Unavailable, "The request took too long.")
	default:
		e = chat.Errorf(chat.Internal, "Something went wrong here. The request id helps to find out what.")
	}
	status, header = wire.HTTPStatus(e.Code), map[string]string{"Content-Type": problemType, "Cache-Control": "no-store"}
	if e.RetryAfter > 0 {
		header["Retry-After"] = strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds())))
	}
	body, err = json.Marshal(wire.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: e.Message, Code: string(e.Code), Field: e.Field,
		RequestID: id,
	})
	if err != nil {
		return http.StatusInternalServerError, header, nil
	}
	return status, header, body
}

func errNotThroughDistribution() error {
	return chat.Errorf(chat.Forbidden, "This address only answers requests that come through CloudFront. Use the public address.")
}
