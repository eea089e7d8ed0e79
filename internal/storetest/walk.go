package storetest

import (
	"context"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/canteen-chat/canteen/card"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/poll"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
)

// walk draws random commands on few users, rooms and messages, so that many commands concern the same ones.
type walk struct {
	rt    *rapid.T
	at    time.Time
	n     int
	files int  // how many were attached, or tried
	one   bool // the room rone has been drawn
}

type command = func(context.Context, chat.Store) (any, error)

func pick[T any](w *walk, what string, from ...T) T { return rapid.SampledFrom(from).Draw(w.rt, what) }

func levels() []chat.Notify {
	return []chat.Notify{chat.NotifyAll, chat.NotifyMentions, chat.NotifyNothing}
}

func (w *walk) room() string {
	return pick(w, "room", general, general, general, "rone", "rtwo", "nowhere")
}
func (w *walk) user() string { return pick(w, "user", walkers()...) }
func (w *walk) seq() int64   { return int64(rapid.IntRange(1, 8).Draw(w.rt, "seq")) }
func (w *walk) some() []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(walkers()), 0, 3, rapid.ID[string]).Draw(w.rt, "people")
}
func (w *walk) text() string {
	if text := pick(w, "text", "hello", "hello 🎉", "see you", "ünïcode", "@room, come", "@here?", ""); text != "" {
		return text
	}
	return longText(w.rt)
}
func (w *walk) flag() bool        { return rapid.Bool().Draw(w.rt, "flag") }
func both[T, U any](v T, u U) any { return []any{v, u} }

// facts are sometimes wrong.
func (w *walk) facts(room, user string) chat.Facts {
	switch rapid.IntRange(0, 9).Draw(w.rt, "facts") {
	case 0:
		return chat.Facts{Member: &chat.MemberFact{Room: room, User: user, Role: pick(w, "role", chat.RoomOwner, chat.RoomMember, "")}}
	case 1:
		return chat.Facts{Room: &chat.RoomFact{ID: room, Kind: chat.Public, Posting: chat.PostingEveryone, OwnersBroadcast: w.flag()}}
	case 2:
		return chat.Facts{User: &chat.UserFact{ID: user, Role: pick(w, "role", chat.Member, chat.Owner), Epoch: 1}}
	}
	return chat.Facts{}
}

