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
	msgRepeated = "the name %q appears twice in an object"
	msgNull     = "%q is null; leave it out or give a value"
)

// decode parses strict JSON (RFC 8259, restricted as in I-JSON, RFC 7493). It refuses invalid UTF-8, repeated names in an object, null
// (clients leave the field out), nesting deeper than maxDepth, and data after the value.
//
// huma calls decode twice for each body: first into an any, to validate it against the description, then into the handler's type. It
// reports an error of the second call only if the first succeeded, so only the first call has to be strict.
func decode(data []byte, v any) error {
	if v, ok := v.(*any); ok {
		return strict(data, v)
	}
	if err := json.Unmarshal(data, v); err == nil {
		return nil
	}
	data, err := normalizeNumbers(data)
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
		return errors.New("there is data after the JSON value")
	}
	if hasLoneSurrogate(data) {
		return errors.New("a string contains an unpaired surrogate")
	}
	return nil
}

// normalizeNumbers rewrites numbers such as 3.0 and 1e2 as integers, which they are in JSON Schema. encoding/json refuses them for an
// int, and all numbers of the API are integers.
func normalizeNumbers(data []byte) ([]byte, error) {
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

// hasLoneSurrogate says whether data, which is valid JSON, contains an escaped surrogate without its other half. encoding/json would
// replace it by U+FFFD, so the stored text would differ from the sent one.
func hasLoneSurrogate(data []byte) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++
		if r := escapedUnit(data[i:]); !utf16.IsSurrogate(r) {
			continue
		} else if i+5 >= len(data) || data[i+5] != '\\' || utf16.DecodeRune(r, escapedUnit(data[i+6:])) == unicode.ReplacementChar {
			return true
		}
		i += 10
	}
	return false
}

// escapedUnit reads the UTF-16 code unit of an escape, from the u on. It returns 0 if b is another escape.
func escapedUnit(b []byte) rune {
	if len(b) < 5 || b[0] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(b[1:5]), 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}

// reader is a json.Decoder that refuses repeated names and null.
type reader struct{ *json.Decoder }

// value reads one value, as json.Unmarshal would into an any. name is its field, for error messages.
func (r reader) value(depth int, name string) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("the JSON is nested too deeply")
	}
	t, err := r.token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case nil:
		return nil, fmt.Errorf(msgNull, name)
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
		if _, repeated := out[name]; repeated {
			return nil, fmt.Errorf(msgRepeated, name)
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
