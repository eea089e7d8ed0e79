package dynamodb

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/hook"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// Import implements archive.Store. It overwrites what an earlier, interrupted import left.
func (s *Store) Import(ctx context.Context, records []archive.Record) error {
	_, err := s.Workspace(ctx)
	if err == nil {
		return archive.ErrNotEmpty()
	}
	if chat.ErrorCode(err) != chat.NotFound {
		return err
	}
	m := importer{s: s, ctx: ctx, last: map[string]chat.Message{}, threads: map[threadRef]bool{}}
	for _, r := range records {
		if err := m.add(r); err != nil {
			return archive.ImportError(r, err)
		}
	}
	if err := m.write(); err != nil {
		return err
	}
	for _, u := range m.people {
		for _, k := range u.NameKeys() {
			if err := s.addNamesake(ctx, nameKey(k), u.ID); err != nil {
				return err
			}
		}
	}
	for _, r := range m.rooms {
		if err := s.addNamesake(ctx, roomNameKey(chat.RoomKey(r.Name)), r.ID); err != nil {
			return err
		}
	}
	for room, last := range m.last {
		if err := s.setLastMessage(ctx, room, last); err != nil {
			return err
		}
	}
	for of := range m.threads {
		if _, err := s.listThread(ctx, of); err != nil {
			return err
		}
	}
	if m.workspace != nil {
		return s.putWorkspace(ctx, *m.workspace)
	}
	return nil
}

// importer is the state of one Import. Its items overwrite what the tables hold. Names, last messages, lists of threads and the workspace
// depend on stored items and are written after them.
type importer struct {
	s         *Store
	ctx       context.Context
	items     map[table.Key]table.Item
	order     []table.Key
	people    []chat.User             // whose names are to be listed
	rooms     []chat.Room             // public rooms whose names are to be listed
	last      map[string]chat.Message // the newest undeleted timeline message of each room
	threads   map[threadRef]bool      // that somebody follows
	workspace *archive.WorkspaceRecord
}

// put queues an item to be written.
func (m *importer) put(k table.Key, v any) error {
	i, err := table.Encode(k, v)
	if err != nil {
		return err
	}
	i["v"] = table.Number(1)
	if k.Table == messages {
		i["moved"] = table.Boolean(true) // Store.Commits skips imported messages
	}
	if m.items == nil {
		m.items = map[table.Key]table.Item{}
	}
	if m.items[k] == nil {
		m.order = append(m.order, k)
	}
	m.items[k] = i
	return nil
}

// putAll queues several items.
func (m *importer) putAll(of ...keyed[any]) error {
	for _, o := range of {
		if err := m.put(o.key, o.v); err != nil {
			return err
		}
	}
	return nil
}

func (m *importer) add(record archive.Record) error {
	switch r := record.(type) {
	case archive.UserRecord:
		return m.addUser(r)
	case archive.RoomRecord:
		return m.addRoom(r)
	case archive.MemberRecord:
		return m.putAll(
			keyed[any]{memberKey(r.Room, r.User), member{
				User: r.User, Role: r.Role, JoinedAt: table.Millis(r.JoinedAt), Notify: r.Notify, Muted: r.Muted,
			}},
			keyed[any]{userRoomKey(r.User, r.Room), userRoom{
				Room: r.Room, Role: r.Role, ReadSeq: r.ReadSeq, ReadRev: r.ReadRev, Notify: r.Notify, Starred: r.Starred, Muted: r.Muted,
				Greet: r.Greet, SettingsRev: r.SettingsRev,
			}},
		)
	case archive.MessageRecord:
		return m.addMessage(r.Message)
	case archive.VersionRecord:
		return m.put(table.NewKey(messages, messagePK(r.Room), versionSK(r.Seq, r.N)), version{r.Text, table.Millis(r.At)})
	case archive.ReactionRecord:
		return m.put(reactionKey(r.Room, r.Seq, r.Emoji, r.User), userReaction{Emoji: r.Emoji, User: r.User, Rev: r.Rev})
	case archive.VoteRecord:
		return m.put(voteKey(r.Room, r.Seq, r.User), vote{User: r.User, Options: r.Options, Rev: r.Rev})
	case archive.ThreadRecord:
		of, row := threadRef{r.Room, r.Root}, threadRow{User: r.User}
		row.setFromChat(r.Row)
		m.threads[of] = true
		return m.put(of.key(r.User), row)
	case archive.ConfirmedRecord:
		return m.put(confirmationKey(r.Room, r.Seq, r.User), confirmation{r.User, table.Millis(r.At)})
	case archive.InviteRecord:
		return m.put(inviteKey(r.Secret), newInvite(r.Invite))
	case archive.TokenRecord:
		return m.putAll(
			keyed[any]{secretKey(tokens, r.User, r.Secret), newToken(r.Token)},
			keyed[any]{ownerKey(r.Secret), holder{r.User}}, // the secret may be of an old form, without the user's id
		)
	case archive.EmojiRecord:
		return m.put(emojiKey(r.Name), newEmoji(r.Emoji))
	case archive.WorkspaceRecord:
		m.workspace = &r
		return nil
	}
	return archive.ErrUnknownRecord(record)
}