func (w *walk) next() (string, command) {
	w.n++
	w.at = w.at.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(w.rt, "ms")) * time.Millisecond)
	room, user, seq := w.room(), w.user(), w.seq()
	f := w.facts(room, user)
	switch rapid.IntRange(0, 23).Draw(w.rt, "command") {
	case 0, 1, 2:
		return w.post(f, room, user)
	case 3:
		cmd := chat.EditMessage{Facts: f, Room: room, Seq: seq, By: user, Text: w.text(), Mentions: w.some(), At: w.at}
		if cmd.SetPreview = w.flag(); cmd.SetPreview && w.flag() {
			cmd.Preview = w.preview()
		}
		if cmd.SetCards = w.flag(); cmd.SetCards && w.flag() {
			cmd.Cards, cmd.CardPictures = w.cards()
			cmd.Fallback = w.flag()
		}
		streams, done := w.flag(), w.flag()
		return "edit", func(ctx context.Context, s chat.Store) (any, error) {
			if m, err := s.Message(ctx, room, seq, user); err == nil && streams && m.StreamingAt != nil {
				cmd.Stream = &chat.Stream{Last: *m.StreamingAt, Done: done}
			}
			if err := readied(ctx, s, user, chat.Parts{Preview: cmd.Preview, CardPictures: cmd.CardPictures}.AllFiles()); err != nil {
				return nil, err
			}
			return s.EditMessage(ctx, cmd)
		}
	case 4:
		cmd := chat.DeleteMessage{Facts: f, Room: room, Seq: seq, At: w.at}
		return "delete", func(ctx context.Context, s chat.Store) (any, error) { return nil, s.DeleteMessage(ctx, cmd) }
	case 5, 6:
		cmd := chat.SetReaction{
			Facts: f, Room: room, Seq: seq, User: user, Emoji: pick(w, "emoji", "🎉", "👍", "❤️"), Added: w.flag(), At: w.at,
		}
		return "react", func(ctx context.Context, s chat.Store) (any, error) { return s.SetReaction(ctx, cmd) }
	case 7:
		cmd := chat.SetRead{Facts: f, Room: room, User: user, Seq: int64(rapid.IntRange(0, 8).Draw(w.rt, "read"))}
		return "read", func(ctx context.Context, s chat.Store) (any, error) { return s.SetRead(ctx, cmd) }
	case 8:
		return w.addRoom(user)
	case 9:
		return w.updateRoom(f, room, user)
	case 10:
		cmd := chat.AddMembers{Facts: f, Room: room, Users: w.some(), Role: chat.RoomMember, At: w.at}
		if w.flag() {
			cmd.System = &chat.SystemPost{By: user, System: chat.System{What: chat.AdminJoined}, Text: "entered"}
		}
		return "add members", func(ctx context.Context, s chat.Store) (any, error) { return nil, s.AddMembers(ctx, cmd) }
	case 11:
		cmd := chat.RemoveMember{Facts: f, Room: room, User: user, Reason: chat.Removed, By: "uada"}
		return "remove member", func(ctx context.Context, s chat.Store) (any, error) { return nil, s.RemoveMember(ctx, cmd) }
	case 12:
		starred, notify := w.flag(), pick(w, "level", levels()...)
		cmd := chat.UpdateMyRoom{Facts: f, Room: room, User: user, Starred: &starred, Notify: &notify}
		if greet := false; w.flag() {
			cmd.Greet = &greet
		}
		return "my room", func(ctx context.Context, s chat.Store) (any, error) { return s.UpdateMyRoom(ctx, cmd) }
	case 13:
		title := pick(w, "title", "", "Cook")
		cmd := chat.UpdateUser{User: user, Title: &title, At: w.at}
		if w.flag() { // al and Al share a key, Al and AI another
			name := pick(w, "name", "al", "Al", "AI", "ai", "Jоnas") // the last with a Cyrillic о
			cmd.Name = &name
		}
		if w.flag() {
			handle := pick(w, "handle", "cook", "chef", "mira")
			cmd.Handle = &handle
		}
		if w.flag() {
			level, quiet := pick(w, "level", levels()...), quiet.Quiet{}
			if w.flag() {
				until := w.at
				quiet.Until = &until
			}
			cmd.Settings = &settings.Input{Attention: &settings.AttentionInput{DefaultNotify: &level, Quiet: &quiet}}
			if w.flag() {
				theme := pick(w, "theme", "system", "dark")
				cmd.Settings.Theme = &theme
			}
		}
		return "update user", func(ctx context.Context, s chat.Store) (any, error) { return s.UpdateUser(ctx, cmd) }
	case 14, 15, 16:
		return w.thread(f, room, user)
	case 17, 18, 19:
		return w.poll(f, room, user, seq)
	case 20:
		cmd := chat.ConfirmMessage{Facts: f, Room: room, Seq: seq, User: user, At: w.at}
		return "confirm", func(ctx context.Context, s chat.Store) (any, error) { return nil, s.Confirm(ctx, cmd) }
	case 22:
		return w.outs()
	case 21:
		cmd := chat.DescribeRoom{Facts: f, Room: room}
		text := pick(w, "about", "", "Food", "Hello\nyou")
		if w.flag() {
			cmd.Description = &text
		} else {
			cmd.Welcome = &text
		}
		return "describe room", func(ctx context.Context, s chat.Store) (any, error) { return s.DescribeRoom(ctx, cmd) }
	}
	role := pick(w, "role", chat.RoomOwner, chat.RoomMember)
	return "role", func(ctx context.Context, s chat.Store) (any, error) {
		return nil, s.SetMemberRole(ctx, f, room, user, role)
	}
}

