package main

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// slot matches a placeholder of a text: {a} the first name of part a, {dish} a word from words.txt, {3..20} a number, {this|that}
// one of the alternatives. Other braces are text.
var slot = regexp.MustCompile(`\{(?:([a-z]+)|(\d+)\.\.(\d+)|([^{}|\n]*(?:\|[^{}|\n]*)+))\}`) // immutable

var part = regexp.MustCompile(`@([a-h])\b`) // a mention of a part; immutable

// director puts together the conversations of one room. The seed is the room's name and members, so each run gives the same room.
type director struct {
	script *script
	room   room
	dice   *rand.Rand
}

func newDirector(s *script, r room) *director {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.key()))                             // never fails
	return &director{s, r, rand.New(rand.NewPCG(h.Sum64(), 1))} // #nosec G404 -- each run makes the same demo
}

// act is something that happens in a room at a time.
type act struct {
	at   time.Time
	what deed
	line *line // what is posted, edited or deleted
	root *line // in whose thread it is posted; nil for none
}

type deed string

const (
	posts, edits, deletes deed = "posts", "edits", "deletes"
	reads                 deed = "reads" // Mira has read the room so far
)

// acts gives what happens in the room, in the order of time.
func (d *director) acts(c calendar) (out []act) {
	for i, t := range d.room.talks {
		out = append(out, d.play(t, d.earlier(i), c)...)
	}
	for i, t := range d.room.today {
		share := (float64(i) + 0.5) / float64(len(d.room.today))
		out = append(out, d.play(t, moment{0, opens + time.Duration(share*float64(ends-opens-time.Hour))}, c)...)
	}
	slices.SortStableFunc(out, func(a, b act) int { return a.at.Compare(b.at) })
	return out
}

// earlier spreads the conversations of earlier days over the days and their hours.
func (d *director) earlier(i int) moment {
	pass, within := math.Modf((float64(i) + d.dice.Float64()) / float64(len(d.room.talks)) * (days - 1))
	const first, last = 8*time.Hour + 45*time.Minute, 16*time.Hour + 45*time.Minute
	return moment{days - 1 - int(pass), first + time.Duration(within*float64(last-first))}
}

// play gives the acts of a conversation that begins at a moment, unless it has its own. What belongs to a message follows soon after it.
func (d *director) play(t talk, at moment, c calendar) (out []act) {
	if t.when != nil {
		at = *t.when
	}
	pause := func(from, to int) time.Duration { return time.Duration(from+d.dice.IntN(to-from)) * time.Second }
	var root *line
	for i, l := range d.cast(t.lines) {
		if i > 0 {
			at.clock += pause(15, 120) + time.Duration(len(l.text))*100*time.Millisecond
		}
		if l.when != nil {
			at = *l.when
		}
		a := act{at: c.time(at), what: posts, line: &l}
		switch {
		case l.read:
			a.what = reads
		case l.reply:
			a.root = root
		default:
			root = &l
		}
		out = append(out, a)
		later := func(what deed) {
			out = append(out, act{at: c.time(moment{at.day, at.clock + pause(20, 60)}), what: what, line: &l})
		}
		if l.edited != "" {
			later(edits)
		}
		if l.deleted {
			later(deletes)
		}
	}
	return out
}

// cast assigns the parts of a conversation to members of the room and fills its slots. A word slot has the same word in the
// whole conversation.
func (d *director) cast(lines []line) []line {
	people := slices.DeleteFunc(slices.Clone(d.room.members), func(h string) bool {
		named := slices.ContainsFunc(lines, func(l line) bool { return l.who == h })
		unread := h == d.script.people[0].handle && slices.Contains(d.room.settings, "unread") // a post would move the read pointer
		return named || unread || h == robot || d.script.person(h).role == "gone"
	})
	d.dice.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	filled := map[string]string{}
	who := func(name string) string {
		if len(name) == 1 {
			return people[int(name[0]-'a')%len(people)]
		}
		return name
	}
	fill := func(text string) string {
		text = slot.ReplaceAllStringFunc(text, func(s string) string { return d.fill(slot.FindStringSubmatch(s), filled, who) })
		return part.ReplaceAllStringFunc(text, func(s string) string { return "@" + who(s[1:]) })
	}
	out := make([]line, len(lines))
	for i, l := range lines {
		l.who = who(l.who)
		l.text = fill(l.text)
		if l.edited != "" {
			l.edited = fill(l.edited)
		}
		l.reactions = slices.Clone(l.reactions)
		for j := range l.reactions {
			l.reactions[j] = d.react(l, l.reactions[j])
		}
		l.poll = d.vote(l)
		out[i] = l
	}
	return out
}

// vote picks the people who vote in a poll: members of the room, each for one option.
func (d *director) vote(l line) []choice {
	if len(l.poll) == 0 {
		return nil
	}
	people := d.react(line{}, reaction{count: len(d.room.members)}).by
	poll := slices.Clone(l.poll)
	for i := range poll {
		n := min(poll[i].count, len(people))
		poll[i].by, people = people[:n], people[n:]
	}
	return poll
}

func (d *director) fill(m []string, filled map[string]string, who func(string) string) string {
	name, from, to, either := m[1], m[2], m[3], m[4]
	switch {
	case len(name) == 1:
		first, _, _ := strings.Cut(d.script.person(who(name)).name, " ")
		return first
	case name != "":
		if filled[name] == "" {
			filled[name] = d.script.words[name][d.dice.IntN(len(d.script.words[name]))]
		}
		return filled[name]
	case from != "":
		lo, _ := strconv.Atoi(from) // the expression matches digits only
		hi, _ := strconv.Atoi(to)
		return fmt.Sprint(lo + d.dice.IntN(hi-lo+1))
	}
	words := strings.Split(either, "|")
	return words[d.dice.IntN(len(words))]
}

// react picks the people who react, where the script gives a number: members of the room other than the author.
func (d *director) react(l line, r reaction) reaction {
	if len(r.by) > 0 {
		return r
	}
	people := slices.DeleteFunc(slices.Clone(d.room.members), func(h string) bool {
		return h == l.who || h == robot || d.script.person(h).role == "gone"
	})
	d.dice.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	r.by = people[:min(r.count, len(people))]
	return r
}
