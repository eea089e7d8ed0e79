// Command standin replaces canteen-lambda in the tests of the deployer. It reports that it is healthy and not set up, and
// refuses all sockets: those of other origins with 403, those without a session with 401. It uses the Lambda runtime API with
// the standard library alone, so that it builds in a second.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

type event struct {
	RawPath        string            `json:"rawPath"`
	Headers        map[string]string `json:"headers"`
	RequestContext struct {
		RouteKey string `json:"routeKey"`
	} `json:"requestContext"`
}

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		resp, err := http.Get(base + "next") // #nosec G107 G704 -- of the Runtime API
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			continue
		}
		var e event
		out := map[string]any{"statusCode": 500}
		if json.Unmarshal(body, &e) == nil {
			out = answer(e)
		}
		b, _ := json.Marshal(out)
		to := base + resp.Header.Get("Lambda-Runtime-Aws-Request-Id") + "/response"
		if resp, err = http.Post(to, "application/json", bytes.NewReader(b)); err == nil { // #nosec G107 G704 -- of the Runtime API
			resp.Body.Close()
		}
	}
}

func answer(e event) map[string]any {
	header := func(name string) string {
		for k, v := range e.Headers {
			if http.CanonicalHeaderKey(k) == http.CanonicalHeaderKey(name) {
				return v
			}
		}
		return ""
	}
	switch {
	case os.Getenv("CANTEEN_ROLE") == "fanout" || os.Getenv("CANTEEN_ROLE") == "jobs":
		return map[string]any{}
	case header("X-Canteen-Origin") != os.Getenv("CANTEEN_ORIGIN_SECRET"):
		return map[string]any{"statusCode": 403, "body": "not through the distribution"}
	case os.Getenv("CANTEEN_ROLE") == "socket" && e.RequestContext.RouteKey == "$connect" && header("Origin") != os.Getenv("CANTEEN_URL"):
		return map[string]any{"statusCode": 403}
	case os.Getenv("CANTEEN_ROLE") == "socket" && e.RequestContext.RouteKey == "$connect": // without a session
		return map[string]any{"statusCode": 401}
	case e.RawPath == "/api/v1/workspace":
		return map[string]any{
			"statusCode": 200, "body": `{"name":"","setup":true}`, "headers": map[string]string{"Content-Type": "application/json"},
		}
	default:
		return map[string]any{"statusCode": 200, "body": "ok"}
	}
}