func (w *walk) post(f chat.Facts, room, user string) (string, command) {
	cmd := chat.PostMessage{
		Facts: f, Room: room, Author: user, ClientID: fmt.Sprint(rapid.IntRange(0, 30).Draw(w.rt, "client id")), Text: w.text(),
		Mentions: w.some(), Broadcast: pick(w, "broadcast", "", chat.BroadcastHere, chat.BroadcastRoom), At: w.at,
	}
	if w.flag() {
		cmd.Thread, cmd.AlsoInRoom = int64(rapid.IntRange(1, 4).Draw(w.rt, "root")), w.flag()
	}
	if w.flag() {
		cmd.Preview = w.preview()
	}
	if w.flag() {
		cmd.Cards, cmd.CardPictures = w.cards()
		cmd.Fallback, cmd.Sender = w.flag(), &card.Sender{Name: "Grafana", Icon: "🔥"}
	}
	cmd.Confirm = w.flag()
	if at := w.at; w.flag() {
		cmd.StreamingAt = &at
	}
	if w.flag() {
		cmd.Feedback = &chat.Feedback{Page: "/inbox", Version: "v1"}
	}
	for n := range pick(w, "files", 0, 0, 0, 1, 10) {
		f := image(fmt.Sprint("f", w.files+n))
		f.Name = w.text()
		cmd.Files = append(cmd.Files, f)
	}
	w.files += len(cmd.Files)
	if w.flag() {
		cmd.Origin = &chat.Origin{Room: room, Seq: int64(rapid.IntRange(1, 1<<40).Draw(w.rt, "origin"))}
	}
	if w.flag() {
		at := w.at.Add(5 * time.Minute)
		cmd.Poll = &poll.Poll{Options: []string{"soup", "salad", "🌮"}[:pick(w, "options", 2, 3)], Several: w.flag(), Anonymous: w.flag()}
		if w.flag() {
			cmd.Poll.ClosesAt = &at
		}
	}
	return "post", func(ctx context.Context, s chat.Store) (any, error) {
		if err := readied(ctx, s, user, cmd.AllFiles()); err != nil {
			return nil, err
		}
		m, created, err := s.PostMessage(ctx, cmd)
		return both(m, created), err
	}
}

// preview draws a preview. Half of them have a picture, which has to be readied.
func (w *walk) preview() *chat.Preview {
	p := &chat.Preview{URL: "hello", Title: w.text(), Description: "ünïcode"}
	if w.flag() {
		f := image(fmt.Sprint("p", w.files))
		f.Kind, p.Picture = chat.PageFile, &f
		w.files++
	}
	return p
}

// cards draws cards. Half of them have a picture, which has to be readied.
func (w *walk) cards() (cards []card.Card, pictures []chat.File) {
	at := w.at
	for range pick(w, "cards", 1, 2) {
		c := card.Card{Title: w.text(), At: &at, Fields: []card.Field{{Title: "Severity", Value: w.text(), Short: w.flag()}}}
		if w.flag() {
			f := image(fmt.Sprint("c", w.files))
			f.Kind, c.Image = chat.PageFile, &card.Picture{URL: "https://a.example", File: f.ID}
			pictures = append(pictures, f)
			w.files++
		}
		cards = append(cards, c)
	}
	return cards, pictures
}

// poll draws a command about the poll of a message: one of the first eight, half of which have one.
func (w *walk) poll(f chat.Facts, room, user string, seq int64) (string, command) {
	if rapid.IntRange(0, 9).Draw(w.rt, "close") == 0 {
		cmd := chat.ClosePoll{Facts: f, Room: room, Seq: seq, By: user}
		return "close poll", func(ctx context.Context, s chat.Store) (any, error) { return s.ClosePoll(ctx, cmd) }
	}
	cmd := chat.SetVote{Facts: f, Room: room, Seq: seq, User: user, At: w.at}
	for n := range 3 {
		if w.flag() {
			cmd.Options = append(cmd.Options, n)
		}
	}
	return "vote", func(ctx context.Context, s chat.Store) (any, error) { return s.SetVote(ctx, cmd) }
}

