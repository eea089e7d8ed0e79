package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// started is a running demo.
type started struct {
	url  string
	out  *bytes.Buffer
	stop func()
}

// start runs the program and waits until it has printed its URL.
func start(t *testing.T, data string, more ...string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var log bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"-data", data, "-addr", "127.0.0.1:0"}, more...), w, &log)
		_ = w.Close()
	}()
	var out bytes.Buffer
	for b := make([]byte, 4096); !strings.Contains(out.String(), "Ctrl-C"); {
		n, err := r.Read(b)
		if err != nil {
			t.Fatalf("the demo did not start: %s", log.String())
		}
		out.Write(b[:n])
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	s := started{regexp.MustCompile(`http://\S+`).FindString(out.String()), &out, func() {
		cancel()
		if c := <-code; c != 0 || log.Len() > 0 {
			t.Errorf("the demo ended with %d: %s", c, log.String())
		}
	}}
	s.url = strings.Replace(s.url, "localhost", "127.0.0.1", 1)
	return s
}

// TestDemo creates a demo, checks what Mira sees, and starts the same demo again.
func TestDemo(t *testing.T) {
	data := filepath.Join(t.TempDir(), "demo")
	s := start(t, data)
	email, word := regexp.MustCompile(`e-mail +(\S+)`).FindStringSubmatch(s.out.String()),
		regexp.MustCompile(`password +(.+)`).FindStringSubmatch(s.out.String())
	if email == nil || word == nil {
		t.Fatalf("no sign-in details in %q", s.out)
	}
	ctx := t.Context()
	c := client.New(s.url, "")
	if _, err := c.SignIn(ctx, email[1], word[1]); err != nil {
		t.Fatalf("sign in as printed: %v", err)
	}
	lookAtPeople(t, c)
	rooms, err := c.Rooms(ctx)
	if err != nil {
		t.Fatal(err)
	}
	lookAtRooms(t, rooms)
	lookAtFeedback(t, c)
	lookAtThreads(t, c)
	lookAtInbox(t, c)
	posted := lookAtMessages(t, c, rooms)
	lookAtPreviews(t, c, rooms)
	lookAtAlerts(t, c, rooms)
	s.stop()

	again := start(t, data)
	defer again.stop()
	if strings.Contains(again.out.String(), "Making") || !strings.Contains(again.out.String(), word[1]) {
		t.Errorf("the second start says %q", again.out)
	}
	c = client.New(again.url, "")
	if _, err := c.SignIn(ctx, email[1], word[1]); err != nil {
		t.Fatalf("sign in once more: %v", err)
	}
	if rooms, err = c.Rooms(ctx); err != nil {
		t.Fatal(err)
	}
	if n := lookAtMessages(t, c, rooms); n != posted {
		t.Errorf("%d messages, %d after the second start", posted, n)
	}
}

func lookAtPeople(t *testing.T, c *client.Client) {
	t.Helper()
	users, err := c.Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hooks := 0
	untitled, status, zones, gone, quiet := 0, 0, map[string]bool{}, 0, 0
	for _, u := range users {
		if u.Bot && strings.HasPrefix(u.Handle, "hook-") {
			hooks++
			continue
		}
		zones[u.TimeZone] = true
		if u.Title == "" {
			untitled++
		}
		if u.Status != nil && u.Status.Emoji != "" {
			status++
		}
		if u.Deactivated {
			gone++
		}
		if u.Quiet != nil {
			quiet++
		}
	}
	if len(users) != 31+hooks || hooks != 3 {
		t.Errorf("%d users and %d webhooks, want 30 people and a bot, and 3", len(users)-hooks, hooks)
	}
	if untitled > 0 || status < 15 || len(zones) < 8 || gone != 1 || quiet != 2 {
		t.Errorf("%d without title, %d with a status, %d time zones, %d deactivated, %d quiet", untitled, status, len(zones), gone, quiet)
	}
}

func lookAtRooms(t *testing.T, rooms []wire.MyRoom) {
	t.Helper()
	has := map[string]int{}
	for _, r := range rooms {
		has[r.Kind]++
		for what, yes := range map[string]bool{
			"starred": r.Starred, "muted": r.Muted, "archived": r.Archived, "unread": r.Unread > 0, "mentioned": r.MentionCount > 0,
			"announcing": r.Posting == "owners", "only mentions": r.Notify == "mentions", "read": r.Unread == 0 && r.LastSeq > 0,
		} {
			if yes {
				has[what]++
			}
		}
	}
	want := map[string]int{
		"public": 11, "private": 3, "direct": 10, "starred": 2, "muted": 1, "archived": 1, "announcing": 1, "only mentions": 14,
		"unread": 9, "mentioned": 3, "read": 15,
	}
	if !reflect.DeepEqual(has, want) {
		t.Errorf("Mira has %v\nwant     %v", has, want)
	}
}

