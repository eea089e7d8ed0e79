package hook

import (
	"fmt"
	"strconv"
	"strings"
)

// rich is the Markdown of the elements of a rich_text block.
func (w *writer) rich(elements []object) string {
	var out []string
	for _, e := range elements {
		switch e.text("type") {
		case "rich_text_list":
			out = append(out, w.list(e))
		case "rich_text_preformatted":
			out = append(out, fence+"\n"+strings.Trim(words(e), "\n")+"\n"+fence)
		case "rich_text_quote":
			out = append(out, "> "+strings.ReplaceAll(strings.TrimSpace(w.inline(e)), "\n", "\n> "))
		default:
			out = append(out, strings.TrimSpace(w.inline(e)))
		}
	}
	return join("\n", out...)
}

// list is a list, as deep as it says.
func (w *writer) list(e object) string {
	indent, err := strconv.Atoi(e.text("indent"))
	if err != nil || indent < 0 {
		indent = 0
	}
	var out []string
	for i, item := range e.objects("elements") {
		mark := "- "
		if e.text("style") == "ordered" {
			mark = fmt.Sprintf("%d. ", i+1)
		}
		out = append(out, strings.Repeat("   ", min(indent, deepest))+mark+strings.ReplaceAll(strings.TrimSpace(w.inline(item)), "\n", " "))
	}
	return strings.Join(out, "\n")
}

// inline is the Markdown of the elements of a paragraph; of one without any, its text.
func (w *writer) inline(e object) string {
	var out strings.Builder
	for _, part := range e.objects("elements") {
		w.out.Reset()
		w.element(part)
		out.WriteString(w.out.String())
	}
	if out.Len() == 0 {
		return escapeLines(e.raw("text"))
	}
	return out.String()
}

func (w *writer) element(e object) {
	switch e.text("type") {
	case "link":
		if address := e.link("url"); address != "" {
			w.link(address, e.line("text"))
		} else {
			w.out.WriteString(escapeText(join(" ", e.line("text"), e.text("url"))))
		}
	case "emoji":
		w.out.WriteString(emoji(e))
	case "user":
		w.out.WriteString("@" + escapeText(e.line("user_id")))
	case "usergroup":
		w.out.WriteString("@" + escapeText(e.line("usergroup_id")))
	case "channel":
		w.out.WriteString("#" + escapeText(e.line("channel_id")))
	case "broadcast":
		w.call(e.text("range"), "")
	case "date":
		w.out.WriteString(escapeText(orElse(e.line("fallback"), e.line("timestamp"))))
	case "color":
		w.out.WriteString(escapeText(e.line("value")))
	default:
		w.out.WriteString(styled(orElse(e.raw("text"), e.raw("fallback")), e.object("style")))
	}
}

// styled is a text with the marks of its style. Space at its ends stays outside the marks.
func styled(s string, style object) string {
	inner := strings.TrimSpace(s)
	if inner == "" || len(style) == 0 {
		return escapeLines(s)
	}
	begins := strings.Index(s, inner)
	before, after := s[:begins], s[begins+len(inner):]
	out := escapeLines(inner)
	if style.is("code", false) && !strings.ContainsAny(inner, "`\n") {
		out = "`" + inner + "`"
	}
	for _, mark := range []struct{ name, as string }{{"strike", "~~"}, {"italic", "_"}, {"bold", "**"}} {
		if style.is(mark.name, false) && !strings.Contains(inner, "\n") {
			out = mark.as + out + mark.as
		}
	}
	return before + out + after
}

// words are the texts of the elements, as they were written.
func words(e object) string {
	var out strings.Builder
	for _, part := range e.objects("elements") {
		out.WriteString(orElse(part.raw("text"), part.raw("url")))
	}
	return out.String()
}

// emoji is an emoji: its characters, if the element says them, or its name.
func emoji(e object) string {
	var out strings.Builder
	for code := range strings.SplitSeq(e.text("unicode"), "-") {
		n, err := strconv.ParseUint(code, 16, 21)
		if err != nil || n < ' ' {
			return ":" + escapeText(e.line("name")) + ":"
		}
		out.WriteRune(rune(n))
	}
	return out.String()
}
