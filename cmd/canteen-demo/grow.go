package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/section"
	"github.com/canteen-chat/canteen/settings"
)

// The words of which the people and rooms of a large company are made: every first name with every last name, every area with every team.
const (
	firstNames = "Aisha Anton Beatriz Björn Camille Chidi Clara Dmitri Elif Emil Fatima Felix Freya Gael Hana Hugo Ida Ibrahim Ingrid " +
		"Ivan Jana João Julia Karim Katja Kofi Lars Leila Luca Maja Marek Nadia Nils Noor Olga Oskar Paula Pedro Priya Rafael Rosa Samir " +
		"Selma Sofia Stefan Tariq Thea Viktor Wei Yasmin"
	lastNames = "Abadi Andersson Arnold Baumann Becker Bianchi Castillo Chen Dahl Diallo Dubois Eriksen Farkas Fischer García Gruber " +
		"Hansen Horváth Ito Jansen Kaya Keller Khan Kowalski Larsen Lehmann Lopez Mbeki Moreau Müller Nagy Nguyen Nowak Okeke Olsen " +
		"Petrov Popescu Richter Rossi Santos Schmid Silva Singh Sommer Suzuki Torres Vogel Wagner Yıldız Zimmermann"
	areas = "billing search mobile web data platform security support sales partners legal finance people events brand research hardware " +
		"logistics training europe asia americas office customers quality"
	teams = "planning incidents design releases standup questions interviews launch metrics migration reviews experiments budget hiring " +
		"on-call docs retro roadmap alerts ideas"
	remarks = "The numbers of last week are in.|Can somebody have a look at this before noon?|Done, thanks!|Moved to Thursday, same room." +
		"|I wrote down what we decided.|Rolled out to everybody, nothing unusual so far.|Who takes the minutes today?" +
		"|Good idea, let us try it."
)

// grow adds people to the company until it has that many, and rooms until Mira is in that many. It is for measuring.
func (s *script) grow(people, rooms int) {
	var made []string
	for i := 0; len(s.people) < people; i++ {
		p := passerby(i)
		s.people, made = append(s.people, p), append(made, p.handle)
	}
	mine := 0
	for _, r := range s.rooms {
		if slices.Contains(r.members, s.people[0].handle) {
			mine++
		}
	}
	for i := 0; mine+i < rooms && len(made) > 2; i++ {
		s.rooms = append(s.rooms, s.further(i, made))
	}
}

// passerby gives the n-th person without a part in the script.
func passerby(n int) person {
	firsts, lasts := strings.Fields(firstNames), strings.Fields(lastNames)
	name := firsts[n%len(firsts)] + " " + lasts[(n/len(firsts)+n)%len(lasts)]
	if again := n / (len(firsts) * len(lasts)); again > 0 {
		name += fmt.Sprintf(" %d", again+1)
	}
	p := person{handle: handleOf(name), name: name, title: "Colleague", zone: "Europe/Berlin", role: "member", extra: true}
	if n%25 == 0 {
		p.status = "🏝️ Back on Monday"
	}
	return p
}

// handleOf gives a handle: the name with dots for spaces, and without the letters that ASCII lacks.
func handleOf(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '.'
		case r > unicode.MaxASCII:
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// further gives the n-th room without a part in the script. One of eight is a conversation of two, one of forty of four.
func (s *script) further(n int, made []string) room {
	mira, at := s.people[0].handle, func(i int) string { return made[i%len(made)] }
	r := room{kind: "public", owner: mira, extra: true, members: []string{mira}}
	switch {
	case n%8 == 3 && n/8 < len(made):
		r.kind, r.members = "direct", append(r.members, at(n/8))
	case n%40 == 5:
		r.kind, r.members = "direct", append(r.members, at(n), at(n+1), at(n+2))
	default:
		all, area := strings.Fields(teams), strings.Fields(areas)
		r.name = area[n%len(area)] + "-" + all[n/len(area)%len(all)]
		if again := n / (len(area) * len(all)); again > 0 {
			r.name += fmt.Sprintf("-%d", again+1)
		}
		r.topic = "What " + strings.ReplaceAll(r.name, "-", " ") + " is about"
		if n%9 == 0 {
			r.kind = "private"
		}
		for i := range 6 {
			r.members = append(r.members, at(7*n+i))
		}
	}
	for what, every := range map[string]int{"starred": 60, "muted": 35, "unread": 12} {
		if n%every == 1 {
			r.settings = append(r.settings, what)
		}
	}
	said := strings.Split(remarks, "|")
	for i := range 1 + n%3 {
		l := line{who: r.members[1+i%(len(r.members)-1)], text: said[(n+i)%len(said)]}
		r.talks = append(r.talks, talk{lines: []line{l}, when: &moment{n % days, opens + time.Duration(1+i)*time.Hour}})
	}
	return r
}

// arrange puts some of Mira's rooms into the sections that the script names, and those of a large company into one for each area.
func (t *town) arrange(ctx context.Context) error {
	const each, most = 100, section.MaxRooms / 100
	sections := make([]chat.Section, 0, most)
	for _, r := range t.script.rooms {
		if r.section != "" {
			at := slices.IndexFunc(sections, func(s chat.Section) bool { return s.Name == r.section })
			if at < 0 {
				at, sections = len(sections), append(sections, chat.Section{ID: id("section", r.section), Name: r.section})
			}
			sections[at].Rooms = append(sections[at].Rooms, r.id())
		}
		if !r.extra || r.kind == "direct" {
			continue
		}
		if last := len(sections) - 1; last < 0 || len(sections[last].Rooms) == each {
			if len(sections) == most {
				break
			}
			name := fmt.Sprintf("Area %d", len(sections)+1)
			sections = append(sections, chat.Section{ID: id("section", name), Name: name})
		}
		s := &sections[len(sections)-1]
		s.Rooms = append(s.Rooms, r.id())
	}
	if len(sections) == 0 {
		return nil
	}
	_, err := t.store.UpdateUser(ctx, chat.UpdateUser{
		User: id("user", t.script.people[0].handle), Settings: &settings.Input{Sections: &sections}, At: t.when.now,
	})
	return err
}
