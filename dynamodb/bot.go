package dynamodb

import (
	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// The items under botsPK list the bots of an owner. A command that adds one, or makes a bot active, also puts the owner's item. Another
// command that read the list after the owner's item depends on the version of that item: so one of the two conflicts.
func botsPK(owner string) string           { return "bots#" + owner }
func ownedKey(owner, bot string) table.Key { return table.NewKey(tokens, botsPK(owner), bot) }

// bots returns the bots of an owner, by id. It reads the owner's item first.
func (t *tx) bots(owner string) (out []chat.User, err error) {
	if _, err := t.Load(userKey(owner)); err != nil {
		return nil, err
	}
	listed, err := t.s.db.Query(t.ctx, table.Range{Table: tokens, PK: botsPK(owner)})
	if err != nil || len(listed) == 0 {
		return nil, err
	}
	ids := make([]string, len(listed))
	for i, it := range listed {
		ids[i] = it.Text("sk")
	}
	return t.users(ids)
}

// ofOwner calls check with a bot's owner, if the bot has one, and all bots of that owner, and puts the owner's item.
func (t *tx) ofOwner(id string, check func(chat.User, []chat.User) error) error {
	if id == "" {
		return nil
	}
	bots, err := t.bots(id)
	if err != nil {
		return err
	}
	owner, err := t.user(id)
	if err != nil {
		return err
	}
	if err := check(owner.toChat(), bots); err != nil {
		return err
	}
	return t.Put(userKey(id), owner)
}

// stopBots deactivates the active bots of a user whom the command deactivates.
func (t *tx) stopBots(before chat.User, cmd chat.UpdateUser) error {
	if !bot.Stops(cmd, before) {
		return nil
	}
	bots, err := t.bots(before.ID)
	if err != nil {
		return err
	}
	for _, b := range bots {
		if b.Deactivated {
			continue
		}
		stop := bot.Stop(cmd, b)
		u := stop.Apply(b)
		if _, err := change(t, userKey(b.ID), func(i *user) { i.setFromChat(u) }); err != nil {
			return err
		}
		if err := t.addEvent(stop.Ended(nil), 0); err != nil {
			return err
		}
		if err := t.addUserEvent(u); err != nil {
			return err
		}
	}
	return nil
}

// mayEnter returns a Conflict if one of the users is a bot whose owner is not in the room. The room's item must have been read before, and
// be put by the command: whoever leaves puts it too.
func (t *tx) mayEnter(r room, users []chat.User) error {
	for _, u := range users {
		if u.Owner != "" {
			if _, err := t.Load(userRoomKey(u.Owner, r.ID)); err != nil {
				return err
			}
		}
		if err := bot.MayEnter(u, r.Kind, t.isMember(r.ID), t.owner); err != nil {
			return err
		}
	}
	return nil
}

// owner returns the owner of a bot.
func (t *tx) owner(id string) (chat.User, error) {
	o, err := t.user(id)
	return o.toChat(), err
}

// botsIn returns the events of the bots that leave with a member. The room's item must have been read before, as for mayEnter.
func (t *tx) botsIn(cmd chat.RemoveMember) (out []chat.RoomLeft, err error) {
	bots, err := t.bots(cmd.User)
	if err != nil || len(bots) == 0 {
		return nil, err
	}
	var keys []table.Key
	for _, b := range bots {
		keys = append(keys, userRoomKey(b.ID, cmd.Room), memberKey(cmd.Room, b.ID))
	}
	if _, err := t.Load(keys...); err != nil {
		return nil, err
	}
	for _, b := range bots {
		if t.Seen[userRoomKey(b.ID, cmd.Room)] != nil {
			out = append(out, bot.Left(cmd, b.ID))
		}
	}
	return out, nil
}
