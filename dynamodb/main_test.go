package dynamodb_test

import (
	"flag"
	"testing"
)

// histories is how many random histories each property sees, unless -rapid.checks says: an emulator takes seconds for one.
func histories(t *testing.T, n string) {
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if said && flag.Lookup("rapid.checks").Value.String() != before {
		return
	}
	before = n
	must(t, flag.Set("rapid.checks", n))
}

// before is what histories said last.
var before string
