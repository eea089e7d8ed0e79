package stack

import "context"

// ReadTables calls read with the tables of a deployment, which it must only read.
func ReadTables(ctx context.Context, o Options, read func(ctx context.Context, c *Cloud, tables string) error) error {
	c, st, err := connectTo(ctx, o)
	if err != nil {
		return err
	}
	if err := st.incomplete(); err != nil {
		return err
	}
	return read(ctx, c, st.outputs["TablePrefix"])
}

// ResetPassword prints the link by which somebody who forgot their password chooses another. reset puts its secret into the tables. The
// deployed functions must understand what it puts there.
func ResetPassword(ctx context.Context, o Options, reset func(ctx context.Context, c *Cloud, tables string) (string, error)) error {
	t, err := parseTemplate(o.Template)
	if err != nil {
		return err
	}
	c, st, err := connectTo(ctx, o)
	if err != nil {
		return err
	}
	if err := st.incomplete(); err != nil {
		return err
	}
	if err := o.checkGeneration(st, t); err != nil {
		return err
	}
	secret, err := reset(ctx, c, st.outputs["TablePrefix"])
	if err != nil {
		return explain("reset the password", err)
	}
	return o.print("%s/reset#%s\n", st.outputs["Url"], secret)
}
