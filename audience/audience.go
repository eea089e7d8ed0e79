// Package audience holds who an event is for, as a value that can be kept and resolved later. It knows users, rooms and threads by their
// ids, and nothing of events: chat.AudienceOf says which event is for whom.
//
// The package imports nothing of this module.
package audience

import (
	"context"
	"fmt"
	"slices"
)

// Audience says who an event is for, as a value that can be kept and resolved later. At most one of Everyone, Users, Members
// and Sees is set; the zero value is nobody.
type Audience struct {
	Everyone bool
	Users    []string // these users
	Members  string   // the members of this room …
	Thread   int64    // … who follow the thread of this root; 0: all of them
	But      string   // … except this user
	Sees     string   // those who may see this user
	// Version is that of the room (Members) or of the directory (Sees, Everyone) at the event's commit. A store that resolves
	// within the commit leaves it 0.
	Version int64
}

// Membership is what a store knows of who is where at a commit, for [Audience.Resolve]. Where a store no longer knows a version
// it answers with a later one, so that nobody is told who has left since. Slices may be shared: they are never changed.
type Membership interface {
	// MembersAt are the ids of a room's members at a version of the room.
	MembersAt(ctx context.Context, room string, version int64) ([]string, error)
	// FollowersAt are those of MembersAt who follow a thread of the room, at the version or later.
	FollowersAt(ctx context.Context, room string, root, version int64) ([]string, error)
	// PeopleAt are the ids of all users at a version of the directory: guests apart from the others.
	PeopleAt(ctx context.Context, version int64) (others, guests []string, err error)
	// CoMembers are the ids of those who share a room with user, user included.
	CoMembers(ctx context.Context, user string) ([]string, error)
}

// Resolve gives the ids of the users that an audience comes to, each once. The slice may be shared: it is never changed.
func (a Audience) Resolve(ctx context.Context, in Membership) ([]string, error) {
	to, err := a.resolve(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("resolve an audience: %w", err)
	}
	return to, nil
}

func (a Audience) resolve(ctx context.Context, in Membership) ([]string, error) {
	switch {
	case a.Thread > 0:
		return in.FollowersAt(ctx, a.Members, a.Thread, a.Version)
	case a.Members != "":
		return a.members(ctx, in)
	case a.Everyone:
		others, guests, err := in.PeopleAt(ctx, a.Version)
		return slices.Concat(others, guests), err
	case a.Sees != "":
		return a.seeing(ctx, in)
	}
	return a.Users, nil
}

// members is the members of a room, except one.
func (a Audience) members(ctx context.Context, in Membership) ([]string, error) {
	all, err := in.MembersAt(ctx, a.Members, a.Version)
	if a.But == "" || err != nil {
		return all, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(user string) bool { return user == a.But }), nil
}

// seeing is who may see a user: all but guests, the user, and guests who share a room with the user.
func (a Audience) seeing(ctx context.Context, in Membership) ([]string, error) {
	others, guests, err := in.PeopleAt(ctx, a.Version)
	if err != nil || len(guests) == 0 {
		return others, err
	}
	together, err := in.CoMembers(ctx, a.Sees)
	if err != nil {
		return nil, err
	}
	to := slices.Clone(others)
	for _, g := range guests {
		if g == a.Sees || slices.Contains(together, g) {
			to = append(to, g)
		}
	}
	return to, nil
}
