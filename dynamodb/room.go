package dynamodb

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/canteen-chat/canteen/bot"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

const (
	roomSK   = "-"
	allPK    = "all"    // lists all rooms
	publicPK = "public" // lists public rooms, for browsing
)

func roomPK(id string) string             { return "room#" + id }
func roomKey(id string) table.Key         { return table.NewKey(rooms, roomPK(id), roomSK) }
func listKey(id string) table.Key         { return table.NewKey(rooms, allPK, id) }
func publicKey(id string) table.Key       { return table.NewKey(rooms, publicPK, id) }
func messagePK(room string) string        { return "room#" + room }
func directKey(people []string) table.Key { return table.NewKey(unique, "direct#"+digest(people), "-") }

// digest maps a set of people to one string, whatever their order.
func digest(people []string) string {
	sum := sha256.Sum256([]byte(strings.Join(slices.Sorted(slices.Values(people)), " ")))
	return hex.EncodeToString(sum[:])
}

// room is the item of a room.
type room struct {
	ID              string       `dynamodbav:"id"`
	Kind            chat.Kind    `dynamodbav:"kind"`
	Name            string       `dynamodbav:"name,omitempty"`
	Topic           string       `dynamodbav:"topic,omitempty"`
	Archived        bool         `dynamodbav:"archived"`
	Posting         chat.Posting `dynamodbav:"posting"`
	OwnersBroadcast bool         `dynamodbav:"owners_broadcast,omitempty"` // see ownersBroadcast
	Welcomes        bool         `dynamodbav:"welcomes,omitempty"`
	People          []string     `dynamodbav:"people,omitempty"` // of a direct room
	CreatedBy       string       `dynamodbav:"created_by"`
	CreatedAt       int64        `dynamodbav:"created_at"`
	Rev             int64        `dynamodbav:"rev"`
	LastSeq         int64        `dynamodbav:"last_seq"`
	LastTimeline    int64        `dynamodbav:"last_timeline"`            // seq of the last message in the timeline
	LastMention     int64        `dynamodbav:"last_mention"`             // at least the seq of the last message that mentions anybody
	LastBroadcast   int64        `dynamodbav:"last_broadcast,omitempty"` // at least the seq of the last message to the whole room
	Version         int64        `dynamodbav:"version"`
	MemberCount     int          `dynamodbav:"member_count"`
	FirstReadRev    int64        `dynamodbav:"first_read_rev"`
	Last            *brief       `dynamodbav:"last,omitempty"`
	Trace           []trace      `dynamodbav:"trace,omitempty"` // of the last commit
}

// ownersBroadcast is an attribute of rooms. The items of rooms in which everyone may broadcast do not have it.
const ownersBroadcast = "owners_broadcast"

// brief is the newest undeleted message of the timeline.
type brief struct {
	Seq    int64  `dynamodbav:"seq"`
	Author string `dynamodbav:"author"`
	Text   string `dynamodbav:"text"`
	At     int64  `dynamodbav:"at"`
}

// roomListEntry lists a room, whether or not it has members.
type roomListEntry struct {
	Kind chat.Kind `dynamodbav:"kind"`
}

// publicRoom holds what browsing needs of a public room. sk is its id.
type publicRoom struct {
	ID       string `dynamodbav:"sk"`
	NameFold string `dynamodbav:"name_fold"`
	Archived bool   `dynamodbav:"archived"`
}

func (r room) toChat() chat.Room {
	return chat.Room{
		ID: r.ID, Kind: r.Kind, Name: r.Name, Topic: r.Topic, Archived: r.Archived, Posting: r.Posting,
		OwnersBroadcast: r.OwnersBroadcast, Welcomes: r.Welcomes, MemberCount: r.MemberCount, Members: r.People,
		CreatedBy: r.CreatedBy, CreatedAt: table.At(r.CreatedAt), Rev: r.Rev, LastSeq: r.LastSeq, Version: r.Version,
	}
}

