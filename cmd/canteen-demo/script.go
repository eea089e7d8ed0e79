package main

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// company is the text of the workspace: people.txt, words.txt, direct.txt, and a file for each room. company/README.md
// describes the format.
//
//go:embed company
var company embed.FS

// person is a line of people.txt.
type person struct {
	handle, name, title, status, zone, role string
}

// room is one file of rooms/, or one section of direct.txt, which has people instead of a name.
type room struct {
	name, kind, topic, owner string
	members                  []string // handles; in a direct room the first one creates it
	share                    int      // share of all messages, per mille
	archived, announce       bool
	settings                 []string // Mira's: starred, muted, mentions, unread
	talks                    []talk   // repeated in random order until there are enough messages
	ending                   talk     // played once, at the end
	file                     string
}

// talk is a conversation: lines that are played one after the other.
type talk []line

// line is a message with what happens to it.
type line struct {
	who       string // a handle, or a single letter: a part that is assigned to a random member
	text      string
	reply     bool // in the thread of the latest message that is not a reply
	also      bool // a reply that is also sent to the room
	edited    string
	deleted   bool
	reactions []reaction
	read      bool // not a message: Mira has read the room up to here
}

// reaction is an emoji by a number of members, or by the people named.
type reaction struct {
	emoji string
	count int
	by    []string
}

var message = regexp.MustCompile(`^([a-z][a-z0-9.-]*): (.*)$`) // immutable

// parseTalks parses conversations, which lines of three dashes separate.
func parseTalks(text string) (talks []talk, ending talk, err error) {
	var t talk
	last := false
	flush := func() {
		switch {
		case len(t) == 0:
		case last:
			ending = append(ending, t...)
		default:
			talks = append(talks, t)
		}
		t = nil
	}
	for n, s := range strings.Split(text, "\n") {
		switch {
		case s == "---":
			flush()
		case s == "=== ending":
			flush()
			last = true
		case s == "", strings.HasPrefix(s, "# "):
		default:
			if t, err = t.add(s); err != nil {
				return nil, nil, fmt.Errorf("line %d: %q: %w", n+1, s, err)
			}
		}
	}
	flush()
	return talks, ending, nil
}

// add parses one line of a conversation.
func (t talk) add(s string) (talk, error) {
	if s == "... mira has read" {
		return append(t, line{read: true}), nil
	}
	var l line
	words := s
	if rest, ok := strings.CutPrefix(words, ">> "); ok {
		l.reply, l.also, words = true, true, rest
	} else if rest, ok := strings.CutPrefix(words, "> "); ok {
		l.reply, words = true, rest
	}
	if m := message.FindStringSubmatch(words); m != nil {
		l.who, l.text = m[1], m[2]
		return append(t, l), nil
	}
	if len(t) == 0 || t[len(t)-1].read {
		return nil, fmt.Errorf("no message precedes this line")
	}
	of := &t[len(t)-1]
	switch mark, rest, _ := strings.Cut(s, " "); mark {
	case "":
		text, ok := strings.CutPrefix(s, "    ")
		if !ok {
			return nil, fmt.Errorf("a continued text must be indented by four spaces")
		}
		of.text += "\n" + text
	case "+":
		reactions, err := parseReactions(rest)
		of.reactions = append(of.reactions, reactions...)
		return t, err
	case "=":
		of.edited = rest
	case "x":
		of.deleted = true
	default:
		return nil, fmt.Errorf("a line must be NAME: TEXT or begin with one of > >> + = x")
	}
	return t, nil
}

// parseReactions reads "🚀 5, 👏🏽 jonas kim".
func parseReactions(s string) (rs []reaction, err error) {
	for part := range strings.SplitSeq(s, ",") {
		words := strings.Fields(part)
		if len(words) < 2 {
			return nil, fmt.Errorf("a reaction must be an emoji and a number, or an emoji and handles")
		}
		r := reaction{emoji: words[0]}
		if r.count, err = strconv.Atoi(words[1]); err != nil {
			r.by, err = words[1:], nil
		}
		rs = append(rs, r)
	}
	return rs, nil
}

