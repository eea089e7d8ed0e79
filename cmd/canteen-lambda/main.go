// Command canteen-lambda is the binary of all Lambda functions of a Canteen stack on AWS. CANTEEN_ROLE selects the function:
// rest (the HTTP API), socket (the WebSocket API), fanout (the stream of messages) or jobs (the schedule).
//
// The CloudFormation template sets the environment, which is the whole configuration. The program uses no network before the
// first event.
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
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	d := &draining{handler: h}
	go d.drain(term, log)
	awslambda.Start(d)
}

// draining delays the end of the process until the running invocation has ended.
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

const answerWithin = 100 * time.Millisecond // time for a finished answer to be sent

// drain waits for the signal, then for the running invocation, and ends the process.
func (d *draining) drain(term <-chan os.Signal, log *slog.Logger) {
	<-term
	d.busy.Lock()
	time.Sleep(answerWithin)
	log.Info("ended")
	os.Exit(0)
}
