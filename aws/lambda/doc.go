// Package lambda turns the events of AWS Lambda into calls: requests of an HTTP API (payload format 2.0) into an
// http.Handler's, those of a WebSocket API into apigateway's, records of the stream into the fan-out, the schedule into jobs.
//
// Guarantees: nothing goes on after Invoke has returned, since the process is frozen then. Requests that did not come through
// the distribution, which alone knows the origin secret, are refused, and only of those that did is the client's address
// believed. Of the stream's records the first that failed is reported, and what follows it, so that the order holds. Logs and
// metrics never hold bodies or secrets.
//
// It imports the root package, wire, apigateway, and AWS's types of events and items.
package lambda
