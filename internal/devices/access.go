package devices

import (
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// directory changes a name, or deactivates a person or brings them back.
func (w *World) directory(rt *rapid.T) {
	p := draw(rt, "who", w.people...)
	if rapid.Bool().Draw(rt, "a new name") {
		name := draw(rt, "name", p.Handle, "Ann", "Müller", "山田")
		err := w.as(p).Do(w.ctx, http.MethodPatch, "/me", map[string]any{"name": name}, nil)
		w.judged(rt, p, "change the name", true, err)
		w.did(rt, err)
		return
	}
	if rapid.IntRange(0, 2).Draw(rt, "rarely") > 0 {
		return
	}
	by, out := w.administrator(), !w.out[p.ID]
	w.remember()
	_, err := w.as(by).UpdateUser(w.ctx, p.ID, wire.UpdateUser{Deactivated: &out})
	if err == nil {
		w.out[p.ID] = out
		for _, room := range w.rooms {
			w.left[place{room, p.ID}] = true
		}
		w.Did["deactivated or back"]++
	}
	if !w.did(rt, err) {
		return
	}
	for i := range w.invites {
		w.invites[i].dead = w.invites[i].dead || w.invites[i].by == p.ID
	}
	if !out {
		w.token(rt, p.Handle)
	}
	for _, d := range w.devices {
		if d.who != p.Handle {
			continue
		}
		if out {
			w.expelled(rt, d, "is deactivated")
		}
		d.close()
		if !out {
			w.begin(d)
		}
	}
}

// administrator is an owner of the workspace. There always is one.
func (w *World) administrator() Person {
	for _, p := range w.people {
		if w.role[p.ID] == "owner" && !w.out[p.ID] {
			return p
		}
	}
	w.rt.Fatal("the workspace has no owner")
	return Person{}
}

// roles promotes or demotes a person.
func (w *World) roles(rt *rapid.T) {
	by, whom := w.administrator(), draw(rt, "whom", w.people...)
	if rapid.IntRange(0, 3).Draw(rt, "by anybody") == 0 {
		by = draw(rt, "who", w.people...)
	}
	to := draw(rt, "role", "guest", "member", "guest", "member", "admin", "owner")
	w.remember()
	_, err := w.as(by).UpdateUser(w.ctx, whom.ID, wire.UpdateUser{Role: &to})
	w.judged(rt, by, "change a role", w.administers(by.ID) && w.rank(by.ID) >= max(w.rank(whom.ID), rank(to)), err)
	if err == nil {
		w.role[whom.ID] = to
		w.Did["role "+to]++
	}
	if w.did(rt, err) && w.administers(whom.ID) && !whom.admin { // tokens have the scopes of what their holder was
		w.token(rt, whom.Handle)
	}
}

// token gives a user a new token, with all scopes that their role permits.
func (w *World) token(rt *rapid.T, handle string) {
	token, err := w.home.AddToken(handle)
	if err != nil {
		rt.Fatal(err)
	}
	p := w.person(handle)
	p.Token, p.admin = token, w.rank(p.ID) >= rank("admin")
}

// invite is an invite, and who made it.
type invite struct {
	by, role, room string
	secret         string
	dead           bool // its maker was deactivated since
}

// invitation makes an invite, or asks whether one is good: it is as long as its maker could make it now.
func (w *World) invitation(rt *rapid.T) {
	if len(w.invites) == 0 || rapid.IntRange(0, 2).Draw(rt, "a new one") == 0 {
		p, c, room := w.place(rt)
		i := invite{by: p.ID, room: room, role: draw(rt, "role", "guest", "member", "admin")}
		made, err := c.AddInvite(w.ctx, wire.NewInviteBody{Role: i.role, Rooms: []string{room}})
		w.judged(rt, p, "invite", w.stands(i), err)
		if i.secret = made.Secret; err == nil {
			w.invites = append(w.invites, i)
		}
		w.did(rt, err)
		return
	}
	i := draw(rt, "invite", w.invites...)
	w.Did["invite asked for"]++
	err := client.New(w.home.URL(), "").CheckInvite(w.ctx, i.secret)
	if s := client.Status(err); err != nil && s != http.StatusNotFound {
		rt.Fatal(err)
	}
	if (err == nil) != w.stands(i) {
		rt.Fatalf("an invite to be %s in %s of who is %s (deactivated since: %v): %v", i.role, i.room, w.role[i.by], i.dead, err)
	}
}

func (w *World) stands(i invite) bool {
	return !i.dead && w.administers(i.by) && w.rank(i.by) >= rank(i.role) && w.in[i.room][i.by]
}

// A token that is over: how long it lives, and how long before its end a device waits for it and does nothing else.
const (
	life   = time.Second
	margin = 100 * time.Millisecond
)

// slack is how much later than a token's end an event may be read that was sent before.
func (w *World) slack() time.Duration {
	if w.gateway != nil { // batches also come between two steps, and a push that the gateway refuses is repeated
		return grace
	}
	return 10 * time.Millisecond
}

// expiry starts a device anew with a token that soon is over.
func (w *World) expiry(rt *rapid.T) {
	d := w.device(rt)
	seconds, rarely := int64(life/time.Second), 24
	if w.gateway != nil { // where everything takes longer, and a run has fewer steps
		seconds, rarely = 4*seconds, 4
	}
	if w.out[w.person(d.who).ID] || d.ends || rapid.IntRange(0, rarely).Draw(rt, "rarely") > 0 {
		return
	}
	p := w.person(d.who)
	c := client.New(w.home.URL(), "")
	if _, err := c.SignIn(w.ctx, p.Handle+"@example.com", p.Password); err != nil {
		rt.Fatal(err)
	}
	made, err := c.AddToken(w.ctx, wire.NewTokenBody{Name: "short", ExpiresIn: &seconds})
	if err != nil {
		rt.Fatal(err)
	}
	d.close()
	d.ends, d.until, d.token = true, made.Token.ExpiresAt.Time, made.Secret
	w.begin(d)
}

// renew ends the tokens that are over soon.
func (w *World) renew(rt *rapid.T) {
	for _, d := range w.devices {
		if d.ends && time.Until(d.until) < margin {
			w.end(rt, d)
		}
	}
	w.began = time.Now()
}

// end waits for the end of a device's token, has the server say something that the device would hear, and starts it anew.
func (w *World) end(rt *rapid.T, d *device) {
	p := *w.person(d.who)
	w.Did["token over"]++
	time.Sleep(time.Until(d.until.Add(w.slack() + time.Millisecond)))
	w.pump(rt) // what was sent before the end may not be read yet
	w.began = time.Now()
	if !w.out[p.ID] {
		w.did(rt, w.as(p).Do(w.ctx, http.MethodPatch, "/me", map[string]any{"title": draw(rt, "title", "Cook", "Baker")}, nil))
	}
	w.expelled(rt, d, "has a token that is over")
	d.close()
	if !w.out[p.ID] {
		w.begin(d)
	}
}

// within is how long the server may take to close connections whose user or token is over.
const within = 2 * time.Second

// expelled checks that the server answers a device no more, and closes its connections without another event.
func (w *World) expelled(rt *rapid.T, d *device, why string) {
	err := w.again(func() error { _, err := w.client(d).Me(w.ctx); return err })
	if client.Status(err) != http.StatusUnauthorized {
		rt.Fatalf("%s %s, and is answered: %v", d.who, why, err)
	}
	for _, l := range d.sockets {
		if !l.closed && !w.closing(rt, d, l) {
			rt.Fatalf("%s %s, and its connection is open after %v", d.who, why, within)
		}
	}
}

// closing reads a connection to its end, and says whether the server has closed it in time.
func (w *World) closing(rt *rapid.T, d *device, l *line) bool {
	end := time.AfterFunc(within, func() { _ = l.live.Close() })
	if w.gateway != nil { // a function that is killed while it closes a connection leaves that to the next frame
		ping := time.AfterFunc(within/2, func() { _ = l.live.Send(map[string]string{"type": "ping"}) }) // fails if it is closed
		defer ping.Stop()
	}
	for l.slow = false; !l.closed; {
		w.listen(rt, d, l)
	}
	return end.Stop()
}

// listen reads the next event of a connection, or that it has ended.
func (w *World) listen(rt *rapid.T, d *device, l *line) {
	e, err := l.live.Next()
	if err != nil {
		l.closed = true
		return
	}
	l.heard++
	if e.Type != "pong" && e.Type != "hello" && e.Type != "resync" {
		w.entitled(rt, d, l, e)
	}
}
