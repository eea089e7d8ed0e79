package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

const maxDepth = 16 // no body of the API is deeper than 4

const twice = "the name %q stands twice in an object"

// decode is strict JSON (RFC 8259 in I-JSON's sense, RFC 7493): valid UTF-8, no name twice in an object, bounded depth,
// nothing after the value. That names and types fit is checked against the description afterwards.
func decode(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not valid UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := unique(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON value")
	}
	return json.Unmarshal(data, v)
}

// unique reads one value and refuses repeated names.
func unique(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errors.New("the JSON is nested too deep")
	}
	t, err := d.Token()
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	names := map[string]bool{}
	for d.More() {
		if open == '{' {
			t, err := d.Token()
			if err != nil {
				return fmt.Errorf("the body is not JSON: %w", err)
			}
			name, _ := t.(string)
			if names[name] {
				return fmt.Errorf(twice, name)
			}
			names[name] = true
		}
		if err := unique(d, depth+1); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	return nil
}
