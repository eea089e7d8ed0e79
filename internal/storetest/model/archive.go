package model

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen/archive"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
)

var _ archive.Store = (*Store)(nil)

// Export implements archive.Store.
func (s *Store) Export(ctx context.Context, now time.Time, give func(archive.Record) error) error {
	all, err := read(ctx, s, func() ([]archive.Record, error) {
		out := s.exportUsers()
		for _, id := range sorted(s.rooms) {
			out = append(out, s.rooms[id].export()...)
		}
		return append(out, s.exportRest(now)...), nil
	})
	for _, r := range all {
		if err := give(r); err != nil {
			return err
		}
	}
	return err
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (s *Store) exportUsers() (out []archive.Record) {
	for _, id := range sorted(s.users) {
		u := s.users[id]
		r := archive.UserRecord{NewUser: chat.NewUser{
			User: u.view(), EmailFold: u.emailFold, PasswordHash: u.password,
		}}
		if h := s.hooks[id]; h != nil {
			r.Hook = copied(h)
			r.Hook.UsedAt = copied(h.UsedAt)
		}
		for _, h := range sorted(s.handles) {
			if s.handles[h] == id {
				r.Handles = append(r.Handles, h)
			}
		}
		out = append(out, r)
	}
	return out
}

func (r *room) export() []archive.Record {
	of := archive.RoomRecord{Room: r.view(), FirstReadRev: r.firstReadRev, About: r.about}
	var members, messages, versions, reactions, votes, threads []archive.Record
	for _, m := range slices.SortedFunc(slices.Values(r.members), func(a, b *member) int { return cmp.Compare(a.User, b.User) }) {
		members = append(members, archive.MemberRecord{
			Room: r.ID, RoomMembership: m.RoomMembership, ReadSeq: m.readSeq, ReadRev: m.readRev,
			Notify: m.notify, Starred: m.starred, Muted: m.muted, SettingsRev: m.settingsRev, Greet: m.greet,
		})
	}
	for _, m := range r.messages {
		if m.InTimeline() {
			of.LastInRoom = m.Seq
		}
		messages = append(messages, archive.MessageRecord{Message: r.viewMessage(m, "")})
		for _, v := range m.versions {
			versions = append(versions, archive.VersionRecord{Room: r.ID, Seq: m.Seq, Version: v})
		}
		for _, re := range slices.SortedFunc(slices.Values(m.reactions), func(a, b reaction) int { return cmp.Compare(a.emoji, b.emoji) }) {
			for _, by := range slices.SortedFunc(slices.Values(re.by), func(a, b reactor) int { return cmp.Compare(a.user, b.user) }) {
				reactions = append(reactions, archive.ReactionRecord{Room: r.ID, Seq: m.Seq, Emoji: re.emoji, User: by.user, Rev: by.rev})
			}
		}
		for _, v := range slices.SortedFunc(slices.Values(m.votes), func(a, b poll.Vote) int { return cmp.Compare(a.User, b.User) }) {
			votes = append(votes, archive.VoteRecord{Room: r.ID, Seq: m.Seq, Vote: v})
		}
	}
	for _, k := range r.sortedThreads() {
		threads = append(threads, archive.ThreadRecord{Room: r.ID, Root: k.root, User: k.user, Row: r.threads[k]})
	}
	var confirmed []archive.Record
	for _, seq := range sorted(r.confirmed) {
		for _, u := range sorted(r.confirmed[seq]) {
			confirmed = append(confirmed, archive.ConfirmedRecord{Room: r.ID, Seq: seq, Confirmation: chat.Confirmation{User: u, At: r.confirmed[seq][u]}})
		}
	}
	return slices.Concat([]archive.Record{of}, members, messages, versions, reactions, votes, threads, confirmed)
}

func (s *Store) exportRest(now time.Time) (out []archive.Record) {
	var invites, tokens []archive.Record
	for h, i := range s.invites {
		if now.Before(i.ExpiresAt) {
			invites = append(invites, archive.InviteRecord{Invite: viewInvite(i), Secret: h})
		}
	}
	for h, t := range s.tokens {
		if t.UserEpoch == s.users[t.User].Epoch && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt)) {
			tokens = append(tokens, archive.TokenRecord{Token: *viewToken(t), Secret: h})
		}
	}
	slices.SortFunc(invites, func(a, b archive.Record) int {
		return strings.Compare(a.(archive.InviteRecord).ID, b.(archive.InviteRecord).ID)
	})
	slices.SortFunc(tokens, func(a, b archive.Record) int {
		return strings.Compare(a.(archive.TokenRecord).ID, b.(archive.TokenRecord).ID)
	})
	out = slices.Concat(out, invites, tokens)
	for _, name := range sorted(s.emoji) {
		out = append(out, archive.EmojiRecord{Emoji: s.emoji[name]})
	}
	if w := s.workspace; w != nil {
		v := *w
		v.DefaultRooms = slices.Clone(v.DefaultRooms)
		out = append(out, archive.WorkspaceRecord{Workspace: v, Directory: s.directory})
	}
	return out
}

