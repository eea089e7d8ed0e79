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

// TestRoomIsLinearizable lets several people use a room concurrently through REST. The answers must be linearizable: there is an
// order of the commands, each between its request and its answer, in which a sequential room gives the same answers. Porcupine
// searches for that order.
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
				lines = append(lines, fmt.Sprintf("%d–%d client %d: %s", o.Call/1000, o.Return/1000, o.ClientId,
					roomModel.DescribeOperation(o.Input, o.Output)))
			}
			t.Fatalf("no order explains the answers:\n%s", strings.Join(lines, "\n"))
		case porcupine.Unknown:
			t.Fatal("porcupine did not decide within a minute: use fewer clients or commands")
		}
	}
	checkInvariants(t, h.Dir)
}

// roomInput is one command.
type roomInput struct {
	what, by, id, text string
	seq                int64 // for changes: since
	on                 bool
}

// roomOutput is the answer: the status of a refusal, or messages (several for changes) and the room's head.
type roomOutput struct {
	status   int
	head     int64
	messages []roomMessage
}

// roomMessage has the fields of a message that are compared.
type roomMessage struct {
	seq, rev                   int64
	author, id, text, reactors string // reactors: ids of the users who reacted, in order
	deleted                    bool
}

func toRoomMessage(m wire.Message) roomMessage {
	h := roomMessage{seq: m.Seq, rev: m.Rev, author: m.Author, id: m.ClientID, text: m.Text, deleted: m.DeletedAt != nil}
	for _, r := range m.Reactions {
		h.reactors = strings.Join(r.Users, " ")
	}
	return h
}

// history lets clients, three for each person, send commands concurrently, and records requests and answers with their times.
func history(t *testing.T, h *world.World, room string, seed, clients, commands int) []porcupine.Operation {
	var mu sync.Mutex
	var all []porcupine.Operation
	var acting sync.WaitGroup
	began := time.Now()
	for n := range clients {
		who := []string{"mira", "jonas", "sam"}[n%3]
		c, r := client.New(h.URL, h.Token[who]), rand.New(rand.NewPCG(uint64(seed), uint64(n))) // #nosec G404 -- it chooses the next command
		acting.Go(func() {
			for i := range commands {
				in := roomInput{by: h.ID[who], seq: 1 + r.Int64N(8), on: r.IntN(2) == 0, text: fmt.Sprintf("%d of %d", i, n)}
				switch k := r.IntN(10); {
				case i < 2 || k == 0:
					in.what, in.id = "post", world.UUID(r.IntN(6)) // the same person may repeat an id; for other persons it is another message
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

func ask(t *testing.T, h *world.World, c *client.Client, room string, in roomInput) (out roomOutput) {
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
			out.messages = append(out.messages, toRoomMessage(m))
		}
	}
	if out.status = client.Status(err); err != nil && (out.status == 0 || out.status >= 500) {
		t.Errorf("%s: %v", in.what, err)
	}
	if m.Seq > 0 {
		out.messages = []roomMessage{toRoomMessage(m)}
	}
	return out
}

// modelRoom is the state of the sequential room.
type modelRoom struct {
	rev      int64
	messages []roomMessage // by seq
}

var roomModel = porcupine.Model{
	Init: func() any { return modelRoom{} },
	Step: func(state, input, output any) (bool, any) {
		got := output.(roomOutput)
		want, next := state.(modelRoom).do(input.(roomInput))
		return want.status == got.status && want.head == got.head && slices.Equal(want.messages, got.messages), next
	},
	Equal: func(a, b any) bool {
		return a.(modelRoom).rev == b.(modelRoom).rev && slices.Equal(a.(modelRoom).messages, b.(modelRoom).messages)
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
}

// do executes one command by the rules of the protocol. It gives the answer and the room afterwards.
func (r modelRoom) do(in roomInput) (roomOutput, modelRoom) {
	refuse := func(status int) (roomOutput, modelRoom) { return roomOutput{status: status}, r }
	switch in.what {
	case "post":
		for _, m := range r.messages {
			if m.author == in.by && m.id == in.id {
				return roomOutput{messages: []roomMessage{m}}, r
			}
		}
		return r.with(roomMessage{seq: int64(len(r.messages) + 1), author: in.by, id: in.id, text: in.text})
	case "changes":
		if in.seq > r.rev {
			return refuse(http.StatusGone)
		}
		out := roomOutput{head: r.rev}
		for _, m := range r.messages {
			if m.rev > in.seq {
				out.messages = append(out.messages, m)
			}
		}
		slices.SortFunc(out.messages, func(a, b roomMessage) int { return int(a.rev - b.rev) })
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
		m.deleted, m.text, m.reactors = true, "", ""
	case "react":
		reactors := slices.DeleteFunc(strings.Fields(m.reactors), func(f string) bool { return f == in.by && !in.on })
		if in.on && !slices.Contains(reactors, in.by) {
			reactors = append(reactors, in.by)
		}
		m.reactors = strings.Join(reactors, " ")
	}
	if was.deleted && (in.what == "edit" || in.what == "react") {
		return refuse(http.StatusGone)
	}
	out, next := roomOutput{messages: []roomMessage{m}}, r
	if m != was {
		out, next = r.with(m)
	}
	if in.what == "delete" {
		out = roomOutput{}
	}
	return out, next
}

// with gives the room after a message was stored at its seq, with the next revision.
func (r modelRoom) with(m roomMessage) (roomOutput, modelRoom) {
	next := modelRoom{r.rev + 1, append(slices.Clone(r.messages), m)}
	m.rev = next.rev
	next.messages[m.seq-1] = m
	next.messages = next.messages[:max(len(r.messages), int(m.seq))]
	return roomOutput{messages: []roomMessage{m}}, next
}
