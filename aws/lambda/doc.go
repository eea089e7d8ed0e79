// Package lambda handles the events of AWS Lambda. Requests of an HTTP API (payload format 2.0) go to an http.Handler, those
// of a WebSocket API to apigateway, and records of the stream to the fan-out. The schedule runs the jobs.
//
// Guarantees: No work continues after Invoke returns, since Lambda freezes the process then. Requests that did not pass
// through CloudFront are refused: only the distribution knows the origin secret. Only it is trusted to name the client's
// address. Of a batch of stream records the first that failed is reported; Lambda repeats the batch from there, which keeps
// the order. Logs and metrics contain no bodies and no secrets.
//
// It imports the packages chat, wire, follow and apigateway, AWS's types of events and items, and gobwas/ws for
// the probe.
package lambda
