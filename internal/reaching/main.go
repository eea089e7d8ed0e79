// Command reaching is the server of browser journeys about previews of links. It differs from canteen serve in one thing: previews may come
// from hosts on this machine. The program that people run has no flag for that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := serve(ctx)
	stop()
	if err != nil {
		slog.Error("reaching ended", "error", err)
		os.Exit(1)
	}
}

// serve takes the flags of canteen serve that journeys use, and prints the same link.
func serve(ctx context.Context) error {
	flags := flag.NewFlagSet("reaching serve", flag.ExitOnError)
	addr, data := flags.String("addr", "", "address to listen on"), flags.String("data", "", "data directory")
	if len(os.Args) < 2 {
		return errors.New("use: reaching serve --addr HOST:PORT --data DIR")
	}
	if err := flags.Parse(os.Args[2:]); err != nil {
		return err
	}
	s, err := server.Start(ctx, server.Config{Addr: *addr, Data: *data, Previews: true, Reach: reach}, slog.Default())
	if err != nil {
		return err
	}
	link, _, err := s.SetupLink(ctx)
	if err == nil {
		_, err = fmt.Println("Set up the workspace:", link)
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-s.Failed():
		}
	}
	return errors.Join(err, s.Stop())
}

// reach allows loopback addresses as well.
func reach(a netip.AddrPort) error {
	if a.Addr().IsLoopback() {
		return nil
	}
	return outbound.Check(a)
}
