package chat

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/text"
)

// union is the distinct elements of both, in order.
func union[T comparable](a, b []T) []T {
	seen := make(map[T]bool, len(a)+len(b))
	out := make([]T, 0, len(a)+len(b))
	for _, s := range [][]T{a, b} {
		for _, v := range s {
			if !seen[v] {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	return out
}

// userInput is what a new user is made from.
type userInput struct {
	Name, Handle, Email, Password string
	Role                          Role
	Workspace                     string // its name: too easy a password
}

// newUser checks the input, field by field, and hashes the password last, since that is the dear part.
func (c *Canteen) newUser(ctx context.Context, sender string, in userInput) (NewUser, error) {
	name, err := newName(in.Name)
	if err != nil {
		return NewUser{}, err
	}
	if err := handle(in.Handle); err != nil {
		return NewUser{}, err
	}
	email, why := text.Email(in.Email)
	if err := reason("email", why); err != nil {
		return NewUser{}, err
	}
	local, _, _ := strings.Cut(email, "@")
	if err := c.password("password", in.Password, in.Workspace, name, in.Handle, local); err != nil {
		return NewUser{}, err
	}
	hash, err := c.hasher.Hash(ctx, sender, in.Password)
	if err != nil {
		return NewUser{}, err
	}
	return NewUser{
		User:      User{ID: NewID(), Handle: in.Handle, Name: name, Role: in.Role, Email: email, Settings: settings.Default(), Epoch: 1},
		EmailFold: text.Fold(email), PasswordHash: hash,
	}, nil
}

func newName(s string) (string, error) {
	s = text.Normal(s)
	return s, personName("name", s)
}

func personName(field, s string) error { return reason(field, text.PersonName(s)) }

// handle checks a new handle.
func handle(s string) error {
	if text.ReservedHandle(s) {
		return InvalidField("handle", "The handle %q is reserved. Choose another.", s)
	}
	return reason("handle", text.Handle(s))
}

// reason turns what text says is wrong into an error that names the field.
func reason(field, why string) error {
	if why == "" {
		return nil
	}
	return InvalidField(field, "%s", why)
}

// password checks a new password.
func (c *Canteen) password(field, s string, words ...string) error {
	if utf8.RuneCountInString(text.Password(s)) < PasswordMin || len(s) > PasswordMax {
		return InvalidField(field, "Use at least %d characters, better 15 or more. At most %d bytes are allowed.",
			PasswordMin, PasswordMax)
	}
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return InvalidField(field, "The password contains characters that are not text.")
	}
	return reason(field, c.hasher.Weak(s, append(words, "canteen")...))
}

// shortText checks a one-line text of at most n code points.
func shortText(field, s string, n int, required bool) error {
	if required && strings.TrimSpace(s) == "" {
		return InvalidField(field, "1 to %d characters are needed.", n)
	}
	if utf8.RuneCountInString(s) > n {
		return InvalidField(field, "At most %d characters are allowed.", n)
	}
	return reason(field, text.Line(s))
}
