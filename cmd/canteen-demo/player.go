package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/text"
)

// player does what happens in one room, in order.
type player struct {
	town  *town
	room  room
	seqs  map[*line]int64
	last  int64          // seq of the latest message
	seen  int64          // seq of the latest one that Mira has read, if the script says so
	at    time.Time      // of the latest act
	read  bool           // the script says how far Mira has read
	roots map[int64]bool // those of threads
	keyed map[keyed]int64
	count count

	posted, reacted []time.Time // when
}

func (p *player) do(ctx context.Context, a act) error {
	p.at = a.at
	switch a.what {
	case posts:
		return p.post(ctx, a)
	case edits:
		body, mentions, err := p.body(a.line.edited)
		if err != nil {
			return err
		}
		_, err = p.town.store.EditMessage(ctx, chat.EditMessage{
			Room: p.room.id(), Seq: p.seqs[a.line], By: id("user", a.line.who), Text: body, Mentions: mentions, At: a.at,
		})
		return err
	case deletes:
		return p.town.store.DeleteMessage(ctx, chat.DeleteMessage{Room: p.room.id(), Seq: p.seqs[a.line], At: a.at})
	case reads:
		p.read, p.seen = true, p.last
		return p.reads(ctx, p.town.script.people[0].handle)
	}
	return fmt.Errorf("unknown deed %q", a.what)
}

// post posts a message, with its reactions.
func (p *player) post(ctx context.Context, a act) error {
	if a.line.body != "" {
		return p.send(ctx, a)
	}
	body, mentions, err := p.body(a.line.text)
	if err != nil {
		return err
	}
	post := chat.PostMessage{
		Room: p.room.id(), Author: id("user", a.line.who), ClientID: clientID(p.room, p.count.messages), Text: body,
		AlsoInRoom: a.line.also, Mentions: mentions, Broadcast: chat.BroadcastOf(body), At: a.at,
	}
	post.Parts.Confirm = len(a.line.confirm) > 0
	if len(a.line.poll) > 0 {
		post.Poll = &poll.Poll{}
		for _, c := range a.line.poll {
			post.Poll.Options = append(post.Poll.Options, c.text)
		}
	}
	if a.line.page != "" {
		post.Feedback = &chat.Feedback{Page: a.line.page, Version: chat.Release()}
		post.Mentions, post.Broadcast = nil, ""
	}
	if a.line.reply {
		if post.Thread = p.seqs[a.root]; post.Thread == 0 {
			return errors.New("no message to reply to precedes this reply")
		}
		p.count.replies++
	}
	if post.Parts.Files, err = p.town.attach(ctx, a.line.files, a.line.who, p.room.key(), p.count.messages, a.at); err != nil {
		return err
	}
	if post.Parts.Preview, err = p.town.preview(ctx, a, p.room.key(), p.count.messages); err != nil {
		return err
	}
	m, _, err := p.town.store.PostMessage(ctx, post)
	if err != nil {
		return err
	}
	p.count.messages++
	p.posted = append(p.posted, a.at)
	p.last, p.seqs[a.line] = m.Seq, m.Seq
	if m.Thread > 0 {
		p.roots[m.Thread] = true
		if err := p.town.store.FollowMentioned(ctx, m); err != nil {
			return err
		}
	}
	return errors.Join(p.vote(ctx, a, m), p.confirm(ctx, a, m), p.react(ctx, a, m.Seq))
}

// react adds the reactions to a message.
func (p *player) react(ctx context.Context, a act, seq int64) error {
	for _, r := range a.line.reactions {
		emoji, ok := oneEmoji(r.emoji)
		if !ok {
			return fmt.Errorf("%q is not an emoji", r.emoji)
		}
		for _, h := range r.by {
			if _, err := p.town.store.SetReaction(ctx, chat.SetReaction{
				Room: p.room.id(), Seq: seq, User: id("user", h), Emoji: emoji, Added: true, At: a.at,
			}); err != nil {
				return fmt.Errorf("%s reacts with %s: %w", h, r.emoji, err)
			}
			p.count.reactions++
			p.reacted = append(p.reacted, a.at)
		}
	}
	return nil
}

// vote lets people vote in the poll of a message, and closes it.
func (p *player) vote(ctx context.Context, a act, m chat.Message) error {
	for n, c := range a.line.poll {
		for _, h := range c.by {
			if _, err := p.town.store.SetVote(ctx, chat.SetVote{
				Room: m.Room, Seq: m.Seq, User: id("user", h), Options: []int{n}, At: a.at,
			}); err != nil {
				return fmt.Errorf("%s votes: %w", h, err)
			}
		}
	}
	if !a.line.closed {
		return nil
	}
	_, err := p.town.store.ClosePoll(ctx, chat.ClosePoll{Room: m.Room, Seq: m.Seq, By: id("user", a.line.who)})
	return err
}

