package lambda

import (
	"encoding/json"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

const problemType = "application/problem+json"

// problem is the problem document of an error of the rules; of another it says nothing.
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
	return chat.Errorf(chat.Forbidden, "This address answers the distribution alone. Use the public address.")
}