// room returns the room as the command has changed it so far.
func (t *tx) room(id string) (room, error) {
	if now := t.Pending(roomKey(id)); now != nil {
		return table.Decode[room](now)
	}
	return loadItem[room](t, roomKey(id))
}

// changeRoom changes the item of the room, and puts the command's events into that room's partition.
func (t *tx) changeRoom(id string, f func(*room)) (room, error) {
	if t.eventPos.room == "" {
		before, err := t.room(id)
		if err != nil {
			return before, err
		}
		t.eventPos = eventPosition{room: id, rev: before.Rev}
	}
	first := t.Pending(roomKey(id)) == nil
	r, err := change(t, roomKey(id), func(r *room) {
		if first {
			r.Trace = nil
		}
		f(r)
	})
	if t.eventPos.room == id {
		t.eventPos.version = r.Version
	}
	return r, err
}

// RoomAccess implements chat.RoomStore.
func (s *Store) RoomAccess(ctx context.Context, id, user string) (chat.RoomAccess, error) {
	return read(ctx, s, func(t *tx) (chat.RoomAccess, error) {
		i, err := t.Load(roomKey(id), userRoomKey(user, id))
		if err != nil {
			return chat.RoomAccess{}, err
		}
		r, err := loadItem[room](t, roomKey(id))
		if err != nil {
			return chat.RoomAccess{}, err
		}
		s.db.Cache(roomKey(id), i)
		m, _, err := loadOptional[userRoom](t, userRoomKey(user, id))
		return chat.RoomAccess{Room: r.toChat(), Role: m.Role}, err
	})
}

// RoomByName implements chat.RoomStore.
func (s *Store) RoomByName(ctx context.Context, name string) (string, error) {
	return read(ctx, s, func(t *tx) (string, error) {
		n, _, err := loadOptional[namesakes](t, roomNameKey(chat.RoomKey(name)))
		if err != nil {
			return "", err
		}
		named, err := loadAll[room](t, n.Of, roomKey)
		for _, r := range named {
			if chat.RoomFold(r.Name) == chat.RoomFold(name) {
				return r.ID, err
			}
		}
		if err == nil {
			err = chat.ErrNotFound()
		}
		return "", err
	})
}

// Browse implements chat.RoomStore.
func (s *Store) Browse(ctx context.Context, q chat.BrowseQuery) (chat.RoomPage, error) {
	in, err := s.roomsOf(ctx, q.User)
	if err != nil {
		return chat.RoomPage{}, err
	}
	items, err := s.db.Query(ctx, table.Range{Table: rooms, PK: publicPK})
	if err != nil {
		return chat.RoomPage{}, err
	}
	var found []publicRoom
	var after *publicRoom
	for _, it := range items {
		p, err := table.Decode[publicRoom](it)
		if err != nil {
			return chat.RoomPage{}, err
		}
		if p.ID == q.After {
			after = &p
		}
		if _, ok := in[p.ID]; !ok && !p.Archived && strings.Contains(p.NameFold, q.Text) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, byName)
	rest := found
	switch {
	case after != nil:
		first, is := slices.BinarySearchFunc(found, *after, byName)
		if is {
			first++
		}
		rest = found[first:]
	case q.After != "":
		return chat.RoomPage{}, chat.ErrNotFound()
	}
	return read(ctx, s, func(t *tx) (chat.RoomPage, error) {
		keys := make([]table.Key, min(len(rest), q.Limit))
		abouts := make([]table.Key, len(keys))
		for i := range keys {
			keys[i], abouts[i] = roomKey(rest[i].ID), roomAboutKey(rest[i].ID)
		}
		if _, err := t.Load(slices.Concat(keys, abouts)...); err != nil {
			return chat.RoomPage{}, err
		}
		p := chat.RoomPage{More: len(rest) > q.Limit, Total: len(found)}
		for i, k := range keys {
			r, err := loadReferenced[room](t, k)
			if err != nil {
				return chat.RoomPage{}, err
			}
			about, _, err := loadOptional[roomAbout](t, abouts[i])
			if err != nil {
				return chat.RoomPage{}, err
			}
			of := r.toChat()
			of.Description = about.Description
			p.Rooms = append(p.Rooms, of)
		}
		return p, nil
	})
}

