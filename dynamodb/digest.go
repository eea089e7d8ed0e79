package dynamodb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/dynamodb/table"
)

// The state of a digest lies in the table users under its user. Beside it, those that are due some time lie in one partition by that time.
const digestDuePK = "digest-due"

func digestKey(user string) table.Key { return table.NewKey(users, "digest#"+user, "-") }

func digestDueKey(due int64, user string) table.Key {
	return table.NewKey(users, digestDuePK, fmt.Sprintf("%013d#%s", due, user))
}

// digestState is a chat.DigestState. Times are 0 for the zero time.
type digestState struct {
	Due   int64  `dynamodbav:"due"`
	Last  int64  `dynamodbav:"last"`
	Since int64  `dynamodbav:"since"`
	Key   string `dynamodbav:"secret,omitempty"`
	Tries int    `dynamodbav:"tries,omitempty"`
}

func newDigest(d chat.DigestState) digestState {
	return digestState{table.Moment(d.Due), table.Moment(d.Last), table.Moment(d.Since), d.Key, d.Tries}
}

func (d digestState) toChat(user string) chat.DigestState {
	return chat.DigestState{
		User: user, Due: table.MomentAt(d.Due), Last: table.MomentAt(d.Last), Since: table.MomentAt(d.Since), Key: d.Key, Tries: d.Tries,
	}
}

// DueDigests implements chat.DigestStore.
func (s *Store) DueDigests(ctx context.Context, now time.Time, limit int) ([]chat.DigestState, error) {
	items, err := s.db.Query(ctx, table.Range{
		Table: users, PK: digestDuePK, From: "0", To: digestDueKey(table.Millis(now)+1, "").SK, Limit: limit, // "#" and an id come after that
	})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	var stale []table.Key
	out, err := read(ctx, s, func(t *tx) (out []chat.DigestState, err error) {
		ids, keys := make([]string, len(items)), make([]table.Key, len(items))
		for i, it := range items {
			_, ids[i], _ = strings.Cut(it.Text("sk"), "#")
			keys[i] = digestKey(ids[i])
		}
		if _, err := t.Load(keys...); err != nil {
			return nil, err
		}
		for i, k := range keys {
			d, ok, err := loadOptional[digestState](t, k)
			if err != nil {
				return nil, err
			}
			if due := (table.NewKey(users, digestDuePK, items[i].Text("sk"))); ok && digestDueKey(d.Due, ids[i]) == due {
				out = append(out, d.toChat(ids[i]))
			} else {
				stale = append(stale, due)
			}
		}
		return out, nil
	})
	if err != nil || len(stale) == 0 {
		return out, err
	}
	return out, s.db.DeleteAll(ctx, stale)
}

// Digest implements chat.DigestStore.
func (s *Store) Digest(ctx context.Context, user string) (chat.DigestState, error) {
	return read(ctx, s, func(t *tx) (chat.DigestState, error) {
		d, err := loadItem[digestState](t, digestKey(user))
		return d.toChat(user), err
	})
}

// MoveDigest implements chat.DigestStore.
func (s *Store) MoveDigest(ctx context.Context, was, now chat.DigestState) error {
	return do(ctx, s, func(t *tx) error {
		due := digestDueKey(table.Moment(was.Due), was.User)
		if _, err := t.Load(digestKey(was.User), due, digestDueKey(table.Moment(now.Due), was.User)); err != nil {
			return err
		}
		d, _, err := loadOptional[digestState](t, digestKey(was.User))
		if err == nil && !d.toChat(was.User).Equal(was) {
			err = chat.ErrStale
		}
		if err != nil {
			return err
		}
		if d.Due != 0 && !now.Due.Equal(was.Due) {
			t.Remove(due)
		}
		return t.putDigest(d, now)
	})
}

// putDigest replaces the state was, which was loaded. It leaves the entry at the time when that was due.
func (t *tx) putDigest(was digestState, now chat.DigestState) error {
	d := newDigest(now)
	if due := digestDueKey(d.Due, now.User); d.Due != 0 && was.Due != d.Due {
		if _, err := t.Load(due); err != nil {
			return err
		}
		if err := t.Put(due, struct{}{}); err != nil {
			return err
		}
	}
	return t.Put(digestKey(now.User), d)
}

// changeDigest is the part of a change of a user that moves their digest. Functions that change users may not delete in the table:
// DueDigests deletes the entry at the former time when that has come.
func (t *tx) changeDigest(was, now chat.User, at time.Time) error {
	d, _, err := loadOptional[digestState](t, digestKey(now.ID))
	if err != nil {
		return err
	}
	return t.putDigest(d, d.toChat(now.ID).AfterChange(was, now, at))
}
