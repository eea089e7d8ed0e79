package digest

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/chat"
)

// Waiting is what a digest tells of: what somebody has not read.
type Waiting struct {
	User   chat.User
	Items  []Item // newest first
	More   bool   // there is more than the items
	People map[string]chat.User
	Name   string // of the workspace
}

// Item is an unread entry of an inbox, or the newest unread message of a direct room.
type Item struct {
	Room   chat.Room
	Author string // a user's id
	Text   string // its start
	Reason string
	Seq    int64
	Thread int64 // the root, of a reply that is not in the room; else 0
	Unread int   // in a direct room
	At     time.Time
}

// Unread finds what waits for people, at any moment as the rules have it then.
type Unread struct {
	Store interface {
		User(ctx context.Context, id string) (chat.User, error)
		MyRooms(ctx context.Context, user string) ([]chat.MyRoom, error)
		Workspace(ctx context.Context) (chat.Workspace, error)
	}
	Inbox chat.Inboxes
}

const (
	maxWaiting  = 20 // items of a digest
	waitingText = 200
)

// Waiting implements Reader: what waits for a user that is newer than since, and not newer than until. It asks afresh what the user may
// see. Rooms of which the user wants to hear nothing, or which are muted, are left out: such messages alert nobody.
func (r Unread) Waiting(ctx context.Context, user string, since, until time.Time) (Waiting, error) {
	u, err := r.Store.User(ctx, user)
	if err != nil {
		return Waiting{}, err
	}
	w := Waiting{User: u, People: map[string]chat.User{}}
	mine, err := r.Store.MyRooms(ctx, user)
	if err != nil {
		return w, err
	}
	rooms := map[string]chat.MyRoom{}
	for _, room := range mine {
		if room.Muted || room.Notify == chat.NotifyNothing {
			continue
		}
		rooms[room.ID] = room
		m := room.LastMessage
		if room.Kind != chat.Direct || room.Unread == 0 || m == nil || m.Author == user {
			continue
		}
		if m.CreatedAt.After(since) && !m.CreatedAt.After(until) {
			w.Items = append(w.Items, Item{
				Room: room.Room, Author: m.Author, Text: m.Text, Seq: m.Seq, Unread: room.Unread, At: m.CreatedAt, Reason: "A direct message.",
			})
		}
	}
	if err := r.inbox(ctx, &w, rooms, since, until); err != nil {
		return w, err
	}
	slices.SortStableFunc(w.Items, func(a, b Item) int { return b.At.Compare(a.At) })
	if w.More = len(w.Items) > maxWaiting; w.More {
		w.Items = w.Items[:maxWaiting]
	}
	if len(w.Items) == 0 {
		return w, nil
	}
	for i, item := range w.Items {
		if strings.TrimSpace(item.Text) == "" {
			w.Items[i].Text = "(A file, or a forwarded message.)"
		}
	}
	return w, r.name(ctx, &w)
}

// inbox adds the unread entries of the inbox. It reads pages of it down to since.
func (r Unread) inbox(ctx context.Context, w *Waiting, rooms map[string]chat.MyRoom, since, until time.Time) error {
	q := chat.InboxPageQuery{Filter: "unread", Bound: chat.Bound{Limit: chat.MaxInboxPage, Bytes: chat.PageBytes}}
	for {
		p, err := r.Inbox.Page(ctx, w.User, q)
		if err != nil {
			return err
		}
		for _, i := range p.Items {
			room, ok := rooms[i.Message.Room]
			if i.Cause == chat.InboxReaction || !ok || !i.At.After(since) || i.At.After(until) {
				continue
			}
			same := func(w Item) bool { return w.Room.ID == room.ID && w.Seq == i.Message.Seq }
			if slices.ContainsFunc(w.Items, same) { // a mention in a thread that the user follows stands there twice
				continue
			}
			item := Item{
				Room: room.Room, Author: i.Message.Author, Text: i.Message.Text, Reason: i.Reason, Seq: i.Message.Seq, At: i.At,
			}
			if !i.Message.AlsoInRoom {
				item.Thread = i.Message.Thread
			}
			if cut := []rune(item.Text); len(cut) > waitingText {
				item.Text = string(cut[:waitingText-1]) + "…"
			}
			w.Items = append(w.Items, item)
		}
		if p.Next == "" || len(w.Items) > maxWaiting {
			return nil
		}
		if q.After, err = chat.ParseInboxPlace(p.Next); err != nil || !q.After.At.After(since) {
			return err
		}
	}
}

// name loads whom the items name: their authors, and the members of direct rooms.
func (r Unread) name(ctx context.Context, w *Waiting) error {
	workspace, err := r.Store.Workspace(ctx)
	if err != nil {
		return err
	}
	w.Name = workspace.Name
	for _, i := range w.Items {
		for _, id := range append([]string{i.Author}, i.Room.Members...) {
			if _, known := w.People[id]; known {
				continue
			}
			u, err := r.Store.User(ctx, id)
			if err != nil && chat.ErrorCode(err) != chat.NotFound { // a message of Canteen itself has no author
				return err
			}
			w.People[id] = u
		}
	}
	return nil
}
