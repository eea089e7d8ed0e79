// Command canteen is the program that is shipped: the server and the administration commands. It parses flags, environment and
// configuration file into one struct per command. Package server serves; package aws/stack deploys to AWS.
//
// Exit codes: 0 done, 1 failed, 2 wrong use.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/server"
)

type commands struct {
	Serve       serve         `cmd:"" help:"Serve a workspace from a data directory."`
	User        user          `cmd:"" help:"Add people and bots, reset a password, while the server is running or stopped."`
	Token       token         `cmd:"" help:"Make tokens for scripts and bots, while the server is running or stopped."`
	AWS         awsCommands   `cmd:"" name:"aws" help:"Run Canteen on AWS, serverless: deploy, status, migrate, backup, restore, destroy."`
	Backup      backupCommand `cmd:"" help:"Back up a workspace into one file, while the server is running or stopped."`
	Verify      verify        `cmd:"" help:"Check a backup: every byte, the database, and that all files are there."`
	Restore     restore       `cmd:"" help:"Make a new data directory of a backup."`
	Audit       auditCommands `cmd:"" help:"The audit log: check that nothing in it was changed."`
	Check       check         `cmd:"" help:"Check the configuration and the data directory, and report errors."`
	Mail        mailCommands  `cmd:"" help:"E-mail: send a test."`
	LogLevel    logLevel      `cmd:"" name:"log-level" help:"Change what the running server logs."`
	Healthcheck healthcheck   `cmd:"" help:"Check that the server on this machine is ready. For containers."`
	Version     version       `cmd:"" help:"Print the version."`
	OpenAPI     openAPI       `cmd:"" name:"openapi" hidden:"" help:"Print the OpenAPI description."`
}

// streams are the process's stdin, stdout and stderr. Results go to stdout, the log and errors to stderr.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	syscall.Umask(0o077) // nobody else reads what a command writes
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// run parses and executes one command line and returns the exit code. Tests call it in their own process.
func run(ctx context.Context, args []string, s streams) int {
	var cmds commands
	exited := -1
	parser, err := kong.New(&cmds,
		kong.Name("canteen"),
		kong.Description("A company's group chat in one program."),
		kong.DefaultEnvars("CANTEEN"),
		kong.KindMapper(reflect.Int, kong.MapperFunc(wholeNumber)),
		kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(s),
	)
	if err != nil {
		return fail(s, 1, err)
	}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		return misused(s, parser, args, err)
	}
	if err := k.Run(); err != nil {
		if errors.As(err, new(usage)) {
			return fail(s, 2, err)
		}
		return fail(s, 1, err)
	}
	return 0
}

// usage wraps an error in the command line itself: exit code 2.
type usage struct{ error }

// misused answers a command line that cannot be parsed. One that names no command, or only a group of commands, asks for help.
func misused(s streams, parser *kong.Kong, args []string, err error) int {
	parse, ok := errors.AsType[*kong.ParseError](err)
	if !ok || parse.Context == nil {
		return fail(s, 2, err)
	}
	at, name := parse.Context.Model.Node, "canteen"
	if selected := parse.Context.Selected(); selected != nil {
		at, name = selected, "canteen "+selected.Path()
	}
	given := args[len(parse.Context.Path)-1:] // the path has the program and the commands below it
	if len(at.Children) > 0 && len(given) == 0 {
		return help(s, parser, args)
	}
	if len(at.Children) > 0 && !strings.HasPrefix(given[0], "-") {
		var known []string
		for _, c := range at.Children {
			if !c.Hidden {
				known = append(known, c.Name)
			}
		}
		err = fmt.Errorf("%s has no command %q; its commands: %s", name, given[0], strings.Join(known, ", "))
	}
	return fail(s, 2, fmt.Errorf("%w\nRun \"%s --help\" for help", err, name))
}

// wholeNumber is kong's mapper of numbers, with a refusal that says what is needed.
func wholeNumber(c *kong.DecodeContext, target reflect.Value) error {
	var s string
	if err := c.Scan.PopValueInto("number", &s); err != nil {
		return err
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return fmt.Errorf("must be a whole number, but is %q", s)
	}
	target.SetInt(int64(n))
	return nil
}

// help prints the help of a group of commands, or of the program.
func help(s streams, parser *kong.Kong, args []string) int {
	k, err := kong.Trace(parser, args)
	if err == nil {
		err = k.PrintUsage(false)
	}
	if err != nil {
		return fail(s, 1, err)
	}
	return 0
}

func fail(s streams, code int, err error) int {
	if e, ok := errors.AsType[*chat.Error](err); ok {
		if err = errors.New(e.Message); e.Field != "" {
			err = fmt.Errorf("%s: %s", e.Field, e.Message)
		}
	}
	if _, e := fmt.Fprintln(s.err, "canteen:", err); e != nil {
		return 1
	}
	return code
}

type version struct{}

func (version) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "canteen", server.Version())
	return err
}
