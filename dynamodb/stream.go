package dynamodb

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/canteen-chat/canteen/audience"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/event"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// Change is a record of the stream of the table messages: an item after a write.
type Change struct {
	Sequence string    // of the record in the stream
	At       time.Time // approximate, to the second
	Image    map[string]types.AttributeValue
}

// Commit is what one change announces, and to whom.
type Commit struct {
	Sequence string
	At       time.Time
	Said     []chat.Announcement
}

// Commits turns changes into announcements, ordered by room and, within a room, by rev: records of different items may
// arrive in another order. Changes that announce nothing are left out. The audience of an event is the membership at the
// version of its commit or a later one, never an earlier one.
func (s *Store) Commits(ctx context.Context, changes []Change) ([]Commit, error) {
	changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool {
		i := table.Item(c.Image)
		sk := i.Text("sk")
		return i.Boolean("moved") || !strings.HasPrefix(sk, "M#") && !strings.HasPrefix(sk, "E#")
	})
	slices.SortStableFunc(changes, func(a, b Change) int {
		x, y := table.Item(a.Image), table.Item(b.Image)
		return cmp.Or(
			cmp.Compare(x.Text("pk"), y.Text("pk")), cmp.Compare(x.Integer("rev"), y.Integer("rev")),
			cmp.Compare(y.Text("sk")[:1], x.Text("sk")[:1]), // at the same rev, messages before other events
			cmp.Compare(x.Integer("version"), y.Integer("version")),
		)
	})
	out := make([]Commit, 0, len(changes))
	for _, c := range changes {
		announcements, err := s.announcements(ctx, c.Image)
		if err != nil {
			return nil, fmt.Errorf("record %s: %w", c.Sequence, err)
		}
		if len(announcements) > 0 {
			out = append(out, Commit{Sequence: c.Sequence, At: c.At, Said: announcements})
		}
	}
	return out, nil
}

