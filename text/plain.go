package text

import "strings"

// plain gives the parts of a Markdown text that are drawn as plain text: what is neither code, in spans or fences, nor an address. The
// notion of code is that of CommonMark 0.31.2, sections 4.5, 5 and 6.1, but that indented text is no code, and that each line of a quote
// or of a list's item has its mark or indentation. The tests of the web client hold what it draws to the same texts. The time is linear
// in the length of s.
func plain(s string) []string {
	if !strings.ContainsAny(s, "`~<:.") {
		return []string{s}
	}
	d := document{s: s}
	for at := 0; at < len(s); {
		end := len(s)
		if n := strings.IndexByte(s[at:], '\n'); n >= 0 {
			end = at + n
		}
		d.line(&cursor{line: s[:end], at: at})
		at = end + 1
	}
	d.endParagraph()
	return d.parts
}

// container is a quote, or an item of a list, whose text begins after indent columns.
type container struct {
	item   bool
	indent int
}

// deepest is how many containers may lie within each other. What is deeper is text.
const deepest = 32

// document is a text of which some lines have been read.
type document struct {
	s        string
	parts    []string
	open     []container
	fence    run // the fence that is open; its size is 0 if there is none
	from, to int // the open paragraph in s, none if it is empty
}

type run struct {
	mark byte
	size int
}

func (d *document) inParagraph() bool { return d.from < d.to }

// endParagraph reads the spans of the paragraph, which has ended.
func (d *document) endParagraph() {
	if d.inParagraph() {
		d.parts = append(d.parts, outsideSpans(d.s[d.from:d.to])...)
	}
	d.from, d.to = 0, 0
}

func (d *document) line(l *cursor) {
	matched := 0
	for matched < len(d.open) && l.goesOn(d.open[matched]) {
		matched++
	}
	if d.fence.size > 0 && matched == len(d.open) {
		if f, info := l.fence(); f.mark == d.fence.mark && f.size >= d.fence.size && strings.Trim(info, " \t") == "" {
			d.fence = run{}
		}
		return
	}
	d.fence = run{}
	for matched < deepest {
		c, ok := l.opens(d.inParagraph() && matched == len(d.open))
		if !ok {
			break
		}
		d.endParagraph()
		d.open = append(d.open[:matched], c)
		matched++
	}
	fence, info := l.fence()
	if fence.mark == '`' && strings.Contains(info, "`") {
		fence = run{}
	}
	alone := l.rule() || l.heading()
	if l.blank() || fence.size > 0 || alone || matched < len(d.open) {
		d.endParagraph()
		d.open = d.open[:matched]
	}
	if d.fence = fence; fence.size > 0 || l.blank() {
		return
	}
	if !d.inParagraph() {
		d.from = l.at
	}
	if d.to = len(l.line); alone {
		d.endParagraph()
	}
}

// cursor is a place in a line. Columns are counted as CommonMark does: a tab goes to the next multiple of four.
type cursor struct {
	line    string // all of the text up to the end of the line
	at, col int
}

// indent says how many columns of white space follow, and what comes after it.
func (l *cursor) indent() (columns int, rest string) {
	i, col := l.at, l.col
	for ; i < len(l.line); i++ {
		switch l.line[i] {
		case ' ':
			col++
		case '\t':
			col += 4 - col%4
		default:
			return col - l.col, l.line[i:]
		}
	}
	return col - l.col, ""
}

// skip passes columns of white space.
func (l *cursor) skip(columns int) {
	for to := l.col + columns; l.col < to && l.at < len(l.line); l.at++ {
		width := 1
		if l.line[l.at] == '\t' {
			width = 4 - l.col%4
		}
		if l.col+width > to { // the tab is passed in part
			l.col = to
			return
		}
		l.col += width
	}
}

// pass goes behind the next bytes, none of them a tab.
func (l *cursor) pass(n int) { l.at, l.col = l.at+n, l.col+n }

func (l *cursor) blank() bool {
	_, rest := l.indent()
	return rest == ""
}

// goesOn passes the marks by which a line goes on with an open container.
func (l *cursor) goesOn(c container) bool {
	indent, rest := l.indent()
	switch {
	case c.item && rest == "":
	case c.item && indent >= c.indent:
		l.skip(c.indent)
	case !c.item && indent <= 3 && strings.HasPrefix(rest, ">"):
		l.quote(indent)
	default:
		return false
	}
	return true
}

func (l *cursor) quote(indent int) {
	l.skip(indent)
	l.pass(1)
	if l.at < len(l.line) && (l.line[l.at] == ' ' || l.line[l.at] == '\t') {
		l.skip(1)
	}
}

// opens passes the mark of a new container. An item that interrupts a paragraph has text, and the number 1 if it is numbered.
func (l *cursor) opens(interrupts bool) (container, bool) {
	indent, rest := l.indent()
	if indent > 3 || rest == "" {
		return container{}, false
	}
	if rest[0] == '>' {
		l.quote(indent)
		return container{}, true
	}
	width := marker(rest)
	if width == 0 || l.rule() || interrupts && (strings.TrimLeft(rest[width:], " \t") == "" || width > 1 && rest[:width-1] != "1") {
		return container{}, false
	}
	l.skip(indent)
	l.pass(width)
	space, rest := l.indent()
	if space > 4 || rest == "" {
		space = 1
	}
	l.skip(space)
	return container{item: true, indent: indent + width + space}, true
}

// marker is the length of the mark of a list's item with which a line begins.
func marker(line string) int {
	n := 0
	for n < len(line) && n < 9 && '0' <= line[n] && line[n] <= '9' {
		n++
	}
	marks := "-+*"
	if n > 0 {
		marks = ".)"
	}
	if n == len(line) || strings.IndexByte(marks, line[n]) < 0 || n+1 < len(line) && line[n+1] != ' ' && line[n+1] != '\t' {
		return 0
	}
	return n + 1
}

// rule says whether the rest of the line is a thematic break.
func (l *cursor) rule() bool {
	indent, rest := l.indent()
	if indent > 3 || rest == "" || strings.IndexByte("*-_", rest[0]) < 0 {
		return false
	}
	return strings.Count(rest, rest[:1]) >= 3 && strings.Trim(rest, rest[:1]+" \t") == ""
}

// heading says whether the rest of the line is a heading.
func (l *cursor) heading() bool {
	indent, rest := l.indent()
	text := strings.TrimLeft(rest, "#")
	level := len(rest) - len(text)
	return indent <= 3 && 0 < level && level <= 6 && (text == "" || text[0] == ' ' || text[0] == '\t')
}

// fence gives the marks with which a line opens or closes a fence, if any, and what follows them.
func (l *cursor) fence() (f run, info string) {
	indent, rest := l.indent()
	if indent > 3 || rest == "" || rest[0] != '`' && rest[0] != '~' {
		return run{}, ""
	}
	info = strings.TrimLeft(rest, rest[:1])
	if n := len(rest) - len(info); n >= 3 {
		return run{rest[0], n}, info
	}
	return run{}, ""
}
