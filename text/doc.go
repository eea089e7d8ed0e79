// Package text holds pure functions on text: emoji, mentions, names, what a message may be. All run in time linear in
// their input and keep nothing.
//
// It imports the standard library, golang.org/x/text and rivo/uniseg.
package text
