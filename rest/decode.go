package rest

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// decode decodes JSON that check has accepted. huma calls it twice for each body: first into an any, to validate it against the
// description, then into the handler's type.
func decode(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err == nil {
		return nil
	}
	data, err := normalizeNumbers(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
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
