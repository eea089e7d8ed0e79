package lambda

import (
	"encoding/json"
	"net/http"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// problem returns the problem document (RFC 9457) of an error and its headers, for answers that package rest does not give.
func problem(err error, id string) (status int, header map[string]string, body []byte) {
	p, retryAfter, _ := wire.NewProblem(err, id)
	header = map[string]string{"Content-Type": wire.ProblemType, "Cache-Control": "no-store"}
	if p.Status == http.StatusUnauthorized {
		header["WWW-Authenticate"] = wire.Challenge
	}
	if retryAfter != "" {
		header["Retry-After"] = retryAfter
	}
	if body, err = json.Marshal(p); err != nil {
		return http.StatusInternalServerError, header, nil
	}
	return p.Status, header, body
}

func errNotThroughDistribution() error {
	return chat.Errorf(chat.Forbidden, "This address only answers requests that come through CloudFront. Use the public address.")
}
