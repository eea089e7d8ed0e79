package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

// streamWorld has a bot in general, and a clock that also moves when the test says so.
func streamWorld(t *testing.T) (w *world.World, pass func(time.Duration)) {
	t.Helper()
	var ahead atomic.Int64
	w = world.OpenWith(t, world.Options{Configure: func(c *server.Config) {
		c.Clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}})
	w.AddBot("builds", "ada", w.General())
	return w, func(d time.Duration) { ahead.Add(int64(d)) }
}

// revisions are the texts of a message that a socket hears, and when each was stored, until the last one.
func revisions(t *testing.T, l *client.Live, seq int64) (texts []string, at []time.Time) {
	t.Helper()
	for {
		e, err := l.Next()
		if err != nil {
			t.Error(err)
			return texts, at
		}
		var said wire.MessageEvent
		if e.Type != "message" || json.Unmarshal(e.JSON, &said) != nil || said.Message == nil || said.Message.Seq != seq {
			continue
		}
		texts = append(texts, said.Message.Text)
		if said.Message.StreamingAt == nil {
			return texts, at
		}
		at = append(at, said.Message.StreamingAt.Time)
	}
}

// TestTenThousandTextsOfAStreamingBot: a member hears one of them a second at most, and the last one; the message has one version; and
// the bot has used up neither its requests nor its quota.
func TestTenThousandTextsOfAStreamingBot(t *testing.T) {
	w, pass := streamWorld(t)
	ctx, general, all := t.Context(), w.General(), 10_000
	if testing.Short() {
		all = 1000
	}
	l := w.Live("mira")
	m := world.Must[wire.Message](t)(w.As("builds").Post(ctx, general, wire.PostMessage{Stream: true}))
	heard := make(chan struct{})
	var texts []string
	var at []time.Time
	go func() {
		defer close(heard)
		texts, at = revisions(t, l, m.Seq)
	}()
	began, stored, statuses := time.Now(), m, map[int]int{}
	sent := map[string]bool{chat.Unwritten: true}
	var body strings.Builder
	header := http.Header{"Authorization": {"Bearer " + w.Token["builds"]}}
	path := fmt.Sprintf("/api/v1/rooms/%s/messages/%d", general, m.Seq)
	for i := range all {
		pass(20 * time.Millisecond) // the rate of bots that stream
		if i%100 == 0 {             // who says nothing for long is disconnected
			if err := l.Send(wire.Command{Type: "ping"}); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprint(&body, i%10)
		sent[body.String()] = true
		in, err := json.Marshal(wire.EditMessage{Text: body.String(), Done: new(i == all-1)})
		if err != nil {
			t.Fatal(err)
		}
		answer := w.Send(http.MethodPatch, path, string(in), header)
		statuses[answer.StatusCode]++
		if later := answer.StatusCode == http.StatusAccepted; later != (answer.Header.Get("Retry-After") == "1") {
			t.Errorf("status %d, Retry-After %q", answer.StatusCode, answer.Header.Get("Retry-After"))
		}
		stored = wire.Message{}
		if err := json.Unmarshal([]byte(answer.Body), &stored); err != nil || !sent[stored.Text] {
			t.Fatalf("%s, %v", answer.Body, err)
		}
	}
	took := time.Since(began) + time.Duration(all)*20*time.Millisecond
	<-heard
	if most, least := int(took/time.Second)+2, all/50*8/10; len(texts) > most || len(texts) < least {
		t.Errorf("%d texts heard in %v, of %d to %d", len(texts), took, least, most)
	}
	for i := range at {
		if i > 0 && at[i].Sub(at[i-1]) < time.Second || !sent[texts[i]] {
			t.Errorf("text %d of %d characters, after %v", i, len(texts[i]), at[i].Sub(at[max(0, i-1)]))
		}
	}
	if last := texts[len(texts)-1]; last != body.String() || stored.Text != last || stored.EditedAt != nil || stored.StreamingAt != nil {
		t.Errorf("in the end it has %d characters, heard %d, sent %d; edited %v", len(stored.Text), len(last), all, stored.EditedAt)
	}
	if revs := stored.Rev - m.Rev; revs != int64(len(texts)-1) || statuses[http.StatusOK]+statuses[http.StatusAccepted] != all {
		t.Errorf("%d revisions, %d texts heard, answers %v", revs, len(texts), statuses)
	}
	vs := world.Must[wire.Versions](t)(w.As("mira").History(ctx, general, m.Seq, 0))
	if len(vs.Versions) != 1 || vs.Versions[0].Text != body.String() {
		t.Errorf("%d versions", len(vs.Versions))
	}
	for n := range 20 { // it may go on posting
		w.Say("builds", general, n, strings.Repeat("x", 20_000))
	}
	t.Logf("%d texts in %v: %d events, answers %v", all, took.Round(time.Second), len(texts), statuses)
}

// TestATextPutAsideIsStoredByItself: the newest one, once its second is over, unless the bot has lost its token or the room meanwhile.
func TestATextPutAsideIsStoredByItself(t *testing.T) {
	w, _ := streamWorld(t)
	ctx, general := t.Context(), w.General()
	texts := func(bot *client.Client) wire.Message {
		t.Helper()
		m := world.Must[wire.Message](t)(bot.Post(ctx, general, wire.PostMessage{Text: "S", Stream: true}))
		for _, text := range []string{"So", "Sou", "Soup"} {
			if now := world.Must[wire.Message](t)(bot.EditMessage(ctx, general, m.Seq, wire.EditMessage{Text: text})); now.Text != "S" {
				t.Errorf("%q is stored at once", now.Text)
			}
		}
		return m
	}
	w.AddBot("news", "ada", general)
	w.AddBot("tests", "ada", general)
	deactivated, removed, m := texts(w.As("builds")), texts(w.As("news")), texts(w.As("tests"))
	w.Deactivate("builds")
	if err := w.As("ada").RemoveMember(ctx, general, w.ID["news"]); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); read(t, w.As("mira"), general, m.Seq).Text != "Soup"; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatal("the newest text is never stored")
		}
	}
	time.Sleep(200 * time.Millisecond)
	for what, of := range map[string]wire.Message{"deactivated": deactivated, "removed": removed} {
		if now := read(t, w.As("mira"), general, of.Seq); now.Text != "S" {
			t.Errorf("a text of a bot that was %s is stored: %q", what, now.Text)
		}
	}
}

