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

// slot matches a placeholder of a text: {a} the first name of part a, {dish} a word from words.txt, {3..20} a number, {this|that}
// one of the alternatives. Other braces are text.
var slot = regexp.MustCompile(`\{(?:([a-z]+)|(\d+)\.\.(\d+)|([^{}|\n]*(?:\|[^{}|\n]*)+))\}`) // immutable

var part = regexp.MustCompile(`@([a-h])\b`) // a mention of a part; immutable

// director puts together the conversations of one room. The seed is the room's name and members, so each run gives the same room.
type director struct {
	script *script
	room   room
	dice   *rand.Rand
	deck   []talk // talks not used since the last shuffle
}

func newDirector(s *script, r room) *director {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.name + strings.Join(r.members, " ")))                   // never fails
	return &director{script: s, room: r, dice: rand.New(rand.NewPCG(h.Sum64(), 1))} // #nosec G404 -- each run makes the same demo
}

// play gives the lines of the room: talks until, with the ending, there are at least n messages; then the ending. A room
// without talks has the ending alone.
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

// next gives the talks in random order; a talk comes again only after all others.
func (d *director) next() talk {
	if len(d.deck) == 0 {
		d.deck = slices.Clone(d.room.talks)
		d.dice.Shuffle(len(d.deck), func(i, j int) { d.deck[i], d.deck[j] = d.deck[j], d.deck[i] })
	}
	t := d.deck[0]
	d.deck = d.deck[1:]
	return t
}

// cast assigns the parts of a conversation to members of the room and fills its slots. A word slot has the same word in the
// whole conversation.
func (d *director) cast(t talk) []line {
	people := slices.DeleteFunc(slices.Clone(d.room.members), func(h string) bool {
		named := slices.ContainsFunc(t, func(l line) bool { return l.who == h })
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
