package main

import (
	"context"
	"fmt"

	"github.com/canteen-chat/canteen/server"
)

type mailCommands struct {
	Test mailTest `cmd:"" help:"Send a test to an address, by the mail server of the configuration."`
}

type mailTest struct {
	settings `embed:""`
	To       string `help:"Address that gets the test." required:"" placeholder:"ADDRESS"`
}

// Run sends one message.
func (c mailTest) Run(ctx context.Context, s streams) error {
	cfg, err := c.checked()
	if err != nil {
		return err
	}
	if err := server.TestMail(ctx, cfg, c.To); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "The mail server took a test for %s.\n", c.To)
	return err
}