func byName(a, b publicRoom) int {
	return cmp.Or(cmp.Compare(a.NameFold, b.NameFold), cmp.Compare(a.ID, b.ID))
}

// AddRoom implements chat.RoomStore.
func (s *Store) AddRoom(ctx context.Context, cmd chat.AddRoom) (chat.Room, bool, error) {
	created := false
	r, err := write(ctx, s, func(t *tx) (chat.Room, error) {
		t.requireFacts(cmd.Facts)
		created = false
		if cmd.Room.Kind == chat.Direct {
			h, ok, err := loadOptional[holder](t, directKey(cmd.People()))
			if err != nil {
				return chat.Room{}, err
			}
			if ok {
				r, err := loadReferenced[room](t, roomKey(h.Of))
				return r.toChat(), err
			}
		}
		w, err := loadItem[workspace](t, workspaceKey())
		if err != nil {
			return chat.Room{}, err
		}
		if err := cmd.MayAddRoom(int(w.Rooms)); err != nil {
			return chat.Room{}, err
		}
		created = true
		ids := make([]string, len(cmd.Members))
		for i, m := range cmd.Members {
			ids[i] = m.User
		}
		people, err := t.users(ids)
		if err != nil {
			return chat.Room{}, err
		}
		for _, u := range people {
			if err := bot.MayBegin(cmd, u, t.owner); err != nil {
				return chat.Room{}, err
			}
		}
		joined, err := t.insertRoom(cmd, people)
		if err != nil {
			return chat.Room{}, err
		}
		for i, j := range joined {
			if err := t.addEvent(chat.RoomJoined{User: cmd.Members[i].User, Room: j}, 0); err != nil {
				return chat.Room{}, err
			}
		}
		r, err := t.room(cmd.Room.ID)
		return r.toChat(), err
	})
	return r, err == nil && created, err
}

// insertRoom writes a room with its members, who are people, and returns the room as each of them sees it.
func (t *tx) insertRoom(cmd chat.AddRoom, people []chat.User) ([]chat.MyRoom, error) {
	c := cmd.Room
	r := room{
		ID: c.ID, Kind: c.Kind, Name: c.Name, Topic: c.Topic, Archived: c.Archived, Posting: c.Posting,
		OwnersBroadcast: c.OwnersBroadcast, CreatedBy: c.CreatedBy,
		CreatedAt: table.Millis(c.CreatedAt), Version: 1, MemberCount: len(cmd.Members),
	}
	switch c.Kind {
	case chat.Direct:
		r.People = cmd.People()
		if err := t.Put(directKey(r.People), holder{c.ID}); err != nil {
			return nil, err
		}
	case chat.Public:
		if err := t.nameRoom(c.ID, c.Name, true); err != nil {
			return nil, err
		}
		if err := t.Put(publicKey(c.ID), publicRoom{ID: c.ID, NameFold: chat.RoomFold(c.Name), Archived: c.Archived}); err != nil {
			return nil, err
		}
	}
	if c.Kind != chat.Direct {
		if err := t.changeWorkspace(func(w *workspace) { w.Rooms++ }); err != nil {
			return nil, err
		}
	}
	if err := t.Put(listKey(c.ID), roomListEntry{c.Kind}); err != nil {
		return nil, err
	}
	if err := t.Put(roomKey(c.ID), r); err != nil {
		return nil, err
	}
	t.eventPos = eventPosition{room: c.ID, version: r.Version}
	out := make([]chat.MyRoom, len(people))
	for i, u := range people {
		m := cmd.Members[i]
		membership := userRoom{Room: c.ID, Role: m.Role, Joined: r.Version, Notify: u.NotifyIn(c.Kind), SettingsRev: 1}
		if err := t.insertMember(r.ID, m, membership); err != nil {
			return nil, err
		}
		out[i] = membership.myRoom(r)
	}
	return out, nil
}

