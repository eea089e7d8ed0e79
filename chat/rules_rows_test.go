package chat_test

import (
	"slices"
	"time"

	"github.com/canteen-chat/canteen/audit"
	"github.com/canteen-chat/canteen/chat"
	"github.com/canteen-chat/canteen/quiet"
	"github.com/canteen-chat/canteen/settings"
	"github.com/canteen-chat/canteen/unfurl"
	"github.com/canteen-chat/canteen/vital"
)

// rules are the rows.
func rules() []rule {
	return slices.Concat(accessRules(), signUpRules(), userRules(), roomRules(), memberRules(), readRules(), messageRules(), threadRules(),
		emojiRules(), pollRules(), confirmationRules(), fileRules(), feedbackRules(), opsRules(), alarmRules(), hookRules(),
		botRules(), streamRules())
}

func accessRules() []rule {
	invites := func(name, room, grid string, in chat.InviteInput, here bool) rule {
		return rule{chat.CmdAddInvite, name, room, "write", grid, "", func(s *stage) error {
			if in.Rooms = nil; here {
				in.Rooms = []string{s.room}
			}
			return third(s.rules.AddInvite(s.ctx, s.kim, in))
		}}
	}
	return []rule{
		{chat.CmdSignOut, "one's session", "", "session", everybody, "SessionsEnded", func(s *stage) error {
			return s.rules.SignOut(s.ctx, s.kim)
		}},
		{chat.CmdSessions, "one's own", "", "session", everybody, "", func(s *stage) error {
			ss, err := s.rules.Sessions(s.ctx, s.kim)
			return none(len(ss) == 1, err)
		}},
		{chat.CmdEndSession, "one's own", "", "session", everybody, "SessionsEnded", func(s *stage) error {
			return s.rules.EndSession(s.ctx, s.kim, s.session)
		}},
		{chat.CmdEndSession, "another's", "", "session", with(everybody, "404"), "", func(s *stage) error {
			return s.rules.EndSession(s.ctx, s.kim, s.people["mira"].SessionID)
		}},
		{chat.CmdEndSessions, "but one's own", "", "session", everybody, "SessionsEnded", func(s *stage) error {
			other := s.signIn("kim")
			s.token(other, chat.ScopeRead)
			secret, err := s.rules.EndSessions(s.ctx, s.kim)
			if err != nil {
				return err
			}
			kim, err := s.rules.BySession(s.ctx, secret)
			s.must(err)
			ts, err := s.rules.Tokens(s.ctx, kim)
			s.must(err)
			_, err = s.rules.Still(s.ctx, other)
			return none(len(ts) == 0 && outcome(err) == "401" && kim.SessionID == s.session, nil)
		}},
		{chat.CmdChangePassword, "knowing it", "", "session", everybody, "SessionsEnded", func(s *stage) error {
			return second(s.rules.ChangePassword(s.ctx, s.kim, password, "another quiet place"))
		}},
		{chat.CmdChangePassword, "not knowing it", "", "session", with(everybody, "400"), "", func(s *stage) error {
			return second(s.rules.ChangePassword(s.ctx, s.kim, "a guess", "another quiet place"))
		}},
		{chat.CmdTokens, "one's own", "", "session", everybody, "", func(s *stage) error { return second(s.rules.Tokens(s.ctx, s.kim)) }},
		{chat.CmdAddToken, "to write", "", "session", everybody, "", func(s *stage) error {
			return third(s.rules.AddToken(s.ctx, s.kim, chat.NewTokenInput{Name: "ci"}))
		}},
		{chat.CmdAddToken, "long after the password was entered", "", "session", with(everybody, "403"), "", func(s *stage) error {
			s.pass(chat.PasswordFresh)
			return third(s.rules.AddToken(s.ctx, s.kim, chat.NewTokenInput{Name: "ci"}))
		}},
		{chat.CmdAddToken, "entering the password", "", "session", everybody, "", func(s *stage) error {
			s.pass(chat.PasswordFresh)
			return third(s.rules.AddToken(s.ctx, s.kim, chat.NewTokenInput{Name: "ci", Password: password}))
		}},
		{chat.CmdAddToken, "entering a wrong password", "", "session", with(everybody, "400"), "", func(s *stage) error {
			return third(s.rules.AddToken(s.ctx, s.kim, chat.NewTokenInput{Name: "ci", Password: "a guess"}))
		}},
		{chat.CmdAddToken, "to administer", "", "session", admins, "", func(s *stage) error {
			return third(s.rules.AddToken(s.ctx, s.kim, chat.NewTokenInput{Name: "ci", Scopes: []chat.Scope{chat.ScopeAdmin}}))
		}},
		{chat.CmdEndToken, "one's own", "", "session", everybody, "SessionsEnded", func(s *stage) error {
			t := s.house.token(s.people["kim"], chat.ScopeRead)
			return s.rules.EndToken(s.ctx, s.kim, t.TokenID)
		}},
		{chat.CmdEndToken, "another's", "", "session", with(everybody, "404"), "", func(s *stage) error {
			t := s.house.token(s.people["mira"], chat.ScopeRead)
			return s.rules.EndToken(s.ctx, s.kim, t.TokenID)
		}},
		{chat.CmdAudit, "all", "", "session", admins, "", func(s *stage) error {
			p, err := s.rules.Audit(s.ctx, s.kim, audit.Filter{}, "", nil)
			return none(len(p.Rows) > 0 && p.Next == "", err)
		}},
		{chat.CmdExportAudit, "all", "", "session", admins, "", func(s *stage) error {
			p, err := s.rules.ExportAudit(s.ctx, s.kim, audit.Filter{}, "")
			return none(len(p.Rows) > 0, err)
		}},
		{chat.CmdConnect, "", "", "read", everybody, "", func(s *stage) error { return s.rules.Connect(s.ctx, s.kim) }},
		{chat.CmdNewTicket, "for a socket", "", "read", everybody, "", func(s *stage) error {
			secret, err := s.rules.NewTicket(s.ctx, s.kim)
			if err != nil {
				return err
			}
			a, err := s.rules.ByTicket(s.ctx, secret)
			return none(a.User.ID == s.id("kim"), err)
		}},
		{chat.CmdInvites, "all or one's own", "", "read", "ok / ok / 404 / 404", "", func(s *stage) error {
			s.must(s.rules.AddInvite(s.ctx, s.people["olga"], chat.InviteInput{}))
			is, err := s.rules.Invites(s.ctx, s.kim)
			return none(len(is) == 1, err)
		}},
		invites("a member", "", admins, chat.InviteInput{}, false),
		invites("an admin", "", admins, chat.InviteInput{Role: chat.Admin}, false),
		invites("an owner", "", "ok / 403 / 403 / 403", chat.InviteInput{Role: chat.Owner}, false),
		invites("a guest without a room", "", "400 / 400 / 403 / 403", chat.InviteInput{Role: chat.Guest}, false),
		invites("a guest into", "public", "ok ok 400 / ok ok 400 / 403 403 403 / 403 403 403", chat.InviteInput{Role: chat.Guest}, true),
		invites("a member into", "private", "ok ok 400 / ok ok 400 / 403 403 403 / 403 403 403", chat.InviteInput{}, true),
		invites("a member into", "direct", "400 400 400 / 400 400 400 / 403 403 403 / 403 403 403", chat.InviteInput{}, true),
		invites("a member into", "public archived", "400 400 400 / 400 400 400 / 403 403 403 / 403 403 403", chat.InviteInput{}, true),
		{chat.CmdEndInvite, "another's", "", "write", "ok / ok / 404 / 404", "", func(s *stage) error {
			i, _, err := s.rules.AddInvite(s.ctx, s.people["olga"], chat.InviteInput{})
			s.must(err)
			return s.rules.EndInvite(s.ctx, s.kim, i.ID)
		}},
	}
}

