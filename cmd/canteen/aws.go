package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/aws/template"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/web"
)

// awsCommands are the commands that run Canteen on AWS, serverless, instead of on one machine.
type awsCommands struct {
	Deploy  awsDeploy  `cmd:"" help:"Deploy to AWS, or upgrade an existing deployment."`
	Status  awsStatus  `cmd:"" help:"Print the state of a deployment."`
	Migrate awsMigrate `cmd:"" help:"Move a workspace from a data directory to AWS (--from), or back (--to)."`
	Backup  awsBackup  `cmd:"" help:"Make a backup on demand, or list backups (--list)."`
	Restore awsRestore `cmd:"" help:"Bring the workspace back as it was at a time (--to), or in a backup (--backup)."`
	Destroy awsDestroy `cmd:"" help:"Delete a deployment. The data is kept unless --delete-data is given."`
	User    awsUser    `cmd:"" help:"Reset a password."`
	Audit   awsAudit   `cmd:"" help:"The audit log: check that nothing in it was changed."`
}

// awsTarget names the stack, its region and the credentials to use.
type awsTarget struct {
	Stack   string        `required:"" placeholder:"NAME" help:"Name of the stack. The names of all its resources start with it."`
	Region  string        `placeholder:"REGION" help:"AWS region, such as eu-central-1. Default: AWS_REGION, then the AWS configuration."`
	Profile string        `placeholder:"NAME" help:"Profile of the AWS configuration files. Default: AWS_PROFILE."`
	Yes     bool          `env:"-" help:"Do not ask for confirmation."`
	Poll    time.Duration `hidden:"" help:"Time between two status requests to AWS."`
}

func (c awsTarget) options(s streams) stack.Options {
	o := stack.Options{
		Name: c.Stack, Region: c.Region, Profile: c.Profile, Yes: c.Yes, Poll: c.Poll, Version: "dev", In: s.in, Out: s.out, Log: s.err,
	}
	if b, ok := debug.ReadBuildInfo(); ok && semver.IsValid(b.Main.Version) {
		o.Version = b.Main.Version
	}
	return o
}

type awsDeploy struct {
	awsTarget    `embed:""`
	Domain       *string `placeholder:"NAME" help:"Your own domain name, instead of CloudFront's."`
	Certificate  *string `placeholder:"ARN" help:"The certificate for --domain. It must be in us-east-1."`
	AlarmEmail   *string `placeholder:"ADDRESS" help:"E-mail address that receives the alarms."`
	Webhook      *string `placeholder:"URL" help:"https URL that receives the alarms."`
	MailFrom     *string `placeholder:"ADDRESS" help:"Address that digests come from. It must be verified in SES."`
	Budget       *int    `name:"monthly-budget" placeholder:"USD" help:"Send an alarm when AWS forecasts a higher cost for the account."`
	LogDays      *int    `name:"log-days" placeholder:"DAYS" help:"Days that logs are kept. Default: 30."`
	AccessLogs   *string `placeholder:"yes|no" help:"Whether CloudFront logs requests, in a bucket. Default: where the region permits it."`
	Vitals       *string `placeholder:"on|off" help:"Whether browsers report how fast the page is. Default: on."`
	RequestQuota bool    `help:"Request 1,000 concurrent functions of AWS, free of charge. New accounts have 10."`
	DryRun       bool    `help:"List what would be changed. Without credentials: what a first deployment would create, and what it costs."`
	PrintTmpl    bool    `name:"print-template" help:"Print the CloudFormation template. Works offline."`
	PrintPolicy  string  `placeholder:"NAME" help:"Print an IAM policy for deploying: program, data, services, or boundary. Works offline."`
	Boundary     *string `placeholder:"ARN" help:"Permissions boundary of the functions' roles."`
	Tables       string  `placeholder:"PREFIX" env:"-" help:"The tables to use, if an earlier stack left several sets."`
	NoSetupLink  bool    `help:"Do not print the setup link. For logs that other people can read."`
	Downgrade    bool    `env:"-" help:"Allow a lower version than the deployed one."`
	Package      string  `hidden:"" type:"existingfile" help:"Package of the functions, instead of the embedded one."`
	Template     string  `hidden:"" type:"existingfile" help:"Template, instead of the embedded one."`
	Architecture *string `hidden:"" help:"Architecture of --package: arm64 or x86_64."`
	PublicURL    *string `name:"public-url" hidden:"" help:"URL at which browsers reach an emulator."`
	MetricMath   *string `name:"metric-math" hidden:"" help:"no: for emulators whose alarms do not support metric math."`
	Canary       *string `hidden:"" help:"no: for emulators without CodeDeploy."`
	RateLimits   *string `hidden:"" help:"off: for tests."`
}

