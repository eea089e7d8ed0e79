package devices

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// actions are the steps among which rapid chooses.
func (w *World) actions() map[string]func(*rapid.T) {
	acts := map[string]func(*rapid.T){
		"post": w.post, "post again": w.post, "change": w.change, "change again": w.change, "react": w.react, "react again": w.react,
		"vote": w.vote, "vote again": w.vote,
		"read": w.read, "settings": w.settings, "membership": w.membership, "membership again": w.membership,
		"room": w.room, "directory": w.directory, "roles": w.roles, "roles again": w.roles, "invitation": w.invitation,
		"expiry": w.expiry, "thread": w.thread, "thread again": w.thread,
		"fetch threads": func(rt *rapid.T) { w.healThreads(rt, w.device(rt)) },
		"deliver":       w.deliver, "deliver more": w.deliver, "fetch": w.fetch, "fetch more": w.fetch, "answer": w.answer,
		"answer more": w.answer,
		"connection":  w.connection, "stall": w.stall, "flood": w.flood, "load": w.load,
		"settled": func(rt *rapid.T) { w.settle(w.device(rt)) },
		"restart": func(rt *rapid.T) {
			if rapid.IntRange(0, 4).Draw(rt, "rarely") > 0 {
				return
			}
			w.restart(rt)
		},
	}
	for name, f := range acts {
		acts[name] = func(rt *rapid.T) {
			w.rt = rt
			w.steps++
			w.renew(rt) // and the step begins
			f(rt)
		}
	}
	return acts
}

// restart stops the server, which closes every connection, and starts it on the same data. On AWS, where nothing is restarted, it
// cuts all connections, as API Gateway does when they reach their maximum age.
func (w *World) restart(rt *rapid.T) {
	if w.gateway != nil {
		w.gateway.Cut()
		w.pump(rt)
		return
	}
	stopped := make(chan error, 1)
	go func() { stopped <- w.machine.Stop() }()
	for _, d := range w.devices {
		for _, l := range d.sockets {
			for l.slow = false; !l.closed; {
				w.drain(rt, d, l)
			}
		}
	}
	if err := errors.Join(<-stopped, w.machine.Start()); err != nil {
		rt.Fatal(err)
	}
}

func (w *World) device(rt *rapid.T) *device { return draw(rt, "device", w.devices...) }

func (w *World) place(rt *rapid.T) (p Person, c *client.Client, room string) {
	p = draw(rt, "who", w.people...)
	return p, w.as(p), draw(rt, "room", w.rooms...)
}

// seq is one of the latest messages, so that several changes hit the same message.
func (w *World) seq(rt *rapid.T, room string) int64 {
	return max(1, w.posted[room]-rapid.Int64Range(0, 3).Draw(rt, "from the end"))
}

// did ends a command, which may be refused with a 4xx. It reads all events that were sent, and says whether the command succeeded.
func (w *World) did(rt *rapid.T, err error) bool {
	if s := client.Status(err); err != nil && (s < 400 || s >= 500) {
		rt.Fatalf("command failed: %v", err)
	}
	w.pump(rt)
	return err == nil
}

func (w *World) post(rt *rapid.T) {
	p, c, room := w.place(rt)
	w.n++
	b := wire.PostMessage{
		ClientID: fmt.Sprintf("00000000-0000-4000-8000-%012d", w.n),
		Text:     draw(rt, "text", "soup", "soup @ada", "@jonas @kim 🎉", "soup, @room", strings.Repeat("é🎉", 150)),
	}
	if rapid.IntRange(0, 39).Draw(rt, "beyond a frame") == 0 {
		b.Text = strings.Repeat("🎉", 9000)
	}
	if rapid.IntRange(0, 2).Draw(rt, "a reply") == 0 {
		seq := w.seq(rt, room)
		b.Thread, b.AlsoInRoom = &seq, rapid.Bool().Draw(rt, "also in room")
	}
	if rapid.IntRange(0, 2).Draw(rt, "a poll") == 0 {
		b.Poll = &wire.NewPoll{
			Options: []string{"soup", "salad", "taco"}, Several: rapid.Bool().Draw(rt, "several"), Anonymous: rapid.Bool().Draw(rt, "anonymous"),
		}
	}
	var m wire.Message
	err := w.again(func() (err error) { m, err = c.Post(w.ctx, room, b); return err })
	w.judged(rt, p, "post", w.in[room][p.ID], err)
	if err == nil {
		w.posted[room] = m.Seq
		w.answered(p, m)
	}
	w.did(rt, err)
}

func (w *World) change(rt *rapid.T) {
	p, c, room := w.place(rt)
	seq := w.seq(rt, room)
	if rapid.Bool().Draw(rt, "delete") {
		err := c.Delete(w.ctx, room, seq)
		w.judged(rt, p, "delete", w.in[room][p.ID] || w.kind[room] == "public" && w.administers(p.ID), err)
		w.did(rt, err)
		return
	}
	m, err := c.Edit(w.ctx, room, seq, draw(rt, "text", "better", "better @ada", "better @jonas @mira", "better, @room"))
	w.judged(rt, p, "edit", w.in[room][p.ID], err)
	if err == nil {
		w.answered(p, m)
	}
	w.did(rt, err)
}

// flood edits one message until a device that does not read is disconnected: the kernel's buffers and the queue are full.
func (w *World) flood(rt *rapid.T) {
	stalled := func(d *device) bool { return slices.ContainsFunc(d.sockets, func(l *line) bool { return l.slow }) }
	if rapid.IntRange(0, 2).Draw(rt, "rarely") > 0 || !slices.ContainsFunc(w.devices, stalled) {
		return
	}
	_, c, room := w.place(rt)
	seq := w.seq(rt, room)
	for i := range 60 {
		if _, err := c.Edit(w.ctx, room, seq, strings.Repeat("好", 9990+i)); !w.did(rt, err) {
			return
		}
	}
}

