package main

import (
	"context"
	"fmt"

	"github.com/canteen-chat/canteen/server"
)

type logLevel struct {
	Level string `arg:"" enum:"debug,info,warn,error" help:"debug, info, warn or error."`
	Data  string `help:"Data directory." default:"data" placeholder:"DIR"`
}

// Run changes what the running server logs, and says what it logged before.
func (c logLevel) Run(ctx context.Context, s streams) error {
	return administer(ctx, c.Data, false, s, func(a server.Admin) (string, error) {
		was, err := a.SetLogLevel(ctx, c.Level)
		return fmt.Sprintf("The server logs from the level %s on. Before, it was %s.", c.Level, was), err
	})
}
