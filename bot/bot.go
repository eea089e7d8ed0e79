// Package bot holds the rules for bots with an owner, which stores keep at each commit: such a bot is in rooms of its owner alone, and
// active only while its owner is. Direct conversations are exempt: whoever begins one with a bot chose to. It keeps nothing.
//
// The package imports chat.
package bot

import (
	"cmp"
	"slices"

	"github.com/canteen-chat/canteen/chat"
)

// Bots of one owner: those that are active, and all that were ever made.
const (
	Max    = 10
	MaxAll = 30 // DynamoDB changes at most 100 items at once, and they may all leave a room with their owner
)

// MayMake is a Conflict when the owner of a new bot, who has these bots, is deactivated or has as many as allowed.
func MayMake(owner chat.User, bots []chat.User) error {
	if len(bots) >= MaxAll {
		return chat.Errorf(chat.Conflict, "%s has made %d bots, and can make no more. Bring one of them back.", owner.Name, len(bots))
	}
	return mayHave("", owner, bots)
}

// Wakes says whether the command makes a bot with an owner active.
func Wakes(cmd chat.UpdateUser, was chat.User) bool {
	return was.Owner != "" && was.Deactivated && !cmd.Apply(was).Deactivated
}

// MayWake is a Conflict when a bot cannot become active: its owner, who has these bots, is deactivated or has as many as allowed.
func MayWake(owner chat.User, bots []chat.User) error { return mayHave("deactivated", owner, bots) }

func mayHave(field string, owner chat.User, bots []chat.User) error {
	if owner.Deactivated {
		return refuse(field, "%s, who owns this bot, is deactivated.", owner.Name)
	}
	active := 0
	for _, b := range bots {
		if !b.Deactivated {
			active++
		}
	}
	if active < Max {
		return nil
	}
	return refuse(field, "%s has %d bots. Deactivate one first.", owner.Name, active)
}

// Stops says whether the command deactivates somebody who may own bots: then these end too.
func Stops(cmd chat.UpdateUser, was chat.User) bool {
	return !was.Bot && !was.Deactivated && cmd.Apply(was).Deactivated
}

// Stop is the command that ends a bot of the user whom cmd deactivates.
func Stop(cmd chat.UpdateUser, bot chat.User) chat.UpdateUser {
	yes := true
	return chat.UpdateUser{User: bot.ID, Deactivated: &yes, EndSessions: true, At: cmd.At}
}

// Load loads a user.
type Load func(id string) (chat.User, error)

// MayEnter is a Conflict when u is a bot whose owner is not in the room that it is added to.
func MayEnter(u chat.User, kind chat.Kind, member func(user string) bool, load Load) error {
	return mayEnter("user", u, kind, member, load)
}

// MayBegin is like [MayEnter], for one of the first members of a room.
func MayBegin(cmd chat.AddRoom, u chat.User, load Load) error {
	first := cmd.People()
	return mayEnter("members", u, cmd.Room.Kind, func(id string) bool { return slices.Contains(first, id) }, load)
}

func mayEnter(field string, u chat.User, kind chat.Kind, member func(string) bool, load Load) error {
	if u.Owner == "" || kind == chat.Direct || member(u.Owner) {
		return nil
	}
	o, err := load(u.Owner)
	if err != nil {
		return err
	}
	return refuse(field, "%s is a bot of %s. It can only be in rooms that %s is in.", u.Name, o.Name, o.Name)
}

// Left is what is told of a bot that leaves a room with its owner.
func Left(cmd chat.RemoveMember, bot string) chat.RoomLeft {
	return chat.RoomLeft{Room: cmd.Room, User: bot, Reason: chat.Removed, By: cmp.Or(cmd.By, cmd.User)}
}

func refuse(field, format string, args ...any) error {
	e := chat.Errorf(chat.Conflict, format, args...)
	e.Field = field
	return e
}