func (w *World) react(rt *rapid.T) {
	p, c, room := w.place(rt)
	m, err := c.React(w.ctx, room, w.seq(rt, room), draw(rt, "emoji", "🎉", "❤️"), rapid.IntRange(0, 2).Draw(rt, "off") > 0)
	w.judged(rt, p, "react", w.in[room][p.ID], err)
	if err == nil {
		w.answered(p, m)
	}
	w.did(rt, err)
}

// vote votes in one of the polls among the latest messages, or closes it.
func (w *World) vote(rt *rapid.T) {
	p, c, room := w.place(rt)
	seq := w.seq(rt, room)
	var m wire.Message
	var err error
	if rapid.IntRange(0, 9).Draw(rt, "close") == 0 {
		m, err = c.ClosePoll(w.ctx, room, seq)
	} else {
		options := rapid.SliceOfNDistinct(rapid.IntRange(0, 2), 0, 2, rapid.ID[int]).Draw(rt, "options")
		m, err = c.Vote(w.ctx, room, seq, options...)
		w.judged(rt, p, "vote", w.in[room][p.ID], err)
	}
	if err == nil {
		w.answered(p, m)
	}
	w.did(rt, err)
}

func (w *World) read(rt *rapid.T) {
	p, c, room := w.place(rt)
	_, err := c.SetRead(w.ctx, room, rapid.Int64Range(0, w.posted[room]).Draw(rt, "seq"))
	w.judged(rt, p, "move a read pointer", w.in[room][p.ID], err)
	w.did(rt, err)
}

func (w *World) settings(rt *rapid.T) {
	_, c, room := w.place(rt)
	var b wire.UpdateMyRoom
	switch rapid.IntRange(0, 2).Draw(rt, "setting") {
	case 0:
		starred := rapid.Bool().Draw(rt, "starred")
		b.Starred = &starred
	case 1:
		muted := rapid.Bool().Draw(rt, "muted")
		b.Muted = &muted
	default:
		level := draw(rt, "level", "all", "mentions", "nothing")
		b.Notify = &level
	}
	w.did(rt, c.Do(w.ctx, http.MethodPatch, "/rooms/"+room+"/me", b, nil))
}

func (w *World) membership(rt *rapid.T) {
	p, c, room := w.place(rt)
	other := draw(rt, "whom", w.people...)
	w.remember()
	switch rapid.IntRange(0, 4).Draw(rt, "membership") {
	case 0:
		_, err := c.Join(w.ctx, room)
		w.judged(rt, p, "join", w.reads(room, p.ID), err)
		w.member(room, p.ID, true, err)
		w.did(rt, err)
	case 1, 2:
		_, err := c.PutMember(w.ctx, room, other.ID, draw(rt, "role", "", "owner", "member"))
		enters := p.ID == other.ID && w.kind[room] == "private" && w.administers(p.ID)
		w.judged(rt, p, "add or change a member", w.reads(room, p.ID) || enters, err)
		w.member(room, other.ID, true, err)
		w.did(rt, err)
	case 3:
		err := c.RemoveMember(w.ctx, room, other.ID)
		w.judged(rt, p, "remove a member", w.reads(room, p.ID), err)
		w.member(room, other.ID, false, err)
		w.did(rt, err)
	default:
		err := c.RemoveMember(w.ctx, room, p.ID)
		w.member(room, p.ID, false, err)
		w.did(rt, err)
	}
}

func (w *World) member(room, user string, in bool, err error) {
	if err != nil {
		return
	}
	if w.in[room][user] && !in {
		w.left[place{room, user}] = true
	}
	w.in[room][user] = in
}

func (w *World) room(rt *rapid.T) {
	p, c, room := w.place(rt)
	if len(w.rooms) < 6 && rapid.IntRange(0, 3).Draw(rt, "a new one") == 0 {
		w.remember()
		other := draw(rt, "with", w.people...)
		w.n++
		b := wire.NewRoomBody{Kind: draw(rt, "kind", "public", "private"), Name: fmt.Sprint("room-", w.n), Members: []string{other.ID}}
		r, err := c.AddRoom(w.ctx, b)
		w.judged(rt, p, "make a room", w.role[p.ID] != "guest", err)
		if err == nil {
			w.rooms, w.kind[r.ID] = append(w.rooms, r.ID), b.Kind
			w.in[r.ID] = map[string]bool{p.ID: true, other.ID: true}
			w.posted[r.ID] = r.LastSeq
		}
		w.did(rt, err)
		return
	}
	var b wire.UpdateRoom
	switch rapid.IntRange(0, 4).Draw(rt, "setting") {
	case 0:
		archived := rapid.Bool().Draw(rt, "archived")
		b.Archived = &archived
	case 1:
		posting := draw(rt, "posting", "everyone", "owners")
		b.Posting = &posting
	case 2:
		broadcast := draw(rt, "broadcast", "everyone", "owners")
		b.Broadcast = &broadcast
	default:
		topic := draw(rt, "topic", "", "soup", "more soup")
		b.Topic = &topic
	}
	var r wire.MyRoom
	err := c.Do(w.ctx, http.MethodPatch, "/rooms/"+room, b, &r)
	w.judged(rt, p, "change a room", w.reads(room, p.ID), err)
	if err == nil && r.LastSeq > 0 {
		w.posted[room] = r.LastSeq
	}
	w.did(rt, err)
}
