// Package unfurl reads what a web page says about itself, for the preview of a link. It asks through the guard of package outbound, for at
// most five seconds and 1 MiB, and in the same way for the picture that the page names. What it returns is plain text, and a picture that
// was drawn anew. A page is asked once, however many people ask for it at the same time. It fetches pictures of cards, too, of up to 4 MiB.
//
// It may import the packages chat, text, outbound and picture.
package unfurl
