package rest

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/wire"
)

// Ops says how the server is. Only administrators ask it: the rules are asked before.
type Ops interface {
	State(ctx context.Context) (wire.Ops, error)
	// Series answers NotFound where no series are kept, and Invalid with the field for what cannot be asked.
	Series(ctx context.Context, q SeriesQuery) (wire.OpsSeries, error)
	// RetryJob and DiscardJob try what a job did in vain at once, or give it up. NotFound for a job that cannot do this.
	RetryJob(ctx context.Context, job string) error
	DiscardJob(ctx context.Context, job string) error
}

// SeriesQuery asks for series of a time. What is zero is up to the one who answers.
type SeriesQuery struct {
	Names    []string
	From, To time.Time
	Step     time.Duration
}

// Failure is an answer with 5xx, as the metrics count them.
type Failure struct {
	Route, Method string // a pattern of the table of routes, never a path
	Request       string // its id
	Status        int
}

// failed tells of an answer with 5xx. pattern is that of its route, with or without the method.
func (h *Handler) failed(r *http.Request, pattern string, status int) {
	if h.o.Failed == nil {
		return
	}
	method, route, found := strings.Cut(pattern, " ")
	if !found {
		method, route = r.Method, pattern
	}
	h.o.Failed(Failure{Route: route, Method: method, Request: requestID(r.Context()), Status: status})
}

func (h *Handler) opsRoutes(api huma.API) {
	add(h, api, h.route("getOps GET /ops 403 404", "How the server is",
		"For owners and admins: whether it is healthy, what runs, what is stored, the slowest routes, the last errors, what is done later, "+
			"and how much Canteen is used. Of people it has numbers only.",
		chat.CmdReadOps), h.ops)
	series := h.route("getSeries GET /ops/series 403 404", "What the server measured about itself",
		"For owners and admins: at most 32 series, kept every 10 seconds for a day, every minute for 30 days and every hour for two "+
			"years; at most 1500 values of each. As CSV with format=csv, or where Accept begins with text/csv. On AWS, CloudWatch has "+
			"them: 404.",
		chat.CmdReadOps)
	answer := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[wire.OpsSeries](), true, "OpsSeries")
	series.Responses = map[string]*huma.Response{"200": {Description: http.StatusText(http.StatusOK), Content: map[string]*huma.MediaType{
		jsonType: {Schema: answer}, csvType: {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	add(h, api, series, h.series)
	add(h, api, h.route("retryJob POST /ops/jobs/{job}/retry 204", "Try failed work again",
		"For owners and admins: what a job did in vain is due at once. 404 for a job that cannot do this.",
		chat.CmdRetryJob), h.retryJob)
	add(h, api, h.route("discardJob POST /ops/jobs/{job}/discard 204", "Give up failed work",
		"For owners and admins: what a job did in vain is not tried again. Of e-mail, nothing that waits now is mailed to those to whom it "+
			"could not be sent. 404 for a job that cannot do this.",
		chat.CmdDiscardJob), h.discardJob)
}

type jobIn struct {
	Job string `path:"job" enum:"mail,files,alerts,ship,backup"`
}

func (h *Handler) retryJob(ctx context.Context, a chat.Actor, in *jobIn) (*none, error) {
	return nil, h.canteen.RetryJob(ctx, a, in.Job, func() error {
		if h.o.Ops == nil {
			return noOps()
		}
		return h.o.Ops.RetryJob(ctx, in.Job)
	})
}

func (h *Handler) discardJob(ctx context.Context, a chat.Actor, in *jobIn) (*none, error) {
	return nil, h.canteen.DiscardJob(ctx, a, in.Job, func() error {
		if h.o.Ops == nil {
			return noOps()
		}
		return h.o.Ops.DiscardJob(ctx, in.Job)
	})
}

// noOps is the answer where nobody can say how the server is.
func noOps() error { return chat.Errorf(chat.NotFound, "This server does not say how it is.") }

func (h *Handler) ops(ctx context.Context, a chat.Actor, _ *none) (*bodyOut[wire.Ops], error) {
	out := wire.Ops{}
	err := h.canteen.ReadOps(ctx, a, func() (err error) {
		if h.o.Ops == nil {
			return noOps()
		}
		out, err = h.o.Ops.State(ctx)
		return err
	})
	return ok(out), err
}

type seriesIn struct {
	Name   string              `query:"name" required:"true" maxLength:"800" example:"requests,latency_p99" doc:"Names with commas between"`
	From   optional[time.Time] `query:"from" doc:"An hour before to unless said"`
	To     optional[time.Time] `query:"to" doc:"Now unless said"`
	Step   optional[int]       `query:"step" minimum:"1" maximum:"31622400" doc:"Seconds between values; as few as possible unless said"`
	Format string              `query:"format" enum:"json,csv" doc:"json unless said"`
	Accept string              `header:"Accept" hidden:"true"`
}

// query checks what is asked.
func (in *seriesIn) query() (q SeriesQuery, err error) {
	q.Names = strings.Split(in.Name, ",")
	if len(q.Names) > wire.MaxSeries {
		return q, chat.InvalidField("name", "At most %d series are allowed.", wire.MaxSeries)
	}
	if in.Step.value != nil {
		q.Step = time.Duration(*in.Step.value) * time.Second
	}
	if in.From.value != nil {
		q.From = *in.From.value
	}
	if in.To.value != nil {
		q.To = *in.To.value
	}
	return q, nil
}

// seriesOut is wire.OpsSeries, or CSV as bytes.
type seriesOut struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Disposition string `header:"Content-Disposition" hidden:"true"`
	Body        any
}

func (h *Handler) series(ctx context.Context, a chat.Actor, in *seriesIn) (*seriesOut, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	var answer wire.OpsSeries
	err = h.canteen.ReadOps(ctx, a, func() (err error) {
		if h.o.Ops == nil {
			return noOps()
		}
		answer, err = h.o.Ops.Series(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Format == "csv" || in.Format == "" && strings.HasPrefix(in.Accept, csvType) {
		table, err := csvOf(answer)
		return &seriesOut{csvType + "; charset=utf-8", `attachment; filename="canteen-series.csv"`, table}, err
	}
	return &seriesOut{ContentType: jsonType, Body: answer}, nil
}

// csvOf is a table with a row for each time. What was not measured is empty.
func csvOf(s wire.OpsSeries) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	head := []string{"time"}
	for _, one := range s.Series {
		head = append(head, one.Name)
	}
	rows := [][]string{head}
	step := time.Duration(s.Step) * time.Second
	for at, i := s.From.Time, 0; at.Before(s.To.Time); at, i = at.Add(step), i+1 {
		row := []string{at.Format(time.RFC3339)}
		for _, one := range s.Series {
			value := ""
			if v := one.Values[i]; v != nil {
				value = strconv.FormatFloat(*v, 'g', -1, 32)
			}
			row = append(row, value)
		}
		rows = append(rows, row)
	}
	err := w.WriteAll(rows)
	return out.Bytes(), err
}
