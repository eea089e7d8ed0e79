package hook

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Broadcast says whom a text calls: "here", "room" for the whole room, or "" for nobody.
type Broadcast string

const fence = "```"

// writer writes Markdown for what is in Slack's notation, and remembers whom the text calls.
type writer struct {
	out       strings.Builder
	broadcast Broadcast
}

// markdown is the Markdown of a text in Slack's mrkdwn.
func (w *writer) markdown(s string) string { return w.notation(s, true) }

// plain is the Markdown that shows a text as it was written. Links and the like in angle brackets, which Slack reads everywhere, are links.
func (w *writer) plain(s string) string { return w.notation(s, false) }

func (w *writer) notation(s string, marks bool) string {
	w.out.Reset()
	if !marks {
		w.lines(s, false)
		return w.out.String()
	}
	parts := strings.Split(s, fence)
	for i, part := range parts {
		switch {
		case i%2 == 0:
			w.lines(part, true)
		case i == len(parts)-1: // a fence that nothing ends
			w.out.WriteString("\\`\\`\\`")
			w.lines(part, true)
		default:
			w.fenced(part, parts[i+1] != "")
		}
	}
	return w.out.String()
}

// fenced writes a block of code in lines of its own.
func (w *writer) fenced(code string, more bool) {
	if w.out.Len() > 0 && !strings.HasSuffix(w.out.String(), "\n") {
		w.out.WriteByte('\n')
	}
	code = strings.TrimSuffix(strings.TrimPrefix(w.literal(code), "\n"), "\n")
	w.out.WriteString(fence + "\n" + code + "\n" + fence)
	if more {
		w.out.WriteByte('\n')
	}
}

// lines writes text outside fences. After ">>>" all that follows is a quote.
func (w *writer) lines(s string, marks bool) {
	if strings.HasSuffix(w.out.String(), fence+"\n") {
		s = strings.TrimPrefix(s, "\n")
	}
	quoted := false
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.out.WriteByte('\n')
		}
		if marks {
			trimmed := strings.TrimPrefix(line, "&gt;&gt;&gt;")
			trimmed = strings.TrimPrefix(trimmed, ">>>")
			starts := trimmed != line
			if rest, ok := strings.CutPrefix(line, "&gt;"); ok && !starts {
				line = ">" + rest
			}
			if starts {
				quoted, line = true, strings.TrimLeft(trimmed, " ")
			}
		}
		if quoted {
			w.out.WriteString("> ")
		}
		w.line(line, marks)
	}
}

// span is a part of a line: code, something in angle brackets, or text between them.
type span struct {
	from, to int
	kind     byte // '`', '<' or 0
}

// line writes one line.
func (w *writer) line(s string, marks bool) {
	spans := split(s, marks)
	closers := ends(s, spans)
	var open [128]bool
	for _, p := range spans {
		part := s[p.from:p.to]
		switch p.kind {
		case '`':
			w.out.WriteString("`" + w.literal(part[1:len(part)-1]) + "`")
		case '<':
			w.angle(part[1 : len(part)-1])
		default:
			w.text(s, p, marks, &open, closers)
		}
	}
}

// split cuts a line into code, what is in angle brackets, and text.
func split(s string, marks bool) (out []span) {
	from := 0
	for i := 0; i < len(s); {
		end := 0
		switch {
		case s[i] == '`' && marks:
			if n := strings.IndexByte(s[i+1:], '`'); n > 0 {
				end = i + 1 + n + 1
			}
		case s[i] == '<':
			if n := strings.IndexAny(s[i+1:], "<>"); n > 0 && s[i+1+n] == '>' && special(s[i+1]) {
				end = i + 1 + n + 1
			}
		}
		if end == 0 {
			i++
			continue
		}
		if from < i {
			out = append(out, span{from, i, 0})
		}
		out = append(out, span{i, end, s[i]})
		from, i = end, end
	}
	if from < len(s) {
		out = append(out, span{from, len(s), 0})
	}
	return out
}

