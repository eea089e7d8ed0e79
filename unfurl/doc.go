// Package unfurl reads what a web page says about itself, for the preview of a link. It asks through the guard of package outbound: for the
// page, and for the picture that the page names. Both together take at most five seconds, and at most 1 MiB each. What it returns is
// plain text and the bytes of a picture that nobody has checked yet.
//
// It may import the packages chat, text and outbound.
package unfurl
