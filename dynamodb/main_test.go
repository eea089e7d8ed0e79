package dynamodb_test

import (
	"flag"
	"testing"
)

// histories sets how many random histories each property runs, unless -rapid.checks does: an emulator takes seconds for one.
func histories(t *testing.T, n string) {
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if said && flag.Lookup("rapid.checks").Value.String() != before {
		return
	}
	before = n
	must(t, flag.Set("rapid.checks", n))
}

// before is the number that histories set last.
var before string