// special says whether what begins with b in angle brackets may be Slack's: an address, @, # or !.
func special(b byte) bool {
	return b == '@' || b == '#' || b == '!' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

// ends lists, for each mark, where in the text of the line it may end what it marks, in order.
func ends(s string, spans []span) map[byte][]int {
	out := map[byte][]int{}
	for _, p := range spans {
		for i := p.from; p.kind == 0 && i < p.to; i++ {
			if b := s[i]; (b == '*' || b == '_' || b == '~') && closes(s, i) {
				out[b] = append(out[b], i)
			}
		}
	}
	return out
}

func closes(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return i > 0 && !unicode.IsSpace(before) && before != rune(s[i]) && boundary(s[i+1:], after)
}

func opens(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	return i+1 < len(s) && !unicode.IsSpace(after) && after != rune(s[i]) && boundary(s[:i], before)
}

// boundary says whether r, which is beside s, is no part of a word. s is empty at an end of the line.
func boundary(s string, r rune) bool { return s == "" || !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// text writes the text of a span with its marks.
func (w *writer) text(s string, p span, marks bool, open *[128]bool, closers map[byte][]int) {
	begin := -1
	if p.from == 0 {
		begin = run(s, ' ')
	}
	for i := p.from; i < p.to; i++ {
		b := s[i]
		switch {
		case b == '*' || b == '_' || b == '~':
			n := 1
			if marks {
				n = run(s[i:p.to], b)
			}
			if n == 1 {
				w.mark(s, i, b, marks, open, closers)
				continue
			}
			w.out.WriteString(s[i : i+n]) // Markdown, which senders write as well
			i += n - 1
		case b == '&':
			c, n := entity(s[i:p.to])
			w.char(c, next(s, i+n))
			i += n - 1
		case b == '#' && i == begin && heading(s[i:]):
			w.out.WriteString("\\#")
		case b == ':':
			if e, n := namedAt(s[:p.to], i); n > 0 {
				w.out.WriteString(e)
				i += n - 1
				continue
			}
			w.out.WriteByte(b)
		default:
			w.char(b, next(s, i+1))
		}
	}
}

// heading says whether s is one to six "#" and a space.
func heading(s string) bool {
	n := run(s, '#')
	return n <= 6 && n < len(s) && (s[n] == ' ' || s[n] == '\t')
}

func run(s string, b byte) int {
	n := 0
	for n < len(s) && s[n] == b {
		n++
	}
	return n
}

func next(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 0
}

// mark writes a single mark: as one of Markdown if it is one of Slack's, otherwise so that it is shown.
func (w *writer) mark(s string, i int, b byte, marks bool, open *[128]bool, closers map[byte][]int) {
	as := map[byte]string{'*': "**", '_': "_", '~': "~~"}[b]
	later, _ := slices.BinarySearch(closers[b], i+1)
	switch {
	case marks && open[b] && closes(s, i):
		open[b] = false
		w.out.WriteString(as)
	case marks && !open[b] && opens(s, i) && later < len(closers[b]):
		open[b] = true
		w.out.WriteString(as)
	default:
		w.shown(s, i, b)
	}
}

// shown writes a character that is a mark in Markdown so that it is shown.
func (w *writer) shown(s string, i int, b byte) {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	apart := (i == 0 || unicode.IsSpace(before)) && (i+1 == len(s) || unicode.IsSpace(after))
	within := b == '_' && i > 0 && i+1 < len(s) && !boundary("x", before) && !boundary("x", after)
	if b != '~' && !apart && !within {
		w.out.WriteByte('\\')
	}
	w.out.WriteByte(b)
}

// char writes a character of text, of which after is the next one.
func (w *writer) char(b, after byte) {
	switch {
	case b == '`' || b == '<' && special(after):
		w.out.WriteByte('\\')
	case b == '\\' && strings.IndexByte("*`[<~", after) >= 0:
		w.out.WriteByte('\\')
	case b == '(' && strings.HasSuffix(w.out.String(), "]"):
		w.out.WriteByte('\\')
	}
	w.out.WriteByte(b)
}

// entity is the character that an entity of Slack's stands for, and its length; "&" for none.
func entity(s string) (byte, int) {
	switch {
	case strings.HasPrefix(s, "&lt;"):
		return '<', len("&lt;")
	case strings.HasPrefix(s, "&gt;"):
		return '>', len("&gt;")
	case strings.HasPrefix(s, "&amp;"):
		return '&', len("&amp;")
	}
	return '&', 1
}

// decoded is s with the characters that its entities stand for.
func decoded(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, "&lt;", "<"), "&gt;", ">"), "&amp;", "&")
}

