package sqlite

import (
	"context"
	"slices"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
)

// UpdateUser implements chat.UserStore.
func (s *Store) UpdateUser(ctx context.Context, cmd chat.UpdateUser) (chat.User, error) {
	return write(ctx, s, func(t *tx) (chat.User, error) {
		if err := t.checkFacts(cmd.Facts); err != nil {
			return chat.User{}, err
		}
		was, err := userByID(t.Conn, cmd.User)
		if err != nil {
			return was, err
		}
		if err := cmd.Check(was); err != nil {
			return was, err
		}
		u := cmd.Apply(was)
		if err := t.keepAnOwner(was, u); err != nil {
			return was, err
		}
		if u.Handle != was.Handle {
			if err := t.claimHandle(u.Handle, u.ID, true); err != nil {
				return was, err
			}
		}
		if bot.Wakes(cmd, was) {
			if err := t.ofOwner(was.Owner, bot.MayWake); err != nil {
				return was, err
			}
		}
		if err := t.storeUser(was, u, cmd); err != nil {
			return was, err
		}
		if cmd.EndSessions {
			if err := t.raiseEpoch(u, cmd); err != nil {
				return was, err
			}
		}
		if u, err = t.announceUpdate(was, cmd); err != nil {
			return was, err
		}
		return u, t.stopBots(was, cmd)
	})
}

// keepAnOwner returns a Conflict when the change would leave the workspace without an active owner.
func (t *tx) keepAnOwner(was, u chat.User) error {
	return chat.KeepAnOwner(was, u, func() (bool, error) {
		_, exists, err := row(t.Conn, integer, "SELECT 1 FROM user WHERE role = 'owner' AND deactivated = 0 AND id <> ?", u.ID)
		return exists, err
	})
}

func (t *tx) storeUser(was, u chat.User, cmd chat.UpdateUser) error {
	var status chat.Status
	if u.Status != nil {
		status = *u.Status
	}
	if err := exec(t.Conn, `UPDATE user SET handle = ?, title = ?, time_zone = ?, status_emoji = ?, status_text = ?, status_until = ?,
		theme = ?, skin_tone = ?, enter_sends = ?, attention = ?, role = ?, deactivated = ?, epoch = ?, handle_changes = ?, reset = ?,
		sections = ? WHERE id = ?`,
		u.Handle, u.Title, u.TimeZone, status.Emoji, status.Text, optionalMillis(status.Until),
		u.Settings.Theme, u.Settings.SkinTone, u.Settings.EnterSends, storedAttention(u), string(u.Role), u.Deactivated, u.Epoch,
		handleChanges(u), u.Reset, storedSections(u), u.ID); err != nil {
		return err
	}
	if was.MovesDigest(u) {
		if err := t.changeDigest(was, u, cmd.At); err != nil {
			return err
		}
	}
	if cmd.Password != nil {
		if err := exec(t.Conn, "UPDATE user SET password = ? WHERE id = ?", *cmd.Password, u.ID); err != nil {
			return err
		}
	}
	if cmd.Compares() {
		return setName(t.Conn, u)
	}
	return nil
}

// raiseEpoch ends the user's sessions and tokens, apart from those that cmd keeps. The kept ones get the new epoch.
func (t *tx) raiseEpoch(u chat.User, cmd chat.UpdateUser) error {
	ended, err := t.endSessions(u, cmd)
	if err != nil {
		return err
	}
	if cmd.KeepTokens {
		if err := exec(t.Conn, "UPDATE token SET user_epoch = ? WHERE user = ? AND user_epoch = ?", u.Epoch, u.ID, u.Epoch-1); err != nil {
			return err
		}
	} else if err := exec(t.Conn, "DELETE FROM token WHERE user = ?", u.ID); err != nil {
		return err
	}
	t.announce(cmd.Ended(ended))
	return nil
}

// endSessions ends the user's sessions but the one that cmd keeps, and returns their ids.
func (t *tx) endSessions(u chat.User, cmd chat.UpdateUser) ([]string, error) {
	if cmd.KeepSession == nil {
		return rows(t.Conn, text, "DELETE FROM session WHERE user = ? RETURNING id", u.ID)
	}
	keep := *cmd.KeepSession
	s, ok, err := row(t.Conn, scanSession, "SELECT "+sessionColumns+" FROM session WHERE user = ? AND id = ?", u.ID, keep.ID)
	if err == nil && ok {
		s = cmd.Kept(s)
		err = exec(t.Conn, "UPDATE session SET secret = ?, user_epoch = ?, password_at = ? WHERE id = ?", keep.Secret[:], s.UserEpoch,
			millis(s.PasswordAt), s.ID)
	}
	if err != nil {
		return nil, err
	}
	return rows(t.Conn, text, "DELETE FROM session WHERE user = ? AND id <> ? RETURNING id", u.ID, keep.ID)
}

// announceUpdate updates which users are ambiguous. It announces what changed of the profile or the settings.
func (t *tx) announceUpdate(was chat.User, cmd chat.UpdateUser) (chat.User, error) {
	if cmd.Compares() {
		if err := t.disambiguate(slices.Concat(was.NameKeys(), cmd.Apply(was).NameKeys()), was.ID); err != nil {
			return was, err
		}
	}
	now, err := userByID(t.Conn, was.ID)
	if err != nil {
		return was, err
	}
	switch e := was.Told(now).(type) {
	case chat.UserChanged:
		return now, t.announceUser(now.ID)
	case chat.SettingsChanged:
		t.announce(e)
	}
	return now, nil
}
