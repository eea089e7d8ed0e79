package template

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Policies are the names of the IAM policies. Whoever deploys needs all but the boundary, which is the permissions boundary of the
// functions' roles. IAM limits the size of a policy, hence several.
func Policies() []string { return []string{"program", "data", "services", "boundary"} }

// Policy returns an IAM policy for a stack. In the place of the account's number it has the word ACCOUNT.
func Policy(name, stack string) ([]byte, error) {
	b, err := files.ReadFile("policy/" + name + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no policy is called %q: choose one of %s", name, strings.Join(Policies(), ", "))
	}
	return []byte(strings.NewReplacer("STACK_LOWER_CASE", strings.ToLower(stack), "STACK", stack).Replace(string(b))), err
}
