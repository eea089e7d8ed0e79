package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// slot is what a text leaves open: {a} a part's first name, {dish} a word, {3..20} a number, {this|that} either. Other braces
// are text.
var slot = regexp.MustCompile(`\{(?:([a-z]+)|(\d+)\.\.(\d+)|([^{}|\n]*(?:\|[^{}|\n]*)+))\}`) // immutable

var part = regexp.MustCompile(`@([a-h])\b`) // a part that is mentioned; immutable

// director casts a room's conversations and puts them one after the other. Equal seeds give equal rooms.
type director struct {
	script *script
	room   room
	dice   *rand.Rand
	deck   []talk // talks not played since it was last shuffled
}

func newDirector(s *script, r room) *director {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.name + strings.Join(r.members, " ")))                   // never fails
	return &director{script: s, room: r, dice: rand.New(rand.NewPCG(h.Sum64(), 1))} // #nosec G404 -- the same demo every time
}

// play is what happens in the room: at least n messages when there is talk to be recombined, and the ending.
func (d *director) play(n int) []line {
	var lines []line
	for count := messages(d.room.ending); count < n && len(d.room.talks) > 0; {
		t := d.next()
		lines = append(lines, d.cast(t)...)
		count += messages(t)
	}
	return append(lines, d.cast(d.room.ending)...)
}

func messages(t talk) (n int) {
	for _, l := range t {
		if !l.read {
			n++
		}
	}
	return n
}

// next deals the talks, all of them before one comes again.
func (d *director) next() talk {
	if len(d.deck) == 0 {
		d.deck = slices.Clone(d.room.talks)
		d.dice.Shuffle(len(d.deck), func(i, j int) { d.deck[i], d.deck[j] = d.deck[j], d.deck[i] })
	}
	t := d.deck[0]
	d.deck = d.deck[1:]
	return t
}

// cast gives the parts of a conversation to people of the room, and fills its slots, each name once for the conversation.
func (d *director) cast(t talk) []line {
	people := slices.DeleteFunc(slices.Clone(d.room.members), func(h string) bool {
		named := slices.ContainsFunc(t, func(l line) bool { return l.who == h })
		unread := h == d.script.people[0].handle && slices.Contains(d.room.settings, "unread") // posting would move her pointer
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
	out := make([]line, len(t))
	for i, l := range t {
		l.who = who(l.who)
		l.text = fill(l.text)
		if l.edited != "" {
			l.edited = fill(l.edited)
		}
		l.reactions = slices.Clone(l.reactions)
		for j := range l.reactions {
			l.reactions[j] = d.react(l, l.reactions[j])
		}
		out[i] = l
	}
	return out
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
		lo, _ := strconv.Atoi(from) // digits, says the expression
		hi, _ := strconv.Atoi(to)
		return fmt.Sprint(lo + d.dice.IntN(hi-lo+1))
	}
	words := strings.Split(either, "|")
	return words[d.dice.IntN(len(words))]
}

// react names those who react. A number means people of the room other than the author, Mira once in a while among them.
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