func (m *importer) addUser(r archive.UserRecord) error {
	u := user{NameKeys: r.User.NameKeys(), EmailFold: r.EmailFold, Password: r.PasswordHash, Handles: r.Handles}
	u.setFromChat(r.User)
	m.people = append(m.people, r.User)
	if r.Hook != nil {
		if err := m.put(hook.Key(u.ID), hook.New(*r.Hook)); err != nil {
			return err
		}
	}
	for _, h := range r.Handles {
		if err := m.put(handleKey(h), holder{u.ID}); err != nil {
			return err
		}
	}
	if d := chat.ImportedDigest(r.User); !d.Due.IsZero() {
		due := keyed[any]{digestDueKey(table.Millis(d.Due), u.ID), struct{}{}}
		if err := m.putAll(keyed[any]{digestKey(u.ID), newDigest(d)}, due); err != nil {
			return err
		}
	}
	if u.Owner != "" {
		if err := m.put(ownedKey(u.Owner, u.ID), struct{}{}); err != nil {
			return err
		}
	}
	return m.putAll(keyed[any]{userKey(u.ID), u}, keyed[any]{emailKey(r.EmailFold), holder{u.ID}})
}

func (m *importer) addRoom(r archive.RoomRecord) error {
	to := room{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Topic: r.Topic, Archived: r.Archived, Posting: r.Posting,
		OwnersBroadcast: r.OwnersBroadcast, Welcomes: r.Welcomes, People: r.Members,
		CreatedBy: r.CreatedBy, CreatedAt: table.Millis(r.CreatedAt), Rev: r.Rev, LastSeq: r.LastSeq, LastTimeline: r.LastInRoom,
		LastMention: r.LastSeq, LastBroadcast: r.LastSeq, // upper bounds; if too high, counting asks once in vain
		Version: r.Version, MemberCount: r.MemberCount, FirstReadRev: r.FirstReadRev,
	}
	if r.About != (chat.RoomAbout{}) {
		if err := m.put(roomAboutKey(r.ID), roomAbout(r.About)); err != nil {
			return err
		}
	}
	if r.Kind == chat.Public {
		m.rooms = append(m.rooms, r.Room)
		if err := m.put(publicKey(r.ID), publicRoom{ID: r.ID, NameFold: chat.RoomFold(r.Name), Archived: r.Archived}); err != nil {
			return err
		}
	}
	if r.Kind == chat.Direct {
		if err := m.put(directKey(r.Members), holder{r.ID}); err != nil {
			return err
		}
	}
	return m.putAll(keyed[any]{listKey(r.ID), roomListEntry{r.Kind}}, keyed[any]{roomKey(r.ID), to})
}

