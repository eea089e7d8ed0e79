package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/mod/semver"

	"github.com/canteen-chat/canteen/aws/stack"
	"github.com/canteen-chat/canteen/aws/template"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/web"
)

// awsCommands are those of the second home: the same chat on AWS, serverless.
type awsCommands struct {
	Deploy  awsDeploy  `cmd:"" help:"Deploy to AWS, or upgrade what is there."`
	Status  awsStatus  `cmd:"" help:"Say how a deployment is."`
	Migrate awsMigrate `cmd:"" help:"Move a workspace from a data directory to AWS, or back."`
	Destroy awsDestroy `cmd:"" help:"Take a deployment away; its data stays unless --delete-data."`
}

// awsTarget is which stack, where, and as whom.
type awsTarget struct {
	Stack   string        `required:"" placeholder:"NAME" help:"Name of the stack; everything is called after it."`
	Region  string        `placeholder:"REGION" help:"Where, such as eu-central-1 (AWS_REGION and the AWS configuration unless said)."`
	Profile string        `placeholder:"NAME" help:"Profile of the AWS configuration files (AWS_PROFILE unless said)."`
	Yes     bool          `help:"Ask nothing."`
	Poll    time.Duration `hidden:"" help:"Between two looks at AWS."`
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
	Domain       *string `placeholder:"NAME" help:"A name of your own instead of CloudFront's."`
	Certificate  *string `placeholder:"ARN" help:"The certificate for --domain, in us-east-1."`
	AlarmEmail   *string `placeholder:"ADDRESS" help:"Who is written to when something is wrong."`
	Webhook      *string `placeholder:"URL" help:"An https URL that gets the alarms."`
	Budget       *int    `name:"monthly-budget" placeholder:"USD" help:"An alarm when the account is forecast to cost more in a month."`
	LogDays      *int    `name:"log-days" placeholder:"DAYS" help:"How long logs are kept (30 unless said)."`
	DryRun       bool    `help:"Say what would be made, and what it costs. Works offline."`
	PrintTmpl    bool    `name:"print-template" help:"Print the CloudFormation template. Works offline."`
	PrintPolicy  bool    `help:"Print the rights that deploying needs, as an IAM policy. Works offline."`
	NoSetupLink  bool    `help:"Print no link of the first run, as where others read the log."`
	Downgrade    bool    `help:"Deploy a lower version than the one that is there."`
	Package      string  `hidden:"" type:"existingfile" help:"Package of the functions instead of the one inside."`
	Template     string  `hidden:"" type:"existingfile" help:"Template instead of the one inside."`
	Architecture *string `hidden:"" help:"arm64 or x86_64, what --package is built for."`
	PublicURL    *string `name:"public-url" hidden:"" help:"How browsers reach an emulator."`
	MetricMath   *string `name:"metric-math" hidden:"" help:"no for emulators whose alarms cannot compute."`
	RateLimits   *string `hidden:"" help:"off for tests."`
}

// Run deploys, or prints what it would.
func (c awsDeploy) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Domain, o.Certificate, o.AlarmEmail, o.AlarmWebhook = c.Domain, c.Certificate, c.AlarmEmail, c.Webhook
	o.MonthlyBudget, o.LogRetentionDays, o.Downgrade = c.Budget, c.LogDays, c.Downgrade
	o.Architecture, o.PublicURL, o.MetricMath, o.RateLimits = c.Architecture, c.PublicURL, c.MetricMath, c.RateLimits
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	var err error
	if o.Template, err = either(c.Template, template.Template); err != nil {
		return err
	}
	switch {
	case c.PrintTmpl:
		_, err = s.out.Write(o.Template)
		return err
	case c.PrintPolicy:
		policy, err := template.Policy()
		if err == nil {
			_, err = s.out.Write(policy)
		}
		return err
	case c.DryRun:
		return stack.DryRun(o)
	}
	if o.Package, err = either(c.Package, template.Lambda); err != nil {
		return err
	}
	if o.Pages, err = web.Files(); err != nil {
		return err
	}
	if !c.NoSetupLink {
		o.Setup = setUp
	}
	return stack.Deploy(ctx, o)
}

// setUp keeps the hash of the secret that the link of the first run holds.
func setUp(ctx context.Context, c *stack.Cloud, tables, secret string) error {
	store := dynamodb.Open(dynamodb.Options{Client: dynamodb.Client(c.Config), Prefix: tables, Log: slog.New(slog.DiscardHandler)})
	return store.SetSetupSecret(ctx, chat.HashSecret(secret))
}

func either(file string, inside func() ([]byte, error)) ([]byte, error) {
	if file == "" {
		return inside()
	}
	b, err := os.ReadFile(file) // #nosec G304 -- the operator's own
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return b, nil
}

type awsStatus struct {
	awsTarget `embed:""`
	SetupLink bool `help:"Print a new link of the first run, if that is still to be done."`
}

// Run is done when the stack stands and answers.
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
	DeleteData bool `help:"Delete the tables too, with everything that was said."`
	IfExists   bool `help:"Be content when there is nothing of it."`
}

// Run asks for the stack's name unless --yes.
func (c awsDestroy) Run(ctx context.Context, s streams) error {
	o := c.options(s)
	o.Data, o.IfExists = c.DeleteData, c.IfExists
	if err := o.Validate(); err != nil {
		return usage{err}
	}
	var err error
	if o.Template, err = template.Template(); err != nil {
		return err
	}
	return stack.Destroy(ctx, o)
}
