package devices

import (
	"flag"
	"testing"
)

// SetDefault sets a flag of rapid until the end of the test, unless the command line has set it.
func SetDefault(t testing.TB, name, value string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, was) })
}