func userRules() []rule {
	change := func(name, of, grid, events string, in chat.UpdateUserInput) rule {
		return rule{chat.CmdUpdateUser, name, "", "write", grid, events, func(s *stage) error {
			return second(s.rules.UpdateUser(s.ctx, s.kim, s.id(of), in))
		}}
	}
	calls := "https://meet.example.com/{room}"
	name, title, no, yes := "Kim B", "Cook", false, true
	owner, admin, guest, unknown := chat.Owner, chat.Admin, chat.Guest, chat.Role("chef")
	return []rule{
		{chat.CmdUpdateWorkspace, "calls", "", "write", admins, "WorkspaceChanged", func(s *stage) error {
			return second(s.rules.UpdateWorkspace(s.ctx, s.kim, chat.UpdateWorkspaceInput{CallURL: &calls}))
		}},
		{chat.CmdUpdateWorkspace, "previews", "", "write", admins, "WorkspaceChanged", func(s *stage) error {
			return second(s.rules.UpdateWorkspace(s.ctx, s.kim, chat.UpdateWorkspaceInput{Previews: &no}))
		}},
		{chat.CmdMe, "oneself", "", "read", everybody, "", func(s *stage) error { return third(s.rules.Me(s.ctx, s.kim)) }},
		{chat.CmdUpdateMe, "one's name", "", "write", everybody, "UserChanged", func(s *stage) error {
			return third(s.rules.UpdateMe(s.ctx, s.kim, chat.UpdateMeInput{Name: &name}))
		}},
		{chat.CmdUpdateMe, "one's keywords", "", "write", everybody, "SettingsChanged", func(s *stage) error {
			in := settings.AttentionInput{Keywords: &[]string{"soup"}}
			return third(s.rules.UpdateMe(s.ctx, s.kim, chat.UpdateMeInput{Settings: &settings.Input{Attention: &in}}))
		}},
		{chat.CmdUpdateMe, "do not disturb", "", "write", everybody, "UserChanged", func(s *stage) error {
			until := s.clock()
			in := settings.AttentionInput{Quiet: &quiet.Quiet{Until: &until}}
			return third(s.rules.UpdateMe(s.ctx, s.kim, chat.UpdateMeInput{Settings: &settings.Input{Attention: &in}}))
		}},
		{chat.CmdUpdateMe, "one's skin tone", "", "write", everybody, "SettingsChanged", func(s *stage) error {
			tone := 3
			return third(s.rules.UpdateMe(s.ctx, s.kim, chat.UpdateMeInput{Settings: &settings.Input{SkinTone: &tone}}))
		}},
		{chat.CmdUpdateMe, "one's sections", "", "write", everybody, "SettingsChanged", func(s *stage) error {
			in := settings.Input{Sections: &[]chat.Section{{Name: "Kitchen"}}}
			return third(s.rules.UpdateMe(s.ctx, s.kim, chat.UpdateMeInput{Settings: &in}))
		}},
		{chat.CmdInbox, "one's own", "", "read", everybody, "", func(s *stage) error {
			return second(s.rules.Inbox(s.ctx, s.kim, chat.InboxInput{}))
		}},
		{chat.CmdClearInbox, "all", "", "write", everybody, "", func(s *stage) error {
			now := s.clock()
			return s.rules.ClearInbox(s.ctx, s.kim, "", &now)
		}},
		{chat.CmdSeeInbox, "all", "", "write", everybody, "", func(s *stage) error { return s.rules.SeeInbox(s.ctx, s.kim, s.clock()) }},
		{chat.CmdPreview, "a link", "", "write", everybody, "", func(s *stage) error {
			s.web.says = map[string]unfurl.Page{travel: {Title: "Travel policy"}}
			return third(s.rules.Preview(s.ctx, s.kim, travel))
		}},
		{chat.CmdReportVitals, "a time", "", "write", everybody, "", func(s *stage) error {
			err := s.rules.ReportVitals(s.ctx, s.kim, []vital.Vital{{Name: vital.Echo, Seconds: 0.2}})
			return none(len(s.vitals) == 1, err)
		}},
		{chat.CmdReportVitals, "what is none", "", "write", with(everybody, "400"), "", func(s *stage) error {
			return s.rules.ReportVitals(s.ctx, s.kim, []vital.Vital{{Name: "mood"}})
		}},
		{chat.CmdFrequentEmoji, "one's own", "", "read", everybody, "", func(s *stage) error {
			return second(s.rules.FrequentEmoji(s.ctx, s.kim))
		}},
		{chat.CmdUsers, "somebody whom one shares", "public", "read", seenPublic, "", func(s *stage) error {
			us, _, err := s.rules.Users(s.ctx, s.kim)
			return none(slices.ContainsFunc(us, func(u chat.User) bool { return u.ID == s.id("mira") }), err)
		}},
		{chat.CmdUser, "somebody whom one shares", "public", "read", seenPublic, "", func(s *stage) error {
			return second(s.rules.User(s.ctx, s.kim, s.id("mira")))
		}},
		{chat.CmdUser, "another's address", "", "read", admins4, "", func(s *stage) error {
			u, err := s.rules.User(s.ctx, s.kim, s.id("mira"))
			return none(s.kim.SeesEmail(u), err)
		}},
		{chat.CmdMe, "one's own address", "", "read", everybody, "", func(s *stage) error {
			u, _, err := s.rules.Me(s.ctx, s.kim)
			return none(s.kim.SeesEmail(u), err)
		}},
		{chat.CmdInvites, "the address of one's own", "", "read", admins4, "", func(s *stage) error {
			a := s.people["kim"]
			i := chat.Invite{
				ID: chat.NewID(), By: a.User.ID, Email: "lee@example.com", Role: chat.Member, ExpiresAt: s.clock().Add(time.Hour), MaxUses: 1,
			}
			s.must(s.store.AddInvite(s.ctx, chat.Facts{}, i, chat.HashSecret("invite")))
			is, err := s.rules.Invites(s.ctx, s.kim)
			if err != nil || len(is) != 1 {
				return none(false, err)
			}
			return none(is[0].Email != "", nil)
		}},
		{chat.CmdWatchUsers, "somebody whom one shares", "public", "read", seenPublic, "", func(s *stage) error {
			ids, err := s.rules.VisibleUsers(s.ctx, s.kim, []string{s.id("mira")})
			return none(len(ids) == 1, err)
		}},
		{chat.CmdUpdateUser, "a co-member's title", "public", "write", "ok ok ok / ok ok ok / 403 403 403 / 403 403 404", "UserChanged",
			func(s *stage) error {
				return second(s.rules.UpdateUser(s.ctx, s.kim, s.id("mira"), chat.UpdateUserInput{Title: &title}))
			}},
		change("a member's title", "mira", "ok / ok / 403 / 404", "UserChanged", chat.UpdateUserInput{Title: &title}),
		change("an owner's title", "olga", "ok / 403 / 403 / 404", "UserChanged", chat.UpdateUserInput{Title: &title}),
		change("a member to admin", "mira", "ok / ok / 403 / 404", "UserChanged", chat.UpdateUserInput{Role: &admin}),
		change("a member to owner", "mira", "ok / 403 / 403 / 404", "UserChanged", chat.UpdateUserInput{Role: &owner}),
		change("a member to guest", "mira", "ok / ok / 403 / 404", "UserChanged", chat.UpdateUserInput{Role: &guest}),
		change("a member to no role", "mira", "400 / 400 / 403 / 404", "", chat.UpdateUserInput{Role: &unknown}),
		change("oneself to owner", "kim", "same / 403 / 403 / 403", "UserChanged", chat.UpdateUserInput{Role: &owner}),
		change("deactivate a member", "mira", "ok / ok / 403 / 404", "SessionsEnded UserChanged", chat.UpdateUserInput{Deactivated: &yes}),
		change("deactivate an owner", "olga", "ok / 403 / 403 / 404", "SessionsEnded UserChanged", chat.UpdateUserInput{Deactivated: &yes}),
		change("re-activate", "dora", "ok / ok / 403 / 404", "UserChanged", chat.UpdateUserInput{Deactivated: &no}),
	}
}

