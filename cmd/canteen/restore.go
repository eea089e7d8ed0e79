package main

import (
	"context"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
)

type awsBackup struct {
	awsTarget `embed:""`
	List      bool `env:"-" help:"List the backups, and from when to when any second can be restored."`
}

// Run makes a backup of the tables, or lists backups.
func (c awsBackup) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	if c.List {
		return stack.Backups(ctx, o)
	}
	return stack.Backup(ctx, o)
}

type awsRestore struct {
	awsTarget `embed:""`
	To        string `xor:"source" env:"-" placeholder:"TIME" help:"The last second to keep, such as 2026-03-02T09:30:00Z."`
	Backup    string `xor:"source" env:"-" placeholder:"NAME" help:"A backup on demand, such as 20260302T093000Z."`
	Tables    string `placeholder:"PREFIX" env:"-" help:"The tables to restore from, if the stack may have used several at that time."`
}

// Run restores the stack's tables. It asks for the stack's name first, unless --yes.
func (c awsRestore) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Moment, o.Backup, o.Tables, o.Check = c.To, c.Backup, c.Tables, checkStore
	if err := o.ValidateRestore(); err != nil {
		return usage{err}
	}
	return stack.Restore(ctx, o)
}

// checkStore checks restored tables, and makes clients load the workspace again.
func checkStore(ctx context.Context, c *stack.Cloud, tables string) error {
	store := storeOf(c, tables)
	if err := store.CheckRestored(ctx); err != nil {
		return err
	}
	return store.SetEpoch(ctx, chat.NewID())
}