// literal is text within code: what is in angle brackets stands by its label.
func (w *writer) literal(s string) string {
	var out strings.Builder
	for _, p := range split(s, false) {
		part := s[p.from:p.to]
		if inside := part[1:max(1, len(part)-1)]; p.kind == '<' && inside != "" && !strings.Contains(part, "\n") {
			if address, label, ok := strings.Cut(inside, "|"); ok && strings.ContainsAny(address[:1], "@#!") || ok && isLink(address) {
				part = label
			} else if !ok && (isLink(inside) || inside[0] == '#' || inside[0] == '@') {
				part = inside
			} else if !ok && inside[0] == '!' {
				part = "@" + inside[1:]
			}
		}
		out.WriteString(part)
	}
	return decoded(out.String())
}

// angle writes what is in angle brackets: a link, a person, a room, a call or a date.
func (w *writer) angle(s string) {
	target, name, labelled := strings.Cut(s, "|")
	name = decoded(name)
	switch {
	case target[0] == '@':
		w.out.WriteString("@" + escapeText(strings.TrimPrefix(orElse(name, target[1:]), "@")))
	case target[0] == '#':
		w.out.WriteString("#" + escapeText(strings.TrimPrefix(orElse(name, target[1:]), "#")))
	case target[0] == '!':
		w.call(target[1:], name)
	case isLink(decoded(target)):
		w.link(decoded(target), name)
	case labelled && strings.Contains(target, ":"):
		w.out.WriteString(escapeText(name + " (" + decoded(target) + ")"))
	default:
		w.out.WriteString(escapeText("<" + decoded(s) + ">"))
	}
}

// call writes what begins with "!": @here and the like, a group, or a date by its fallback.
func (w *writer) call(s, name string) {
	command, _, _ := strings.Cut(s, "^")
	switch command {
	case "here":
		w.calls("here")
	case "channel", "everyone", "room":
		w.calls("room")
	case "date":
		w.out.WriteString(escapeText(orElse(name, strings.TrimPrefix(s, "date^"))))
	default:
		w.out.WriteString(escapeText(orElse(name, "@"+s)))
	}
}

// calls writes @here or @room.
func (w *writer) calls(whom Broadcast) {
	w.out.WriteString("@" + string(whom))
	if w.broadcast == "" || whom == "room" {
		w.broadcast = whom
	}
}

// link writes a link.
func (w *writer) link(address, name string) {
	address = strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E", "\\", "%5C").Replace(address)
	if name = strings.TrimSpace(name); name == "" || name == address {
		w.out.WriteString("<" + address + ">")
		return
	}
	w.out.WriteString("[" + label(name) + "](" + address + ")")
}

// isLink says whether an address may become a link.
func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") || u.Scheme == "mailto" && u.Opaque != "")
}

// escapeText is the Markdown that shows a text as it is, in one line.
func escapeText(s string) string { return escapeLines(strings.Join(strings.Fields(s), " ")) }

// escapeLines is the Markdown that shows a text as it is.
func escapeLines(s string) string {
	var w writer
	for i := range len(s) {
		switch b := s[i]; {
		case b == '*' || b == '_' || b == '~':
			w.shown(s, i, b)
		case b == '#' && (i == 0 || s[i-1] == '\n') && heading(s[i:]):
			w.out.WriteString("\\#")
		default:
			w.char(b, next(s, i+1))
		}
	}
	return w.out.String()
}

// label is the Markdown that shows a text as it is within the brackets of a link.
func label(s string) string {
	return strings.NewReplacer("[", "\\[", "]", "\\]").Replace(escapeText(s))
}

func orElse(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}