func roomRules() []rule {
	add := func(name, grid, events string, in chat.NewRoomInput) rule {
		return rule{chat.CmdAddRoom, name, "", "write", grid, events, func(s *stage) error {
			return third(s.rules.AddRoom(s.ctx, s.kim, in))
		}}
	}
	change := func(name, room, grid, events string, in chat.UpdateRoomInput) rule {
		return rule{chat.CmdUpdateRoom, name, room, "write", grid, events, func(s *stage) error {
			return second(s.rules.UpdateRoom(s.ctx, s.kim, s.room, in))
		}}
	}
	name, topic, same, owners, yes, no := "schemes", "Schemes", "Plans", chat.PostingOwners, true, false
	nothing, public, private := chat.NotifyNothing, chat.Public, chat.Private
	describe := func(room, grid, events string, in chat.RoomAboutInput) rule {
		return rule{chat.CmdDescribeRoom, "welcome", room, "write", grid, events, func(s *stage) error {
			return second(s.rules.DescribeRoom(s.ctx, s.kim, s.room, in))
		}}
	}
	const noGuests = "ok ok ok / ok ok ok / ok 403 403 / 403 403 404"
	return []rule{
		{chat.CmdRooms, "one's own", "public", "read", "ok ok 404 / ok ok 404 / ok ok 404 / ok ok 404", "", func(s *stage) error {
			rs, err := s.rules.Rooms(s.ctx, s.kim)
			return none(slices.ContainsFunc(rs.Rooms, func(r chat.MyRoom) bool { return r.ID == s.room }), err)
		}},
		{chat.CmdBrowse, "public ones one is not in", "public", "read", "404 404 ok / 404 404 ok / 404 404 ok / 404 404 404", "", browse},
		{chat.CmdBrowse, "others", "private", "read", with(seenHidden, "404"), "", browse},
		{chat.CmdBrowse, "others", "public archived", "read", with(seenHidden, "404"), "", browse},
		add("public", "ok / ok / ok / 403", "RoomJoined", chat.NewRoomInput{Kind: chat.Public, Name: "new"}),
		add("private", "ok / ok / ok / 403", "RoomJoined", chat.NewRoomInput{Kind: chat.Private, Name: "new"}),
		add("of one's own", everybody, "RoomJoined", chat.NewRoomInput{Kind: chat.Direct}),
		{chat.CmdAddRoom, "direct with somebody whom one shares", "public", "write", "ok ok ok / ok ok ok / ok ok ok / ok ok 400",
			"RoomJoined RoomJoined", func(s *stage) error {
				return third(s.rules.AddRoom(s.ctx, s.kim, chat.NewRoomInput{Kind: chat.Direct, Members: []string{s.id("mira")}}))
			}},
		{chat.CmdAddRoom, "direct with somebody deactivated", "", "write", with(everybody, "400"), "", func(s *stage) error {
			return third(s.rules.AddRoom(s.ctx, s.kim, chat.NewRoomInput{Kind: chat.Direct, Members: []string{s.id("dora")}}))
		}},
		change("topic", "public", managePublic, "RoomChanged MessageChanged", chat.UpdateRoomInput{Topic: &topic}),
		change("topic", "private", managePrivate, "RoomChanged MessageChanged", chat.UpdateRoomInput{Topic: &topic}),
		change("topic", "direct", fixed, "", chat.UpdateRoomInput{Topic: &topic}),
		change("name", "public", managePublic, "RoomChanged MessageChanged", chat.UpdateRoomInput{Name: &name}),
		change("posting", "private", managePrivate, "RoomChanged MessageChanged", chat.UpdateRoomInput{Posting: &owners}),
		change("who may broadcast", "public", managePublic, "RoomChanged", chat.UpdateRoomInput{OwnersBroadcast: &yes}),
		change("who may broadcast, as it is", "public archived", with(managePublic, "same"), "RoomChanged",
			chat.UpdateRoomInput{OwnersBroadcast: &no}),
		change("who may broadcast", "private archived", with(managePrivate, "409"), "", chat.UpdateRoomInput{OwnersBroadcast: &yes}),
		change("who may broadcast", "direct", fixed, "", chat.UpdateRoomInput{OwnersBroadcast: &yes}),
		change("make private", "public", noGuests, "RoomChanged MessageChanged", chat.UpdateRoomInput{Kind: &private}),
		change("make public", "private", "ok ok 404 / ok ok 404 / ok 403 404 / 403 403 404", "RoomChanged MessageChanged",
			chat.UpdateRoomInput{Kind: &public, Confirm: "plans"}),
		change("make public, without its name", "private", "400 400 404 / 400 400 404 / 400 403 404 / 403 403 404", "",
			chat.UpdateRoomInput{Kind: &public, Confirm: "Plans"}),
		change("keep private", "private", with(managePrivate, "same"), "RoomChanged MessageChanged", chat.UpdateRoomInput{Kind: &private}),
		change("make public", "private archived", "409 409 404 / 409 409 404 / 409 403 404 / 403 403 404", "",
			chat.UpdateRoomInput{Kind: &public, Confirm: "plans"}),
		change("make private", "direct", fixed, "", chat.UpdateRoomInput{Kind: &private}),
		change("make direct", "public", "400 400 400 / 400 400 400 / 400 403 403 / 403 403 404", "",
			chat.UpdateRoomInput{Kind: kindOf(chat.Direct)}),
		describe("public", managePublic, "RoomChanged", chat.RoomAboutInput{Welcome: &topic}),
		describe("private", managePrivate, "RoomChanged", chat.RoomAboutInput{Description: &topic}),
		describe("private archived", with(managePrivate, "409"), "", chat.RoomAboutInput{Description: &topic}),
		describe("private archived", with(managePrivate, "same"), "RoomChanged", chat.RoomAboutInput{Welcome: new(string)}),
		describe("direct", fixed, "", chat.RoomAboutInput{Description: &topic}),
		change("archive", "public", managePublic, "RoomChanged MessageChanged", chat.UpdateRoomInput{Archived: &yes}),
		change("nothing", "public", with(managePublic, "same"), "RoomChanged MessageChanged", chat.UpdateRoomInput{Topic: &same}),
		change("nothing", "public archived", with(managePublic, "same"), "RoomChanged", chat.UpdateRoomInput{Topic: &same, Archived: &yes}),
		change("topic", "public archived", with(managePublic, "409"), "", chat.UpdateRoomInput{Topic: &topic}),
		change("topic", "private archived", with(managePrivate, "409"), "", chat.UpdateRoomInput{Topic: &topic, Archived: &yes}),
		change("un-archive", "public archived", managePublic, "RoomChanged MessageChanged", chat.UpdateRoomInput{Archived: &no}),
		change("un-archive and topic", "public archived", managePublic, "RoomChanged MessageChanged MessageChanged",
			chat.UpdateRoomInput{Archived: &no, Topic: &topic}),
		{chat.CmdUpdateMyRoom, "notify", "public", "write", insidePublic, "MyRoomChanged", func(s *stage) error {
			return second(s.rules.UpdateMyRoom(s.ctx, s.kim, s.room, chat.MyRoomInput{Notify: &nothing}))
		}},
		{chat.CmdUpdateMyRoom, "star", "private archived", "write", insideHidden, "MyRoomChanged", func(s *stage) error {
			return second(s.rules.UpdateMyRoom(s.ctx, s.kim, s.room, chat.MyRoomInput{Starred: &yes}))
		}},
		{chat.CmdSetRead, "back", "public", "write", insidePublic, "ReadMoved", setRead(1)},
		{chat.CmdSetRead, "back", "public archived", "write", insidePublic, "ReadMoved", setRead(1)},
		{chat.CmdSetRead, "back", "direct", "write", insideHidden, "ReadMoved", setRead(1)},
		{chat.CmdSetRead, "beyond the last", "public", "write", with(insidePublic, "400"), "", setRead(1000)},
		{chat.CmdSetRead, "before the first", "public", "write", with(insidePublic, "400"), "", setRead(-1)},
	}
}

