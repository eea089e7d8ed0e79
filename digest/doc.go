// Package digest mails people what waits for them: what they have not read while they were away, at most once an hour or once a day.
//
// A digest tells of nothing twice. Its state moves after the mail server took the message: a process that dies in between sends the same
// digest once more, with the same Message-ID. If the mail server does not say whether it took a message, the message counts as sent.
// While the mail server is in trouble nothing is lost, and it is tried again later, with growing pauses.
//
// The package imports chat and mail.
package digest
