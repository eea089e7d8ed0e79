package dynamodb

import (
	"context"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// UpdateUser implements chat.UserStore.
func (s *Store) UpdateUser(ctx context.Context, cmd chat.UpdateUser) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		t.requireFacts(cmd.Facts)
		i, err := t.user(cmd.User)
		if err != nil {
			return chat.User{}, err
		}
		before := i.toChat()
		if err := cmd.Check(before); err != nil {
			return before, err
		}
		u := cmd.Apply(before)
		if err := t.keepAnOwner(before, u); err != nil {
			return before, err
		}
		if u.Handle != before.Handle {
			if err := t.claim(handleKey(u.Handle), u.ID, chat.ErrHandleTaken()); err != nil {
				return before, err
			}
		}
		if bot.Wakes(cmd, before) {
			if err := t.ofOwner(before.Owner, bot.MayWake); err != nil {
				return before, err
			}
		}
		var others []chat.User
		if cmd.Compares() {
			if others, err = t.renameUser(&i, &u); err != nil {
				return before, err
			}
		}
		if cmd.Password != nil {
			i.Password = *cmd.Password
		}
		i.setFromChat(u)
		if err := t.Put(userKey(u.ID), i); err != nil {
			return before, err
		}
		if before.MovesDigest(u) {
			if err := t.changeDigest(before, u, cmd.At); err != nil {
				return before, err
			}
		}
		if cmd.EndSessions {
			if err := t.raiseEpoch(u, cmd); err != nil {
				return before, err
			}
		}
		for _, o := range others {
			if err := t.addUserEvent(o); err != nil {
				return before, err
			}
		}
		switch e := before.Told(u).(type) {
		case chat.UserChanged:
			err = t.addUserEvent(u)
		case chat.SettingsChanged:
			err = t.addEvent(e, 0)
		}
		if err != nil {
			return before, err
		}
		return u, t.stopBots(before, cmd)
	})
}

// keepAnOwner returns Conflict if the workspace would lose its last active owner. It updates the number of owners.
func (t *tx) keepAnOwner(before, u chat.User) error {
	if activeOwners(before) == activeOwners(u) {
		return nil
	}
	if err := chat.KeepAnOwner(before, u, func() (bool, error) {
		w, err := loadItem[workspace](t, workspaceKey())
		return w.Owners > 1, err
	}); err != nil {
		return err
	}
	return t.changeWorkspace(func(w *workspace) { w.Owners += activeOwners(u) - activeOwners(before) })
}

// renameUser compares a user who has a new name or role, and sets u.Ambiguous. It returns the other users whose Ambiguous changed.
func (t *tx) renameUser(i *user, u *chat.User) (others []chat.User, err error) {
	u.Ambiguous, others, err = t.setName(*u, i.NameKeys)
	i.NameKeys = u.NameKeys()
	return others, err
}

// raiseEpoch ends sessions and tokens: those that are kept get the new epoch, the others are left with an old one.
func (t *tx) raiseEpoch(u chat.User, cmd chat.UpdateUser) error {
	var others []string
	all, err := loadPartition[session](t, sessions, u.ID)
	if err != nil {
		return err
	}
	for _, o := range all {
		switch {
		case o.v.UserEpoch != u.Epoch-1: // over before
		case cmd.Keeps(o.v.ID):
			t.Remove(o.key)
			if err := t.Put(secretKey(sessions, u.ID, cmd.KeepSession.Secret), newSession(cmd.Kept(o.v.toChat()))); err != nil {
				return err
			}
		default:
			others = append(others, o.v.ID)
		}
	}
	if cmd.KeepTokens {
		all, err := loadPartition[token](t, tokens, u.ID)
		if err != nil {
			return err
		}
		for _, o := range all {
			if o.v.UserEpoch == u.Epoch-1 {
				o.v.UserEpoch = u.Epoch
				if err := t.Put(o.key, o.v); err != nil {
					return err
				}
			}
		}
	}
	return t.addEvent(cmd.Ended(others), 0)
}
