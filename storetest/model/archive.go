package model

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/canteen-chat/canteen"
)

var _ canteen.Archive = (*Store)(nil)

// Export implements canteen.Archive.
func (s *Store) Export(ctx context.Context, now time.Time, give func(canteen.Record) error) error {
	all, err := read(ctx, s, func() ([]canteen.Record, error) {
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

func (s *Store) exportUsers() (out []canteen.Record) {
	for _, id := range sorted(s.users) {
		u := s.users[id]
		r := canteen.UserRecord{NewUser: canteen.NewUser{
			User: u.view(), NameFold: u.nameFold, Mixed: u.mixed, EmailFold: u.emailFold, PasswordHash: u.password,
		}}
		for _, h := range sorted(s.handles) {
			if s.handles[h] == id {
				r.Handles = append(r.Handles, h)
			}
		}
		out = append(out, r)
	}
	return out
}

func (r *room) export() []canteen.Record {
	of := canteen.RoomRecord{Room: r.view(), NameFold: r.nameFold, FirstReadRev: r.firstReadRev}
	var members, messages, versions, reactions []canteen.Record
	for _, m := range slices.SortedFunc(slices.Values(r.members), func(a, b *member) int { return cmp.Compare(a.User, b.User) }) {
		members = append(members, canteen.MemberRecord{
			Room: r.ID, RoomMembership: m.RoomMembership, ReadSeq: m.readSeq, ReadRev: m.readRev,
			Notify: m.notify, Starred: m.starred, Muted: m.muted, SettingsRev: m.settingsRev,
		})
	}
	for _, m := range r.messages {
		if m.InTimeline() {
			of.LastInRoom = m.Seq
		}
		messages = append(messages, canteen.MessageRecord{Message: r.viewMessage(m, "")})
		for n, v := range m.versions {
			versions = append(versions, canteen.VersionRecord{Room: r.ID, Seq: m.Seq, N: n, Version: v})
		}
		for _, re := range slices.SortedFunc(slices.Values(m.reactions), func(a, b reaction) int { return cmp.Compare(a.emoji, b.emoji) }) {
			for _, by := range slices.SortedFunc(slices.Values(re.by), func(a, b reactor) int { return cmp.Compare(a.user, b.user) }) {
				reactions = append(reactions, canteen.ReactionRecord{Room: r.ID, Seq: m.Seq, Emoji: re.emoji, User: by.user, Rev: by.rev})
			}
		}
	}
	return slices.Concat([]canteen.Record{of}, members, messages, versions, reactions)
}

func (s *Store) exportRest(now time.Time) (out []canteen.Record) {
	for _, user := range sorted(s.uses) {
		for _, emoji := range sorted(s.uses[user]) {
			u := s.uses[user][emoji]
			out = append(out, canteen.EmojiUseRecord{User: user, Emoji: emoji, Weight: u.weight, At: u.at})
		}
	}
	var invites, tokens []canteen.Record
	for h, i := range s.invites {
		if now.Before(i.ExpiresAt) {
			invites = append(invites, canteen.InviteRecord{Invite: viewInvite(i), Secret: h})
		}
	}
	for h, t := range s.tokens {
		if t.UserEpoch == s.users[t.User].Epoch && (t.ExpiresAt == nil || now.Before(*t.ExpiresAt)) {
			tokens = append(tokens, canteen.TokenRecord{Token: *viewToken(t), Secret: h})
		}
	}
	slices.SortFunc(invites, func(a, b canteen.Record) int {
		return strings.Compare(a.(canteen.InviteRecord).ID, b.(canteen.InviteRecord).ID)
	})
	slices.SortFunc(tokens, func(a, b canteen.Record) int {
		return strings.Compare(a.(canteen.TokenRecord).ID, b.(canteen.TokenRecord).ID)
	})
	out = slices.Concat(out, invites, tokens)
	if w := s.workspace; w != nil {
		v := *w
		v.DefaultRooms = slices.Clone(v.DefaultRooms)
		out = append(out, canteen.WorkspaceRecord{Workspace: v, Directory: s.directory})
	}
	return out
}

// Import implements canteen.Archive.
func (s *Store) Import(ctx context.Context, records []canteen.Record) error {
	return do(ctx, s, canteen.Facts{}, func() error {
		if s.workspace != nil {
			return canteen.Errorf(canteen.Conflict, "There is a workspace here already. Move into an empty place.")
		}
		for _, r := range records {
			if err := s.keep(r); err != nil {
				return err
			}
		}
		return nil
	})
}

// keep puts one record in place of what an earlier attempt kept of it.
func (s *Store) keep(record canteen.Record) error {
	switch r := record.(type) {
	case canteen.UserRecord:
		u := &user{User: r.User, nameFold: r.NameFold, mixed: r.Mixed, emailFold: r.EmailFold, password: r.PasswordHash}
		u.User = u.view()
		s.users[u.ID] = u
		for _, h := range r.Handles {
			s.handles[h] = u.ID
		}
	case canteen.RoomRecord:
		kept := &room{Room: r.Room, nameFold: r.NameFold, firstReadRev: r.FirstReadRev}
		if was := s.rooms[r.ID]; was != nil {
			kept.members, kept.messages = was.members, was.messages
		}
		kept.Members = nil
		s.rooms[r.ID] = kept
	case canteen.MemberRecord:
		s.rooms[r.Room].keepMember(r)
	case canteen.MessageRecord:
		s.rooms[r.Room].keepMessage(r.Message)
	case canteen.VersionRecord:
		m := s.rooms[r.Room].messages[r.Seq-1]
		m.versions = append(m.versions[:min(r.N, len(m.versions))], r.Version)
	case canteen.ReactionRecord:
		s.rooms[r.Room].messages[r.Seq-1].keepReaction(r)
	case canteen.EmojiUseRecord:
		if s.uses[r.User] == nil {
			s.uses[r.User] = map[string]use{}
		}
		s.uses[r.User][r.Emoji] = use{r.Weight, r.At}
	case canteen.InviteRecord:
		i := viewInvite(&r.Invite)
		s.invites[r.Secret] = &i
	case canteen.TokenRecord:
		s.tokens[r.Secret] = viewToken(&r.Token)
	case canteen.WorkspaceRecord:
		s.workspace, s.directory = copied(&r.Workspace), r.Directory
		s.workspace.DefaultRooms = slices.Clone(r.DefaultRooms)
	default:
		return fmt.Errorf("%T is no record that can be kept", record)
	}
	return nil
}

func (r *room) keepMember(m canteen.MemberRecord) {
	r.members = slices.DeleteFunc(r.members, func(o *member) bool { return o.User == m.User })
	version := r.Version
	r.join(m.RoomMembership)
	r.Version = version
	*r.member(m.User) = member{m.RoomMembership, m.ReadSeq, m.ReadRev, m.SettingsRev, m.Notify, m.Starred, m.Muted}
}

// keepMessage keeps of the summary of reactions the order of the emoji; who reacted comes later.
func (r *room) keepMessage(m canteen.Message) {
	kept := &message{Message: m}
	for _, re := range m.Reactions {
		kept.reactions = append(kept.reactions, reaction{emoji: re.Emoji})
	}
	kept.ThreadInfo, kept.Reactions = nil, nil
	kept.Message = r.viewMessage(kept, "") // its own lists
	kept.ThreadInfo, kept.Reactions = nil, nil
	if m.Seq <= int64(len(r.messages)) {
		r.messages[m.Seq-1] = kept
	} else {
		r.messages = append(r.messages, kept)
	}
}

func (m *message) keepReaction(r canteen.ReactionRecord) {
	for i, re := range m.reactions {
		if re.emoji == r.Emoji {
			by := slices.DeleteFunc(re.by, func(by reactor) bool { return by.user == r.User })
			m.reactions[i].by = append(by, reactor{r.User, r.Rev})
			slices.SortFunc(m.reactions[i].by, func(a, b reactor) int { return cmp.Compare(a.rev, b.rev) })
		}
	}
}
