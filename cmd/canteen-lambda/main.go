// Command canteen-lambda is Canteen on AWS: the functions of its stack, one binary. CANTEEN_ROLE says which one a process is:
// rest (the HTTP API), socket (the WebSocket API), fanout (the stream of messages) or jobs (the schedule).
//
// It is configured by its environment alone, which the template sets. Nothing asks the network before the first event.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	awslambda "github.com/aws/aws-lambda-go/lambda"

	"github.com/canteen-chat/canteen/aws/lambda"
)

func main() {
	log := lambda.NewLog(os.Stdout)
	slog.SetDefault(log)
	h, err := serve(os.Getenv, os.Stdout, log)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	d := &draining{handler: h}
	go d.drain(told, log)
	awslambda.Start(d)
}

// draining lets what is under way end before the process does.
type draining struct {
	handler
	busy sync.Mutex
}

// Invoke implements aws-lambda-go's Handler, which calls it for one event at a time.
func (d *draining) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	d.busy.Lock()
	defer d.busy.Unlock()
	return d.handler.Invoke(ctx, payload)
}

const answerWithin = 100 * time.Millisecond // of an answer that is made, to be out

// drain waits to be told, then ends the process once nothing is under way.
func (d *draining) drain(told <-chan os.Signal, log *slog.Logger) {
	<-told
	d.busy.Lock()
	time.Sleep(answerWithin)
	log.Info("ended")
	os.Exit(0)
}
