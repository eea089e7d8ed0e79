package dynamodb

import (
	"context"
	"fmt"
	"slices"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// The keys name the version of the comparison. So keys of different versions never meet, and UpdateNames writes the new ones beside
// the old.
func nameKey(k string) table.Key {
	return table.NewKey(unique, fmt.Sprintf("name%d#%s", chat.NamesVersion, table.KeyName(k)), "-")
}
func roomNameKey(k string) table.Key {
	return table.NewKey(unique, fmt.Sprintf("room%d#%s", chat.NamesVersion, table.KeyName(k)), "-")
}

// namesakes lists the users, or the public rooms, whose names share a key. Of rooms there is more than one only if they got their
// names before a change of the comparison.
type namesakes struct {
	Of []string `dynamodbav:"of"`
}

// namesakes loads a list, as the command has changed it so far. The command will depend on it.
func (t *tx) namesakes(k table.Key) (namesakes, error) {
	if now := t.Pending(k); now != nil {
		return table.Decode[namesakes](now)
	}
	n, _, err := loadOptional[namesakes](t, k)
	if err == nil {
		err = t.Guard(k)
	}
	return n, err
}

// setName compares a user's new name or role with the names of others. was are the former keys. It returns whether the user is
// ambiguous, and the other users for whom that changed, by id.
func (t *tx) setName(of chat.User, was []string) (ambiguous bool, others []chat.User, err error) {
	id, now := of.ID, of.NameKeys()
	var touched []string // who may have become ambiguous, or not any more
	for _, k := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(was, now)))) {
		n, err := t.namesakes(nameKey(k))
		if err != nil {
			return false, nil, err
		}
		listed := slices.Contains(n.Of, id)
		switch wanted := slices.Contains(now, k); {
		case listed == wanted:
			continue
		case wanted:
			n.Of = append(n.Of, id)
		default:
			n.Of = slices.DeleteFunc(n.Of, func(u string) bool { return u == id })
		}
		if err := t.Put(nameKey(k), n); err != nil {
			return false, nil, err
		}
		if len(n.Of) <= 2 { // of more, all others were ambiguous before and stay so
			touched = append(touched, n.Of...)
		}
	}
	slices.Sort(touched)
	for _, other := range slices.Compact(touched) {
		if other == id {
			continue
		}
		u, changed, err := t.disambiguate(other)
		if err != nil {
			return false, nil, err
		}
		if changed {
			others = append(others, u)
		}
	}
	ambiguous, err = t.ambiguous(of, now)
	return ambiguous, others, err
}

// ambiguous says whether a user shares one of the keys with another, or is deceptive.
func (t *tx) ambiguous(of chat.User, keys []string) (bool, error) {
	out := of.Deceptive()
	for _, k := range keys {
		n, err := t.namesakes(nameKey(k))
		if err != nil {
			return false, err
		}
		out = out || slices.ContainsFunc(n.Of, func(u string) bool { return u != of.ID })
	}
	return out, nil
}

// disambiguate updates whether a user is ambiguous.
func (t *tx) disambiguate(id string) (chat.User, bool, error) {
	u, err := t.user(id)
	if err != nil {
		return chat.User{}, false, err
	}
	is, err := t.ambiguous(u.toChat(), u.NameKeys)
	if err != nil || is == u.Ambiguous {
		return chat.User{}, false, err
	}
	u.Ambiguous = is
	return u.toChat(), true, t.Put(userKey(id), u)
}

// nameRoom lists a public room under its name. With claim, it returns a Conflict when another room is listed there.
func (t *tx) nameRoom(id, name string, claim bool) error {
	k := roomNameKey(chat.RoomKey(name))
	n, err := t.namesakes(k)
	if err != nil || slices.Contains(n.Of, id) {
		return err
	}
	if claim && len(n.Of) > 0 {
		return chat.ErrRoomNameTaken()
	}
	n.Of = append(n.Of, id)
	return t.Put(k, n)
}

// renameRoom lists a public room under its new name in place of the old one.
func (t *tx) renameRoom(id, was, name string) error {
	old := roomNameKey(chat.RoomKey(was))
	if roomNameKey(chat.RoomKey(name)) == old {
		return nil
	}
	if err := t.nameRoom(id, name, true); err != nil {
		return err
	}
	return t.unnameRoom(id, was)
}

// unnameRoom lists a room no more under its name.
func (t *tx) unnameRoom(id, name string) error {
	k := roomNameKey(chat.RoomKey(name))
	n, err := t.namesakes(k)
	if err != nil {
		return err
	}
	n.Of = slices.DeleteFunc(n.Of, func(r string) bool { return r == id })
	return t.Put(k, n)
}

// UpdateNames computes what names are compared by, if chat.NamesVersion is another than when this was last done. A deployment calls it
// once the new functions run. It may be repeated.
func (s *Store) UpdateNames(ctx context.Context) error {
	w, err := read(ctx, s, func(t *tx) (w workspace, err error) {
		w, _, err = loadOptional[workspace](t, workspaceKey())
		return w, err
	})
	if err != nil || w.Epoch == "" || w.Names == chat.NamesVersion {
		return err
	}
	people, err := s.db.Query(ctx, table.Range{Table: users, PK: userPK})
	if err != nil {
		return err
	}
	for _, i := range people {
		if err := s.updateName(ctx, i.Text("sk")); err != nil {
			return err
		}
	}
	public, err := s.db.Query(ctx, table.Range{Table: rooms, PK: publicPK})
	if err != nil {
		return err
	}
	for _, i := range public {
		if err := s.updateRoomName(ctx, i.Text("sk")); err != nil {
			return err
		}
	}
	return do(ctx, s, func(t *tx) error {
		return t.changeWorkspace(func(w *workspace) { w.Names = chat.NamesVersion })
	})
}

func (s *Store) updateName(ctx context.Context, id string) error {
	return do(ctx, s, func(t *tx) error {
		i, err := t.user(id)
		if err != nil {
			return err
		}
		before := i.toChat()
		u := before
		others, err := t.renameUser(&i, &u)
		if err != nil {
			return err
		}
		i.setFromChat(u)
		if err := t.Put(userKey(id), i); err != nil {
			return err
		}
		if u.Ambiguous != before.Ambiguous {
			others = append(others, u)
		}
		for _, o := range others {
			if err := t.addUserEvent(o); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) updateRoomName(ctx context.Context, id string) error {
	return do(ctx, s, func(t *tx) error {
		r, err := t.room(id)
		if err != nil {
			return err
		}
		if _, err := change(t, publicKey(id), func(p *publicRoom) { p.NameFold = chat.RoomFold(r.Name) }); err != nil {
			return err
		}
		return t.nameRoom(id, r.Name, false)
	})
}