func read(t *testing.T, c *client.Client, room string, seq int64) (m wire.Message) {
	t.Helper()
	if err := c.Do(t.Context(), http.MethodGet, fmt.Sprintf("/rooms/%s/messages/%d", room, seq), nil, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestClientStreams: the helper of the Go client sends the newest text once a second, and the last one.
func TestClientStreams(t *testing.T) {
	w, _ := streamWorld(t)
	ctx, general := t.Context(), w.General()
	_, err := w.As("mira").Stream(ctx, general, wire.PostMessage{})
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != http.StatusForbidden {
		t.Errorf("a person streams: %v", err)
	}
	l := w.Live("mira")
	s, err := w.As("builds").Stream(ctx, general, wire.PostMessage{})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan []string)
	go func() {
		texts, _ := revisions(t, l, s.Message.Seq)
		heard <- texts
	}()
	began := time.Now()
	for i := 0; time.Since(began) < 2200*time.Millisecond; i++ {
		s.Write(fmt.Sprint(i))
		time.Sleep(time.Millisecond)
	}
	m, err := s.Done(ctx, "the end")
	if err != nil || m.Text != "the end" || m.StreamingAt != nil || m.EditedAt != nil {
		t.Errorf("%+v, %v", m, err)
	}
	if texts := <-heard; len(texts) < 2 || len(texts) > 5 || texts[len(texts)-1] != "the end" {
		t.Errorf("heard %q", texts)
	}
}

// TestAKillLeavesATextThatWasSent: a message that was being written is there, with one of its texts, and the bot goes on.
func TestAKillLeavesATextThatWasSent(t *testing.T) {
	path, dir := world.Program(t), t.TempDir()
	token := world.FirstRun(t, path, dir)
	p := world.Serve(t, path, dir, world.Address(t))
	ctx, mira := t.Context(), client.New(p.URL, token)
	rooms := world.Must[[]wire.MyRoom](t)(mira.Rooms(ctx))
	admin, done, err := server.OpenAdmin(ctx, dir, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	id := world.Must[string](t)(admin.AddUser(ctx, chat.CommandLineUser{Name: "Builds", Handle: "builds", Role: chat.Member, Bot: true}))
	bot := client.New(p.URL, world.Must[string](t)(admin.AddToken(ctx, chat.CommandLineToken{Handle: "builds", Name: "test"})))
	if err := done(); err != nil {
		t.Fatal(err)
	}
	world.Must[wire.Member](t)(mira.PutMember(ctx, rooms[0].ID, id, ""))
	m := world.Must[wire.Message](t)(bot.Post(ctx, rooms[0].ID, wire.PostMessage{Text: "0", Stream: true}))
	acknowledged, sent := 0, map[string]bool{"0": true}
	var killed sync.WaitGroup
	killed.Go(func() {
		time.Sleep(2500 * time.Millisecond)
		p.Kill(t)
	})
	defer killed.Wait()
	for i := 1; ; i++ {
		text := fmt.Sprint(i)
		sent[text] = true
		now, err := bot.EditMessage(ctx, rooms[0].ID, m.Seq, wire.EditMessage{Text: text, Done: new(false)})
		if err != nil {
			break
		}
		if acknowledged, err = strconv.Atoi(now.Text); err != nil { // what the answer says is stored
			t.Fatal(err)
		}
	}
	killed.Wait()
	p = world.Serve(t, path, dir, p.Addr())
	now := read(t, mira, rooms[0].ID, m.Seq)
	n, err := strconv.Atoi(now.Text)
	if !sent[now.Text] || now.StreamingAt == nil || err != nil || n < acknowledged {
		t.Errorf("after the kill the text is %q, acknowledged %d", now.Text, acknowledged)
	}
	last := world.Must[wire.Message](t)(bot.EditMessage(ctx, rooms[0].ID, m.Seq, wire.EditMessage{Text: "end", Done: new(true)}))
	if last.Text != "end" || last.StreamingAt != nil || last.EditedAt != nil {
		t.Errorf("%+v", last)
	}
}
