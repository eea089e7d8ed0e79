// Package client talks to a Canteen server: one method for each command of the API, answers in the shapes of package wire,
// the live events as they come, and a [State] that events and answers keep equal to the server's. Integrators, the load
// generator and the tests use it.
//
// # Guarantees
//
// A method sends one request and never repeats it: whether it may be repeated, the caller knows. Posting may, with the same
// ClientID ([NewClientID]); so may everything that sets something (reactions, members, read pointers, edits, deletions).
// [Retry] repeats such a command by the rules of the protocol, and waits as long as the server asked.
//
// A request ends with its context, and after [Timeout] in any case. A refusal by the server is an [*Error], with a code of
// the closed list in this package; every other error means that there was no answer, so that the command may have been done
// or not. An answer of more than [MaxAnswer] is an error and is not read to its end. Redirects are refusals too: following
// one would turn a POST into a GET.
//
// A [Client] may be used by many goroutines once it is signed in, and keeps up to 4 idle connections. A [Live] may be read by
// one goroutine while others send. A [State] belongs to one goroutine; [Client.Follow] calls back on that of its caller.
//
// Live events are delivered at most once; within a connection those of a room come in the order of their revisions. What was
// missed, [Client.Heal] fetches.
//
// It imports wire and, for the codes of errors, the root package: nothing of the server.
package client
