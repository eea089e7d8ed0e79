// Package text holds pure functions on text: emoji, mentions, names, and the validation of messages. All run in time linear in
// their input.
//
// It imports the standard library, golang.org/x/text and rivo/uniseg.
package text