// Import implements archive.Store.
func (s *Store) Import(ctx context.Context, records []archive.Record) error {
	return do(ctx, s, chat.Facts{}, func() error {
		if s.workspace != nil {
			return archive.ErrNotEmpty()
		}
		for _, r := range records {
			if err := s.keep(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// keep stores one record. It replaces the record of an earlier attempt.
func (s *Store) keep(record archive.Record) error {
	switch r := record.(type) {
	case archive.UserRecord:
		u := &user{User: r.User, emailFold: r.EmailFold, password: r.PasswordHash}
		u.User = u.view()
		s.users[u.ID] = u
		if r.Hook != nil {
			s.hooks[u.ID] = copied(r.Hook)
		}
		if d := chat.ImportedDigest(u.User); !d.Due.IsZero() {
			s.digests[u.ID] = d
		}
		for _, h := range r.Handles {
			s.handles[h] = u.ID
		}
	case archive.RoomRecord:
		kept := &room{Room: r.Room, firstReadRev: r.FirstReadRev, about: r.About}
		if was := s.rooms[r.ID]; was != nil {
			kept.members, kept.messages, kept.threads = was.members, was.messages, was.threads
			kept.confirmed = was.confirmed
		}
		kept.Members = nil
		s.rooms[r.ID] = kept
	case archive.MemberRecord:
		s.rooms[r.Room].keepMember(r)
	case archive.MessageRecord:
		s.rooms[r.Room].keepMessage(r.Message)
		s.attach(r.Message)
	case archive.VersionRecord:
		m := s.rooms[r.Room].messages[r.Seq-1]
		m.versions = slices.DeleteFunc(m.versions, func(v chat.Version) bool { return v.N >= r.N }) // from an earlier attempt
		m.versions = append(m.versions, r.Version)
	case archive.ReactionRecord:
		s.rooms[r.Room].messages[r.Seq-1].keepReaction(r)
	case archive.VoteRecord:
		s.rooms[r.Room].messages[r.Seq-1].setVote(r.Vote)
	case archive.ThreadRecord:
		s.rooms[r.Room].setThread(threadKey{r.Root, r.User}, r.Row)
	case archive.ConfirmedRecord:
		s.rooms[r.Room].confirm(r.Seq, r.User, r.At)
	case archive.InviteRecord:
		i := viewInvite(&r.Invite)
		s.invites[r.Secret] = &i
	case archive.TokenRecord:
		s.tokens[r.Secret] = viewToken(&r.Token)
	case archive.EmojiRecord:
		s.emoji[r.Name], s.emojiRevision = r.Emoji, chat.NewID()
	case archive.WorkspaceRecord:
		s.workspace, s.directory = copied(&r.Workspace), r.Directory
		s.workspace.DefaultRooms = slices.Clone(r.DefaultRooms)
	default:
		return archive.ErrUnknownRecord(record)
	}
	return nil
}

func (r *room) keepMember(m archive.MemberRecord) {
	r.members = slices.DeleteFunc(r.members, func(o *member) bool { return o.User == m.User })
	version := r.Version
	r.join(m.RoomMembership, m.Notify)
	r.Version = version
	*r.member(m.User) = member{m.RoomMembership, m.ReadSeq, m.ReadRev, m.SettingsRev, m.Notify, m.Starred, m.Muted, m.Greet}
}

// keepMessage stores a message. Of the reactions it keeps only the order of the emoji; their users come with later records.
func (r *room) keepMessage(m chat.Message) {
	kept := &message{Message: m, closed: m.Tally != nil && m.Tally.Closed}
	for _, re := range m.Reactions {
		kept.reactions = append(kept.reactions, reaction{emoji: re.Emoji})
	}
	kept.ThreadInfo, kept.Reactions, kept.Tally = nil, nil, nil
	kept.Message = r.viewMessage(kept, "") // copies the lists
	kept.ThreadInfo, kept.Reactions, kept.Tally = nil, nil, nil
	if m.Seq <= int64(len(r.messages)) {
		r.messages[m.Seq-1] = kept
	} else {
		r.messages = append(r.messages, kept)
	}
}

func (m *message) keepReaction(r archive.ReactionRecord) {
	for i, re := range m.reactions {
		if re.emoji == r.Emoji {
			by := slices.DeleteFunc(re.by, func(by reactor) bool { return by.user == r.User })
			m.reactions[i].by = append(by, reactor{r.User, r.Rev})
			slices.SortFunc(m.reactions[i].by, func(a, b reactor) int { return cmp.Compare(a.rev, b.rev) })
		}
	}
}