func kindOf(k chat.Kind) *chat.Kind { return &k }

func browse(s *stage) error {
	p, err := s.rules.Browse(s.ctx, s.kim, "plan", "", nil)
	return none(len(p.Rooms) == 1, err)
}

func setRead(seq int64) func(*stage) error {
	return func(s *stage) error { return second(s.rules.SetRead(s.ctx, s.kim, s.room, seq)) }
}

func memberRules() []rule {
	owner, member := chat.RoomOwner, chat.RoomMember
	put := func(name, room, of, grid, events string, role *chat.RoomRole) rule {
		return rule{chat.CmdPutMember, name, room, "write", grid, events, func(s *stage) error {
			return second(s.rules.PutMember(s.ctx, s.kim, s.room, s.id(of), role))
		}}
	}
	remove := func(name, room, of, grid, events string) rule {
		return rule{chat.CmdRemoveMember, name, room, "write", grid, events, func(s *stage) error {
			return s.rules.RemoveMember(s.ctx, s.kim, s.room, s.id(of))
		}}
	}
	join := func(room, grid string) rule {
		return rule{chat.CmdJoin, "", room, "write", grid, "RoomJoined MembersChanged", func(s *stage) error {
			return second(s.rules.Join(s.ctx, s.kim, s.room))
		}}
	}
	const (
		entry  = "same same ok / same same ok / same same 404 / same same 404"
		joined = "RoomJoined MembersChanged"
	)
	return []rule{
		join("public", "same same ok / same same ok / same same ok / same same 404"),
		join("public archived", "same same 409 / same same 409 / same same 409 / same same 404"),
		join("private", with(seenHidden, "same")),
		join("direct", with(seenHidden, "same")),
		put("another", "public", "sam", "ok ok ok / ok ok ok / ok ok 403 / 403 403 404", joined, nil),
		put("another", "private", "sam", "ok ok 404 / ok ok 404 / ok ok 404 / 403 403 404", joined, nil),
		put("another", "direct", "sam", fixed, "", nil),
		put("another", "public archived", "sam", "409 409 409 / 409 409 409 / 409 409 403 / 403 403 404", "", nil),
		put("another as owner", "public", "sam", "ok ok ok / ok ok ok / ok 403 403 / 403 403 404", joined, &owner),
		put("somebody deactivated", "public", "dora", "404 404 404 / 404 404 404 / 404 404 403 / 403 403 404", "", nil),
		put("who is in it", "public", "mira", "same same same / same same same / same same 403 / same same 404", joined, nil),
		put("who is in it, as they are", "public archived", "mira", "same same same / same same same / same same 403 / same same 404", joined, &member),
		put("oneself", "public", "kim", "same same ok / same same ok / same same ok / same same 404", joined, nil),
		put("oneself", "private", "kim", entry, joined+" MessageChanged", nil),
		put("oneself", "private archived", "kim", "same same 409 / same same 409 / same same 404 / same same 404", joined, nil),
		put("oneself", "direct", "kim", with(seenHidden, "same"), joined, nil),
		put("make an owner of", "public", "mira", managePublic, "MyRoomChanged MembersChanged", &owner),
		put("make an owner of", "private", "mira", managePrivate, "MyRoomChanged MembersChanged", &owner),
		put("make an owner of", "public archived", "mira", with(managePublic, "409"), "", &owner),
		put("make an owner of", "direct", "mira", fixed, "", &owner),
		put("demote the owner of", "public", "jonas", managePublic, "MyRoomChanged MembersChanged", &member),
		remove("oneself", "public", "kim", seenHidden, "RoomLeft MembersChanged"),
		remove("oneself", "private archived", "kim", seenHidden, "RoomLeft MembersChanged"),
		remove("oneself", "direct", "kim", fixed, ""),
		remove("another", "public", "mira", managePublic, "RoomLeft MembersChanged"),
		remove("another", "private", "mira", managePrivate, "RoomLeft MembersChanged"),
		remove("another", "public archived", "mira", with(managePublic, "409"), ""),
		remove("another", "direct", "mira", fixed, ""),
		remove("who is not in it", "public", "sam", with(managePublic, "404"), ""),
	}
}

