package rest

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/canteen-chat/canteen/chat"
)

// form defines a named string format. Fields refer to it, as in format:"handle". Package chat checks what a pattern cannot express, such
// as that a password is not easily guessed.
type form struct {
	pattern, words string // words are what is said when the pattern does not match
	least, most    int    // code points; 0: no limit
	example        any
}

type formSet map[string]form

// forms are the string formats of the description. Some are formats of JSON Schema, to which they add limits or an example.
func forms() formSet {
	return formSet{
		"id": {pattern: `^[a-z2-7]{12}$`, words: "12 of the characters a-z 2-7 are needed.", example: "k3x5mq2aa4te"},
		"room": {
			pattern: `^([a-z2-7]{12}|#.+)$`, words: "12 of the characters a-z 2-7, or # and a name, are needed.",
			example: "k3x5mq2aa4te",
		},
		"token": {
			pattern: `^[a-z2-7]{44}$`, words: "44 of the characters a-z 2-7 are needed.",
			example: "mc4tg2yw6dpomfrggzdfmztwq2lknnwg23tpobyxe43u",
		},
		"secret": {
			pattern: `^[a-z2-7]{32}$`, words: "32 of the characters a-z 2-7 are needed.",
			example: "mfrggzdfmztwq2lknnwg23tpobyxe43u",
		},
		"sha256": {
			pattern: `^[0-9a-f]{64}$`, words: "A SHA-256 digest in 64 hexadecimal digits is needed.",
			example: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		},
		"uuid":      {least: 36, most: 36, example: "7d444840-9dc0-11d1-b245-5ffdce74fad2"},
		"date-time": {example: "2026-11-24T09:41:00.000Z"},
		"email":     {most: chat.EmailLength, example: "mira@example.com"},
		"password":  {least: chat.PasswordMin, most: chat.PasswordMax, example: "a quiet place to eat"},
		"name":      {least: 1, most: chat.NameLength, example: "Mira Brandt"},
		"line":      {},
		"text":      {most: chat.MessageLength, example: "Build **412** is green 🎉"},
		"emoji":     {example: "🎉"},
		"time-zone": {most: chat.TimeZoneLength, example: "Europe/Berlin"},
		"base64": { // RFC 4648, section 4
			pattern: `^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$`, words: "Base64 is needed.", example: "AAECAw==",
		},
		"clock-time": {
			pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]$`, words: "A time from 00:00 to 23:59 is needed.", example: "22:00",
		},
		"emoji-name": {
			pattern: `^[a-z0-9_-]{2,32}$`, words: "Use 2 to 32 of the characters a-z 0-9 _ -.", example: "partyparrot",
		},
		"handle": {
			pattern: `^[a-z0-9][a-z0-9._-]{1,29}$`, words: "Use 2 to 30 of the characters a-z 0-9 . _ - and begin with a letter or digit.",
			example: "mira",
		},
		"room-name": {
			// Of ASCII: a-z 0-9 - _; other scripts: all, since their classes are not portable.
			pattern: `^[^\s\x00-,./:-^\x60{-\x7f]{1,80}$`,
			words:   "Use 1 to 80 lower-case letters, digits, - and _, without spaces.", example: "builds",
		},
	}
}

// fill writes the forms into every schema of the description. It must run before the first request, since huma validates requests with
// the same schemas.
func fill(o *huma.OpenAPI) {
	known := forms()
	for _, s := range o.Components.Schemas.Map() {
		known.fill(s)
	}
	for _, p := range o.Paths {
		for _, op := range operations(p) {
			if op.RequestBody != nil {
				for _, m := range op.RequestBody.Content {
					known.fill(m.Schema)
				}
			}
			for _, param := range op.Parameters {
				known.fill(param.Schema)
				if param.Example == nil && len(param.Schema.Examples) > 0 {
					param.Example = param.Schema.Examples[0]
				}
			}
		}
	}
}

func (fs formSet) fill(s *huma.Schema) {
	if s == nil {
		return
	}
	for _, p := range s.Properties {
		fs.fill(p)
	}
	fs.fill(s.Items)
	f, known := fs[s.Format]
	if !known {
		return
	}
	if f.pattern != "" {
		s.Pattern, s.PatternDescription = f.pattern, f.words
	}
	if f.least > 0 && s.MinLength == nil {
		s.MinLength = &f.least
	}
	if f.most > 0 && s.MaxLength == nil {
		s.MaxLength = &f.most
	}
	if f.example != nil && s.Examples == nil {
		s.Examples = []any{f.example}
	}
	s.PrecomputeMessages()
}

// setMessages sets the texts of huma's validation errors. They do not name the field, since the problem does.
func setMessages() {
	validation.MsgUnexpectedProperty = "Unknown field."
	validation.MsgExpectedRFC3339DateTime = "A time in RFC 3339 format is needed, such as 2026-11-24T09:41:00Z."
	validation.MsgExpectedRFC5322Email = "One e-mail address is needed, such as mira@example.com. (%v)"
	validation.MsgExpectedRFC4122UUID = "A UUID is needed, such as 7d444840-9dc0-11d1-b245-5ffdce74fad2. (%v)"
	validation.MsgExpectedBoolean = "true or false is needed."
	validation.MsgExpectedInteger = "A whole number is needed."
	validation.MsgExpectedString = "A string is needed."
	validation.MsgExpectedArray = "A list is needed."
	validation.MsgExpectedObject = "An object is needed."
	validation.MsgExpectedOneOf = "One of \"%s\" is needed."
	validation.MsgExpectedMinimumNumber = "A number from %v is needed."
	validation.MsgExpectedMaximumNumber = "A number up to %v is needed."
	validation.MsgExpectedMinLength = "At least %d characters are needed."
	validation.MsgExpectedMaxLength = "At most %d characters are allowed."
	validation.MsgExpectedBePattern = "%s"
	validation.MsgExpectedMinItems = "At least %d are needed."
	validation.MsgExpectedMaxItems = "At most %d are allowed."
	validation.MsgExpectedRequiredProperty = msgMissing
}

// msgMissing is the text for a missing field. refusal reads the name of the field from it.
const msgMissing = "%s is missing."
