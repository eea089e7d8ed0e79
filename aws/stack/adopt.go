package stack

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// adopt imports existing tables that belong to no stack: those of an earlier stack of this name, or those of a change that
// was rolled back. It returns the stack that holds them, or st if there are none.
func (c *Cloud) adopt(ctx context.Context, o Options, st *state, was, t *template, bucket, token string) (*state, error) {
	p := plan{kind: types.ChangeSetTypeImport, token: token}
	names, err := c.orphans(ctx, o, st, t, &p)
	if err != nil || len(names) == 0 {
		return st, err
	}
	var text []byte
	if st == nil {
		o.progress("An earlier stack %s left %s behind. Importing, with all data", o.Name, words("table", names))
		text, err = t.subset(names)
	} else { // the stack's other resources must stay as they are
		if t.set() != was.set() {
			o.progress("Import the restored tables into the stack")
		} else {
			o.progress("A change of %s that was rolled back left %s behind. Importing, with all data", o.Name, words("table", names))
		}
		text, err = was.merged(t, names)
		p.parameters = Options{}.parameters(was, st, map[string]string{})
	}
	if err != nil {
		return nil, err
	}
	key, err := c.upload(ctx, o, bucket, "templates", ".yaml", text)
	if err != nil {
		return nil, err
	}
	p.template = c.objectURL(bucket, key)
	cs, err := c.createChangeSet(ctx, o, p)
	if err != nil && st != nil {
		return nil, fmt.Errorf("a change that was rolled back left %s of %s behind, which cannot be imported: %w. "+
			"Delete what is not needed by hand (aws dynamodb delete-table)", words("table", names), o.Name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("the tables that an earlier stack %[1]s left behind cannot be imported: %[2]w. "+
			"Deploy under another name, or delete them (canteen aws destroy --stack %[1]s --delete-data)", o.Name, err)
	}
	return c.execute(ctx, o, cs, p)
}

// orphans returns the template's tables that exist outside the stack, and adds them to the plan's imports.
func (c *Cloud) orphans(ctx context.Context, o Options, st *state, t *template, p *plan) ([]string, error) {
	owned, err := c.resources(ctx, st)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range t.tables(true) {
		if owned[r.name].name != "" {
			continue
		}
		table := tablePrefix(o.Name, r.set) + r.table
		found, err := c.describeTable(ctx, table)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		names = append(names, r.name)
		p.imports = append(p.imports, types.ResourceToImport{
			LogicalResourceId: aws.String(r.name), ResourceType: aws.String(tableType),
			ResourceIdentifier: map[string]string{"TableName": table},
		})
	}
	return names, nil
}
