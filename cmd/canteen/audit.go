package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/server"
)

type auditCommands struct {
	Verify auditVerify `cmd:"" help:"Check that no row of the audit log was changed, removed, reordered or cut off."`
}

type auditVerify struct {
	Data string `help:"Data directory." default:"data" placeholder:"DIR"`
	Head string `placeholder:"N:HASH" help:"A copy of the head that you kept elsewhere. It proves that the log was not written anew."`
}

// copied is the head that was kept elsewhere, or zero.
func (c auditVerify) copied() (audit.Head, error) {
	if c.Head == "" {
		return audit.Head{}, nil
	}
	h, err := audit.ParseHead(c.Head)
	if err != nil {
		return h, usage{fmt.Errorf("--head %q: %w", c.Head, err)}
	}
	return h, nil
}

// Run checks the audit log of a data directory, while the server is running or stopped.
func (c auditVerify) Run(ctx context.Context, s streams) error {
	copied, err := c.copied()
	if err != nil {
		return err
	}
	rows, head, err := server.VerifyAudit(ctx, c.Data, copied, slog.New(slog.NewTextHandler(s.err, nil)))
	if err != nil {
		return fmt.Errorf("the audit log is not whole: %w", err)
	}
	return c.report(s, rows, head)
}

type awsAudit struct {
	Verify awsAuditVerify `cmd:"" help:"Check that no row of the audit log was changed, removed, reordered or cut off."`
}

type awsAuditVerify struct {
	awsTarget `embed:""`
	Head      string `placeholder:"N:HASH" help:"A copy of the head that you kept elsewhere. It proves that the log was not written anew."`
}

// Run checks the audit log in the tables of a stack.
func (c awsAuditVerify) Run(ctx context.Context, s streams) error {
	o, of := c.options(s), auditVerify{Head: c.Head}
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	copied, err := of.copied()
	if err != nil {
		return err
	}
	return stack.ReadTables(ctx, o, func(ctx context.Context, cloud *stack.Cloud, tables string) error {
		return of.in(ctx, s, storeOf(cloud, tables), copied)
	})
}

// in checks the audit log in the tables of a stack.
func (c auditVerify) in(ctx context.Context, s streams, store *dynamodb.Store, copied audit.Head) error {
	rows, head, err := store.VerifyAudit(ctx, copied)
	if err != nil {
		return fmt.Errorf("the audit log is not whole: %w", err)
	}
	return c.report(s, rows, head)
}

// report says what was checked, and what was not.
func (c auditVerify) report(s streams, rows int64, head audit.Head) error {
	noun := "rows"
	if rows == 1 {
		noun = "row"
	}
	_, err := fmt.Fprintf(s.out, "The audit log is whole: %d %s.\nHead: %s\n", rows, noun, head)
	if err == nil && c.Head == "" {
		_, err = fmt.Fprintln(s.out, "Keep a copy of the head elsewhere, and check the log against it with --head: "+
			"whoever can write to the database could have written all of the log anew.")
	}
	return err
}
