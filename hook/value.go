package hook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	deepest  = 8  // objects within each other
	brackets = 24 // objects and lists within each other
)

// object is a JSON object, read tolerantly.
type object map[string]any

// parse reads a JSON object. It is InvalidPayload for anything else.
func parse(body []byte) (object, error) {
	repaired, err := repair(body)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(repaired))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, InvalidPayload
	}
	if rest := repaired[d.InputOffset():]; len(bytes.TrimSpace(rest)) > 0 {
		return nil, InvalidPayload
	}
	return o, nil
}

// repair writes raw control characters in strings as JSON wants them, and backslashes that begin no escape sequence twice. It is
// InvalidPayload for what is nested too deeply.
func repair(body []byte) ([]byte, error) {
	out := make([]byte, 0, len(body)+len(body)/8)
	var open []byte // the brackets that are open
	objects, quoted := 0, false
	for i := 0; i < len(body); i++ {
		b := body[i]
		switch {
		case quoted && b == '\\':
			if n := escape(body[i:]); n > 0 {
				out = append(out, body[i:i+n]...)
				i += n - 1
				continue
			}
			out = append(out, '\\', '\\')
			continue
		case quoted && b < ' ':
			out = append(out, control(b)...)
			continue
		case b == '"':
			quoted = !quoted
		case quoted:
		case b < ' ':
			b = ' '
		case b == '{' || b == '[':
			open = append(open, b)
			if b == '{' {
				objects++
			}
			if objects > deepest || len(open) > brackets {
				return nil, InvalidPayload
			}
		case (b == '}' || b == ']') && len(open) > 0:
			if open[len(open)-1] == '{' {
				objects--
			}
			open = open[:len(open)-1]
		}
		out = append(out, b)
	}
	return out, nil
}

// escape is the length of the escape sequence at the beginning of s; 0 if it is none.
func escape(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	if bytes.IndexByte([]byte(`"\/bfnrt`), s[1]) >= 0 {
		return 2
	}
	if s[1] != 'u' || len(s) < 6 {
		return 0
	}
	for _, c := range s[2:6] {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return 0
		}
	}
	return 6
}

// control is how a control character stands in a JSON string.
func control(b byte) string {
	switch b {
	case '\n':
		return `\n`
	case '\r':
		return `\r`
	case '\t':
		return `\t`
	}
	return `\ufffd`
}

// clean is a text without the control characters that nothing can show.
func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r < ' ' && r != '\n' && r != '\t' || r == 0x7f:
			return -1
		}
		return r
	}, s)
}

// textOf is the text of a value: a string, a number, true or false; of an object, such as {"type": "mrkdwn", "text": …}, that of its text.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return clean(v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case map[string]any:
		if _, nested := v["text"].(map[string]any); nested {
			return ""
		}
		return textOf(v["text"])
	}
	return ""
}

// text is the text of a field, without space around it; "" if it has none.
func (o object) text(name string) string { return strings.TrimSpace(textOf(o[name])) }

// raw is the text of a field as it was written.
func (o object) raw(name string) string { return textOf(o[name]) }

// link is the address in a field; "" for what leads nowhere.
func (o object) link(name string) string {
	if address := decoded(o.text(name)); isLink(address) {
		return address
	}
	return ""
}

// line is the text of a field in one line.
func (o object) line(name string) string { return strings.Join(strings.Fields(textOf(o[name])), " ") }

// is says whether a field is true: so are "true", "1" and 1. otherwise is the answer for one that is none of these and not their opposite.
func (o object) is(name string, otherwise bool) bool {
	switch strings.ToLower(o.text(name)) {
	case "true", "1", "yes", "on":
		return true
	case "false", "0", "no", "off":
		return false
	}
	return otherwise
}

// object is a field that is an object; nil if it is none.
func (o object) object(name string) object {
	v, _ := o[name].(map[string]any)
	return v
}

// maxObjects is how many things of a list are taken one by one, many times as many as Slack takes.
const maxObjects = 1000

// objects are those of a field that is a list, or a single object. A text in the list becomes an object with this text. Of what is beyond
// maxObjects the texts become one object.
func (o object) objects(name string) []object {
	var out []object
	all := o.list(name)
	if len(all) > maxObjects {
		var rest strings.Builder
		for _, v := range all[maxObjects-1:] {
			if m, ok := v.(map[string]any); ok && m["text"] == nil {
				v = m["fallback"]
			}
			if s := textOf(v); s != "" {
				rest.WriteString(s + "\n")
			}
		}
		all = append(slices.Clip(all[:maxObjects-1]), rest.String())
	}
	for _, v := range all {
		switch v := v.(type) {
		case map[string]any:
			out = append(out, v)
		default:
			if s := textOf(v); s != "" {
				out = append(out, object{"text": s})
			}
		}
	}
	return out
}

// list is a field that is a list, or a single value as a list of one.
func (o object) list(name string) []any {
	switch v := o[name].(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// time is a moment in seconds since 1970, which may have a fraction; in milliseconds if it would be later than the year 5000. It is nil
// for what is no moment.
func (o object) time(name string) *time.Time {
	seconds, err := json.Number(o.text(name)).Float64()
	if err == nil && seconds > 1e11 {
		seconds /= 1000
	}
	if err != nil || seconds < 1 || seconds > 1e11 {
		return nil
	}
	at := time.UnixMilli(int64(seconds * 1000)).UTC()
	return &at
}
