package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/aws/migrate"
	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/s3"
	"github.com/canteen-chat/canteen/server"
)

// awsMigrate moves a workspace from a data directory into a stack, or back.
type awsMigrate struct {
	From    string `xor:"way" placeholder:"DIR" help:"Copy this data directory to AWS. Stop its server first."`
	To      string `xor:"way" placeholder:"DIR" help:"Copy from AWS into this directory. Nobody may write meanwhile."`
	Stack   string `required:"" placeholder:"NAME" help:"Name of the stack."`
	Region  string `placeholder:"REGION" help:"AWS region. Default: AWS_REGION, then the AWS configuration."`
	Profile string `placeholder:"NAME" help:"Profile of the AWS configuration files. Default: AWS_PROFILE."`
	Yes     bool   `env:"-" help:"Do not ask for confirmation."`
}

// Validate implements kong's interface.
func (c awsMigrate) Validate() error {
	if c.From == "" && c.To == "" {
		return errors.New("either --from DIR or --to DIR is needed")
	}
	return nil
}

// Run copies the workspace, compares both copies, and prints their record counts and checksums.
func (c awsMigrate) Run(ctx context.Context, s streams) error {
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	tables, bucket, err := c.there(ctx, log)
	if err != nil {
		return err
	}
	return c.move(ctx, s, log, tables, bucket)
}

// there opens the stack's tables, checks that they exist, and opens its bucket of files.
func (c awsMigrate) there(ctx context.Context, log *slog.Logger) (migrate.Place, files.Bodies, error) {
	cloud, err := stack.Connect(ctx, c.Region, c.Profile)
	if err != nil {
		return nil, nil, err
	}
	prefix, err := cloud.TablePrefix(ctx, c.Stack)
	if err != nil {
		return nil, nil, err
	}
	store := dynamodb.Open(dynamodb.Options{Client: table.Client(cloud.Config), Prefix: prefix, Log: log, Patience: time.Minute})
	if _, err := store.Workspace(ctx); err != nil && chat.ErrorCode(err) != chat.NotFound {
		return nil, nil, fmt.Errorf("read the tables of %s in %s (canteen aws deploy --stack %s creates them): %v",
			c.Stack, cloud.Region, c.Stack,
			err)
	}
	return store, s3.New(s3.Options{Config: cloud.Config, Bucket: cloud.FilesBucket(c.Stack), Clock: time.Now}), nil
}

// move is Run after tables and bucket are open. Tests call it with a store in memory and another directory.
func (c awsMigrate) move(ctx context.Context, s streams, log *slog.Logger, tables migrate.Place, bucket files.Bodies) (err error) {
	if err := c.confirm(s); err != nil {
		return err
	}
	data, done, err := server.OpenStore(ctx, c.From+c.To, c.To != "", log)
	if errors.Is(err, server.ErrInUse) {
		return fmt.Errorf("%w: stop the server, because nobody may write while the workspace is moved", err)
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	bodies, err := server.OpenBodies(c.From + c.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bodies.Close()) }()
	var from, to migrate.Place = data, tables
	o := migrate.Options{Clock: time.Now, Out: s.err, From: bodies, To: bucket}
	if c.To != "" {
		from, to, o.From, o.To = tables, data, bucket, bodies
	}
	sums, err := migrate.Move(ctx, from, to, o)
	if err != nil {
		return errors.New(err.Error()) // the full text with its cause: the operator may see it, unlike users of the API
	}
	return c.report(s, sums)
}

// confirm asks for the stack's name: after the move, people have to sign in again at another address.
func (c awsMigrate) confirm(s streams) error {
	if c.Yes {
		return nil
	}
	question := fmt.Sprintf("This copies the workspace of %s into the stack %s.", c.From, c.Stack)
	if c.To != "" {
		question = fmt.Sprintf("This copies the workspace of the stack %s into %s.", c.Stack, c.To)
	}
	if _, err := fmt.Fprintf(s.err, "%s Type the stack's name: [%s] ", question, c.Stack); err != nil {
		return err
	}
	line, err := bufio.NewReader(s.in).ReadString('\n')
	if got := strings.TrimSpace(line); got == c.Stack || got == "yes" { // the last line may lack its newline
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the answer: %w", err)
	}
	return errors.New("not confirmed, nothing was moved (--yes skips this question)")
}

func (c awsMigrate) report(s streams, sums []migrate.Sum) error {
	var b strings.Builder
	for _, sum := range sums {
		fmt.Fprintln(&b, sum)
	}
	b.WriteString("Both copies are equal. People must sign in again at the new address. Tokens and invites stay valid.\n")
	if c.From != "" {
		fmt.Fprintf(&b, "%s is unchanged. Keep it as a backup, and do not serve it again.\n", c.From)
	} else {
		fmt.Fprintf(&b, "Serve it with: canteen serve --data %s\nThe stack is unchanged. Delete it with: canteen aws destroy --stack %s\n",
			c.To, c.Stack)
	}
	_, err := fmt.Fprint(s.out, b.String())
	return err
}