func readRules() []rule {
	var out []rule
	for room, grid := range map[string]string{
		"public": seenPublic, "public archived": seenPublic, "private": seenHidden, "private archived": seenHidden, "direct": seenHidden,
	} {
		read := func(c chat.Command, name string, do func(s *stage) error) {
			out = append(out, rule{c, name, room, "read", grid, "", do})
		}
		read(chat.CmdRoom, "", func(s *stage) error { return second(s.rules.Room(s.ctx, s.kim, s.room)) })
		read(chat.CmdRoomAbout, "", func(s *stage) error { return second(s.rules.RoomAbout(s.ctx, s.kim, s.room)) })
		read(chat.CmdMembers, "", func(s *stage) error { return second(s.rules.Members(s.ctx, s.kim, s.room)) })
		read(chat.CmdMessages, "", func(s *stage) error { return second(s.rules.Messages(s.ctx, s.kim, s.room, chat.PageInput{})) })
		read(chat.CmdMessages, "a thread", func(s *stage) error {
			return second(s.rules.Messages(s.ctx, s.kim, s.room, chat.PageInput{Thread: &s.others}))
		})
		read(chat.CmdChanges, "", func(s *stage) error { return second(s.rules.Changes(s.ctx, s.kim, s.room, 0, nil)) })
		read(chat.CmdMessage, "", func(s *stage) error { return second(s.rules.Message(s.ctx, s.kim, s.room, s.others)) })
		read(chat.CmdHistory, "", func(s *stage) error { return second(s.rules.History(s.ctx, s.kim, s.room, s.others, nil)) })
		read(chat.CmdReactions, "", func(s *stage) error { return second(s.rules.Reactions(s.ctx, s.kim, s.room, s.others)) })
		out = append(out, rule{chat.CmdOpenRoom, "", room, "read", seenHidden, "", func(s *stage) error {
			may, err := s.rules.MayOpen(s.ctx, s.kim, s.room)
			return none(may, err)
		}})
	}
	return out
}