func (m *importer) addMessage(c chat.Message) error {
	to := messageOf(c)
	if err := m.put(messageKey(c.Room, c.Seq), to); err != nil {
		return err
	}
	if to.inTimeline() {
		if err := m.put(table.NewKey(messages, messagePK(c.Room), timelineSK(c.Seq)), to.indexEntry()); err != nil {
			return err
		}
		if to.DeletedAt == nil && c.Seq >= m.last[c.Room].Seq {
			m.last[c.Room] = c
		}
	}
	if to.Thread > 0 {
		if err := m.put(table.NewKey(messages, messagePK(c.Room), replySK(c.Thread, c.Seq)), to.indexEntry()); err != nil {
			return err
		}
	}
	if c.Broadcast == chat.BroadcastRoom {
		if err := m.put(broadcastKey(c.Room, c.Seq), broadcastEntry{c.Seq, c.Author, c.Thread, table.Millis(c.CreatedAt)}); err != nil {
			return err
		}
	}
	for _, u := range c.Counted() {
		if err := m.put(table.NewKey(messages, messagePK(c.Room), mentionSK(u, c.Seq)), mentionEntry{c.Thread}); err != nil {
			return err
		}
	}
	if err := m.addFiles(c); err != nil {
		return err
	}
	if err := m.addFeedback(c); err != nil {
		return err
	}
	if c.ClientID == "" {
		return nil
	}
	return m.put(clientKey(c.Room, c.Author, c.ClientID), idempotencyEntry{c.Seq})
}

func messageOf(c chat.Message) (m message) {
	m.setFromChat(c)
	return m
}

// importConcurrency is how many batches are written at the same time.
const importConcurrency = 8

func (m *importer) write() error {
	g, ctx := errgroup.WithContext(m.ctx)
	g.SetLimit(importConcurrency)
	for chunk := range slices.Chunk(m.order, table.MaxBatchWrite) {
		g.Go(func() error {
			items := make(map[table.Key]table.Item, len(chunk))
			for _, k := range chunk {
				items[k] = m.items[k]
			}
			return m.s.db.PutItems(ctx, items)
		})
	}
	return g.Wait()
}

// addNamesake lists a user or room under a name. It does not set Ambiguous: the imported record has it.
func (s *Store) addNamesake(ctx context.Context, k table.Key, id string) error {
	return do(ctx, s, func(t *tx) error {
		n, _, err := loadOptional[namesakes](t, k)
		if err != nil || slices.Contains(n.Of, id) {
			return err
		}
		n.Of = append(n.Of, id)
		return t.Put(k, n)
	})
}

// setLastMessage makes m the room's last message unless the room has a later one.
func (s *Store) setLastMessage(ctx context.Context, id string, m chat.Message) error {
	return do(ctx, s, func(t *tx) error {
		r, err := t.room(id)
		if err != nil || r.Last != nil && r.Last.Seq > m.Seq {
			return err
		}
		_, err = change(t, roomKey(id), func(r *room) { r.Last = briefOf(m) })
		return err
	})
}

// putWorkspace creates the workspace item. From then on the workspace counts as set up.
func (s *Store) putWorkspace(ctx context.Context, r archive.WorkspaceRecord) error {
	w := workspace{
		Name: r.Name, Epoch: r.Epoch, DefaultRooms: r.DefaultRooms, CallURL: r.CallURL, PreviewsOff: r.PreviewsOff,
		FeedbackRoom: r.FeedbackRoom,
		Directory:    r.Directory, Names: chat.NamesVersion,
	}
	all, err := s.allUsers(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		w.Owners += activeOwners(u)
	}
	kinds, err := s.db.Query(ctx, table.Range{Table: rooms, PK: allPK})
	if err != nil {
		return err
	}
	for _, it := range kinds {
		if chat.Kind(it.Text("kind")) != chat.Direct {
			w.Rooms++
		}
	}
	if err := s.countEmoji(ctx); err != nil {
		return err
	}
	return do(ctx, s, func(t *tx) error {
		if i, err := t.Load(workspaceKey()); err != nil || i != nil {
			if err == nil {
				err = archive.ErrNotEmpty()
			}
			return err
		}
		return t.Put(workspaceKey(), w)
	})
}