// UpdateRoom implements chat.RoomStore.
func (s *Store) UpdateRoom(ctx context.Context, cmd chat.UpdateRoom) (chat.Room, error) {
	return writeInRoom(ctx, s, cmd.Room, func(t *tx) (chat.Room, error) {
		t.requireFacts(cmd.Facts)
		before, err := t.room(cmd.Room)
		if err != nil {
			return chat.Room{}, err
		}
		if !cmd.Changed(before.toChat()) {
			return before.toChat(), nil
		}
		r, err := t.changeRoom(cmd.Room, func(r *room) {
			now := cmd.Apply(r.toChat())
			r.Name, r.Topic, r.Posting, r.Archived = now.Name, now.Topic, now.Posting, now.Archived
			r.OwnersBroadcast, r.Kind = now.OwnersBroadcast, now.Kind
			r.Version++
		})
		if err != nil {
			return chat.Room{}, err
		}
		if before.Kind != r.Kind {
			err = t.changeKind(before, r)
		} else {
			err = t.rename(before, r)
		}
		if err != nil {
			return chat.Room{}, err
		}
		for _, p := range cmd.Changes(before.toChat()) {
			if err := t.postSystem(cmd.Room, chat.SystemPost{By: cmd.By, System: p, Text: cmd.Texts[p.What]}, cmd.At); err != nil {
				return chat.Room{}, err
			}
		}
		if r, err = t.room(cmd.Room); err != nil {
			return chat.Room{}, err
		}
		return r.toChat(), t.addEvent(chat.RoomChanged{Room: r.toChat()}, r.Version)
	})
}

// changeKind lists a room that becomes public, or lists it no more.
func (t *tx) changeKind(before, r room) error {
	if _, err := change(t, listKey(r.ID), func(e *roomListEntry) { e.Kind = r.Kind }); err != nil {
		return err
	}
	if r.Kind == chat.Public {
		if err := t.nameRoom(r.ID, r.Name, true); err != nil {
			return err
		}
		if _, err := t.Load(publicKey(r.ID)); err != nil {
			return err
		}
		return t.Put(publicKey(r.ID), publicRoom{ID: r.ID, NameFold: chat.RoomFold(r.Name), Archived: r.Archived})
	}
	if _, err := t.Load(publicKey(r.ID)); err != nil {
		return err
	}
	t.Remove(publicKey(r.ID))
	return t.unnameRoom(r.ID, before.Name)
}

// rename claims a public room's new name, releases the old one, and updates the entry for browsing.
func (t *tx) rename(before, r room) error {
	if r.Kind != chat.Public {
		return nil
	}
	if r.Name == before.Name && r.Archived == before.Archived {
		return nil
	}
	if err := t.renameRoom(r.ID, before.Name, r.Name); err != nil {
		return err
	}
	_, err := change(t, publicKey(r.ID), func(p *publicRoom) { p.NameFold, p.Archived = chat.RoomFold(r.Name), r.Archived })
	return err
}

// briefOf shortens a message for the list of rooms.
func briefOf(m chat.Message) *brief {
	b := m.Brief()
	return &brief{Seq: b.Seq, Author: b.Author, Text: b.Text, At: table.Millis(b.CreatedAt)}
}

func (b *brief) toChat() *chat.LastMessage {
	if b == nil {
		return nil
	}
	return &chat.LastMessage{Seq: b.Seq, Author: b.Author, Text: b.Text, CreatedAt: table.At(b.At)}
}
