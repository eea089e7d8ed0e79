package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const maxDepth = 16 // no body of the API is deeper than 4

const (
	twice  = "the name %q stands twice in an object"
	isNull = "%q is null; leave it out or give a value"
)

// decode is strict JSON (RFC 8259 in I-JSON's sense, RFC 7493): valid UTF-8, no name twice in an object, no null (absent
// says it), bounded depth, nothing after the value.
//
// huma calls it twice for each body: for an any, which it checks against the description, and for the handler's type, of which it
// reports an error only if the first call found none. So the first call alone is strict.
func decode(data []byte, v any) error {
	if v, ok := v.(*any); ok {
		return strict(data, v)
	}
	if err := json.Unmarshal(data, v); err == nil {
		return nil
	}
	data, err := whole(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

func strict(data []byte, v *any) (err error) {
	if !utf8.Valid(data) {
		return errors.New("the body is not valid UTF-8")
	}
	r := reader{json.NewDecoder(bytes.NewReader(data))}
	if *v, err = r.value(0, "body"); err != nil {
		return err
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON value")
	}
	if lone(data) {
		return errors.New("a string holds half of a surrogate pair")
	}
	return nil
}

// whole writes numbers such as 3.0 and 1e2 as the integers that they are to JSON Schema; the API has no others.
func whole(data []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return json.Marshal(integers(v))
}

func integers(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = integers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = integers(v[k])
		}
	case json.Number:
		if f, err := v.Float64(); err == nil && f == math.Trunc(f) && math.Abs(f) < 1<<53 && strings.ContainsAny(v.String(), ".eE") {
			return int64(f)
		}
	}
	return v
}

// lone says whether an escape in data, which is JSON, is a surrogate without its other half: encoding/json would put
// U+FFFD in its place, and what is kept would not be what was sent.
func lone(data []byte) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++
		if r := escaped(data[i:]); !utf16.IsSurrogate(r) {
			continue
		} else if i+5 >= len(data) || data[i+5] != '\\' || utf16.DecodeRune(r, escaped(data[i+6:])) == unicode.ReplacementChar {
			return true
		}
		i += 10
	}
	return false
}

// escaped reads uXXXX; 0 for another escape.
func escaped(b []byte) rune {
	if len(b) < 5 || b[0] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(b[1:5]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}

type reader struct{ *json.Decoder }

// value reads one value, that of name, as json.Unmarshal would into an any, and refuses repeated names and null.
func (r reader) value(depth int, name string) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("the JSON is nested too deep")
	}
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		return nil, fmt.Errorf(isNull, name)
	case json.Delim:
		if t == '[' {
			return r.array(depth, name)
		}
		return r.object(depth)
	}
	return t, nil
}

func (r reader) array(depth int, name string) (any, error) {
	out := []any{}
	for r.More() {
		v, err := r.value(depth+1, name)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := r.token()
	return out, err
}

func (r reader) object(depth int) (any, error) {
	out := map[string]any{}
	for r.More() {
		t, err := r.token()
		if err != nil {
			return nil, err
		}
		name, _ := t.(string)
		if _, there := out[name]; there {
			return nil, fmt.Errorf(twice, name)
		}
		if out[name], err = r.value(depth+1, name); err != nil {
			return nil, err
		}
	}
	_, err := r.token()
	return out, err
}

func (r reader) token() (json.Token, error) {
	t, err := r.Token()
	if err != nil {
		return nil, fmt.Errorf("the body is not JSON: %w", err)
	}
	return t, nil
}