// lookAtThreads checks that Mira follows threads, and has read all but the one that goes on after she left.
func lookAtThreads(t *testing.T, c *client.Client) {
	t.Helper()
	all, err := c.Threads(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	unread, err := c.Threads(t.Context(), url.Values{"unread": {"true"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Threads) < 4 || len(unread.Threads) != 1 {
		t.Fatalf("Mira follows %d threads, %d are unread; want 4 or more, and 1", len(all.Threads), len(unread.Threads))
	}
	if u := unread.Threads[0]; u.Unread != 2 || u.MentionCount != 1 {
		t.Errorf("%d replies are unread, %d of them mention Mira; want 2 and 1", u.Unread, u.MentionCount)
	}
}

// lookAtInbox checks that Mira's inbox has entries of each cause, with the times of the messages.
func lookAtInbox(t *testing.T, c *client.Client) {
	t.Helper()
	l, err := c.Inbox(t.Context(), client.InboxPage{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	has, read := map[string]int{}, 0
	for _, i := range l.Items {
		has[i.Cause]++
		if i.Read {
			read++
		}
		if early := i.Message.CreatedAt; i.At.Sub(early.Time) > time.Minute {
			t.Errorf("%s is in the inbox at %v", pretty(i.Message), i.At)
		}
	}
	for _, cause := range []string{"mention", "broadcast", "keyword", "reaction", "thread"} {
		if has[cause] == 0 {
			t.Errorf("the inbox has no %s", cause)
		}
	}
	if l.Unread < 5 || read < 5 {
		t.Errorf("%d of %d entries are unread, %d are read", l.Unread, len(l.Items), read)
	}
}

// lookAtFeedback checks that there is feedback of two people, one piece answered and one open.
func lookAtFeedback(t *testing.T, c *client.Client) {
	t.Helper()
	l, err := c.Feedback(t.Context(), "")
	if err != nil || len(l.Feedback) != 2 || l.Feedback[0].Answered || !l.Feedback[1].Answered || l.Feedback[0].About.Page != "/inbox" {
		t.Errorf("the feedback is %+v, %v", l, err)
	}
}

func pretty(m wire.Message) string { return m.Room + " " + strconv.Quote(m.Text) }

// lookAtMessages counts the messages that Mira sees, and checks that each feature (edits, threads, reactions, …) occurs.
func lookAtMessages(t *testing.T, c *client.Client, rooms []wire.MyRoom) (posted int64) {
	t.Helper()
	saw := map[string]int{}
	for _, r := range rooms {
		posted += r.LastSeq
		p, err := c.Page(t.Context(), r.ID, url.Values{"limit": {"200"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.Messages {
			look(saw, m)
		}
	}
	if posted < 500 {
		t.Errorf("%d messages, want 500 or more", posted)
	}
	for _, what := range []string{
		"edited", "deleted", "thread of several", "mention", "chip of several", "skin tone", "family", "code", "list", "quote", "link",
		"bold", "japanese", "hebrew", "arabic", "german", "lone emoji", "system", "table", "task list",
	} {
		if saw[what] == 0 {
			t.Errorf("there is no %s", what)
		}
	}
	if saw["unfilled"] > 0 {
		t.Errorf("%d messages with an open slot", saw["unfilled"])
	}
	return posted
}

// lookAtPreviews checks that a message of today and one of earlier days show a page, with a picture that this server has.
func lookAtPreviews(t *testing.T, c *client.Client, rooms []wire.MyRoom) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range rooms {
		p, err := c.Page(t.Context(), r.ID, url.Values{"limit": {"200"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range p.Messages {
			if m.Preview == nil {
				continue
			}
			seen[m.Preview.URL] = true
			var body bytes.Buffer
			if pic := m.Preview.Picture; pic == nil || pic.Width != 360 || pic.Height != 270 || len(m.Preview.Description) < 20 {
				t.Errorf("%+v", m.Preview)
			} else if err := c.Download(t.Context(), pic.ID, &body); err != nil || !bytes.HasPrefix(body.Bytes(), []byte("\xff\xd8")) {
				t.Errorf("the picture of %s: %d bytes, %v", m.Preview.URL, body.Len(), err)
			}
		}
	}
	want := map[string]bool{"https://acme.example/brand/slides": true, "https://draw.acme.example/2210": true}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("previews of %v", seen)
	}
}

// lookAtAlerts checks that webhooks have posted, and that what is over took the place of what began, with a picture that this server has.
func lookAtAlerts(t *testing.T, c *client.Client, rooms []wire.MyRoom) {
	t.Helper()
	alerts := rooms[slices.IndexFunc(rooms, func(r wire.MyRoom) bool { return r.Name == "alerts" })].ID
	p, err := c.Page(t.Context(), alerts, url.Values{"limit": {"200"}})
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]wire.Message{}
	for _, m := range p.Messages {
		if len(m.Cards) > 0 && m.Sender != nil && m.Sender.Name != "" {
			titles[m.Cards[0].Title] = m
		}
	}
	want := []string{
		"", "Pipeline #882 has passed in 03:05", "[FIRING:1] Disk of build-2 fills up", "[RESOLVED] Exports take longer than 5 min",
		"app.acme.example is up",
	}
	if got := slices.Sorted(maps.Keys(titles)); !slices.Equal(got, want) {
		t.Errorf("the cards are %q, want %q", got, want)
	}
	m := titles["[RESOLVED] Exports take longer than 5 min"]
	if m.EditedAt == nil || m.ThreadInfo == nil || m.ThreadInfo.Replies != 4 {
		t.Fatalf("%+v", m)
	}
	replies, err := c.Page(t.Context(), alerts, url.Values{"thread": {strconv.FormatInt(m.Seq, 10)}})
	if err != nil || len(replies.Messages) != 4 || replies.Messages[2].Text != "Now: [RESOLVED] Exports take longer than 5 min" {
		t.Errorf("the thread says %+v, %v", replies.Messages, err)
	}
	var body bytes.Buffer
	if pic := m.Cards[0].Image; pic == nil || pic.Copy == nil {
		t.Errorf("the picture is %+v", pic)
	} else if err := c.Download(t.Context(), pic.Copy.ID, &body); err != nil || body.Len() == 0 {
		t.Errorf("the picture has %d bytes, %v", body.Len(), err)
	}
	hooks, err := c.Hooks(t.Context(), alerts)
	if err != nil || len(hooks) != 3 || hooks[0].LastUsedAt == nil {
		t.Errorf("the webhooks are %+v, %v", hooks, err)
	}
}

var features = map[string]*regexp.Regexp{
	"code": regexp.MustCompile("(?m)^```"), "list": regexp.MustCompile(`(?m)^(-|1\.) `), "quote": regexp.MustCompile(`(?m)^> `),
	"link": regexp.MustCompile(`https://`), "bold": regexp.MustCompile(`\*\*\S`), "japanese": regexp.MustCompile(`\p{Hiragana}`),
	"hebrew": regexp.MustCompile(`\p{Hebrew}`), "arabic": regexp.MustCompile(`\p{Arabic}`),
	"german": regexp.MustCompile(`[äöüß]`), "lone emoji": regexp.MustCompile(`^\p{So}$`),
	"table": regexp.MustCompile(`(?m)^\|---\|`), "task list": regexp.MustCompile(`(?m)^- \[x\] `),
	"unfilled": regexp.MustCompile(`\{[a-z]+\}|\{\d+\.\.|@[a-h]\b`),
}

func look(saw map[string]int, m wire.Message) {
	note := func(what string, yes bool) {
		if yes {
			saw[what]++
		}
	}
	for what, re := range features {
		note(what, re.MatchString(m.Text))
	}
	note("edited", m.EditedAt != nil)
	note("deleted", m.DeletedAt != nil)
	note("system", m.System != nil)
	note("mention", len(m.Mentions) > 0)
	note("thread of several", m.ThreadInfo != nil && len(m.ThreadInfo.Repliers) > 2)
	for _, r := range m.Reactions {
		note("chip of several", r.Count > 3)
		note("skin tone", strings.ContainsAny(r.Emoji, "🏻🏼🏽🏾🏿"))
		note("family", strings.Contains(r.Emoji, "\u200d👧"))
	}
}

// TestNothingElseIsTouched: a directory with other data is not changed, and an interrupted demo leaves no directory behind.
func TestNothingElseIsTouched(t *testing.T) {
	o := options{data: t.TempDir(), addr: "127.0.0.1:0"}
	if err := os.WriteFile(filepath.Join(o.data, "canteen.db"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := demo(t.Context(), o, io.Discard, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "not a demo") {
		t.Errorf("a directory with data: %v", err)
	}
	if found, err := os.ReadDir(o.data); err != nil || len(found) != 1 {
		t.Errorf("%v is in it now, %v", found, err)
	}

	parent := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(100*time.Millisecond, cancel)
	o.data = filepath.Join(parent, "demo")
	if err := demo(ctx, o, io.Discard, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "stopped") {
		t.Errorf("interrupted: %v", err)
	}
	if found, err := os.ReadDir(parent); err != nil || len(found) != 0 {
		t.Errorf("interrupted, it leaves %v, %v", found, err)
	}
}