// header parses "key: value" lines up to the first empty line, and gives the text after it.
func header(text string) (fields map[string]string, rest string) {
	head, rest, _ := strings.Cut(text, "\n\n")
	fields = map[string]string{}
	for s := range strings.SplitSeq(head, "\n") {
		key, value, _ := strings.Cut(s, ":")
		fields[key] = strings.TrimSpace(value)
	}
	return fields, rest
}

// script is the whole text of the demo.
type script struct {
	people []person
	words  map[string][]string
	rooms  []room
}

// loadScript reads the text and checks that all handles and words in it exist.
func loadScript() (*script, error) {
	s := &script{words: map[string][]string{}}
	if err := s.loadPeople(); err != nil {
		return nil, err
	}
	b, err := company.ReadFile("company/words.txt")
	if err != nil {
		return nil, err
	}
	for text := range strings.Lines(string(b)) {
		if key, list, ok := strings.Cut(strings.TrimSpace(text), ": "); ok && key[0] != '#' {
			s.words[key] = strings.Split(list, "; ")
		}
	}
	files, err := fs.Glob(company, "company/rooms/*.txt")
	if err != nil {
		return nil, err
	}
	for _, file := range append(files, "company/direct.txt") {
		b, err := company.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for part := range strings.SplitSeq(string(b), "\n======\n") {
			r, err := s.parseRoom(part)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			r.file = file
			s.rooms = append(s.rooms, r)
		}
	}
	return s, s.check()
}

func (s *script) loadPeople() error {
	b, err := company.ReadFile("company/people.txt")
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		f := strings.Split(lines.Text(), "|")
		if len(f) != 6 {
			return fmt.Errorf("people.txt: %q: must have six fields", lines.Text())
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		s.people = append(s.people, person{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	return nil
}

func (s *script) parseRoom(text string) (room, error) {
	f, rest := header(strings.TrimPrefix(text, "\n"))
	r := room{
		name: f["room"], kind: f["kind"], topic: f["topic"], owner: f["owner"], archived: f["archived"] == "yes",
		announce: f["posting"] == "owners",
		members:  strings.Fields(f["members"]), settings: strings.Fields(f["mira"]),
	}
	if with, ok := f["between"]; ok {
		r.kind, r.members = "direct", strings.Fields(with)
		r.owner = r.members[0]
	}
	if slices.Equal(r.members, []string{"everyone"}) {
		r.members = nil
		for _, p := range s.people {
			if p.role != "guest" {
				r.members = append(r.members, p.handle)
			}
		}
	}
	var err error
	if share, ok := f["share"]; ok {
		if r.share, err = strconv.Atoi(share); err != nil {
			return r, fmt.Errorf("share: %w", err)
		}
	}
	r.talks, r.ending, err = parseTalks(rest)
	return r, err
}

// check reports unknown handles and words.
func (s *script) check() error {
	for _, r := range s.rooms {
		for _, h := range append([]string{r.owner}, r.members...) {
			if s.person(h) == nil {
				return fmt.Errorf("%s: unknown handle %q", r.file, h)
			}
		}
		for _, t := range append(slices.Clone(r.talks), r.ending) {
			for _, l := range t {
				if err := s.checkLine(r, l); err != nil {
					return fmt.Errorf("%s: %q: %w", r.file, l.text, err)
				}
			}
		}
	}
	return nil
}

func (s *script) checkLine(r room, l line) error {
	if !l.read && len(l.who) > 1 && !slices.Contains(r.members, l.who) {
		return fmt.Errorf("%s is not a member of the room", l.who)
	}
	for _, re := range l.reactions {
		for _, h := range re.by {
			if !slices.Contains(r.members, h) {
				return fmt.Errorf("%s is not a member of the room", h)
			}
		}
	}
	for _, m := range slot.FindAllStringSubmatch(l.text+l.edited, -1) {
		if word := m[1]; word != "" && len(word) > 1 && s.words[word] == nil {
			return fmt.Errorf("words.txt has no %q", word)
		}
	}
	return nil
}

func (s *script) person(handle string) *person {
	i := slices.IndexFunc(s.people, func(p person) bool { return p.handle == handle })
	if i < 0 {
		return nil
	}
	return &s.people[i]
}
