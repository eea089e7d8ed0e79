package text

import (
	"strings"
	"testing"
)

// TestPage: only a path of this site is kept of the address of a page, without what can hold secrets.
func TestPage(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "/inbox": "/inbox", "/r/b7qnvw3kz5ra/t/12": "/r/b7qnvw3kz5ra/t/12",
		"/inbox?token=secret": "/inbox", "/signup#secret": "/signup", "/a?b#c": "/a", "/a#b?c": "/a", "?a": "", "#/a": "", "": "",
		"https://example.com/inbox": "", "//example.com/a": "", "javascript:alert(1)": "",
		"inbox": "", "/<b>": "", "/a b": "", "/\u202e": "",
		"/a\n": "", "/%2e%2e": "", "/\x00": "",
		"/" + strings.Repeat("a", PageLength-1): "/" + strings.Repeat("a", PageLength-1), "/" + strings.Repeat("a", PageLength): "",
	} {
		if got := Page(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"v1.2.0": "v1.2.0", "v0.0.0-20261130+dirty": "v0.0.0-20261130+dirty", "<b>": "", "a b": ""} {
		if got := Release(in); got != want {
			t.Errorf("the release %q: %q, want %q", in, got, want)
		}
	}
}
