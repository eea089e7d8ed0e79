// Package unfurl reads what a web page says about itself, for the preview of a link. It asks through the guard of package outbound, for at
// most five seconds and 1 MiB. What it returns is plain text. It asks for no pictures: previews have none yet.
//
// It may import the packages chat, text and outbound.
package unfurl
