package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/aws/lambda"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb"
	"github.com/canteen-chat/canteen/dynamodb/table"
	"github.com/canteen-chat/canteen/emoji"
	"github.com/canteen-chat/canteen/files"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/frequent"
	"github.com/canteen-chat/canteen/limit"
	"github.com/canteen-chat/canteen/outbound"
	"github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/rest"
	"github.com/canteen-chat/canteen/s3"
	"github.com/canteen-chat/canteen/unfurl"
	"github.com/canteen-chat/canteen/vital"
)

// handler is what aws-lambda-go calls with an event.
type handler interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

const probeWithin = 10 * time.Second

// serve creates the handler of the role that the environment names. It does no I/O.
func serve(env func(string) string, out io.Writer, log *slog.Logger) (handler, error) {
	c, err := read(env)
	if err != nil {
		return nil, err
	}
	metrics := lambda.NewMetrics(out, c.namespace, c.stack, time.Now)
	switch c.role {
	case "rest":
		return serveREST(c, metrics, log)
	case "socket":
		return serveSocket(c, metrics, log)
	case "fanout":
		return serveStream(c, metrics, log)
	case "jobs":
		return serveJobs(c, metrics, log)
	}
	return nil, fmt.Errorf("CANTEEN_ROLE is %q; it must be rest, socket, fanout or jobs", c.role)
}

func (c config) aws() aws.Config {
	o := aws.Config{Region: c.region, Credentials: c}
	if c.endpoint != "" {
		o.BaseEndpoint = aws.String(c.endpoint)
	}
	return o
}

func (c config) store(log *slog.Logger) *dynamodb.Store {
	return dynamodb.Open(dynamodb.Options{Client: table.Client(c.aws()), Prefix: c.tables, Log: log})
}

// bodies is the home of the bodies of files.
func (c config) bodies() *s3.Bodies {
	return s3.New(s3.Options{Config: c.aws(), Bucket: c.bucket, Suffix: c.suffix, Public: c.url.String(), Clock: time.Now})
}

// rules are the use cases. Each process counts the fast rates for itself; the slow rates are counted in the tables for all
// processes together. decoder is that of all pictures of the process. noted is where rows of the audit log go; nil: nowhere.
func (c config) rules(
	store *dynamodb.Store, live chat.Live, noted audit.Store, decoder *picture.Decoder, metrics *lambda.Metrics,
	log *slog.Logger,
) *chat.Canteen {
	var limiter chat.Limiter = limit.None{}
	if c.limits {
		limiter = dynamodb.NewLimiter(store, time.Now, limit.New(time.Now))
	}
	var vitals func(context.Context, []vital.Vital)
	if c.vitals {
		vitals = metrics.Vitals(log)
	}
	bodies := c.bodies()
	return chat.New(chat.Options{
		Store: store, Uses: store, Inbox: &attention.Inboxes{Store: store, Clock: time.Now}, Digests: store, Emoji: store,
		Hasher: password.New(), Limiter: limiter, Live: live, Tickets: store,
		Pictures: &emoji.Pictures{Bodies: bodies, Decoder: decoder}, Files: store,
		Setup: store.SetupSecret, Clock: time.Now, Feedback: store, Audit: noted, Previews: c.previews(store, bodies, decoder, log),
		Log: log, Mail: c.mailFrom != "", Vitals: vitals,
	})
}

// previews ask web pages for previews of links, but never this deployment itself. Only the REST function is asked for previews.
func (c config) previews(store *dynamodb.Store, bodies *s3.Bodies, decoder *picture.Decoder, log *slog.Logger) *unfurl.Cache {
	return unfurl.NewCache(unfurl.CacheOptions{
		Pages: unfurl.New(outbound.New(outbound.Options{Own: c.url.Host, Check: reach()}), decoder), Store: store,
		Pictures: files.Pages{Bodies: bodies}, Clock: time.Now, Log: log,
	})
}

// gateway delivers to the connections. alerts may be nil. Each process limits the rate of frames for itself: the frames of one connection
// reach few processes.
func (c config) gateway(store *dynamodb.Store, alerts apigateway.Alerter, log *slog.Logger) (*apigateway.Gateway, error) {
	endpoint, host, err := c.connections()
	if err != nil {
		return nil, err
	}
	o := apigateway.Options{
		Poster: apigateway.NewConnections(apigateway.ConnectionsOptions{Endpoint: endpoint, Host: host, Region: c.region,
			Credentials: c}),
		Connections: store, Clock: time.Now, Log: log, Alerter: alerts,
	}
	if c.limits {
		o.Limiter = limit.New(time.Now)
	}
	return apigateway.New(o), nil
}

// noLive discards announcements: on AWS the fan-out function announces each commit from the stream.
type noLive struct{}

// Deliver implements chat.Live.
func (noLive) Deliver([]chat.Announcement) {}