func messageRules() []rule {
	post := func(name, room, grid, events string, in func(*stage) chat.PostInput) rule {
		return rule{chat.CmdPostMessage, name, room, "write", grid, events, func(s *stage) error {
			p := in(s)
			if p.ClientID = clientID(100); p.Text == "" {
				p.Text = "News"
			}
			return third(s.rules.PostMessage(s.ctx, s.kim, s.room, p))
		}}
	}
	text := func(s string) func(*stage) chat.PostInput {
		return func(*stage) chat.PostInput { return chat.PostInput{Text: s} }
	}
	timeline := func(*stage) chat.PostInput { return chat.PostInput{} }
	reply := func(s *stage) chat.PostInput { return chat.PostInput{Thread: &s.others} }
	asking := func(*stage) chat.PostInput { return chat.PostInput{Confirm: true} }
	both := func(s *stage) chat.PostInput { return chat.PostInput{Thread: &s.others, AlsoInRoom: true} }
	const ownersOnly = "ok 403 403 / ok 403 403 / ok 403 403 / ok 403 404"
	const broadcastPublic = "ok ok 403 / ok ok 403 / ok ok 403 / ok 403 404"
	const replied = "MessageChanged MessageChanged ThreadChanged"
	out := []rule{
		post("", "public", insidePublic, "MessageChanged", timeline),
		post("", "private", insideHidden, "MessageChanged", timeline),
		post("", "direct", insideHidden, "MessageChanged", timeline),
		post("", "public archived", with(insidePublic, "409"), "", timeline),
		post("", "public owners", ownersOnly, "MessageChanged", timeline),
		post("", "public owners archived", with(ownersOnly, "409"), "", timeline),
		post("a reply", "public", insidePublic, replied, reply),
		post("a reply", "public owners", insidePublic, replied, reply),
		post("a reply", "private archived", with(insideHidden, "409"), "", reply),
		post("a reply, also in the room", "public owners", ownersOnly, replied, both),
		post("a reply to nothing", "public", with(insidePublic, "404"), "", func(*stage) chat.PostInput {
			n := int64(1000)
			return chat.PostInput{Thread: &n}
		}),
		post("a reply to a reply", "public", with(insidePublic, "400"), "", func(s *stage) chat.PostInput { return chat.PostInput{Thread: &s.reply} }),
		post("a reply to a tombstone", "public", with(insidePublic, "410"), "", func(s *stage) chat.PostInput { return chat.PostInput{Thread: &s.gone} }),
		{chat.CmdPostMessage, "once more what was posted before", "public owners archived", "write", with(insidePublic, "same"), "MessageChanged",
			func(s *stage) error {
				return third(s.rules.PostMessage(s.ctx, s.kim, s.room, chat.PostInput{ClientID: clientID(4), Text: "Mine"}))
			}},
		post("to everybody", "public", broadcastPublic, "MessageChanged", text("Lunch, @room")),
		post("to who is there", "private", "ok ok 404 / ok ok 404 / ok ok 404 / ok 403 404", "MessageChanged", text("@here?")),
		post("to everybody", "direct", "ok ok 404 / ok ok 404 / ok ok 404 / 403 403 404", "MessageChanged", text("@room")),
		post("to everybody", "public quiet", ownersOnly, "MessageChanged", text("@room")),
		post("to everybody", "public quiet archived", with(ownersOnly, "409"), "", text("@here")),
		post("asking to confirm", "public", ownersOnly, "MessageChanged", asking),
		post("asking to confirm", "private archived", "409 403 404 / 409 403 404 / 409 403 404 / 409 403 404", "", asking),
		post("of code", "public quiet", insidePublic, "MessageChanged", text("`@room` calls everybody")),
		post("a reply to everybody", "public owners", broadcastPublic, replied, func(s *stage) chat.PostInput {
			return chat.PostInput{Text: "@room", Thread: &s.others}
		}),
		{chat.CmdTyping, "", "public", "write", "ok ok 404 / ok ok 404 / ok ok 404 / ok ok 404", "Typing", typing},
		{chat.CmdTyping, "", "private", "write", seenHidden, "Typing", typing},
	}
	return slices.Concat(out, forwardRules(), editRules(), deleteRules(), reactRules())
}

