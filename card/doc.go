// Package card is what other systems say in a message beside its text: an alert with its fields, a build with its buttons. Hooks and bots
// post cards; people do not.
//
// [Fit] makes cards that can be stored of whatever a system sent: it cuts, and leaves out what cannot be shown. What it gives keeps all
// bounds of this package. A title, a name or a button is plain text of one line; [Card.Text] and [Field.Value] are Markdown, as the text of
// a message is.
//
// The package may import text.
package card
