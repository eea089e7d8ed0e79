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
// says it), bounded depth, nothing after the value. That names and types fit is checked against the description afterwards.
func decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not valid UTF-8")
	}
	r := reader{Decoder: json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	if err := r.value(0, "body"); err != nil {
		return err
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON value")
	}
	if lone(data) {
		return errors.New("a string holds half of a surrogate pair")
	}
	if r.fraction {
		var err error
		if data, err = whole(data); err != nil {
			return err
		}
	}
	return json.Unmarshal(data, v)
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

type reader struct {
	*json.Decoder
	fraction bool // a number with a point or an exponent came by
}

// value reads one value, that of name, and refuses repeated names and null.
func (r *reader) value(depth int, name string) error {
	if depth > maxDepth {
		return errors.New("the JSON is nested too deep")
	}
	t, err := r.Token()
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	if t == nil {
		return fmt.Errorf(isNull, name)
	}
	if n, ok := t.(json.Number); ok && strings.ContainsAny(n.String(), ".eE") {
		r.fraction = true
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	names, last := map[string]bool{}, name
	for r.More() {
		if open == '{' {
			t, err := r.Token()
			if err != nil {
				return fmt.Errorf("the body is not JSON: %w", err)
			}
			name, _ := t.(string)
			if names[name] {
				return fmt.Errorf(twice, name)
			}
			names[name] = true
			last = name
		}
		if err := r.value(depth+1, last); err != nil {
			return err
		}
	}
	if _, err := r.Token(); err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	return nil
}
