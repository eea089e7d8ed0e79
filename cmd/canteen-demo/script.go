package main

import (
	"bufio"
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// company is the text of the workspace: people.txt, words.txt, direct.txt, and a file for each room. company/README.md
// describes the format.
//
//go:embed company
var company embed.FS

// person is a line of people.txt.
type person struct {
	handle, name, title, status, zone, role string
	keywords                                []string
	quiet                                   bool
	extra                                   bool // see grow
}

// room is one file of rooms/, or one section of direct.txt, which has people instead of a name.
type room struct {
	name, kind, topic, owner string
	description, welcome     string
	section                  string   // of Mira's sidebar
	members                  []string // handles; in a direct room the first one creates it
	archived, announce       bool
	settings                 []string // Mira's: starred, muted, mentions, unread
	hooks                    []sender // its webhooks
	talks, today             []talk   // those of earlier days, and those of today
	file                     string
	extra                    bool // see grow
}

// talk is a conversation. Without a time of its own it gets one between its neighbours.
type talk struct {
	when  *moment
	lines []line
}

// line is a message with what happens to it.
type line struct {
	who       string // a handle, or a single letter: a part that is assigned to a random member
	text      string
	reply     bool    // in the thread of the latest message of the talk that is not a reply
	also      bool    // a reply that is also sent to the room
	when      *moment // of what is said days after the line before; nil otherwise
	edited    string
	deleted   bool
	reactions []reaction
	poll      []choice // the options of a poll; the text is its question
	closed    bool     // somebody closed the poll
	page      string   // of what is feedback: the page on which it was given
	confirm   []string // asks everybody to confirm that they have read it: those who have
	files     []string // names; those of pictures are drawn, the others stand in company/files
	preview   *preview // of the first link in the text
	body      string   // what a webhook was sent, in company/hooks; the text is the key of the post
	read      bool     // not a message: Mira has read the room up to here
}

// preview is what a page of the company says about itself. Its picture is drawn from a name: the demo asks no page.
type preview struct{ picture, title, description string }

// choice is an option of a poll and how many members, or who, voted for it.
type choice struct {
	text  string
	count int
	by    []string
}

// reaction is an emoji by a number of members, or by the people named.
type reaction struct {
	emoji string
	count int
	by    []string
}

var (
	message = regexp.MustCompile(`^([a-z][a-z0-9.-]*)(?: @(\d+ \d\d:\d\d))?: (.*)$`) // immutable
	link    = regexp.MustCompile(`https://\S+`)                                      // immutable
	divider = regexp.MustCompile(`^---(?: (\d+ \d\d:\d\d))?$`)                       // immutable
)

// parseTalks parses conversations, each after a line of three dashes.
func parseTalks(text string) (talks, today []talk, err error) {
	talks = []talk{{}}
	into := &talks
	for n, s := range strings.Split(text, "\n") {
		switch m := divider.FindStringSubmatch(s); {
		case s == "=== today":
			today = []talk{{}}
			into = &today
		case m != nil:
			*into = append(*into, talk{when: parseMoment(m[1])})
		case s == "", strings.HasPrefix(s, "# "):
		default:
			if err := (*into)[len(*into)-1].add(s); err != nil {
				return nil, nil, fmt.Errorf("line %d: %q: %w", n+1, s, err)
			}
		}
	}
	empty := func(t talk) bool { return len(t.lines) == 0 }
	return slices.DeleteFunc(talks, empty), slices.DeleteFunc(today, empty), nil
}

// parseMoment parses "12 09:30", which the expressions above have matched; "" is none.
func parseMoment(s string) *moment {
	var day, hour, minute int
	if _, err := fmt.Sscanf(s, "%d %d:%d", &day, &hour, &minute); err != nil {
		return nil
	}
	return &moment{day, time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute}
}

// add parses one line of a conversation.
func (t *talk) add(s string) error {
	if s == "... mira has read" {
		t.lines = append(t.lines, line{read: true})
		return nil
	}
	var l line
	words := s
	if rest, ok := strings.CutPrefix(words, ">> "); ok {
		l.reply, l.also, words = true, true, rest
	} else if rest, ok := strings.CutPrefix(words, "> "); ok {
		l.reply, words = true, rest
	}
	if m := message.FindStringSubmatch(words); m != nil {
		l.who, l.when, l.text = m[1], parseMoment(m[2]), m[3]
		t.lines = append(t.lines, l)
		return nil
	}
	if len(t.lines) == 0 || t.lines[len(t.lines)-1].read {
		return errors.New("no message precedes this line")
	}
	return t.lines[len(t.lines)-1].mark(s)
}

// mark parses a line that says something about the message above.
func (l *line) mark(s string) error {
	switch mark, rest, _ := strings.Cut(s, " "); mark {
	case "":
		text, ok := strings.CutPrefix(s, "    ")
		if !ok {
			return errors.New("a continued text must be indented by four spaces")
		}
		l.text += "\n" + text
	case "+":
		reactions, err := parseReactions(rest)
		l.reactions = append(l.reactions, reactions...)
		return err
	case "?":
		if rest == "x" {
			l.closed = true
			return nil
		}
		number, text, _ := strings.Cut(rest, " ")
		count, err := strconv.Atoi(number)
		l.poll = append(l.poll, choice{text: text, count: count})
		return err
	case "^":
		l.confirm = append(l.confirm, strings.Fields(rest)...)
	case "*":
		l.files = append(l.files, strings.Fields(rest)...)
	case "&":
		name, says, _ := strings.Cut(rest, " ")
		title, description, _ := strings.Cut(says, " | ")
		l.preview = &preview{name, title, description}
	case "%":
		l.body = rest
	case "!":
		l.page = rest
	case "=":
		l.edited = rest
	case "x":
		l.deleted = true
	default:
		return errors.New("a line must be NAME: TEXT or begin with one of > >> + ? * & % ! ^ = x")
	}
	return nil
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
		if len(f) != 6 && len(f) != 7 {
			return fmt.Errorf("people.txt: %q: must have six or seven fields", lines.Text())
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		p := person{handle: f[0], name: f[1], title: f[2], status: f[3], zone: f[4], role: f[5]}
		if len(f) > 6 {
			if p.quiet = f[6] == "quiet"; !p.quiet {
				p.keywords = strings.Split(f[6], ", ")
			}
		}
		s.people = append(s.people, p)
	}
	return nil
}

func (s *script) parseRoom(text string) (room, error) {
	f, rest := header(strings.TrimPrefix(text, "\n"))
	r := room{
		name: f["room"], kind: f["kind"], topic: f["topic"], owner: f["owner"], archived: f["archived"] == "yes",
		announce: f["posting"] == "owners", description: f["description"], welcome: f["welcome"], section: f["section"],
		members: strings.Fields(f["members"]), settings: strings.Fields(f["mira"]), hooks: parseHooks(f["hooks"]),
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
	r.talks, r.today, err = parseTalks(rest)
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
		for _, t := range slices.Concat(r.talks, r.today) {
			for _, l := range t.lines {
				if err := s.checkLine(r, l); err != nil {
					return fmt.Errorf("%s: %q: %w", r.file, l.text, err)
				}
			}
		}
	}
	return nil
}

func (s *script) checkLine(r room, l line) error {
	if _, ok := r.hook(l.who); ok != (l.body != "") {
		return errors.New("a webhook of the room posts what it was sent, and nobody else does")
	}
	if !l.read && l.page == "" && l.body == "" && len(l.who) > 1 && !slices.Contains(r.members, l.who) {
		return fmt.Errorf("%s is not a member of the room", l.who)
	}
	if r.announce && !l.read && l.who != r.owner && (!l.reply || l.also) {
		return fmt.Errorf("only %s may post here", r.owner)
	}
	by := slices.Clone(l.confirm)
	for _, re := range l.reactions {
		by = append(by, re.by...)
	}
	for _, h := range by {
		if !slices.Contains(r.members, h) {
			return fmt.Errorf("%s is not a member of the room", h)
		}
	}
	if l.preview != nil && !link.MatchString(l.text) {
		return errors.New("there is no link that could have a preview")
	}
	if len(l.confirm) > 0 && l.who != r.owner {
		return fmt.Errorf("only %s may ask to confirm", r.owner)
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
