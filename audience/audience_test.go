package audience_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/canteen-chat/canteen/audience"
)

// office is a workspace of two members and two guests, one of whom shares a room with ada.
type office struct{ broken error }

func (o office) MembersAt(_ context.Context, room string, version int64) ([]string, error) {
	switch {
	case room != "lunch":
		return nil, o.broken
	case version < 2:
		return []string{"ada"}, o.broken
	}
	return []string{"ada", "gus"}, o.broken
}

func (o office) FollowersAt(_ context.Context, room string, root, version int64) ([]string, error) {
	if room != "lunch" || root != 7 || version != 2 {
		return nil, o.broken
	}
	return []string{"gus"}, o.broken
}

func (o office) PeopleAt(context.Context, int64) (others, guests []string, err error) {
	return []string{"ada", "bob"}, []string{"gus", "gil"}, o.broken
}

func (office) CoMembers(_ context.Context, user string) ([]string, error) {
	if user == "ada" || user == "gus" {
		return []string{"ada", "gus"}, nil
	}
	return []string{user}, nil
}

// TestResolve: what each kind of audience comes to.
func TestResolve(t *testing.T) {
	for _, c := range []struct {
		of   audience.Audience
		want []string
	}{
		{audience.Audience{}, nil},
		{audience.Audience{Users: []string{"gil"}}, []string{"gil"}},
		{audience.Audience{Members: "lunch", Version: 1}, []string{"ada"}},
		{audience.Audience{Members: "lunch", Version: 2}, []string{"ada", "gus"}},
		{audience.Audience{Members: "lunch", But: "ada", Version: 2}, []string{"gus"}},
		{audience.Audience{Members: "lunch", Thread: 7, Version: 2}, []string{"gus"}},
		{audience.Audience{Members: "lunch", Thread: 8, Version: 2}, nil},
		{audience.Audience{Everyone: true}, []string{"ada", "bob", "gil", "gus"}},
		{audience.Audience{Sees: "ada"}, []string{"ada", "bob", "gus"}},
		{audience.Audience{Sees: "bob"}, []string{"ada", "bob"}},
		{audience.Audience{Sees: "gil"}, []string{"ada", "bob", "gil"}},
	} {
		got, err := c.of.Resolve(t.Context(), office{})
		if slices.Sort(got); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v comes to %v, not %v (%v)", c.of, got, c.want, err)
		}
	}
	broken := errors.New("no table")
	for _, a := range []audience.Audience{{Members: "lunch"}, {Members: "lunch", Thread: 7}, {Everyone: true}, {Sees: "ada"}} {
		if _, err := a.Resolve(t.Context(), office{broken}); !errors.Is(err, broken) {
			t.Errorf("%+v of a broken store: %v", a, err)
		}
	}
}