func (s *Store) announcements(ctx context.Context, i table.Item) ([]chat.Announcement, error) {
	if strings.HasPrefix(i.Text("sk"), "E#") {
		return s.storedAnnouncements(ctx, i)
	}
	m, err := table.Decode[message](i)
	if err != nil {
		return nil, err
	}
	var e chat.Event = chat.MessageChanged{Message: m.toChat(), Posted: m.Posted}
	if r := m.Reacted; r != nil {
		e = chat.ReactionChanged{Room: m.Room, Rev: m.Rev, Seq: m.Seq, User: r.User, Added: r.Added, Reaction: r.Reaction.toChat()}
	}
	all := []chat.Event{e}
	if p := m.Polled; p != nil {
		all = chat.PollEvents(m.toChat(), p.Voter, p.Options)
	}
	if m.InThread > 0 {
		all = append(all, chat.ThreadChanged{Room: m.Room, Root: m.InThread})
	}
	out := make([]chat.Announcement, len(all))
	for n, e := range all {
		if out[n], err = s.announcement(ctx, e, chat.AudienceOf(e, m.RoomVersion)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// announcement resolves the audience of an event. No other function does.
func (s *Store) announcement(ctx context.Context, e chat.Event, audience audience.Audience) (chat.Announcement, error) {
	to, err := audience.Resolve(ctx, s)
	return chat.Announcement{Event: e, Audience: audience, To: to}, err
}

// storedAnnouncements returns the announcements of an event item.
func (s *Store) storedAnnouncements(ctx context.Context, i table.Item) ([]chat.Announcement, error) {
	e, err := table.Decode[eventItem](i)
	if err != nil {
		return nil, err
	}
	var all []event.Stored
	if err := json.Unmarshal([]byte(e.Events), &all); err != nil {
		return nil, fmt.Errorf("decode events: %w", err)
	}
	var out []chat.Announcement
	for _, stored := range all {
		e, err := stored.Decode()
		if err != nil {
			return nil, err
		}
		if mine, ok := e.(chat.MyRoomChanged); ok {
			s.forgetAudience(mine.Room.ID)
		}
		a, err := s.announcement(ctx, e, stored.Audience())
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

var _ audience.Membership = (*Store)(nil)

const (
	maxAudiences  = 1000            // rooms in the cache
	directoryLife = 2 * time.Second // how long the cached directory is used
)

// roomAudience lists the members of a room at a version.
type roomAudience struct {
	version   int64
	users     []string
	joined    map[string]int64 // userRoom.Joined by user
	listeners []string         // as of Listeners
	at        time.Time
}

// listenersLife is how long the levels of a room's members are kept in memory, where no event says that one has changed.
const listenersLife = time.Minute

// Listeners are the members of a room whom each of its messages may alert by chat.Listens. A level that was changed lately may be missed.
func (s *Store) Listeners(ctx context.Context, room string) ([]string, error) {
	s.mu.Lock()
	a, ok := s.audience[room]
	s.mu.Unlock()
	if ok && s.clock().Sub(a.at) < listenersLife {
		return a.listeners, nil
	}
	a, err := s.readAudience(ctx, room)
	return a.listeners, err
}

// MembersAt implements audience.Membership.
func (s *Store) MembersAt(ctx context.Context, id string, version int64) ([]string, error) {
	a, err := s.audienceAt(ctx, id, version)
	return a.users, err
}

// audienceAt returns the members of a room at a version or a later one.
func (s *Store) audienceAt(ctx context.Context, id string, version int64) (roomAudience, error) {
	s.mu.Lock()
	a, ok := s.audience[id]
	s.mu.Unlock()
	if ok && a.version >= version {
		return a, nil
	}
	return s.readAudience(ctx, id)
}

// forgetAudience makes the next message of a room read its members' levels again.
func (s *Store) forgetAudience(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.audience, id)
}

// readAudience reads the members of a room, and keeps them in memory.
func (s *Store) readAudience(ctx context.Context, id string) (roomAudience, error) {
	a, err := read(ctx, s, func(t *tx) (roomAudience, error) { return t.audience(id) })
	if err != nil {
		return roomAudience{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.audience) >= maxAudiences {
		clear(s.audience)
	}
	s.audience[id] = a
	return a, nil
}

// FollowersAt implements audience.Membership.
func (s *Store) FollowersAt(ctx context.Context, id string, root, version int64) ([]string, error) {
	a, err := s.audienceAt(ctx, id, version)
	if err != nil {
		return nil, err
	}
	rows, err := s.threadRows(ctx, threadRef{id, root})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, it := range rows {
		row, err := table.Decode[threadRow](it)
		if err != nil {
			return nil, err
		}
		if joined, ok := a.joined[row.User]; ok && joined == row.Joined && row.toChat().Follows() {
			out = append(out, row.User)
		}
	}
	return out, nil
}

// audience reads the members of a room at one version. It reads the room before and after: the two versions must be equal,
// and the number of members must match.
func (t *tx) audience(id string) (roomAudience, error) {
	loadRoom := func() (r room, err error) {
		got, err := t.s.db.Get(t.ctx, []table.Key{roomKey(id)})
		if err != nil || got[roomKey(id)] == nil {
			return r, err
		}
		return table.Decode[room](got[roomKey(id)])
	}
	before, err := loadRoom()
	if err != nil {
		return roomAudience{}, err
	}
	a := roomAudience{at: t.s.clock(), joined: map[string]int64{}}
	items, err := t.s.db.Query(t.ctx, table.Range{Table: members, PK: memberPK(id), Projection: "sk, joined, notify, muted"})
	if err != nil {
		return roomAudience{}, err
	}
	for _, it := range items {
		m, err := table.Decode[member](it)
		if err != nil {
			return roomAudience{}, err
		}
		a.users, a.joined[m.User] = append(a.users, m.User), m.Joined
		if chat.Listens(before.Kind, m.Notify, m.Muted) {
			a.listeners = append(a.listeners, m.User)
		}
	}
	after, err := loadRoom()
	if err == nil && (after.Version != before.Version || len(a.joined) != after.MemberCount) {
		err = table.ErrPartialCommit
	}
	a.version = after.Version
	slices.Sort(a.users)
	return a, err
}

// directory lists the users of the workspace at a version.
type directory struct {
	version        int64
	at             time.Time
	others, guests []string
}

// PeopleAt implements audience.Membership.
func (s *Store) PeopleAt(ctx context.Context, version int64) (others, guests []string, err error) {
	s.mu.Lock()
	d := s.people
	s.mu.Unlock()
	if d.version >= version && version > 0 && time.Since(d.at) < directoryLife {
		return d.others, d.guests, nil
	}
	all, now, err := s.Users(ctx)
	if err != nil {
		return nil, nil, err
	}
	d = directory{version: now, at: time.Now()}
	for _, u := range all {
		if u.Role == chat.Guest {
			d.guests = append(d.guests, u.ID)
		} else {
			d.others = append(d.others, u.ID)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.people = d
	return d.others, d.guests, nil
}
