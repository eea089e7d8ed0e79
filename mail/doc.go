// Package mail makes e-mails, and is the port to what sends them. A message has a plain text and the same as HTML (RFC 2046,
// multipart/alternative), and headers by which its receiver can unsubscribe with one click (RFC 8058). What people typed, such as their
// names, never makes a header of its own.
//
// The package imports the standard library only. Packages smtp and ses send what it makes.
package mail

import (
	"context"
	"errors"
)

// Mailer sends e-mails. It is safe for concurrent use.
type Mailer interface {
	// Send hands a message over to a mail server, within 30 seconds. Nil means that the server took it. The error is ErrRefused when the
	// server says that it will never deliver to this address, or when the address is malformed, and ErrUncertain when the server may have
	// taken the message. After any other error nothing was sent, and the same message may be sent later. Errors do not contain the address,
	// nor anything of the message.
	Send(ctx context.Context, m Message) error
}

// ErrRefused means that mail to this address will not be delivered later either.
var ErrRefused = errors.New("the mail server refuses this address")

// ErrUncertain means that the message was sent to its end, and the server did not say whether it took it.
var ErrUncertain = errors.New("the mail server did not say whether it took the message")
