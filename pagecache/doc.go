// Package pagecache says how stores keep what web pages say about themselves, for previews of links. Package unfurl fills it.
//
// It may import the package chat.
package pagecache
