package dynamodb_test

import (
	"flag"
	"os"
	"testing"
)

// checks is how many random histories each property sees unless -rapid.checks says: an emulator takes a second for one.
const checks = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if !said {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
