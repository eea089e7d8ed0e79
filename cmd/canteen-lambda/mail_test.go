package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/aws/apigateway"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/digest"
	"github.com/canteen-chat/canteen/follow"
	"github.com/canteen-chat/canteen/internal/awstest"
	"github.com/canteen-chat/canteen/mail"
	"github.com/canteen-chat/canteen/ses"
	"github.com/canteen-chat/canteen/settings"
)

// rights checks that each request to DynamoDB is one that a role of the template may make.
type rights struct {
	next   http.RoundTripper
	t      *testing.T
	may    func(role, action, table string) bool
	role   string // "" checks nothing
	prefix string
}

func (r *rights) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	var in struct {
		TableName     string
		RequestItems  map[string]any
		TransactItems []map[string]struct {
			TableName string
			Item, Key map[string]struct{ S string }
		}
	}
	_ = json.Unmarshal(body, &in) // requests of another shape leave it empty
	digestKeys := regexp.MustCompile(`^digest(#.+|-due)$`)
	_, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	ask := func(action, table string) {
		if table = strings.TrimPrefix(table, r.prefix); r.role != "" && !r.may(r.role, "dynamodb:"+action, table) {
			r.t.Errorf("the role %s may not %s in %s", r.role, action, table)
		}
	}
	for _, o := range in.TransactItems {
		for kind, on := range o {
			ask(map[string]string{"ConditionCheck": "ConditionCheckItem"}[kind]+map[string]string{"Put": "PutItem", "Delete": "DeleteItem",
				"Update": "UpdateItem"}[kind], on.TableName)
			if pk := on.Item["pk"].S + on.Key["pk"].S; r.role == "mail" && kind != "ConditionCheck" && !digestKeys.MatchString(pk) {
				r.t.Errorf("the role mail may not write %s: the template names its keys", pk)
			}
		}
	}
	for table := range in.RequestItems {
		ask(operation, table)
	}
	if in.TableName != "" {
		ask(operation, in.TableName)
	}
	return r.next.RoundTrip(req)
}

// TestDigestOnAWS: on the tables of the functions, a digest is found by the time when it is due, without a scan, and sent once by SES. Its
// link stops it. The number of requests does not grow with the number of people.
func TestDigestOnAWS(t *testing.T) {
	w, ctx := start(t), t.Context()
	role := &rights{next: w.next, t: t, may: awstest.Rights(t), prefix: w.names}
	w.next = role
	as := func(name string, f func() error) {
		t.Helper()
		role.role = name
		must(t, f())
		role.role = ""
	}
	var sent []string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		must(t, err)
		sent = append(sent, string(b))
		_, _ = io.WriteString(rw, `{}`)
	}))
	defer server.Close()
	clock := chat.Clock(func() time.Time { return w.now })
	unread := digest.Unread{Store: w.store, Inbox: &attention.Inboxes{Store: w.store, Clock: clock}}
	job := digest.New(digest.Options{
		Store: w.store, Reader: unread, From: mail.Address{Email: "chat@example.com"}, URL: "https://chat.example.com", Clock: clock,
		Log: slog.New(slog.DiscardHandler),
		Mailer: ses.New(ses.Options{Region: "us-east-1", Endpoint: server.URL, Clock: time.Now,
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}),
		Active: func(ctx context.Context, user string) (bool, error) {
			cs, err := w.store.ConnectionsOf(ctx, []string{user}, w.now)
			return apigateway.Active(cs, w.now), err
		},
	})
	run := func() error { return job.Run(ctx) }
	wants := func(d settings.Digest) {
		as("rest", func() error {
			in := chat.UpdateMeInput{Settings: &settings.Input{Attention: &settings.AttentionInput{Digest: &d}}}
			_, _, err := w.rules.UpdateMe(ctx, w.me(t), in)
			return err
		})
	}
	wants(settings.DigestHourly)
	as("mail", run) // turns it on
	wants(settings.DigestDaily)
	wants(settings.DigestHourly) // leaves an entry, which is deleted when its time has come
	as("mail", run)
	w.now = w.now.Add(time.Second)
	jonas, err := w.rules.AdminAddUser(ctx, chat.CommandLineUser{
		Email: "jonas@example.com", Name: "Jonas", Handle: "jonas", Role: chat.Member, Password: "long enough too",
	})
	must(t, err)
	u, err := w.store.User(ctx, jonas)
	must(t, err)
	_, _, err = w.rules.PostMessage(ctx, chat.Actor{User: u, SessionID: "s"}, w.room, chat.PostInput{
		ClientID: "00000000-0000-4000-8000-000000000099", Text: "@mira soup",
	})
	must(t, err)
	must(t, follow.New(w.store, w.store, slog.New(slog.DiscardHandler), consumers(w.store, w.words, clock)...).CatchUp(ctx, w.room))
	quiet, _, _ := w.measure(func() { as("mail", run) })
	w.now = w.now.Add(time.Hour)
	calls, reads, writes := w.measure(func() { as("mail", run) })
	if len(quiet) != 1 || len(calls) > 25 || len(sent) != 1 {
		t.Errorf("%d requests when nothing is due, %d for a digest (%.0f reads, %.0f writes), %d messages: %v",
			len(quiet), len(calls), reads, writes, len(sent), calls)
	}
	t.Logf("nothing due: %d requests; a digest: %d requests, %.1f reads, %.0f writes", len(quiet), len(calls), reads, writes)
	for _, c := range calls {
		if c.operation == "Scan" {
			t.Error("a scan")
		}
	}
	var m struct {
		Content struct {
			Simple struct {
				Body    struct{ Text struct{ Data string } }
				Headers []struct{ Name, Value string }
			}
		}
	}
	must(t, json.Unmarshal([]byte(sent[0]), &m))
	if !strings.Contains(m.Content.Simple.Body.Text.Data, "> @mira soup") {
		t.Error(sent[0])
	}
	w.now = w.now.Add(2 * time.Hour)
	as("mail", run)
	link := strings.Trim(m.Content.Simple.Headers[1].Value, "<>")
	as("rest", func() error {
		return w.rules.Unsubscribe(ctx, chat.Visitor("192.0.2.1"), link[strings.LastIndexByte(link, '/')+1:])
	})
	w.now = w.now.Add(2 * time.Hour)
	as("mail", run)
	due, err := w.store.DueDigests(ctx, w.now.Add(1000*time.Hour), 10)
	if must(t, err); len(sent) != 1 || len(due) != 0 {
		t.Errorf("%d messages, due %v", len(sent), due)
	}
}

// TestMailIsAChoice: without an address that e-mails come from, there is no job; a malformed one is an error.
func TestMailIsAChoice(t *testing.T) {
	for from, want := range map[string]string{"": "none", "chat@example.com": "job", "chat": "error"} {
		job, err := config{mailFrom: from}.digests(nil, nil, slog.New(slog.DiscardHandler))
		got := "job"
		if err != nil {
			got = "error"
		} else if job == nil {
			got = "none"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", from, got, want)
		}
	}
}