func serveREST(c config, metrics *lambda.Metrics, log *slog.Logger) (handler, error) {
	log = slog.New(rest.RequestLog(log.Handler()))
	door, err := lambda.NewDoor(c.url, c.secret)
	if err != nil {
		return nil, err
	}
	bodies, decoder := c.bodies(), picture.NewDecoder()
	store := c.store(log)
	rules := c.rules(store, noLive{}, store, decoder, metrics, log)
	pages := lambda.NoPages() // pages and sockets are other origins of the distribution
	api, err := rest.New(rules, rest.Options{
		Access: rest.NewAccess(rules, c.url, nil), Socket: pages, Web: pages, Log: log,
		Files: files.New(files.Options{Rules: rules, Bodies: bodies, Decoder: decoder, Log: log}), Ops: operations{c},
	})
	if err != nil {
		return nil, err
	}
	return &lambda.REST{Door: door, Handler: api, Metrics: metrics, Log: log}, nil
}

func serveSocket(c config, metrics *lambda.Metrics, log *slog.Logger) (handler, error) {
	door, err := lambda.NewDoor(c.url, c.secret)
	if err != nil {
		return nil, err
	}
	store := c.store(log)
	gateway, err := c.gateway(store, nil, log)
	if err != nil {
		return nil, err
	}
	rules := c.rules(store, gateway, nil, picture.NewDecoder(), metrics, log) // what is asked over a socket has no row in the audit log
	sockets := gateway.Sockets(rules, rest.NewAccess(rules, c.url, nil).Connects)
	return &lambda.Socket{Door: door, Sockets: sockets, Metrics: metrics, Log: log}, nil
}

func serveJobs(c config, metrics *lambda.Metrics, log *slog.Logger) (handler, error) {
	door, err := lambda.NewDoor(c.url, c.secret)
	if err != nil {
		return nil, err
	}
	store := c.store(log)
	digests, err := c.digests(store, metrics, log)
	if err != nil {
		return nil, err
	}
	return &lambda.Jobs{
		URL: c.url.String(), Client: &http.Client{Timeout: probeWithin}, Door: door, Announce: store.AnnounceProbe, Digests: digests,
		Sweep: sweep(&files.Sweeper{Store: store, Bodies: c.bodies(), Clock: time.Now}, log), Clock: time.Now, Metrics: metrics, Log: log,
	}, nil
}

// sweep deletes the bodies that are over, and with all those that belong to nothing.
func sweep(s *files.Sweeper, log *slog.Logger) func(ctx context.Context, all bool) error {
	return func(ctx context.Context, all bool) error {
		n, err := s.Run(ctx)
		if n > 0 {
			log.InfoContext(ctx, "deleted files", "files", n)
		}
		if !all {
			return err
		}
		orphans, failed := s.Orphans(ctx, false)
		if orphans > 0 {
			log.InfoContext(ctx, "deleted bodies that belong to nothing", "bodies", orphans)
		}
		return errors.Join(err, failed)
	}
}

// alerter implements apigateway.Alerter.
type alerter struct {
	decide *attention.Alerts
	store  *dynamodb.Store
}

func (a alerter) Alerts(ctx context.Context, m chat.Message, online apigateway.Online) ([]chat.Alerted, error) {
	out, err := a.decide.Of(ctx, m, online)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	if first, err := a.store.ClaimAlerts(ctx, m.Room, m.Seq); err != nil || !first {
		return nil, err
	}
	return out, nil
}

// threads combines two consumers into one, so that there is one position to write and not two.
type threads struct {
	dynamodb.ThreadLists
	mentioned *attention.Mentioned
}

// Apply implements follow.Consumer.
func (c threads) Apply(ctx context.Context, room string, ms []chat.Message) (bool, error) {
	began, err := c.mentioned.Apply(ctx, room, ms)
	moved, failed := c.ThreadLists.Apply(ctx, room, ms)
	return began || moved, errors.Join(err, failed)
}

// consumers are what follows the feed of commits.
func consumers(store *dynamodb.Store, words *attention.Keywords, clock chat.Clock) []follow.Consumer {
	return []follow.Consumer{
		threads{dynamodb.ThreadLists{Store: store}, &attention.Mentioned{Store: store, Clock: clock}},
		&frequent.Emoji{Store: store, Reactions: store, Clock: clock},
		&attention.Inbox{Store: store, Keywords: words, Clock: clock},
	}
}

func serveStream(c config, metrics *lambda.Metrics, log *slog.Logger) (handler, error) {
	store := c.store(log)
	words := &attention.Keywords{Store: store, Clock: time.Now}
	gateway, err := c.gateway(store, alerter{&attention.Alerts{Store: store, Keywords: words, Clock: time.Now}, store}, log)
	if err != nil {
		return nil, err
	}
	commits := func(ctx context.Context, changes []lambda.Change) ([]lambda.Commit, error) {
		in := make([]dynamodb.Change, len(changes))
		for i, c := range changes {
			in[i] = dynamodb.Change(c)
		}
		found, err := store.Commits(ctx, in)
		out := make([]lambda.Commit, len(found))
		for i, c := range found {
			out[i] = lambda.Commit(c)
		}
		return out, err
	}
	followers := follow.New(store, store, log, consumers(store, words, time.Now)...)
	return &lambda.Stream{
		Commits: commits, Clean: store.Clean, Follow: followers.CatchUp, FanOut: gateway.FanOut, Metrics: metrics, Log: log,
	}, nil
}
