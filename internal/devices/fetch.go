package devices

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// fetch requests something that a device needs, and queues the answer.
func (w *World) fetch(rt *rapid.T) {
	if d := w.device(rt); len(d.needs) > 0 && d.state != nil {
		n := draw(rt, "need", d.needs...)
		d.needs = slices.DeleteFunc(d.needs, func(o client.Need) bool { return o == n })
		w.ask(d, n)
	}
}

// load loads a page of a room: the latest one, one around a message, or one before or after the messages held.
func (w *World) load(rt *rapid.T) {
	d := w.device(rt)
	room := draw(rt, "room", w.rooms...)
	if d.state == nil || d.state.Rooms[room] == nil {
		return
	}
	r, limit := d.state.Rooms[room], fmt.Sprint(rapid.IntRange(1, 6).Draw(rt, "limit"))
	what, q, edge := "page", url.Values{"limit": {limit}}, int64(0)
	switch kind := draw(rt, "page", "latest", "around", "older", "newer"); {
	case kind == "around":
		q.Set("around", fmt.Sprint(w.seq(rt, room)))
	case kind == "older" && len(r.Messages) > 0:
		what, edge = kind, r.Messages[0].Seq
		q.Set("before", fmt.Sprint(edge))
	case kind == "newer" && len(r.Messages) > 0:
		what, edge = kind, r.Messages[len(r.Messages)-1].Seq
		q.Set("after", fmt.Sprint(edge))
	}
	w.page(d, what, room, q, edge)
}

func (w *World) page(d *device, what, room string, q url.Values, edge int64) {
	w.get(d, answer{step: step{Take: what, Room: room, Edge: edge}}, "/rooms/"+room+"/messages?"+q.Encode())
}

func (w *World) ask(d *device, n client.Need) {
	switch n.What {
	case "rooms", "users":
		w.get(d, answer{step: step{Take: n.What}}, "/"+n.What)
	case "room":
		w.get(d, answer{step: step{Take: "room", Room: n.Room}}, "/rooms/"+n.Room)
	case "changes":
		if r := d.state.Rooms[n.Room]; r != nil && r.Loaded {
			w.changes(d, n.Room, r.Held, r.Held)
		}
	}
}

func (w *World) changes(d *device, room string, since, from int64) {
	a := answer{step: step{Take: "changes", Room: room, Since: since}, since: since}
	w.get(d, a, fmt.Sprintf("/rooms/%s/changes?since=%d&limit=3", room, from))
}

// get sends a request now, and queues its answer.
func (w *World) get(d *device, a answer, path string) {
	d.asks++
	a.asked, a.Ask = d.state.Asking(), d.asks
	d.log = append(d.log, step{Ask: a.Ask, Needs: []client.Need{}})
	err := w.again(func() error { return w.client(d).Do(w.ctx, http.MethodGet, path, nil, &a.Body) })
	switch client.Status(err) {
	case http.StatusNotFound:
		if a.Take != "room" { // the request for the room then shows whether it is gone
			d.needs = append(d.needs, client.Need{What: "room", Room: a.Room})
			return
		}
		a.Take, a.Body = "gone", nil
	case http.StatusUnauthorized:
		if !w.out[d.state.Me] && !w.refused(d, err) {
			w.rt.Fatal(err)
		}
		return
	default:
		if err != nil {
			w.rt.Fatal(err)
		}
	}
	w.permitted(d, a)
	d.answers = append(d.answers, a)
}

// refused says whether a request was refused because the token of a device is over.
func (w *World) refused(d *device, err error) bool {
	return d.ends && client.Status(err) == http.StatusUnauthorized && time.Now().After(d.until.Add(-margin))
}

// answer delivers one of the queued answers to its device.
func (w *World) answer(rt *rapid.T) {
	if d := w.device(rt); len(d.answers) > 0 {
		i := rapid.IntRange(0, len(d.answers)-1).Draw(rt, "answer")
		w.take(rt, d, i)
	}
}

func (w *World) take(rt *rapid.T, d *device, i int) {
	a := d.answers[i]
	d.answers = slices.Delete(d.answers, i, i+1)
	var needs []client.Need
	switch a.Take {
	case "room":
		needs = d.state.TakeRoom(read[wire.MyRoom](rt, a.Body), a.asked)
	case "message":
		d.state.TakeMessage(read[wire.Message](rt, a.Body))
	case "gone":
		needs = d.state.TakeGone(a.Room, a.asked)
	case "rooms":
		needs = d.state.TakeRooms(read[wire.MyRooms](rt, a.Body).Rooms, a.asked)
	case "users":
		needs = d.state.TakeUsers(read[wire.Users](rt, a.Body).Users, a.asked)
	case "page":
		needs = d.state.TakePage(a.Room, read[wire.Page](rt, a.Body))
	case "older", "newer":
		needs = d.state.TakeMore(a.Room, read[wire.Page](rt, a.Body), a.Take == "older", a.Edge)
	case "changes":
		c := read[wire.Changes](rt, a.Body)
		needs = d.state.TakeChanges(a.Room, a.since, c)
		if c.More {
			defer w.changes(d, a.Room, a.since, c.Next)
		}
	}
	w.went(d, a.step, needs)
}

func read[T any](rt *rapid.T, b []byte) T {
	var v T
	if err := json.Unmarshal(b, &v); err != nil {
		rt.Fatal(err)
	}
	return v
}
