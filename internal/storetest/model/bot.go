package model

import (
	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// bots are those of an owner, by id.
func (s *Store) bots(owner string) (out []chat.User) {
	for _, id := range sorted(s.users) {
		if u := s.users[id]; u.Owner == owner && owner != "" {
			out = append(out, u.view())
		}
	}
	return out
}

// owner is somebody who owns a bot.
func (s *Store) owner(id string) (chat.User, error) {
	if s.users[id] == nil {
		return chat.User{}, chat.ErrNotFound()
	}
	return s.users[id].view(), nil
}

// ofOwner calls check with a bot's owner, if the bot has one, and all bots of that owner.
func (s *Store) ofOwner(id string, check func(chat.User, []chat.User) error) error {
	if id == "" {
		return nil
	}
	owner, err := s.owner(id)
	if err != nil {
		return err
	}
	return check(owner, s.bots(id))
}

// stopBots deactivates the active bots of a user.
func (s *Store) stopBots(u *user, c chat.UpdateUser) {
	for _, b := range s.bots(u.ID) {
		if b.Deactivated {
			continue
		}
		stop, of := bot.Stop(c, b), s.users[b.ID]
		of.User = stop.Apply(b)
		s.raiseEpoch(of, stop)
		s.emitUser(of)
	}
}
