package text

import "strings"

// PageLength is the maximum length of the path of a page, and of the name of a release, in bytes.
const PageLength = 100

// Page is what is kept of the address of a page: a path of this site, without query and fragment, which can hold secrets. It is "" for all
// that is no such path, addresses of other sites among it.
func Page(s string) string {
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") {
		return ""
	}
	return short(s)
}

// Release is the name of a release as a client says it; "" for what is none.
func Release(s string) string { return short(s) }

// short is s, or "" where it is long or has characters that paths of pages and names of releases never have.
func short(s string) string {
	const allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._+-"
	if len(s) > PageLength || strings.Trim(s, allowed) != "" {
		return ""
	}
	return s
}
