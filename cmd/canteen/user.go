package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/server"
)

type user struct {
	Add userAdd `cmd:"" help:"Add a user and print the id. On an empty data directory this is the setup, and makes the owner."`
}

type userAdd struct {
	Data          string `help:"Data directory." default:"data" placeholder:"DIR"`
	Email         string `required:"" placeholder:"ADDRESS" help:"E-mail address to sign in with."`
	Name          string `required:"" help:"Name as others see it."`
	Handle        string `required:"" help:"2–30 of a-z 0-9 . _ -"`
	Role          string `required:"" enum:"owner,admin,member,guest" help:"owner, admin, member or guest."`
	PasswordStdin bool   `required:"" help:"Read the password from standard input."`
	Workspace     string `help:"The workspace's name, on an empty data directory (Canteen unless said)."`
}

// Run reads the password to the end of input, less one newline.
func (c userAdd) Run(ctx context.Context, s streams) error {
	b, err := io.ReadAll(io.LimitReader(s.in, 4*chat.PasswordMax))
	if err != nil {
		return fmt.Errorf("read the password: %w", err)
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r")
	return beside(ctx, c.Data, s, func(a server.Admin) (string, error) {
		return a.AddUser(ctx, chat.CommandLineUser{
			Email: c.Email, Name: c.Name, Handle: c.Handle, Role: chat.Role(c.Role), Password: password, Workspace: c.Workspace,
		})
	})
}

type token struct {
	Add tokenAdd `cmd:"" help:"Add a token to a user and print its secret, once."`
}

type tokenAdd struct {
	Data string `help:"Data directory." default:"data" placeholder:"DIR"`
	User string `required:"" placeholder:"HANDLE" help:"Whose token it is."`
	Name string `required:"" help:"What it is for."`
}

func (c tokenAdd) Run(ctx context.Context, s streams) error {
	return beside(ctx, c.Data, s, func(a server.Admin) (string, error) { return a.AddToken(ctx, c.User, c.Name) })
}

// beside does one command, in this process or through the server that holds the data directory, and prints its answer
// alone.
func beside(ctx context.Context, data string, s streams, do func(server.Admin) (string, error)) error {
	a, done, err := server.OpenAdmin(ctx, data)
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
