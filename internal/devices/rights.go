package devices

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// rights are what everybody's rights rest on.
type rights struct {
	in   map[string]map[string]bool // members by room
	role map[string]string          // in the workspace, by user
	out  map[string]bool            // deactivated users
}

// grace is how long on AWS an event may come by the rights of before: a batch may be delivered again, by a function that has kept the
// directory for two seconds.
const grace = 3 * time.Second

// past are the rights that ended at a moment.
type past struct {
	rights
	until time.Time
}

func (r rights) clone() rights {
	c := rights{map[string]map[string]bool{}, maps.Clone(r.role), maps.Clone(r.out)}
	for room, users := range r.in {
		c.in[room] = maps.Clone(users)
	}
	return c
}

// remember keeps the rights before a command that changes them.
func (w *World) remember() {
	w.past = append(w.past, past{w.clone(), time.Now()})
	w.changing = true
}

// rank orders roles.
func (r rights) rank(user string) int { return rank(r.role[user]) }

func rank(role string) int { return slices.Index([]string{"guest", "member", "admin", "owner"}, role) }

// administers says whether a user is an owner or admin, and not deactivated.
func (r rights) administers(user string) bool { return !r.out[user] && r.rank(user) >= rank("admin") }

// sees says whether a user may see another one: guests see those they share a room with.
func (r rights) sees(me, user string) bool {
	if me == user || r.role[me] != "guest" {
		return true
	}
	for _, users := range r.in {
		if users[me] && users[user] {
			return true
		}
	}
	return false
}

// reads says whether a user may read a room: its members may and, if it is public, everybody but guests.
func (w *World) reads(room, user string) bool {
	return w.in[room][user] || w.kind[room] == "public" && w.role[user] != "guest"
}

// about is what the right to an event rests on.
type about struct{ kind, room, user string }

// may says whether a user has a right to an event.
func (r rights) may(me string, e about) bool {
	switch {
	case r.out[me]:
		return false
	case e.kind == "user":
		return r.sees(me, e.user)
	}
	return e.room == "" || r.in[e.room][me]
}

// entitled checks that a device may see an event, and that the events of a room have consecutive revisions.
func (w *World) entitled(rt *rapid.T, d *device, l *line, e client.Event) {
	a, rev := subject(rt, e)
	me := w.person(d.who).ID
	switch {
	case w.gateway == nil && l.late: // compare with the members at the commit of the event
		if in, known := w.at[moment{a.room, rev}]; known && !in[me] {
			rt.Fatalf("%s was not a member and receives %s", d.who, e.JSON)
		}
	case d.ends && !l.stalled && w.began.After(d.until.Add(w.slack())):
		rt.Fatalf("the token of %s is over since %v, and it receives %s", d.who, d.until, e.JSON)
	case !w.entitles(me, l, a):
		rt.Fatalf("%s, who is a %s, may not receive %s", d.who, w.role[me], e.JSON)
	}
	if w.gateway != nil { // events may be lost or come twice
		if in, known := w.at[moment{a.room, rev}]; known && !in[me] && !w.in[a.room][me] { // members may read older messages
			rt.Fatalf("%s was not a member and receives %s", d.who, e.JSON)
		}
		return
	}
	if a.kind == "left" {
		delete(l.revs, a.room)
	}
	if rev == 0 {
		return
	}
	if !l.late {
		w.at[moment{a.room, rev}] = maps.Clone(w.in[a.room])
	}
	if last, ok := l.revs[a.room]; ok && rev != last+1 {
		rt.Fatalf("%s receives revision %d after %d", d.who, rev, last)
	}
	l.revs[a.room] = rev
}

// entitles says whether the rights that a line may have events by give one to an event: those of now, and on AWS those of a while ago. Who
// left a room hears of it by the rights of before.
func (w *World) entitles(me string, l *line, a about) bool {
	if a.kind != "left" && w.may(me, a) {
		return true
	}
	from := time.Now().Add(-grace)
	if l.stalled {
		from = time.Time{}
	}
	for i, p := range w.past {
		latest := i == len(w.past)-1
		if (w.gateway != nil && p.until.After(from) || a.kind == "left" && w.changing && latest) && p.may(me, a) {
			return true
		}
	}
	return false
}

// subject is what an event is about, and its revision, 0 if it has none.
func subject(rt *rapid.T, e client.Event) (a about, rev int64) {
	v := read[struct {
		Rev        int64
		Room, User json.RawMessage
	}](rt, e.JSON)
	return about{e.Type, idOf(v.Room), idOf(v.User)}, v.Rev
}

// idOf is the id of a room or user that an event contains, as an id or as a whole.
func idOf(b json.RawMessage) (id string) {
	var whole struct{ ID string }
	if json.Unmarshal(b, &id) != nil && json.Unmarshal(b, &whole) == nil {
		return whole.ID
	}
	return id
}

// permitted checks that an answer contains all that a device may see now, and nothing else.
func (w *World) permitted(d *device, a answer) {
	me := w.person(d.who).ID
	complain := func(why string) { w.rt.Fatalf("%s, who is a %s, is answered %s: %s", d.who, w.role[me], why, a.Body) }
	if w.out[me] || d.ends && w.began.After(d.until.Add(w.slack())) {
		complain("although the token is over")
	}
	switch a.Take {
	case "rooms":
		got := map[string]bool{}
		for _, r := range read[wire.MyRooms](w.rt, a.Body).Rooms {
			got[r.ID] = true
		}
		for _, room := range w.rooms {
			if got[room] != w.in[room][me] {
				complain("another list of rooms than that of the member's")
			}
		}
	case "room":
		if r := read[wire.MyRoom](w.rt, a.Body); !w.reads(a.Room, me) || (r.Role != "") != w.in[a.Room][me] {
			complain("a room")
		}
	case "gone":
		if w.reads(a.Room, me) {
			complain("that there is no such room")
		}
	case "users":
		got := map[string]bool{}
		for _, u := range read[wire.Users](w.rt, a.Body).Users {
			got[u.ID] = true
			if addresses := w.administers(me) && w.reach(d); (u.Email != "") != (u.ID == me || addresses) {
				complain("with addresses, or without")
			}
		}
		for _, p := range w.people {
			if got[p.ID] != w.sees(me, p.ID) {
				complain("another directory than theirs")
			}
		}
	default:
		if !w.reads(a.Room, me) {
			complain("with messages")
		}
	}
}

// reach says whether a device's token has the scope admin.
func (w *World) reach(d *device) bool { return !d.ends && w.person(d.who).admin }

// judged checks a command that succeeded: who did it is not deactivated, and was allowed to.
func (w *World) judged(rt *rapid.T, p Person, what string, allowed bool, err error) {
	if err == nil && (w.out[p.ID] || !allowed) {
		rt.Fatalf("%s, who is a %s (deactivated: %v), may %s", p.Handle, w.role[p.ID], w.out[p.ID], what)
	}
}
