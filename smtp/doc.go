// Package smtp sends e-mails over SMTP (RFC 5321), encrypted by STARTTLS (RFC 3207) or from the start (RFC 8314). It is the mail.Mailer
// of a server on one machine. Each message has a connection of its own, which ends within 30 seconds whatever the mail server does.
//
// The package imports mail and the standard library.
package smtp