// confirm lets people confirm that they have read a message.
func (p *player) confirm(ctx context.Context, a act, m chat.Message) error {
	for _, h := range a.line.confirm {
		if err := p.town.store.Confirm(ctx, chat.ConfirmMessage{Room: m.Room, Seq: m.Seq, User: id("user", h), At: a.at}); err != nil {
			return fmt.Errorf("%s confirms: %w", h, err)
		}
	}
	return nil
}

// body gives a text as it is stored, and the ids of those whom it mentions.
func (p *player) body(s string) (body string, mentions []string, err error) {
	body, wrong := text.Message(s)
	if wrong != "" {
		return "", nil, errors.New(wrong)
	}
	for _, candidates := range text.Mentions(body, chat.MaxMentions) {
		i := slices.IndexFunc(candidates, func(h string) bool { return p.town.script.person(h) != nil })
		if i < 0 {
			return "", nil, fmt.Errorf("nobody is called @%s", candidates[0])
		}
		if user := id("user", candidates[i]); !slices.Contains(mentions, user) {
			mentions = append(mentions, user)
		}
	}
	return body, mentions, nil
}

// clientID gives the UUID of the n-th message of a room, version 8 of RFC 9562.
func clientID(r room, n int) string {
	b := sha256.Sum256(fmt.Appendf(nil, "message %d %s", n, r.key()))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func (p *player) reads(ctx context.Context, handle string) error {
	_, err := p.town.store.SetRead(ctx, chat.SetRead{Room: p.room.id(), User: id("user", handle), Seq: p.last})
	return err
}

// inboxes puts the messages into inboxes as of the time at which they were posted. The server would do it as of now, which is wrong for
// reactions: a store does not keep their times.
func (p *player) inboxes(ctx context.Context) error {
	for since, more := int64(0), true; more; {
		c, err := p.town.store.Changes(ctx, p.room.id(), since, chat.Bound{Limit: chat.MaxChangesPage, Bytes: chat.PageBytes}, "")
		if err != nil {
			return err
		}
		for _, m := range c.Messages {
			then := func() time.Time { return m.CreatedAt }
			inbox := attention.Inbox{Store: p.town.store, Keywords: p.town.words, Clock: then}
			if _, err := inbox.Apply(ctx, p.room.id(), []chat.Message{m}); err != nil {
				return err
			}
		}
		since, more = c.Next, c.More
	}
	return nil
}

// readThreads moves somebody's read pointers of the threads that they follow.
func (p *player) readThreads(ctx context.Context, handle string, seq int64) error {
	for root := range p.roots {
		c := chat.ReadThread{Room: p.room.id(), Root: root, User: id("user", handle), Seq: seq}
		if _, err := p.town.store.ReadThread(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// settings moves the read pointers of all members to the end, and applies Mira's settings. Mira's pointers stay where the script has put
// them. Then it archives the room, if that is over.
func (p *player) settings(ctx context.Context) error {
	mira := p.town.script.people[0].handle
	readers := p.room.members
	if p.room.extra {
		readers = readers[:1] // Mira
	}
	for _, h := range readers {
		kept := h == mira && (p.read || slices.Contains(p.room.settings, "unread"))
		seq := p.last
		if kept {
			seq = p.seen
		}
		if err := p.readThreads(ctx, h, seq); err != nil {
			return fmt.Errorf("%s reads threads: %w", h, err)
		}
		if kept {
			continue
		}
		if err := p.reads(ctx, h); err != nil {
			return fmt.Errorf("%s reads: %w", h, err)
		}
	}
	yes, mentions := true, chat.NotifyMentions
	b := chat.UpdateMyRoom{Room: p.room.id(), User: id("user", mira)}
	for _, s := range p.room.settings {
		switch s {
		case "starred":
			b.Starred = &yes
		case "muted":
			b.Muted = &yes
		case "mentions":
			b.Notify = &mentions
		}
	}
	if b.Starred != nil || b.Muted != nil || b.Notify != nil {
		if _, err := p.town.store.UpdateMyRoom(ctx, b); err != nil {
			return err
		}
	}
	if !p.room.archived {
		return nil
	}
	_, err := p.town.store.UpdateRoom(ctx, chat.UpdateRoom{
		Room: p.room.id(), By: id("user", p.room.owner), Archived: &yes, At: p.at.Add(time.Hour),
		Texts: map[chat.What]string{chat.RoomArchived: "archived the room"},
	})
	return err
}
