package canteen

import (
	"context"
)

// Page is a stretch of a timeline or thread, by ascending seq.
type Page struct {
	Head       int64 // the room's rev when, or just before, the page was read
	Messages   []Message
	MoreBefore bool
	MoreAfter  bool
}

// Changes are messages changed after a revision, in their present state, each once, by rev.
type Changes struct {
	Head     int64
	Next     int64 // go on from here; Head on the last page
	More     bool
	Messages []Message
}

// PageInput asks for a page; at most one of Before, After, Around.
type PageInput struct {
	Before, After, Around, Thread *int64
	Limit                         *int
}

// Messages is a page of the timeline, or of a thread's replies.
func (c *Canteen) Messages(ctx context.Context, a Actor, room string, in PageInput) (Page, error) {
	limit, err := pageLimit(in.Limit, DefaultPage, MaxPage)
	if err != nil {
		return Page{}, err
	}
	q := PageQuery{Room: room, Before: in.Before, After: in.After, Around: in.Around, Limit: limit, Viewer: a.User.ID}
	given := 0
	for _, p := range []struct {
		name  string
		value *int64
		least int64
	}{{"before", in.Before, 1}, {"after", in.After, 0}, {"around", in.Around, 1}, {"thread", in.Thread, 1}} {
		if p.value == nil {
			continue
		}
		if *p.value < p.least {
			return Page{}, InvalidField(p.name, "A whole number from %d is needed.", p.least)
		}
		if p.name != "thread" {
			if given++; given > 1 {
				return Page{}, InvalidField(p.name, "At most one of before, after, around can be given.")
			}
		}
	}
	if _, err := c.view(ctx, a, room); err != nil {
		return Page{}, err
	}
	if in.Thread != nil {
		q.Thread = *in.Thread
		root, err := c.store.Message(ctx, room, q.Thread, a.User.ID)
		if err != nil {
			return Page{}, err
		}
		if root.Thread != 0 {
			return Page{}, InvalidField("thread", "Message %d is a reply itself; its thread is %d.", q.Thread, root.Thread)
		}
	}
	return c.store.Page(ctx, q)
}

func pageLimit(n *int, normal, most int) (int, error) {
	if n == nil {
		return normal, nil
	}
	if *n < 1 || *n > most {
		return 0, InvalidField("limit", "A number from 1 to %d is needed.", most)
	}
	return *n, nil
}

// Changes are what changed in the room after revision since.
func (c *Canteen) Changes(ctx context.Context, a Actor, room string, since int64, limit *int) (Changes, error) {
	n, err := pageLimit(limit, MaxChangesPage, MaxChangesPage)
	if err != nil {
		return Changes{}, err
	}
	if since < 0 {
		return Changes{}, InvalidField("since", "A whole number from 0 is needed.")
	}
	if _, err := c.view(ctx, a, room); err != nil {
		return Changes{}, err
	}
	return c.store.Changes(ctx, room, since, n, a.User.ID)
}

// History is what texts a message has had, newest first; NotFound for a tombstone.
func (c *Canteen) History(ctx context.Context, a Actor, room string, seq int64) ([]Version, error) {
	if _, err := c.view(ctx, a, room); err != nil {
		return nil, err
	}
	return c.store.Versions(ctx, room, seq)
}