// thread draws a command about a thread: one of the first three messages, most of which have replies.
func (w *walk) thread(f chat.Facts, room, user string) (string, command) {
	root := int64(rapid.IntRange(1, 3).Draw(w.rt, "root"))
	switch rapid.IntRange(0, 2).Draw(w.rt, "of the thread") {
	case 0:
		cmd := chat.FollowThread{Facts: f, Room: room, Root: root, User: user, On: w.flag()}
		return "follow thread", func(ctx context.Context, s chat.Store) (any, error) { return s.FollowThread(ctx, cmd) }
	case 1:
		cmd := chat.ReadThread{Facts: f, Room: room, Root: root, User: user, Seq: int64(rapid.IntRange(0, 8).Draw(w.rt, "read"))}
		return "read thread", func(ctx context.Context, s chat.Store) (any, error) { return s.ReadThread(ctx, cmd) }
	}
	seq := w.seq()
	return "follow those mentioned", func(ctx context.Context, s chat.Store) (any, error) {
		m, err := s.Message(ctx, room, seq, user)
		if err != nil || m.Thread == 0 {
			return nil, err
		}
		return nil, s.FollowMentioned(ctx, m)
	}
}

func (w *walk) addRoom(user string) (string, command) {
	kind := pick(w, "kind", chat.Public, chat.Private, chat.Direct)
	cmd := chat.AddRoom{Room: chat.Room{
		ID: pick(w, "id", "rone", "rtwo") + string(kind[:2]), Kind: kind, Posting: chat.PostingEveryone, CreatedBy: user, CreatedAt: w.at,
	}, Members: []chat.RoomMembership{{User: user, Role: chat.RoomMember, JoinedAt: w.at}}}
	cmd.Room.ID += fmt.Sprint(w.n)     // ids are unique
	if kind != chat.Direct && !w.one { // commands on rone change its members, which is not allowed in direct rooms
		w.one, cmd.Room.ID = true, "rone"
	}
	if kind != chat.Direct {
		cmd.Room.Name = pick(w, "name", "lunch", "general", "leads", "gеneral", "1unch") // a Cyrillic е, a digit
	}
	for _, other := range w.some() {
		if other != user {
			cmd.Members = append(cmd.Members, chat.RoomMembership{User: other, Role: chat.RoomMember, JoinedAt: w.at})
		}
	}
	return "add room", func(ctx context.Context, s chat.Store) (any, error) {
		r, created, err := s.AddRoom(ctx, cmd)
		return both(r, created), err
	}
}

func (w *walk) updateRoom(f chat.Facts, room, user string) (string, command) {
	cmd := chat.UpdateRoom{Facts: f, Room: room, By: user, At: w.at, Texts: map[chat.What]string{
		chat.Renamed: "renamed", chat.TopicChanged: "topic", chat.PostingSet: "posting", chat.RoomArchived: "archived",
		chat.RoomUnarchive: "un-archived", chat.MadePublic: "public", chat.MadePrivate: "private",
	}}
	if w.flag() {
		name := pick(w, "new name", "general", "gеneral", "lunch", "1unch", "leads")
		cmd.Name = &name
	}
	if w.flag() {
		topic := pick(w, "topic", "", "food")
		cmd.Topic = &topic
	}
	if w.flag() {
		posting := pick(w, "posting", chat.PostingEveryone, chat.PostingOwners)
		cmd.Posting = &posting
	}
	if w.flag() {
		owners := w.flag()
		cmd.OwnersBroadcast = &owners
	}
	if kind := pick(w, "kind", chat.Public, chat.Private); w.flag() {
		cmd.Kind = &kind
	}
	if w.flag() {
		archived := w.flag()
		cmd.Archived = &archived
	}
	return "update room", func(ctx context.Context, s chat.Store) (any, error) { return s.UpdateRoom(ctx, cmd) }
}

