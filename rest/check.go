package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/canteen-chat/canteen/chat"
)

// check reads JSON (RFC 8259, restricted as in I-JSON, RFC 7493) to its end and compares it with a schema while it arrives. It refuses
// an unknown or repeated name, null (clients leave the field out), a value of another type and a list that is too long at once, so that
// what is wrong is neither kept nor decoded. huma checks the rest. read is what from has read.
func check(from io.Reader, read *bytes.Buffer, s *huma.Schema, all huma.Registry) error {
	c := checker{json.NewDecoder(from), all}
	switch err := c.value(s, ""); {
	case errors.Is(err, io.EOF) && read.Len() == 0: // no body, which huma refuses where one is required
		return nil
	case errors.Is(err, io.EOF):
		return errJSON("it ends too early")
	case err != nil:
		return err
	}
	if _, err := c.Token(); !errors.Is(err, io.EOF) {
		if e, ok := errors.AsType[*chat.Error](err); ok {
			return e
		}
		return errJSON("there is data after the JSON value")
	}
	if !utf8.Valid(read.Bytes()) {
		return errJSON("it is not valid UTF-8")
	}
	if hasLoneSurrogate(read.Bytes()) {
		return errJSON("a string contains an unpaired surrogate")
	}
	return nil
}

func errJSON(why string) error { return chat.Errorf(chat.Invalid, "The body is not JSON: %s.", why) }

// checker compares a stream of JSON with schemas.
type checker struct {
	*json.Decoder
	schemas huma.Registry
}

// value checks one value. at is the path of its field.
func (c checker) value(s *huma.Schema, at string) error {
	if s.Ref != "" {
		s = c.schemas.SchemaFromRef(s.Ref)
	}
	t, err := c.token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case nil:
		return chat.InvalidField(at, "null is not allowed; leave it out or give a value.")
	case json.Delim:
		if t == '[' && s.Type == huma.TypeArray {
			return c.array(s, at)
		}
		if t == '{' && s.Type == huma.TypeObject {
			return c.object(s, at)
		}
		return mismatch(s, at)
	case string:
		return when(s.Type == huma.TypeString, s, at)
	case bool:
		return when(s.Type == huma.TypeBoolean, s, at)
	}
	return when(s.Type == huma.TypeInteger || s.Type == huma.TypeNumber, s, at)
}

func when(matches bool, s *huma.Schema, at string) error {
	if matches {
		return nil
	}
	return mismatch(s, at)
}

// mismatch is the refusal of a value of another type, in the words of huma's validation.
func mismatch(s *huma.Schema, at string) error {
	needed := map[string]string{
		huma.TypeString: validation.MsgExpectedString, huma.TypeBoolean: validation.MsgExpectedBoolean,
		huma.TypeInteger: validation.MsgExpectedInteger, huma.TypeNumber: validation.MsgExpectedNumber,
		huma.TypeArray: validation.MsgExpectedArray, huma.TypeObject: validation.MsgExpectedObject,
	}
	return chat.InvalidField(at, "%s", needed[s.Type])
}

func (c checker) array(s *huma.Schema, at string) error {
	for n := 0; c.More(); n++ {
		if s.MaxItems != nil && n >= *s.MaxItems {
			return chat.InvalidField(at, validation.MsgExpectedMaxItems, *s.MaxItems)
		}
		if err := c.value(s.Items, fmt.Sprintf("%s[%d]", at, n)); err != nil {
			return err
		}
	}
	_, err := c.token()
	return err
}

func (c checker) object(s *huma.Schema, at string) error {
	seen := map[string]bool{}
	for c.More() {
		t, err := c.token()
		if err != nil {
			return err
		}
		name, _ := t.(string)
		field := strings.TrimPrefix(at+"."+shown(name), ".")
		property, known := s.Properties[name]
		if !known {
			return chat.InvalidField(field, "%s", validation.MsgUnexpectedProperty)
		}
		if seen[name] {
			return chat.InvalidField(field, "%s appears twice.", name)
		}
		seen[name] = true
		if err := c.value(property, field); err != nil {
			return err
		}
	}
	_, err := c.token()
	return err
}

// shown cuts a name that the client made up, so that the answer does not repeat a long one.
func shown(name string) string {
	const most = 64
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}

func (c checker) token() (json.Token, error) {
	t, err := c.Token()
	if err == nil || errors.Is(err, io.EOF) {
		return t, err
	}
	if e, ok := errors.AsType[*chat.Error](err); ok {
		return nil, e
	}
	return nil, errJSON(err.Error())
}
