package sqlite

import (
	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// bots returns the bots of an owner, by id.
func (t *tx) bots(owner string) ([]chat.User, error) {
	return rows(t.Conn, scanUser, "SELECT "+userColumns+" FROM user WHERE owner = ? AND owner <> '' ORDER BY id", owner)
}

// ofOwner calls check with a bot's owner, if the bot has one, and all bots of that owner.
func (t *tx) ofOwner(id string, check func(chat.User, []chat.User) error) error {
	if id == "" {
		return nil
	}
	owner, err := userByID(t.Conn, id)
	if err != nil {
		return err
	}
	bots, err := t.bots(id)
	if err != nil {
		return err
	}
	return check(owner, bots)
}

// stopBots deactivates the active bots of a user whom the command deactivates.
func (t *tx) stopBots(was chat.User, cmd chat.UpdateUser) error {
	if !bot.Stops(cmd, was) {
		return nil
	}
	bots, err := t.bots(was.ID)
	if err != nil {
		return err
	}
	for _, b := range bots {
		if b.Deactivated {
			continue
		}
		stop := bot.Stop(cmd, b)
		u := stop.Apply(b)
		if err := t.storeUser(b, u, stop); err != nil {
			return err
		}
		if err := t.raiseEpoch(u, stop); err != nil {
			return err
		}
		if err := t.announceUser(b.ID); err != nil {
			return err
		}
	}
	return nil
}

// mayEnter returns a Conflict if one of the users is a bot whose owner is not in the room.
func (t *tx) mayEnter(users []string, check func(chat.User, bot.Load) error) error {
	for _, id := range users {
		u, err := userByID(t.Conn, id)
		if err != nil {
			return err
		}
		if err := check(u, func(owner string) (chat.User, error) { return userByID(t.Conn, owner) }); err != nil {
			return err
		}
	}
	return nil
}

// botsIn returns the ids of an owner's bots that are in a room.
func (t *tx) botsIn(room, owner string) ([]string, error) {
	return rows(t.Conn, text, `SELECT user.id FROM user JOIN member ON member.user = user.id AND member.room = ?1
		WHERE owner = ?2 AND owner <> '' ORDER BY user.id`, room, owner)
}
