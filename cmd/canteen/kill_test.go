package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// program builds the command once and gives its path.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "canteen")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

type process struct {
	*exec.Cmd
	url string
}

// start runs serve and waits until it says where.
func start(t *testing.T, path, dir, addr string) process {
	t.Helper()
	cmd := exec.Command(path, "serve", "--data", dir, "--addr", addr, "--rate-limits=off")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("serve said nothing: %v", err)
	}
	return process{cmd, regexp.MustCompile(`http://\S+`).FindString(line)}
}

func (p process) kill(t *testing.T) {
	t.Helper()
	if err := p.Process.Kill(); err != nil { // SIGKILL: no handler runs
		t.Fatal(err)
	}
	_ = p.Wait() // says that it was killed
}

func command(t *testing.T, path, stdin string, args ...string) string {
	t.Helper()
	cmd := exec.Command(path, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		if e, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("%v: %s", args, e.Stderr)
		}
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestKilledServerLosesNothing kills the server 25 times while 50 clients post: every acknowledged message is there once, at
// the place it was acknowledged at, and seq and rev have no gap.
func TestKilledServerLosesNothing(t *testing.T) {
	rounds, posters := 25, 50
	if testing.Short() {
		rounds = 3
	}
	path, dir := program(t), t.TempDir()
	command(t, path, "a quiet place to eat\n", "user", "add", "--data", dir, "--email", "mira@example.com", "--name", "Mira", "--handle", "mira", "--role", "owner", "--password-stdin")
	token := command(t, path, "", "token", "add", "--data", dir, "--user", "mira", "--name", "test")
	p := start(t, path, dir, "127.0.0.1:0")
	addr := strings.Replace(strings.TrimPrefix(p.url, "http://"), "localhost", "127.0.0.1", 1)
	c := client.New("http://"+addr, token)
	ctx := context.Background()
	rooms, err := c.Rooms(ctx)
	if err != nil {
		t.Fatal(err)
	}
	room := rooms[0].ID

	var mu sync.Mutex
	acknowledged := map[string]int64{} // client_id → seq
	n := 0
	for round := range rounds {
		stop := make(chan struct{})
		var posting sync.WaitGroup
		for range posters {
			posting.Go(func() {
				for {
					mu.Lock()
					n++
					id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
					mu.Unlock()
					for { // until it is answered, with the same id
						m, err := c.Post(ctx, room, wire.PostMessage{ClientID: id, Text: "message " + id})
						if err == nil {
							mu.Lock()
							acknowledged[id] = m.Seq
							mu.Unlock()
							break
						}
						if s := client.Status(err); s != 0 && s != http.StatusServiceUnavailable {
							t.Errorf("post: %v", err)
							return
						}
						select {
						case <-stop:
							return
						case <-time.After(5 * time.Millisecond):
						}
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		time.Sleep(time.Duration(60+17*(round%7)) * time.Millisecond) // long enough to be in the middle, at differing points
		p.kill(t)
		p = start(t, path, dir, addr)
		close(stop)
		posting.Wait()
	}

	seen := map[string]int64{}
	var seqs, revs []int64
	for since, more := int64(0), true; more; {
		ch, err := c.Changes(ctx, room, since)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ch.Messages {
			if at, twice := seen[m.ClientID]; twice {
				t.Errorf("%s stands at %d and %d", m.ClientID, at, m.Seq)
			}
			seen[m.ClientID] = m.Seq
			seqs, revs = append(seqs, m.Seq), append(revs, m.Rev)
		}
		since, more = ch.Next, ch.More
	}
	for id, seq := range acknowledged {
		if seen[id] != seq {
			t.Errorf("%s was acknowledged at %d and stands at %d", id, seq, seen[id])
		}
	}
	slices.Sort(seqs)
	slices.Sort(revs)
	for i := range seqs {
		if seqs[i] != int64(i+1) || revs[i] != int64(i+1) {
			t.Fatalf("place %d holds seq %d, rev %d: not dense", i+1, seqs[i], revs[i])
		}
	}
	if len(acknowledged) < rounds*posters {
		t.Fatalf("%d messages acknowledged: too few to prove anything", len(acknowledged))
	}
	page, err := c.Page(ctx, room, url.Values{"limit": {"1"}})
	if err != nil || page.Head != int64(len(revs)) {
		t.Fatalf("head %d of %d, %v", page.Head, len(revs), err)
	}
	t.Logf("%d kills, %d acknowledged, %d stored", rounds, len(acknowledged), len(seen))
}
