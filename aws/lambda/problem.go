package lambda

import (
	"encoding/json"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const problemType = "application/problem+json"

// problem returns the problem document (RFC 9457) of an error. It reveals nothing of errors that are not a chat.Error.
func problem(err error, id string) (status int, body []byte) {
	code, detail := chat.ErrorCode(err), "Something went wrong here. The request id helps to find out what."
	status = wire.HTTPStatus(code)
	if e, ok := err.(*chat.Error); ok && status != http.StatusInternalServerError {
		detail = e.Message
	} else {
		code = chat.Internal
	}
	body, err = json.Marshal(wire.Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Code: string(code), RequestID: id,
	})
	if err != nil {
		return http.StatusInternalServerError, nil
	}
	return status, body
}

func errNotThroughDistribution() error {
	return chat.Errorf(chat.Forbidden, "This address only answers requests that come through CloudFront. Use the public address.")
}
