package audit

import (
	"fmt"
	"log/slog"
)

// Change is the value of a detail that was one thing and became another. Without both it only says that something changed.
type Change struct{ From, To string }

// Changed gives the key and the value of a detail, to be appended to others, when to is given and differs from was.
func Changed[T comparable](name string, was T, to *T) []any {
	if to == nil || *to == was {
		return nil
	}
	return []any{name, Change{fmt.Sprint(was), fmt.Sprint(*to)}}
}

// Redacted is Changed without both values.
func Redacted[T comparable](name string, was T, to *T) []any {
	if to == nil || *to == was {
		return nil
	}
	return []any{name, Change{}}
}

func (c Change) String() string {
	if c == (Change{}) {
		return "changed"
	}
	return c.From + " → " + c.To
}

// LogValue implements slog.LogValuer.
func (c Change) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Keys that say more than a detail does.
const (
	Of       = "of"        // the id of whom it was done to
	OfHandle = "of_handle" // and their handle
	InRoom   = "room"
)

// Describe puts keys and values into the entry, in turn.
func (e *Entry) Describe(pairs []any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := fmt.Sprint(pairs[i]), pairs[i+1]
		if c, ok := value.(Change); ok {
			e.Details = append(e.Details, Detail{key, c.From, c.To})
			continue
		}
		s := fmt.Sprint(value)
		switch {
		case s == "":
		case key == Of || key == "account":
			e.Of.ID = s
		case key == OfHandle || key == "account_handle":
			e.Of.Handle = s
		case key == InRoom:
			e.Room = s
		default:
			e.Details = append(e.Details, Detail{Name: key, To: s})
		}
	}
}
