package sqlite

import (
	"context"
	"errors"
	"slices"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/thread"
)

// Import implements archive.Store. Each call is one transaction.
func (s *Store) Import(ctx context.Context, records []archive.Record) error {
	return do(ctx, s, func(t *tx) error {
		if _, done, err := row(t.Conn, integer, "SELECT 1 FROM workspace"); err != nil || done {
			if err == nil {
				err = archive.ErrNotEmpty()
			}
			return err
		}
		for _, r := range records {
			if err := t.importRecord(r); err != nil {
				return archive.ImportError(r, err)
			}
		}
		return nil
	})
}

// importRecord writes one record. It replaces what an earlier attempt wrote.
func (t *tx) importRecord(record archive.Record) error {
	switch r := record.(type) {
	case archive.UserRecord:
		return t.importUser(r)
	case archive.RoomRecord:
		set := ""
		fold, k := roomName(r.Room)
		if r.Kind == chat.Direct {
			set = people(slices.Sorted(slices.Values(r.Members)))
		}
		if err := t.putAbout(r.ID, r.About); err != nil {
			return err
		}
		return exec(t.Conn, "INSERT OR REPLACE INTO room VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.ID, string(r.Kind),
			r.Name, fold, r.Topic,
			r.Archived, string(r.Posting), set, r.CreatedBy, millis(r.CreatedAt), r.Rev, r.LastSeq, r.Version, r.MemberCount,
			r.FirstReadRev, k, r.OwnersBroadcast, r.Welcomes)
	case archive.MemberRecord:
		t.membersChanged(r.Room)
		return exec(t.Conn, "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.Room, r.User, string(r.Role),
			millis(r.JoinedAt),
			r.ReadSeq, r.ReadRev, string(r.Notify), r.Starred, r.Muted, r.SettingsRev, r.Greet)
	case archive.MessageRecord:
		return t.importMessage(r.Message)
	case archive.VersionRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO version VALUES (?, ?, ?, ?, ?)", r.Room, r.Seq, r.N, r.Text, millis(r.At))
	case archive.ReactionRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO reaction VALUES (?, ?, ?, ?, ?)", r.Room, r.Seq, r.Emoji, r.User, r.Rev)
	case archive.VoteRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO vote VALUES (?, ?, ?, ?, ?)", r.Room, r.Seq, r.User, voteBits(r.Options), r.Rev)
	case archive.ThreadRecord:
		return t.setThread(r.Room, r.Root, r.User, r.Row)
	case archive.ConfirmedRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO confirmation VALUES (?, ?, ?, ?)", r.Room, r.Seq, r.User, millis(r.At))
	case archive.InviteRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO invite VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", r.Secret[:], r.ID, r.By, r.Email,
			string(r.Role),
			jsonList(r.Rooms), millis(r.CreatedAt), millis(r.ExpiresAt), r.Uses, r.MaxUses, r.Epoch)
	case archive.TokenRecord:
		return exec(t.Conn, "INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", r.Secret[:], r.ID, r.User, r.UserEpoch,
			r.Name,
			jsonList(r.Scopes), millis(r.CreatedAt), optionalMillis(r.ExpiresAt), optionalMillis(r.LastUsedAt))
	case archive.EmojiRecord:
		return errors.Join(t.writeEmoji(r.Emoji), t.setEmojiRevision(chat.NewID()))
	case archive.WorkspaceRecord:
		return exec(t.Conn, `INSERT INTO workspace SELECT 1, ?, ?, ?, ?, count(*), ?, ?, ? FROM room WHERE kind <> 'direct'`,
			r.Name, r.Epoch, jsonList(r.DefaultRooms), r.Directory, r.CallURL, r.PreviewsOff, r.FeedbackRoom)
	}
	return archive.ErrUnknownRecord(record)
}

func (t *tx) importUser(r archive.UserRecord) error {
	u, status := r.User, chat.Status{}
	if u.Status != nil {
		status = *u.Status
	}
	if err := exec(t.Conn, "INSERT OR REPLACE INTO user VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		u.ID, u.Handle, u.Name, u.Deceptive(), u.Title, u.TimeZone, u.Bot, string(u.Role), u.Deactivated, u.Ambiguous,
		status.Emoji, status.Text, optionalMillis(status.Until), u.Email, r.EmailFold, r.PasswordHash,
		u.Settings.Theme, u.Settings.SkinTone, u.Settings.EnterSends, u.Epoch, handleChanges(u), u.Reset,
		storedAttention(u), storedSections(u), u.Owner); err != nil {
		return err
	}
	if err := setName(t.Conn, u); err != nil {
		return err
	}
	if r.Hook != nil {
		if err := t.insertHook(*r.Hook); err != nil {
			return err
		}
	}
	if d := chat.ImportedDigest(u); !d.Due.IsZero() {
		if err := t.putDigest(d); err != nil {
			return err
		}
	}
	for _, h := range r.Handles {
		if err := exec(t.Conn, "INSERT OR REPLACE INTO handle VALUES (?, ?)", h, u.ID); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) importMessage(m chat.Message) error {
	var clientID, lastReply any
	if m.ClientID != "" {
		clientID = m.ClientID
	}
	var info thread.Info
	if m.ThreadInfo != nil {
		info = *m.ThreadInfo
		lastReply = millis(info.LastReplyAt)
	}
	var system chat.System
	if m.System != nil {
		system = *m.System
	}
	if err := exec(t.Conn, "INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		m.Room, m.Seq, m.Rev, m.Author, clientID, m.Text, millis(m.CreatedAt), optionalMillis(m.EditedAt), optionalMillis(m.DeletedAt),
		m.Thread, m.AlsoInRoom, info.Replies, lastReply, jsonList(info.Repliers), jsonList(m.Mentions),
		string(system.What), system.Value, jsonList(summaries(m.Reactions)), m.Edits, string(m.Broadcast), m.Parts.Encode(),
		m.Tally.Encode()); err != nil {
		return err
	}
	for n, r := range m.FileRows() {
		if err := t.putFile(r, n); err != nil {
			return err
		}
	}
	if err := t.enterFeedback(m); err != nil {
		return err
	}
	if err := exec(t.Conn, "DELETE FROM mention WHERE room = ? AND seq = ?", m.Room, m.Seq); err != nil {
		return err
	}
	return t.insertMentions(m)
}