// Run deploys the stack, or prints the template, the policy or the dry run that a flag asks for.
func (c awsDeploy) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Domain, o.Certificate, o.AlarmEmail, o.AlarmWebhook = c.Domain, c.Certificate, c.AlarmEmail, c.Webhook
	o.MailFrom, o.Vitals = c.MailFrom, c.Vitals
	o.MonthlyBudget, o.LogRetentionDays, o.Downgrade, o.Tables = c.Budget, c.LogDays, c.Downgrade, c.Tables
	o.Boundary, o.RequestQuota = c.Boundary, c.RequestQuota
	o.Architecture, o.PublicURL, o.MetricMath, o.RateLimits = c.Architecture, c.PublicURL, c.MetricMath, c.RateLimits
	o.Canary, o.AccessLogs = c.Canary, c.AccessLogs
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	var err error
	if o.Template, err = readOr(c.Template, template.Template); err != nil {
		return err
	}
	switch {
	case c.PrintTmpl:
		_, err = s.out.Write(o.Template)
		return err
	case c.PrintPolicy != "":
		policy, err := template.Policy(c.PrintPolicy, c.Stack)
		if err != nil {
			return usage{fmt.Errorf("--print-policy: %w", err)}
		}
		_, err = s.out.Write(policy)
		return err
	}
	if o.Package, err = readOr(c.Package, template.Lambda); err != nil && (!c.DryRun || !errors.Is(err, template.ErrNoPackage)) {
		return err
	}
	if c.DryRun {
		return stack.DryRun(ctx, o)
	}
	if o.Pages, err = web.Files(); err != nil {
		return err
	}
	if !c.NoSetupLink {
		o.Setup = setUp
	}
	o.Update = updateStore
	return stack.Deploy(ctx, o)
}

// setUp stores the hash of the setup link's secret in the stack's tables.
func setUp(ctx context.Context, c *stack.Cloud, tables, secret string) error {
	return storeOf(c, tables).SetSetupSecret(ctx, chat.HashSecret(secret))
}

// updateStore computes again what names are compared by, if this version compares them otherwise.
func updateStore(ctx context.Context, c *stack.Cloud, tables string) error {
	return storeOf(c, tables).UpdateNames(ctx)
}

func storeOf(c *stack.Cloud, tables string) *dynamodb.Store {
	return dynamodb.Open(dynamodb.Options{Client: table.Client(c.Config), Prefix: tables, Log: slog.New(slog.DiscardHandler)})
}

// readOr reads a file, or the embedded copy when no file is named.
func readOr(file string, embedded func() ([]byte, error)) ([]byte, error) {
	if file == "" {
		return embedded()
	}
	b, err := os.ReadFile(file) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return b, nil
}

type awsStatus struct {
	awsTarget `embed:""`
	SetupLink bool `help:"Print a new setup link, if the workspace is not set up yet."`
}

// Run fails unless the stack is complete and answers.
func (c awsStatus) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	if c.SetupLink {
		o.Setup = setUp
	}
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	return stack.Status(ctx, o)
}

type awsDestroy struct {
	awsTarget  `embed:""`
	DeleteData bool `env:"-" help:"Also delete the tables, with all messages."`
	Former     bool `name:"former-tables" env:"-" help:"Delete only the tables that restores have replaced."`
	IfExists   bool `help:"Succeed if the stack does not exist."`
}

// Run deletes the stack. It asks for the stack's name first, unless --yes.
func (c awsDestroy) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Data, o.IfExists, o.Former = c.DeleteData, c.IfExists, c.Former
	if o.Data && o.Former {
		return usage{errors.New("--delete-data and --former-tables exclude each other")}
	}
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	var err error
	if o.Template, err = template.Template(); err != nil {
		return err
	}
	return stack.Destroy(ctx, o)
}

type awsUser struct {
	Password awsPassword `cmd:"" help:"Print a link by which somebody who forgot their password chooses another."`
}

type awsPassword struct {
	awsTarget `embed:""`
	Handle    string `arg:"" help:"Handle of the user."`
}

// Run prints the link on standard output, and what it means and the audit line on standard error.
func (c awsPassword) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	var err error
	if o.Template, err = template.Template(); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(s.err, nil))
	if err := stack.ResetPassword(ctx, o, func(ctx context.Context, cloud *stack.Cloud, tables string) (string, error) {
		return resetIn(ctx, storeOf(cloud, tables), log, c.Handle)
	}); err != nil {
		return err
	}
	return explainReset(s, c.Handle)
}

// auditedStore is a store with an audit log.
type auditedStore interface {
	chat.Store
	audit.Store
}

// resetIn resets the password of the user with a handle in a store, without a server. The stream of the store tells the sockets.
func resetIn(ctx context.Context, store auditedStore, log *slog.Logger, handle string) (string, error) {
	rules := chat.New(chat.Options{Store: store, Audit: store, Clock: time.Now, Log: log})
	return rules.AdminResetPassword(ctx, strings.TrimPrefix(handle, "@"))
}
