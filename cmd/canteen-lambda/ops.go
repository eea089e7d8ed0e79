package main

import (
	"context"
	"net/url"
	"runtime"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/wire"
)

// operations says how the stack is, as far as a function knows: what runs, and where in CloudWatch the rest is. It implements rest.Ops.
type operations struct{ config }

// State implements rest.Ops.
func (o operations) State(context.Context) (wire.Ops, error) {
	return wire.Ops{
		At: wire.Time{Time: time.Now()}, Home: "aws", Version: wire.OpsVersion{Server: chat.Release(), Go: runtime.Version()},
		Slowest: []wire.OpsRoute{}, Errors: []wire.OpsError{}, Jobs: []wire.OpsJob{}, Links: o.links(),
		Alarms: []wire.OpsAlarm{}, Told: []wire.OpsDelivery{},
	}, nil
}

// Series implements rest.Ops.
func (o operations) Series(context.Context, rest.SeriesQuery) (wire.OpsSeries, error) {
	return wire.OpsSeries{}, chat.Errorf(chat.NotFound, "On AWS, CloudWatch has the series.")
}

// RetryJob implements rest.Ops.
func (o operations) RetryJob(context.Context, string) error { return errNoJobs() }

// DiscardJob implements rest.Ops.
func (o operations) DiscardJob(context.Context, string) error { return errNoJobs() }

func errNoJobs() error {
	return chat.Errorf(chat.NotFound, "On AWS, failed work is tried again by itself; CloudWatch shows it.")
}

// links lead to the dashboard and the alarms of the stack.
func (o operations) links() []wire.OpsLink {
	console := "https://" + o.region + ".console.aws.amazon.com"
	if o.suffix != "amazonaws.com" {
		console = "https://console.amazonaws.cn" // the regions in China
	}
	console += "/cloudwatch/home?region=" + url.QueryEscape(o.region)
	return []wire.OpsLink{
		{Name: "dashboard", URL: console + "#dashboards:name=" + url.PathEscape(o.stack+"_"+o.region)},
		{Name: "alarms", URL: console + "#alarmsV2:?search=" + url.QueryEscape(o.stack+".")},
	}
}
