package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/canteen-chat/canteen/client"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/wire"
)

const (
	robot  = "build-bot"
	atOnce = 24 // parallel rooms, and parallel follow-ups of messages in each room: the store batches them into few commits
)

// count counts what was created.
type count struct{ people, rooms, directs, messages, replies, reactions int }

func (c count) String() string {
	return fmt.Sprintf("%d people and a bot, %d rooms, %d direct conversations, %d messages (%d of them in threads), %d reactions",
		c.people-1, c.rooms, c.directs, c.messages, c.replies, c.reactions)
}

// town is the workspace that is being created.
type town struct {
	script *script
	base   string
	people map[string]*inhabitant

	mu    sync.Mutex
	count count
}

type inhabitant struct {
	*client.Client
	id string
}

// fill creates the workspace in an empty directory, through a server without rate limits. Rooms are filled in parallel.
func fill(ctx context.Context, s *script, dir string, messages int, log *slog.Logger) (made count, err error) {
	srv, err := server.Start(ctx, server.Config{Addr: "127.0.0.1:0", Data: dir}, log)
	if err != nil {
		return count{}, err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	link, due, err := srv.SetupLink(ctx)
	if err != nil || !due {
		return count{}, errors.Join(err, errors.New("the workspace is set up already"))
	}
	base, token, _ := strings.Cut(link, "/setup#")
	t := &town{script: s, base: base, people: map[string]*inhabitant{}}
	if err := t.settle(ctx, token); err != nil {
		return count{}, err
	}
	rooms, err := t.build(ctx)
	if err != nil {
		return count{}, err
	}
	plays := s.plays(messages)
	err = each(ctx, s.rooms, func(ctx context.Context, r room) error {
		return t.inhabit(ctx, r, rooms[r.key()], plays[r.key()])
	})
	if err != nil {
		return count{}, err
	}
	for _, p := range s.people {
		if p.role == "gone" {
			gone := true
			if _, err := t.people[s.people[0].handle].UpdateUser(ctx, t.people[p.handle].id,
				wire.UpdateUser{Deactivated: &gone}); err != nil {
				return count{}, fmt.Errorf("deactivate %s: %w", p.handle, err)
			}
		}
	}
	return t.count, nil
}

// key identifies a room: direct rooms have no name.
func (r room) key() string { return r.name + strings.Join(r.members, " ") }

// plays gives the lines of each room, by key. Each room gets its share of the messages, general gets the rest.
func (s *script) plays(most int) map[string][]line {
	plays := map[string][]line{}
	left := most
	for _, r := range s.rooms {
		if r.name != "general" {
			plays[r.key()] = newDirector(s, r).play(most * r.share / 1000)
			left -= messages(plays[r.key()])
		}
	}
	for _, r := range s.rooms {
		if r.name == "general" {
			plays[r.key()] = newDirector(s, r).play(left)
		}
	}
	return plays
}

// settle sets up the workspace and signs up everybody but guests.
func (t *town) settle(ctx context.Context, token string) error {
	mira := t.script.people[0]
	c := client.New(t.base, "")
	me, err := c.Setup(ctx, wire.Setup{
		Token: token, Workspace: "Acme", Name: mira.name, Handle: mira.handle, Email: mira.email(), Password: password,
	})
	if err != nil {
		return fmt.Errorf("set up the workspace: %w", err)
	}
	t.people[mira.handle] = &inhabitant{c, me.ID}
	t.count.people++
	if err := t.people[mira.handle].introduce(ctx, mira); err != nil {
		return err
	}
	for _, role := range []string{"admin", "member", "gone"} {
		if err := t.invite(ctx, role, nil); err != nil {
			return err
		}
	}
	return nil
}

// invite signs up all people of one role.
func (t *town) invite(ctx context.Context, role string, rooms []string) error {
	as := role
	if role == "gone" {
		as = "member"
	}
	i, err := t.people[t.script.people[0].handle].AddInvite(ctx, wire.NewInviteBody{Role: as, Rooms: rooms})
	if err != nil {
		return fmt.Errorf("invite as %s: %w", role, err)
	}
	invited := slices.DeleteFunc(slices.Clone(t.script.people), func(p person) bool { return p.role != role })
	return each(ctx, invited, func(ctx context.Context, p person) error {
		c := client.New(t.base, "")
		me, err := c.SignUp(ctx, wire.SignUp{Invite: i.Secret, Name: p.name, Handle: p.handle, Email: p.email(), Password: password})
		if err != nil {
			return fmt.Errorf("sign %s up: %w", p.handle, err)
		}
		i := &inhabitant{c, me.ID}
		t.mu.Lock()
		t.people[p.handle] = i
		t.count.people++
		t.mu.Unlock()
		return i.introduce(ctx, p)
	})
}

// introduce sets title, status and time zone.
func (i *inhabitant) introduce(ctx context.Context, p person) error {
	b := wire.UpdateMe{Title: &p.title, TimeZone: &p.zone}
	if p.status != "" {
		emoji, text, _ := strings.Cut(p.status, " ")
		b.Status = &wire.Status{Emoji: emoji, Text: text}
	}
	if _, err := i.UpdateMe(ctx, b); err != nil {
		return fmt.Errorf("profile of %s: %w", p.handle, err)
	}
	return nil
}

// build creates the rooms, invites the guests into theirs, then creates the direct rooms. It gives the room ids by key.
func (t *town) build(ctx context.Context) (map[string]string, error) {
	ids := map[string]string{}
	all := func(direct bool, count *int) error {
		for _, r := range t.script.rooms {
			if (r.kind == "direct") != direct {
				continue
			}
			id, err := t.buildRoom(ctx, r)
			if err != nil {
				return fmt.Errorf("make %s: %w", r.key(), err)
			}
			ids[r.key()] = id
			*count++
		}
		return nil
	}
	if err := all(false, &t.count.rooms); err != nil {
		return nil, err
	}
	if err := t.invite(ctx, "guest", t.roomsOf(ids, t.script.first("guest").handle)); err != nil {
		return nil, err
	}
	return ids, all(true, &t.count.directs)
}

func (t *town) buildRoom(ctx context.Context, r room) (string, error) {
	owner := t.people[r.owner]
	if r.name == "general" { // the setup has created it
		rooms, err := owner.Rooms(ctx)
		if err != nil {
			return "", err
		}
		i := slices.IndexFunc(rooms, func(m wire.MyRoom) bool { return m.Name == r.name })
		if i < 0 {
			return "", errors.New("the setup created no room general")
		}
		_, err = owner.UpdateRoom(ctx, rooms[i].ID, wire.UpdateRoom{Topic: &r.topic})
		return rooms[i].ID, err
	}
	b := wire.NewRoomBody{Kind: r.kind, Name: r.name, Topic: r.topic}
	for _, h := range r.members {
		if p := t.people[h]; p != nil && h != r.owner { // guests are invited later
			b.Members = append(b.Members, p.id)
		}
	}
	made, err := owner.AddRoom(ctx, b)
	if err == nil && r.announce {
		posting := "owners"
		_, err = owner.UpdateRoom(ctx, made.ID, wire.UpdateRoom{Posting: &posting})
	}
	return made.ID, err
}

// roomsOf are the ids of the public and private rooms whose members, in the script, include a handle.
func (t *town) roomsOf(ids map[string]string, handle string) (rooms []string) {
	for _, r := range t.script.rooms {
		if r.kind != "direct" && slices.Contains(r.members, handle) {
			rooms = append(rooms, ids[r.key()])
		}
	}
	return rooms
}

// inhabit plays the lines of a room, then sets the read pointers, Mira's settings and whether the room is archived.
func (t *town) inhabit(ctx context.Context, r room, id string, lines []line) error {
	p := &player{town: t, room: id, crew: newCrew(ctx)}
	for _, l := range lines {
		if err := p.do(ctx, l); err != nil {
			p.crew.stop(fmt.Errorf("%s: %s says %q: %w", r.file, l.who, l.text, err))
			break
		}
	}
	if err := p.crew.wait(); err != nil {
		return err
	}
	t.mu.Lock()
	t.count.messages += p.count.messages
	t.count.replies += p.count.replies
	t.count.reactions += p.count.reactions
	t.mu.Unlock()
	if err := t.readAll(ctx, r, id, p); err != nil {
		return fmt.Errorf("%s: %w", r.file, err)
	}
	if r.archived {
		yes := true
		if _, err := t.people[r.owner].UpdateRoom(ctx, id, wire.UpdateRoom{Archived: &yes}); err != nil {
			return fmt.Errorf("archive %s: %w", r.name, err)
		}
	}
	return nil
}

// readAll moves the read pointers of all members to the end, and applies Mira's settings. Mira's pointer stays where the
// script has put it.
func (t *town) readAll(ctx context.Context, r room, id string, p *player) error {
	mira := t.script.people[0].handle
	for _, h := range r.members {
		if h == mira && (p.read || slices.Contains(r.settings, "unread")) {
			continue
		}
		if _, err := t.people[h].SetRead(ctx, id, p.last); err != nil {
			return fmt.Errorf("%s reads: %w", h, err)
		}
	}
	yes, mentions := true, "mentions"
	var b wire.UpdateMyRoom
	for _, s := range r.settings {
		switch s {
		case "starred":
			b.Starred = &yes
		case "muted":
			b.Muted = &yes
		case "mentions":
			b.Notify = &mentions
		}
	}
	if b == (wire.UpdateMyRoom{}) {
		return nil
	}
	_, err := t.people[mira].UpdateMyRoom(ctx, id, b)
	return err
}

// player plays the lines of one room in order.
type player struct {
	town       *town
	crew       *crew
	room       string
	last, root int64 // seqs of the latest message and of the latest message that is not a reply
	read       bool
	count      count
}

func (p *player) do(ctx context.Context, l line) error {
	if l.read {
		p.read = true
		_, err := p.town.people[p.town.script.people[0].handle].SetRead(ctx, p.room, p.last)
		return err
	}
	author := p.town.people[l.who]
	b := wire.PostMessage{ClientID: client.NewClientID(), Text: l.text, AlsoInRoom: l.also}
	if l.reply {
		b.Thread = &p.root
		p.count.replies++
	}
	m, err := author.Post(ctx, p.room, b)
	if err != nil {
		return err
	}
	p.count.messages++
	if p.last = m.Seq; !l.reply {
		p.root = m.Seq
	}
	for _, r := range l.reactions {
		p.count.reactions += len(r.by)
	}
	p.crew.do(func(ctx context.Context) error {
		if err := p.after(ctx, l, m.Seq); err != nil {
			return fmt.Errorf("%s: %q: %w", l.who, l.text, err)
		}
		return nil
	})
	return nil
}

// after adds reactions to a message, then edits or deletes it, while the next lines of the room are played.
func (p *player) after(ctx context.Context, l line, seq int64) error {
	for _, r := range l.reactions {
		for _, h := range r.by {
			if _, err := p.town.people[h].React(ctx, p.room, seq, r.emoji, true); err != nil {
				return fmt.Errorf("%s reacts with %s: %w", h, r.emoji, err)
			}
		}
	}
	if l.edited != "" {
		if _, err := p.town.people[l.who].Edit(ctx, p.room, seq, l.edited); err != nil {
			return err
		}
	}
	if l.deleted {
		return p.town.people[l.who].Delete(ctx, p.room, seq)
	}
	return nil
}

// crew runs functions in parallel, at most atOnce at a time. After the first error it starts no more.
type crew struct {
	ctx   context.Context // canceled by stop
	stop  context.CancelCauseFunc
	slots chan struct{}
	busy  sync.WaitGroup
}

func newCrew(ctx context.Context) *crew {
	c := &crew{slots: make(chan struct{}, atOnce)}
	c.ctx, c.stop = context.WithCancelCause(ctx)
	return c
}

func (c *crew) do(f func(context.Context) error) {
	c.slots <- struct{}{}
	c.busy.Go(func() {
		defer func() { <-c.slots }()
		if c.ctx.Err() != nil {
			return
		}
		if err := f(c.ctx); err != nil {
			c.stop(err)
		}
	})
}

// wait waits for all functions and gives the first error.
func (c *crew) wait() error {
	c.busy.Wait()
	defer c.stop(nil)
	return context.Cause(c.ctx)
}

// each runs f for all elements in parallel.
func each[T any](ctx context.Context, all []T, f func(context.Context, T) error) error {
	c := newCrew(ctx)
	for _, one := range all {
		c.do(func(ctx context.Context) error { return f(ctx, one) })
	}
	return c.wait()
}