// compare compares all reads of both stores. If knows is false, s may answer Gone for changes.
func compare(ctx context.Context, rt *rapid.T, s, m chat.Store, knows, slow bool) {
	ask := func(what string, f command) {
		got, gotErr := f(ctx, s)
		want, wantErr := f(ctx, m)
		same(rt, what, outcome(got, gotErr), outcome(want, wantErr))
	}
	for _, u := range walkers() {
		ask("credentials of "+u, func(ctx context.Context, s chat.Store) (any, error) {
			found, hash, err := s.CredentialsOf(ctx, u)
			return []any{found, hash}, err
		})
		ask("rooms of "+u, func(ctx context.Context, s chat.Store) (any, error) { return s.MyRooms(ctx, u) })
		compareThreads(rt, u, slow, ask)
		ask("browsing of "+u, func(ctx context.Context, s chat.Store) (any, error) {
			return s.Browse(ctx, chat.BrowseQuery{User: u, Limit: 3})
		})
	}
	for _, author := range []string{"", "umira"} {
		ask("feedback of "+author, func(ctx context.Context, s chat.Store) (any, error) {
			if o, ok := s.(Opened); ok {
				s = o.Store
			}
			ms, more, err := s.(chat.FeedbackStore).Feedback(ctx, chat.FeedbackQuery{Author: author, Limit: 4})
			return []any{ms, more}, err
		})
	}
	for _, name := range []string{"lunch", "general", "leads", "none"} {
		ask("room named "+name, func(ctx context.Context, s chat.Store) (any, error) { return s.RoomByName(ctx, name) })
	}
	for _, room := range []string{general, "rone", "none"} {
		for _, u := range walkers() {
			ask("access of "+u, func(ctx context.Context, s chat.Store) (any, error) { return s.RoomAccess(ctx, room, u) })
		}
		ask("about", func(ctx context.Context, s chat.Store) (any, error) { return s.RoomAbout(ctx, room) })
		ask("members", func(ctx context.Context, s chat.Store) (any, error) { return s.Members(ctx, room) })
		for _, b := range []chat.Bound{
			{Limit: 1, Bytes: chat.PageBytes}, {Limit: 3, Bytes: 1 << 11}, {Limit: 5, Bytes: 1}, {Limit: 5, Bytes: 1500},
			{Limit: 5, Bytes: chat.PageBytes},
		} {
			for at := int64(0); at <= 9; at++ {
				moment := began.Add(time.Duration(at) * 2 * time.Minute)
				if slow && rapid.IntRange(0, 4).Draw(rt, "asked") > 0 {
					continue
				}
				for name, q := range map[string]chat.PageQuery{
					"latest": {}, "before": {Before: &at}, "after": {After: &at}, "around": {Around: &at}, "at": {At: &moment},
					"thread": {Thread: at + 1}, "thread after": {Thread: 1, After: &at}, "thread at": {Thread: 1, At: &moment},
				} {
					q.Room, q.Bound, q.Viewer = room, b, "ujonas"
					ask(fmt.Sprintf("page %s %d within %v", name, at, b),
						func(ctx context.Context, s chat.Store) (any, error) { return s.Page(ctx, q) })
				}
				if _, err := s.Changes(ctx, room, at, b, "ujonas"); knows || err == nil || chat.ErrorCode(err) != chat.Gone {
					ask(fmt.Sprintf("changes since %d within %v", at, b), func(ctx context.Context, s chat.Store) (any, error) {
						return s.Changes(ctx, room, at, b, "ujonas")
					})
				}
			}
		}
		for seq := int64(1); seq <= 8; seq++ {
			for _, bytes := range []int{1, 2 * chat.LastMessageLength, chat.PageBytes} {
				q := chat.VersionQuery{Room: room, Seq: seq, Bytes: bytes}
				ask("versions", func(ctx context.Context, s chat.Store) (any, error) { return s.Versions(ctx, q) })
			}
			ask("votes", func(ctx context.Context, s chat.Store) (any, error) { return s.Votes(ctx, room, seq) })
			ask("reactions", func(ctx context.Context, s chat.Store) (any, error) { return s.Reactions(ctx, room, seq, "umira") })
			ask("confirmations", func(ctx context.Context, s chat.Store) (any, error) { return s.Confirmations(ctx, room, seq) })
			ask("confirmed", func(ctx context.Context, s chat.Store) (any, error) { return s.Confirmed(ctx, room, seq, "umira") })
		}
	}
}

// readied makes files ready that a user is about to post.
func readied(ctx context.Context, s chat.Store, user string, files []chat.File) error {
	if o, ok := s.(Opened); ok {
		s = o.Store
	}
	fs, ok := s.(chat.FileStore)
	if !ok {
		return fmt.Errorf("%T keeps no files", s)
	}
	for _, f := range files {
		err := fs.AddFile(ctx, chat.AddFile{Row: upload(f.ID, user, began)})
		if err == nil {
			_, err = fs.FinishFile(ctx, chat.FinishFile{File: f, Due: began})
		}
		if err != nil {
			return err
		}
	}
	return nil
}
