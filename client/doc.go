// Package client is the Go client of a Canteen server. It has methods for commands of the API ([Client.Do] sends the others),
// a connection for live events ([Live]), and a copy of the workspace that events and answers keep up to date ([State]). Answers
// have the types of package wire.
//
// # Guarantees
//
// A method sends one request and never repeats it. Idempotent commands may be repeated: posting with the same ClientID
// ([NewClientID]), reactions, members, read pointers, edits and deletions. [Retry] repeats such a command by the rules of the
// protocol, and waits as long as the server says.
//
// A request ends with its context, and after [Timeout] in any case. A refusal by the server is an [*Error] with one of the codes
// of this package. Every other error means that there was no complete answer; the command may have been executed or not. An
// answer larger than [MaxAnswer] is an error and is not read to its end. A redirect is an [*Error] too, because following it
// would turn a POST into a GET.
//
// A [Client] may be used by many goroutines once it is signed in, and keeps up to 64 idle connections. A [Live] may be read by
// one goroutine while others send. A [State] belongs to one goroutine; [Client.Follow] calls its callback on the goroutine of its
// caller.
//
// Live events can be lost, and on AWS they can come twice. Within a connection, the events of a room come in the order of their
// revisions. [Client.Follow] fetches what was missed, and both it and [Client.Listen] ignore what comes again.
//
// The package imports wire and, for the codes of errors, chat; it imports nothing of the server.
package client
