package main

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/canteen-chat/canteen/attention"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/disk"
	"github.com/canteen-chat/canteen/password"
	"github.com/canteen-chat/canteen/picture"
	"github.com/canteen-chat/canteen/server"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/sqlite"
	"github.com/canteen-chat/canteen/text"
)

const (
	robot       = "build-bot"
	undisturbed = 3 * time.Hour // for how long those who are quiet do not want to be disturbed

	atOnce       = 200 // commands at the same time: the store refuses many more
	maxInMinutes = 60  // people come one a minute, those after them all in the same one
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
	when   calendar
	store  *sqlite.Store
	words  *attention.Keywords

	bodies  *disk.Bodies
	decoder *picture.Decoder

	mu              sync.Mutex
	count           count
	posted, reacted []time.Time // when
}

// fill creates the workspace in an empty directory. It gives the commands to the store itself, with times in the past: no door of a
// server takes a time. Rooms are filled in parallel, each in the order of time. Ids follow from the script: two demos made at the same
// time differ in the workspace's epoch and the password's salt alone.
func fill(ctx context.Context, s *script, dir string, now time.Time, log *slog.Logger) (made count, err error) {
	store, done, err := server.OpenStore(ctx, dir, true, log)
	if err != nil {
		return count{}, err
	}
	defer func() { err = errors.Join(err, done()) }()
	t := &town{script: s, when: calendar{now}, store: store, words: &attention.Keywords{Store: store, Clock: time.Now}}
	if err := t.settle(ctx); err != nil {
		return count{}, err
	}
	if err := t.addEmoji(ctx, dir); err != nil {
		return count{}, err
	}
	if t.bodies, err = server.OpenBodies(dir); err != nil {
		return count{}, err
	}
	defer func() { err = errors.Join(err, t.bodies.Close()) }()
	t.decoder = picture.NewDecoder()
	var rooms errgroup.Group
	rooms.SetLimit(atOnce)
	for _, r := range s.rooms {
		rooms.Go(func() error {
			if err := t.build(ctx, r); err != nil {
				return fmt.Errorf("%s: %w", r.file, err)
			}
			return nil
		})
	}
	if err := rooms.Wait(); err != nil {
		return count{}, err
	}
	seen := chat.InboxMarks{SeenAt: t.when.time(moment{0, opens})} // Mira has seen the reactions of the days before
	err = errors.Join(t.leave(ctx), t.arrange(ctx), store.MarkInbox(ctx, id("user", s.people[0].handle), seen))
	if err == nil {
		err = t.remember(ctx, dir, log)
	}
	return t.count, err
}

// key identifies a room: direct rooms have no name.
func (r room) key() string { return r.name + strings.Join(r.members, " ") }

// id gives the id of a thing of the demo.
func id(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + " " + name))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))[:12]
}

func (r room) id() string { return id("room", r.key()) }

// settle sets up the workspace with everybody in it.
func (t *town) settle(ctx context.Context) error {
	hash, err := password.New().Hash(ctx, "", everyonesPassword)
	if err != nil {
		return err
	}
	at := t.when.time(moment{days, opens})
	named := func(name string) string {
		return t.script.rooms[slices.IndexFunc(t.script.rooms, func(r room) bool { return r.name == name })].id()
	}
	general := named("general")
	acme := chat.Workspace{Name: "Acme", Epoch: chat.NewID(), DefaultRooms: []string{general}, FeedbackRoom: named("feedback")}
	var extra errgroup.Group
	extra.SetLimit(atOnce) // many commands share a commit; the order of the script's people stays
	for i, p := range t.script.people {
		u := p.user(t.when.now)
		u.PasswordHash = hash
		if u.User.Bot {
			u.PasswordHash = ""
		}
		add := chat.AddUser{User: u, At: at.Add(time.Duration(min(i, maxInMinutes)) * time.Minute)}
		if u.User.Role != chat.Guest {
			add.Rooms = []string{general}
		}
		switch {
		case i == 0:
			_, err = t.store.Setup(ctx, chat.Setup{
				Workspace: acme, Owner: u, RoomID: general, At: at,
			})
		case p.extra:
			extra.Go(func() error { return t.add(ctx, add) })
		default:
			err = t.add(ctx, add)
		}
		if err != nil {
			return errors.Join(err, extra.Wait())
		}
		t.count.people++
	}
	return extra.Wait()
}