// typing is never refused aloud: what may not be heard is just not heard. A token that may not write is the same.
func typing(s *stage) error {
	if err := s.rules.Typing(s.ctx, s.kim, s.room); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.heard) == 0 && s.kim.TokenID != "" && !slices.Contains(s.kim.Scopes, chat.ScopeWrite) && !slices.Contains(s.kim.Scopes, chat.ScopeAdmin) {
		return chat.Errorf(chat.Forbidden, "nothing was heard")
	}
	return none(len(s.heard) > 0, nil)
}

func editRules() []rule {
	edit := func(name, room, grid string, what func(*stage) int64, body string) rule {
		return rule{chat.CmdEditMessage, name, room, "write", grid, "MessageChanged", func(s *stage) error {
			return second(s.rules.EditMessage(s.ctx, s.kim, s.room, what(s), chat.EditInput{Text: body}))
		}}
	}
	reply := func(r rule) rule {
		r.events += " ThreadChanged"
		return r
	}
	own, others, ownReply, system, ownGone := targets()
	const ownersOnly = "ok 403 403 / ok 403 403 / ok 403 403 / ok 403 404"
	return []rule{
		edit("one's own", "public", insidePublic, own, "Better"),
		edit("one's own", "private", insideHidden, own, "Better"),
		edit("one's own", "direct", insideHidden, own, "Better"),
		edit("one's own", "public archived", with(insidePublic, "409"), own, "Better"),
		edit("one's own, to the same", "public archived", with(insidePublic, "same"), own, "Mine"),
		edit("one's own", "public owners", ownersOnly, own, "Better"),
		reply(edit("one's own reply", "public owners", insidePublic, ownReply, "Better")),
		edit("one's own, to a broadcast", "public quiet", insidePublic, own, "Better, @room"),
		edit("another's", "public", with(insidePublic, "403"), others, "Better"),
		edit("another's", "private", with(insideHidden, "403"), others, "Better"),
		edit("the room's own", "public", with(insidePublic, "403"), system, "Better"),
		edit("one's tombstone", "public", with(insidePublic, "410"), ownGone, "Better"),
	}
}

