package server_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/internal/world"
	"github.com/canteen-chat/canteen/wire"
)

var histories = flag.Int("histories", 8, "how many rooms TestRoomIsLinearizable lets people use at once")

// TestRoomIsLinearizable: whatever several people do at once in a room through REST, there is an order of it, no answer before
// its question, in which a room that takes one command at a time gives the same answers (porcupine looks for it).
func TestRoomIsLinearizable(t *testing.T) {
	h := world.OpenFast(t)
	for n := range *histories {
		room := h.Room("ada", "private", "r", "mira", "jonas", "sam")
		history := history(t, h, room, n, 9, 18)
		switch porcupine.CheckOperationsTimeout(roomModel, history, time.Minute) {
		case porcupine.Illegal:
			slices.SortFunc(history, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
			var lines []string
			for _, o := range history {
				lines = append(lines, fmt.Sprintf("%d–%d client %d: %s", o.Call/1000, o.Return/1000, o.ClientId, roomModel.DescribeOperation(o.Input, o.Output)))
			}
			t.Fatalf("no order explains the answers:\n%s", strings.Join(lines, "\n"))
		case porcupine.Unknown:
			t.Fatal("porcupine did not find an order, nor that there is none, in a minute: let fewer people do less")
		}
	}
	checkInvariants(t, h.Dir)
}

// asked is one command: by whom, and about what.
type asked struct {
	what, by, id, text string
	seq                int64 // or, of changes, since
	on                 bool
}

// answered is what came back: the status of a refusal, or messages (of changes: many) and the room's head.
type answered struct {
	status   int
	head     int64
	messages []kept
}

// kept is what is compared of a message.
type kept struct {
	seq, rev               int64
	author, id, text, fans string // fans: who reacted, in order
	deleted                bool
}

func asKept(m wire.Message) kept {
	h := kept{seq: m.Seq, rev: m.Rev, author: m.Author, id: m.ClientID, text: m.Text, deleted: m.DeletedAt != nil}
	for _, r := range m.Reactions {
		h.fans = strings.Join(r.Users, " ")
	}
	return h
}

// history lets clients, three of each person, act at once, and notes what was asked and answered when.
func history(t *testing.T, h *world.World, room string, seed, clients, commands int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	var acting sync.WaitGroup
	began := time.Now()
	for n := range clients {
		who := []string{"mira", "jonas", "sam"}[n%3]
		c, r := client.New(h.URL, h.Token[who]), rand.New(rand.NewPCG(uint64(seed), uint64(n))) // #nosec G404 -- which command comes next
		acting.Go(func() {
			for i := range commands {
				in := asked{by: h.ID[who], seq: 1 + r.Int64N(8), on: r.IntN(2) == 0, text: fmt.Sprintf("%d of %d", i, n)}
				switch k := r.IntN(10); {
				case i < 2 || k == 0:
					in.what, in.id = "post", world.UUID(r.IntN(6)) // repeated by oneself, and others' are others
				default:
					in.what = []string{"edit", "edit", "react", "react", "react", "get", "get", "changes", "delete"}[k-1]
				}
				if in.what == "delete" && r.IntN(3) > 0 {
					in.what = "changes"
				}
				if in.what == "changes" {
					in.seq = r.Int64N(6)
				}
				o := porcupine.Operation{ClientId: n, Input: in, Call: time.Since(began).Nanoseconds()}
				out := ask(t, h, c, room, in)
				o.Output, o.Return = out, time.Since(began).Nanoseconds()
				mu.Lock()
				all = append(all, o)
				mu.Unlock()
			}
		})
	}
	acting.Wait()
	return all
}

func ask(t *testing.T, h *world.World, c *client.Client, room string, in asked) (out answered) {
	ctx := context.Background()
	var m wire.Message
	var err error
	switch in.what {
	case "post":
		m, err = c.Post(ctx, room, wire.PostMessage{ClientID: in.id, Text: in.text})
	case "edit":
		m, err = c.Edit(ctx, room, in.seq, in.text)
	case "delete":
		err = c.Delete(ctx, room, in.seq)
	case "react":
		m, err = c.React(ctx, room, in.seq, firework, in.on)
	case "get":
		m, err = world.Get[wire.Message](ctx, c, fmt.Sprintf("/rooms/%s/messages/%d", room, in.seq))
	case "changes":
		ch, e := c.Changes(ctx, room, in.seq)
		out.head, err = ch.Head, e
		for _, m := range ch.Messages {
			out.messages = append(out.messages, asKept(m))
		}
	}
	if out.status = client.Status(err); err != nil && (out.status == 0 || out.status >= 500) {
		t.Errorf("%s: %v", in.what, err)
	}
	if m.Seq > 0 {
		out.messages = []kept{asKept(m)}
	}
	return out
}

// aRoom is the model's room: what stands in it, by seq.
type aRoom struct {
	rev      int64
	messages []kept
}

var roomModel = porcupine.Model{
	Init: func() any { return aRoom{} },
	Step: func(state, input, output any) (bool, any) {
		got := output.(answered)
		want, next := state.(aRoom).do(input.(asked))
		return want.status == got.status && want.head == got.head && slices.Equal(want.messages, got.messages), next
	},
	Equal: func(a, b any) bool {
		return a.(aRoom).rev == b.(aRoom).rev && slices.Equal(a.(aRoom).messages, b.(aRoom).messages)
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
}

// do is what protocol.md says of one command, and the room after it.
func (r aRoom) do(in asked) (answered, aRoom) {
	refuse := func(status int) (answered, aRoom) { return answered{status: status}, r }
	switch in.what {
	case "post":
		for _, m := range r.messages {
			if m.author == in.by && m.id == in.id {
				return answered{messages: []kept{m}}, r
			}
		}
		return r.with(kept{seq: int64(len(r.messages) + 1), author: in.by, id: in.id, text: in.text})
	case "changes":
		if in.seq > r.rev {
			return refuse(http.StatusGone)
		}
		out := answered{head: r.rev}
		for _, m := range r.messages {
			if m.rev > in.seq {
				out.messages = append(out.messages, m)
			}
		}
		slices.SortFunc(out.messages, func(a, b kept) int { return int(a.rev - b.rev) })
		return out, r
	}
	if in.seq > int64(len(r.messages)) {
		return refuse(http.StatusNotFound)
	}
	m := r.messages[in.seq-1]
	was := m
	switch in.what {
	case "edit":
		if m.author != in.by {
			return refuse(http.StatusForbidden)
		}
		m.text = in.text
	case "delete":
		if m.author != in.by {
			return refuse(http.StatusForbidden)
		}
		m.deleted, m.text, m.fans = true, "", ""
	case "react":
		fans := slices.DeleteFunc(strings.Fields(m.fans), func(f string) bool { return f == in.by && !in.on })
		if in.on && !slices.Contains(fans, in.by) {
			fans = append(fans, in.by)
		}
		m.fans = strings.Join(fans, " ")
	}
	if was.deleted && (in.what == "edit" || in.what == "react") {
		return refuse(http.StatusGone)
	}
	out, next := answered{messages: []kept{m}}, r
	if m != was {
		out, next = r.with(m)
	}
	if in.what == "delete" {
		out = answered{}
	}
	return out, next
}

// with is the room after a message was put at its seq, which takes a rev.
func (r aRoom) with(m kept) (answered, aRoom) {
	next := aRoom{r.rev + 1, append(slices.Clone(r.messages), m)}
	m.rev = next.rev
	next.messages[m.seq-1] = m
	next.messages = next.messages[:max(len(r.messages), int(m.seq))]
	return answered{messages: []kept{m}}, next
}
