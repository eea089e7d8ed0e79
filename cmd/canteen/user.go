package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/origin"
	"github.com/canteen-chat/canteen/server"
)

type user struct {
	Password userPassword `cmd:"" help:"Print a link by which somebody who forgot their password chooses another."`
	Add      userAdd      `cmd:"" help:"Add a user and print their id. On an empty data directory, set up the workspace; the role is owner."`
}

type userAdd struct {
	Data          string `help:"Data directory." default:"data" placeholder:"DIR"`
	Email         string `placeholder:"ADDRESS" help:"E-mail address to sign in with; required for people."`
	Name          string `required:"" help:"Name that others see."`
	Handle        string `required:"" help:"2 to 30 of the characters a-z 0-9 . _ -"`
	Role          string `required:"" enum:"owner,admin,member,guest" help:"owner, admin, member or guest."`
	PasswordStdin bool   `help:"Read the password from standard input; required for people."`
	Bot           bool   `help:"Add a bot. It has no e-mail address and no password: make a token for it with \"canteen token add\"."`
	Workspace     string `help:"Name of the workspace, on an empty data directory. Default: Canteen."`
}

// Validate implements kong's check of a command.
func (c userAdd) Validate() error {
	switch {
	case c.Bot && (c.Email != "" || c.PasswordStdin):
		return errors.New("--bot: a bot has no e-mail address and no password")
	case !c.Bot && (c.Email == "" || !c.PasswordStdin):
		return errors.New("--email ADDRESS and --password-stdin are required, or --bot")
	}
	return nil
}

// Run reads the password from standard input to its end, and drops one final newline.
func (c userAdd) Run(ctx context.Context, s streams) error {
	password := ""
	if !c.Bot {
		b, err := io.ReadAll(io.LimitReader(s.in, 4*chat.PasswordMax))
		if err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
		password = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	}
	return administer(ctx, c.Data, chat.Role(c.Role) == chat.Owner, s, func(a server.Admin) (string, error) {
		return a.AddUser(ctx, chat.CommandLineUser{
			Email: c.Email, Name: c.Name, Handle: c.Handle, Role: chat.Role(c.Role), Password: password, Workspace: c.Workspace,
			Bot: c.Bot,
		})
	})
}

type userPassword struct {
	Data   string `help:"Data directory." default:"data" placeholder:"DIR"`
	URL    string `name:"url" help:"URL that people open, if no server is running. Default: http://localhost:8080." placeholder:"URL"`
	Handle string `arg:"" help:"Handle of the user."`
}

// Run prints the link on standard output, and what it means on standard error.
func (c userPassword) Run(ctx context.Context, s streams) error {
	at, err := origin.Parse(cmp.Or(c.URL, "http://localhost:8080"))
	if err != nil {
		return usage{fmt.Errorf("--url %q: %w", c.URL, err)}
	}
	err = administer(ctx, c.Data, false, s, func(a server.Admin) (string, error) {
		path, err := a.ResetPassword(ctx, strings.TrimPrefix(c.Handle, "@"))
		return cmp.Or(server.URLOf(a), at.String()) + path, err
	})
	if err != nil {
		return err
	}
	return explainReset(s, c.Handle)
}

// explainReset says what the link means that was printed.
func explainReset(s streams, handle string) error {
	_, err := fmt.Fprintf(s.err, "Send this link to %s, and to nobody else: whoever opens it within a day chooses the password.\n"+
		"The old password, all sessions, tokens and invites of %[1]s have ended.\n", handle)
	return err
}

type token struct {
	Add tokenAdd `cmd:"" help:"Add a token for a user and print its secret. The secret is not shown again."`
}

type tokenAdd struct {
	Data string `help:"Data directory." default:"data" placeholder:"DIR"`
	User string `required:"" placeholder:"HANDLE" help:"Handle of the user."`
	Name string `required:"" help:"Name of the token, such as its purpose."`
	Days int    `default:"90" help:"Days until it expires. 0: never."`
}

func (c tokenAdd) Run(ctx context.Context, s streams) error {
	return administer(ctx, c.Data, false, s, func(a server.Admin) (string, error) {
		return a.AddToken(ctx, chat.CommandLineToken{Handle: c.User, Name: c.Name, Days: &c.Days})
	})
}

// administer executes one command and prints its result. The command runs in this process, or in the running server that has
// the data directory open. Only with create it makes the data directory if there is none.
func administer(ctx context.Context, data string, create bool, s streams, do func(server.Admin) (string, error)) error {
	a, done, err := server.OpenAdmin(ctx, data, create, slog.New(slog.NewTextHandler(s.err, nil)))
	if err != nil {
		return err
	}
	answer, err := do(a)
	if err = errors.Join(err, done()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, answer)
	return err
}