func targets() (own, others, ownReply, system, ownGone func(*stage) int64) {
	return func(s *stage) int64 { return s.own }, func(s *stage) int64 { return s.others }, func(s *stage) int64 { return s.ownReply },
		func(s *stage) int64 { return s.system }, func(s *stage) int64 { return s.ownGone }
}

func deleteRules() []rule {
	del := func(name, room, grid, events string, what func(*stage) int64) rule {
		return rule{chat.CmdDeleteMessage, name, room, "write", grid, events, func(s *stage) error {
			return s.rules.DeleteMessage(s.ctx, s.kim, s.room, what(s))
		}}
	}
	own, others, ownReply, system, ownGone := targets()
	const (
		ownPublic = "ok ok ok / ok ok ok / ok ok 403 / ok ok 404"
		once      = "MessageChanged"
	)
	return []rule{
		del("one's own", "public", ownPublic, once, own),
		del("one's own", "public owners", ownPublic, once, own),
		del("one's own", "private", insideHidden, once, own),
		del("one's own", "direct", insideHidden, once, own),
		del("one's own", "public archived", with(ownPublic, "409"), "", own),
		del("one's own reply", "public", ownPublic, once+" "+once+" ThreadChanged", ownReply),
		del("one's tombstone", "public archived", with(ownPublic, "same"), once, ownGone),
		del("another's", "public", deletePublic, once, others),
		del("another's", "private", deletePrivate, once, others),
		del("another's", "direct", with(seenHidden, "403"), "", others),
		del("another's", "public archived", with(deletePublic, "409"), "", others),
		del("the room's own", "public", "403 403 403 / 403 403 403 / 403 403 403 / 403 403 404", "", system),
	}
}

func reactRules() []rule {
	react := func(name, room, grid string, added bool, what func(*stage) int64) rule {
		return rule{chat.CmdSetReaction, name, room, "write", grid, "ReactionChanged", func(s *stage) error {
			return second(s.rules.SetReaction(s.ctx, s.kim, s.room, what(s), "🎉", added))
		}}
	}
	_, others, _, system, ownGone := targets()
	return []rule{
		react("", "public", insidePublic, true, others),
		react("", "private", insideHidden, true, others),
		react("", "direct", insideHidden, true, others),
		react("", "public owners", insidePublic, true, others),
		react("to the room's own", "public", insidePublic, true, system),
		react("", "public archived", with(insidePublic, "409"), true, others),
		react("take back what is not there", "public archived", with(insidePublic, "same"), false, others),
		react("to a tombstone", "public", with(insidePublic, "410"), true, ownGone),
	}
}
