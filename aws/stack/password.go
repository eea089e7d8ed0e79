package stack

import (
	"context"
	"fmt"
)

// ResetPassword prints the link by which somebody who forgot their password chooses another. reset puts its secret into the tables.
func ResetPassword(ctx context.Context, o Options, reset func(ctx context.Context, c *Cloud, tables string) (string, error)) error {
	if err := o.Validate(); err != nil {
		return err
	}
	c, err := Connect(ctx, o.Region, o.Profile)
	if err != nil {
		return err
	}
	st, err := c.existing(ctx, o.Name)
	if err != nil {
		return err
	}
	url := st.outputs["Url"]
	if url == "" {
		return fmt.Errorf("the stack %s has never been deployed completely: run canteen aws deploy", o.Name)
	}
	secret, err := reset(ctx, c, st.outputs["TablePrefix"])
	if err != nil {
		return explain("reset the password", err)
	}
	return o.print("%s/reset#%s\n", url, secret)
}