func (t *town) add(ctx context.Context, cmd chat.AddUser) error {
	if _, err := t.store.AddUser(ctx, cmd); err != nil {
		return fmt.Errorf("add %s: %w", cmd.User.User.Handle, err)
	}
	return nil
}

// user gives the person as a new user, without a password.
func (p person) user(now time.Time) chat.NewUser {
	u := chat.User{
		ID: id("user", p.handle), Handle: p.handle, Name: text.Normal(p.name), Title: p.title, TimeZone: p.zone, Role: chat.Role(p.role),
		Settings: settings.Default(), Epoch: 1,
	}
	if p.role == "gone" {
		u.Role = chat.Member
	}
	u.Settings.Attention.Keywords = append(u.Settings.Attention.Keywords, p.keywords...)
	if p.quiet {
		until := now.Add(undisturbed).Truncate(time.Millisecond)
		u.Settings.Attention.Quiet.Until = &until
	}
	if emoji, words, _ := strings.Cut(p.status, " "); emoji != "" {
		canonical, _ := oneEmoji(emoji)
		u.Status = &chat.Status{Emoji: canonical, Text: words}
	}
	if p.handle == robot {
		u.Bot = true
		return chat.NewUser{User: u, EmailFold: "bot " + u.ID}
	}
	u.Email = p.email()
	return chat.NewUser{User: u, EmailFold: text.Fold(u.Email)}
}

// build creates a room, with all that happens in it.
func (t *town) build(ctx context.Context, r room) error {
	at := t.when.time(moment{days, opens + time.Hour})
	if r.name == "general" { // the setup has created it
		if _, err := t.store.UpdateRoom(ctx, chat.UpdateRoom{
			Room: r.id(), By: id("user", r.owner), Topic: &r.topic, At: at,
			Texts: map[chat.What]string{chat.TopicChanged: "set the topic: " + r.topic},
		}); err != nil {
			return err
		}
	} else if _, _, err := t.store.AddRoom(ctx, r.founded(at)); err != nil {
		return err
	}
	if err := t.describe(ctx, r); err != nil {
		return err
	}
	if err := t.addHooks(ctx, r, at); err != nil {
		return err
	}
	p := &player{town: t, room: r, seqs: map[*line]int64{}, roots: map[int64]bool{}, keyed: map[keyed]int64{}}
	for _, a := range newDirector(t.script, r).acts(t.when) {
		if err := p.do(ctx, a); err != nil {
			return fmt.Errorf("%s %s %q: %w", a.line.who, a.what, a.line.text, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.kind == "direct" {
		t.count.directs++
	} else {
		t.count.rooms++
	}
	t.count.messages += p.count.messages
	t.count.replies += p.count.replies
	t.count.reactions += p.count.reactions
	t.posted, t.reacted = append(t.posted, p.posted...), append(t.reacted, p.reacted...)
	return errors.Join(p.inboxes(ctx), p.settings(ctx))
}

// describe says what a room is for, and what it tells those who join it.
func (t *town) describe(ctx context.Context, r room) error {
	if r.description == "" && r.welcome == "" {
		return nil
	}
	_, err := t.store.DescribeRoom(ctx, chat.DescribeRoom{Room: r.id(), Description: &r.description, Welcome: &r.welcome})
	return err
}

// founded gives the room as it was made.
func (r room) founded(at time.Time) chat.AddRoom {
	add := chat.AddRoom{Room: chat.Room{
		ID: r.id(), Kind: chat.Kind(r.kind), Name: r.name, Topic: r.topic, Posting: chat.PostingEveryone, CreatedBy: id("user", r.owner),
		CreatedAt: at,
	}}
	if r.announce {
		add.Room.Posting = chat.PostingOwners
	}
	for _, h := range r.members {
		m := chat.RoomMembership{User: id("user", h), Role: chat.RoomMember, JoinedAt: at}
		if h == r.owner && r.kind != "direct" {
			m.Role = chat.RoomOwner
		}
		add.Members = append(add.Members, m)
	}
	return add
}

// leave deactivates who has left the company.
func (t *town) leave(ctx context.Context) error {
	gone := true
	for _, p := range t.script.people {
		if p.role != "gone" {
			continue
		}
		if _, err := t.store.UpdateUser(ctx, chat.UpdateUser{
			User: id("user", p.handle), Deactivated: &gone, EndSessions: true, At: t.when.now,
		}); err != nil {
			return fmt.Errorf("deactivate %s: %w", p.handle, err)
		}
	}
	return nil
}
