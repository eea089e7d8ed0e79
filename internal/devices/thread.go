package devices

import (
	"cmp"
	"net/url"
	"slices"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/wire"
)

// thread follows a thread or not, or moves the read pointer of the thread.
func (w *World) thread(rt *rapid.T) {
	p, c, room := w.place(rt)
	root := w.seq(rt, room)
	var err error
	if rapid.IntRange(0, 3).Draw(rt, "of the thread") == 0 {
		_, err = c.FollowThread(w.ctx, room, root, rapid.Bool().Draw(rt, "follow"))
	} else {
		_, err = c.ReadThread(w.ctx, room, root, rapid.Int64Range(0, w.posted[room]).Draw(rt, "seq"))
	}
	w.judged(rt, p, "follow or read a thread", w.in[room][p.ID], err)
	if err == nil {
		w.Did["thread followed or read"]++
	}
	w.did(rt, err)
}

// healThreads fetches the threads of a device that are no longer up to date.
func (w *World) healThreads(rt *rapid.T, d *device) {
	if d.state == nil || w.out[d.state.Me] {
		return
	}
	err := w.again(func() error { return w.client(d).HealThreads(w.ctx, d.state) })
	if err != nil && !w.refused(d, err) {
		rt.Fatal(err)
	}
}

// threads are those that a device holds.
func threads(s *client.State) []wire.MyThread {
	out := []wire.MyThread{}
	for _, t := range s.Threads.Held {
		out = append(out, t)
	}
	return sortedThreads(out)
}

// threads are those that a new device loads, each by itself. They must be the ones of the list, with its number of unread ones.
func (w *World) threads(rt *rapid.T, c *client.Client, me string) []wire.MyThread {
	out, unread := []wire.MyThread{}, 0
	var l wire.MyThreads
	q := url.Values{"limit": {"2"}}
	for more := true; more; more = l.Next != "" {
		if err := w.again(func() (err error) { l, err = c.Threads(w.ctx, q); return err }); err != nil {
			rt.Fatal(err)
		}
		out = append(out, l.Threads...)
		q.Set("cursor", l.Next)
	}
	for _, t := range out {
		if t.Unread > 0 {
			unread++
		}
		if u, m := w.counted(rt, c, me, t); u != t.Unread || m != t.MentionCount {
			rt.Fatalf("%d replies are unread and %d mention the user, not as in %s", u, m, pretty(rt, t))
		}
		if t.Follow == "off" || len(t.Latest) == 0 {
			rt.Fatalf("the list of threads holds %s", pretty(rt, t))
		}
	}
	if unread != l.UnreadThreads {
		rt.Fatalf("%d threads are unread, not %d", unread, l.UnreadThreads)
	}
	return sortedThreads(out)
}

func sortedThreads(ts []wire.MyThread) []wire.MyThread {
	slices.SortFunc(ts, func(a, b wire.MyThread) int {
		return cmp.Or(cmp.Compare(a.Room, b.Room), cmp.Compare(a.Root.Seq, b.Root.Seq))
	})
	return ts
}

// counted derives the counts of a thread from its replies, as the rules say.
func (w *World) counted(rt *rapid.T, c *client.Client, me string, t wire.MyThread) (unread, mentions int) {
	var page wire.Page
	q := url.Values{"thread": {pretty(rt, t.Root.Seq)}, "limit": {"200"}}
	err := w.again(func() (err error) { page, err = c.Page(w.ctx, t.Room, q); return err })
	if err != nil {
		rt.Fatal(err)
	}
	for _, m := range page.Messages {
		if m.Seq <= t.ReadSeq || m.Author == me || m.DeletedAt != nil {
			continue
		}
		unread++
		if slices.Contains(m.Mentions, me) || m.Broadcast == "room" {
			mentions++
		}
	}
	return unread, mentions
}
