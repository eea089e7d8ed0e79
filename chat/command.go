package chat

import (
	"context"
	"errors"
	"slices"

	"github.com/canteen-chat/canteen/audit"
)

// Command names what somebody asks Canteen to do. Each use case is one command.
type Command string

// Spec is what holds for a command whoever runs it and whatever it is about.
type Spec struct {
	Command Command
	Scope   Scope // what a token needs at least; "" where nobody needs to be signed in
	Session bool  // only a signed-in session may, never a token
	Place   Place // what the actor must see of the room that the command is about
	Stores  bool  // adds to the storage, which is counted against the quota of StoredBytes
	Rate    Rate  // taken once a command: of the user, or of the address where nobody is signed in
	Live    bool  // opens a socket, or comes over one, whose frames are counted there: it does not count as a request
	Light   bool  // something small, of which there are many: it does not count as a request either
	Audit   string
	// Audit is what the audit line says once the command was done; "" for no line. Refusals of commands that change
	// something always have a line.
}

// Place is what of a room the actor must see.
type Place int

// Places.
const (
	Nowhere Place = iota // the command is about no room
	Seen                 // a room that the actor may see: unseen is NotFound
	Inside               // a room that the actor is a member of: seen but not a member is Forbidden
)

// Commands, each with the use case that runs it. The table below says what holds for each.
const (
	CmdWorkspaceInfo     Command = "read the workspace"
	CmdUpdateWorkspace   Command = "change the workspace"
	CmdCheckSetup        Command = "check a setup link"
	CmdSetup             Command = "set up the workspace"
	CmdSignIn            Command = "sign in"
	CmdCheckInvite       Command = "check an invite link"
	CmdSignUp            Command = "sign up"
	CmdCheckReset        Command = "check a reset link"
	CmdUseReset          Command = "use a reset link"
	CmdSignOut           Command = "sign out"
	CmdSessions          Command = "list sessions"
	CmdEndSession        Command = "end a session"
	CmdEndSessions       Command = "end all other sessions"
	CmdChangePassword    Command = "change the password"
	CmdTokens            Command = "list tokens"
	CmdAddToken          Command = "make a token"
	CmdEndToken          Command = "revoke a token"
	CmdBots              Command = "list bots"
	CmdAddBot            Command = "make a bot"
	CmdUpdateBot         Command = "change a bot"
	CmdBotRooms          Command = "list rooms of a bot"
	CmdBotTokens         Command = "list tokens of a bot"
	CmdAddBotToken       Command = "make a token of a bot"
	CmdEndBotToken       Command = "revoke tokens of a bot"
	CmdNewTicket         Command = "make a socket ticket"
	CmdInvites           Command = "list invites"
	CmdAddInvite         Command = "invite"
	CmdEndInvite         Command = "end an invite"
	CmdMe                Command = "read oneself"
	CmdUpdateMe          Command = "change oneself"
	CmdFrequentEmoji     Command = "read one's emoji"
	CmdCustomEmoji       Command = "list custom emoji"
	CmdEmojiPicture      Command = "read the picture of an emoji"
	CmdAddCustomEmoji    Command = "add a custom emoji"
	CmdAliasCustomEmoji  Command = "give a custom emoji another name"
	CmdRenameCustomEmoji Command = "rename a custom emoji"
	CmdDeleteCustomEmoji Command = "delete a custom emoji"
	CmdInbox             Command = "read one's inbox"
	CmdClearInbox        Command = "clear one's inbox"
	CmdSeeInbox          Command = "see one's inbox"
	CmdUnsubscribe       Command = "stop a digest by a link"
	CmdUsers             Command = "read the directory"
	CmdUser              Command = "read a user"
	CmdUpdateUser        Command = "change a user"
	CmdReportVitals      Command = "report vitals"
	CmdRooms             Command = "list rooms"
	CmdBrowse            Command = "browse rooms"
	CmdRoom              Command = "read a room"
	CmdAddRoom           Command = "make a room"
	CmdUpdateRoom        Command = "change a room"
	CmdJoin              Command = "join a room"
	CmdMembers           Command = "list members"
	CmdPutMember         Command = "add a member"
	CmdRemoveMember      Command = "remove a member"
	CmdUpdateMyRoom      Command = "change one's room settings"
	CmdSetRead           Command = "move the read pointer"
	CmdMessages          Command = "read messages"
	CmdChanges           Command = "read changes"
	CmdMessage           Command = "read a message"
	CmdHistory           Command = "read a history"
	CmdPostMessage       Command = "post"
	CmdEditMessage       Command = "edit a message"
	CmdStream            Command = "stream a message"
	CmdDeleteMessage     Command = "delete a message"
	CmdSetReaction       Command = "react"
	CmdReactions         Command = "read reactions"
	CmdSetVote           Command = "vote in a poll"
	CmdClosePoll         Command = "close a poll"
	CmdVotes             Command = "read the votes of a poll"
	CmdConnect           Command = "open a socket"
	CmdOpenRoom          Command = "open a room"
	CmdWatchUsers        Command = "watch users"
	CmdTyping            Command = "type"
	CmdThreads           Command = "list threads"
	CmdThread            Command = "read a thread"
	CmdFollowThread      Command = "follow a thread"
	CmdReadThread        Command = "move the read pointer of a thread"
	CmdPreview           Command = "preview a link"
	CmdRoomAbout         Command = "read about a room"
	CmdDescribeRoom      Command = "describe a room"
	CmdConfirm           Command = "confirm a message"
	CmdAudit             Command = "read the audit log"
	CmdExportAudit       Command = "export the audit log"
	CmdGiveFeedback      Command = "give feedback"
	CmdFeedback          Command = "list feedback"
	CmdMyFeedback        Command = "list one's feedback"
	CmdSilenceAlarm      Command = "silence an alarm"
	CmdTestAlarms        Command = "test the alarms"
	CmdConfirmations     Command = "read confirmations"
	CmdAddFile           Command = "upload a file"
	CmdUpload            Command = "read an upload"
	CmdPutPart           Command = "send a part of a file"
	CmdFinishFile        Command = "finish an upload"
	CmdDropFile          Command = "drop a file"
	CmdFile              Command = "read a file"
	CmdRoomFiles         Command = "list the files of a room"
	CmdReadOps           Command = "read how the server is"
	CmdRetryJob          Command = "try failed work again"
	CmdDiscardJob        Command = "give up failed work"
	CmdHooks             Command = "list the webhooks of a room"
	CmdAddHook           Command = "make a webhook"
	CmdEndHook           Command = "revoke a webhook"
	CmdTestHook          Command = "test a webhook"
	CmdPostByHook        Command = "post by a webhook"
)

// Commands is the table: every command there is, and what holds for it.
func Commands() []Spec {
	r := rates()
	return slices.Concat(r.workspaceCommands(), r.roomCommands())
}

// workspaceCommands are those about the workspace, access to it, its users and what a user has of their own.
func (r rateTable) workspaceCommands() []Spec {
	return []Spec{
		{Command: CmdWorkspaceInfo, Rate: r.visit},
		{Command: CmdUpdateWorkspace, Scope: ScopeWrite, Rate: r.administer, Audit: "workspace changed"},
		{Command: CmdCheckSetup, Rate: r.visit},
		{Command: CmdSetup, Rate: r.signUpAddress, Audit: "workspace set up"},
		{Command: CmdSignIn, Rate: r.signInAddress, Audit: "signed in"},
		{Command: CmdCheckInvite, Rate: r.signUpAddress},
		{Command: CmdSignUp, Rate: r.signUpAddress, Audit: "signed up"},
		{Command: CmdCheckReset, Rate: r.signUpAddress},
		{Command: CmdUseReset, Rate: r.signUpAddress, Audit: "password chosen by a link"},
		{Command: CmdSignOut, Scope: ScopeRead, Session: true, Rate: r.access, Audit: "signed out"},
		{Command: CmdSessions, Scope: ScopeWrite, Session: true, Rate: r.request},
		{Command: CmdEndSession, Scope: ScopeWrite, Session: true, Rate: r.access, Audit: "session ended"},
		{Command: CmdEndSessions, Scope: ScopeWrite, Session: true, Rate: r.access, Audit: "other sessions and tokens ended"},
		{Command: CmdChangePassword, Scope: ScopeWrite, Session: true, Rate: r.password, Audit: "password changed"},
		{Command: CmdTokens, Scope: ScopeWrite, Session: true, Rate: r.request},
		{Command: CmdAddToken, Scope: ScopeWrite, Session: true, Rate: r.token, Audit: "token made"},
		{Command: CmdEndToken, Scope: ScopeWrite, Session: true, Rate: r.access, Audit: "token revoked"},
		{Command: CmdBots, Scope: ScopeWrite, Session: true, Rate: r.request},
		{Command: CmdAddBot, Scope: ScopeWrite, Session: true, Rate: r.bots, Audit: "bot made"},
		{Command: CmdUpdateBot, Scope: ScopeWrite, Session: true, Rate: r.administer, Audit: "bot changed"},
		{Command: CmdBotRooms, Scope: ScopeWrite, Session: true, Rate: r.request},
		{Command: CmdBotTokens, Scope: ScopeWrite, Session: true, Rate: r.request},
		{Command: CmdAddBotToken, Scope: ScopeWrite, Session: true, Rate: r.token, Audit: "token of a bot made"},
		{Command: CmdEndBotToken, Scope: ScopeWrite, Session: true, Rate: r.access, Audit: "token of a bot revoked"},
		{Command: CmdNewTicket, Scope: ScopeRead, Rate: r.ticket},
		{Command: CmdInvites, Scope: ScopeRead, Rate: r.request},
		{Command: CmdAddInvite, Scope: ScopeWrite, Rate: r.invite, Audit: "invited"},
		{Command: CmdEndInvite, Scope: ScopeWrite, Rate: r.access, Audit: "invite ended"},
		{Command: CmdMe, Scope: ScopeRead, Rate: r.request},
		{Command: CmdUpdateMe, Scope: ScopeWrite, Rate: r.profile},
		{Command: CmdFrequentEmoji, Scope: ScopeRead, Rate: r.request},
		{Command: CmdCustomEmoji, Scope: ScopeRead, Rate: r.request},
		{Command: CmdEmojiPicture, Scope: ScopeRead, Rate: r.picture, Light: true},
		{Command: CmdAddCustomEmoji, Scope: ScopeWrite, Stores: true, Rate: r.emoji, Audit: "custom emoji added"},
		{Command: CmdAliasCustomEmoji, Scope: ScopeWrite, Stores: true, Rate: r.emoji, Audit: "alias of a custom emoji added"},
		{Command: CmdRenameCustomEmoji, Scope: ScopeWrite, Stores: true, Rate: r.emoji, Audit: "custom emoji renamed"},
		{Command: CmdDeleteCustomEmoji, Scope: ScopeWrite, Rate: r.emoji, Audit: "custom emoji deleted"},
		{Command: CmdInbox, Scope: ScopeRead, Rate: r.request},
		{Command: CmdClearInbox, Scope: ScopeWrite, Rate: r.pointer},
		{Command: CmdSeeInbox, Scope: ScopeWrite, Rate: r.pointer},
		{Command: CmdUnsubscribe, Rate: r.visit, Audit: "digest stopped by a link"},
		{Command: CmdGiveFeedback, Scope: ScopeWrite, Stores: true, Rate: r.post},
		{Command: CmdFeedback, Scope: ScopeRead, Rate: r.request},
		{Command: CmdMyFeedback, Scope: ScopeRead, Rate: r.request},
		{Command: CmdAudit, Scope: ScopeAudit, Rate: r.audit},
		{Command: CmdExportAudit, Scope: ScopeAudit, Rate: r.audit, Audit: "audit log exported"},
		{Command: CmdSilenceAlarm, Scope: ScopeWrite, Rate: r.administer, Audit: "alarm silenced"},
		{Command: CmdTestAlarms, Scope: ScopeWrite, Rate: r.administer, Audit: "alarms tested"},
		{Command: CmdUsers, Scope: ScopeRead, Rate: r.request},
		{Command: CmdUser, Scope: ScopeRead, Rate: r.request},
		{Command: CmdUpdateUser, Scope: ScopeWrite, Rate: r.administer, Audit: "user changed"},
		{Command: CmdReadOps, Scope: ScopeRead, Rate: r.request},
		{Command: CmdRetryJob, Scope: ScopeWrite, Rate: r.administer, Audit: "failed work tried again"},
		{Command: CmdDiscardJob, Scope: ScopeWrite, Rate: r.administer, Audit: "failed work given up"},
		{Command: CmdReportVitals, Scope: ScopeWrite, Rate: r.vitals},
	}
}

// roomCommands are those about rooms, what is in them, and sockets.
func (r rateTable) roomCommands() []Spec {
	return []Spec{
		{Command: CmdRooms, Scope: ScopeRead, Rate: r.request},
		{Command: CmdBrowse, Scope: ScopeRead, Rate: r.request},
		{Command: CmdRoom, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdAddRoom, Scope: ScopeWrite, Stores: true, Rate: r.room},
		{Command: CmdUpdateRoom, Scope: ScopeWrite, Place: Seen, Stores: true, Rate: r.settings, Audit: "room changed"},
		{Command: CmdRoomAbout, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdDescribeRoom, Scope: ScopeWrite, Place: Seen, Stores: true, Rate: r.settings, Audit: "room described"},
		{Command: CmdJoin, Scope: ScopeWrite, Place: Seen, Rate: r.member},
		{Command: CmdMembers, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdPutMember, Scope: ScopeWrite, Place: Seen, Rate: r.member, Audit: "member added"},
		{Command: CmdRemoveMember, Scope: ScopeWrite, Place: Seen, Rate: r.member, Audit: "member removed"},
		{Command: CmdUpdateMyRoom, Scope: ScopeWrite, Place: Inside, Rate: r.pointer},
		{Command: CmdSetRead, Scope: ScopeWrite, Place: Inside, Rate: r.pointer},
		{Command: CmdMessages, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdChanges, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdMessage, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdHistory, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdPostMessage, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.post},
		{Command: CmdEditMessage, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.change},
		{Command: CmdStream, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.stream, Light: true},
		{Command: CmdDeleteMessage, Scope: ScopeWrite, Place: Seen, Rate: r.change, Audit: "another's message deleted"},
		{Command: CmdSetReaction, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.react},
		{Command: CmdReactions, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdPreview, Scope: ScopeWrite, Rate: r.preview},
		{Command: CmdSetVote, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.react},
		{Command: CmdClosePoll, Scope: ScopeWrite, Place: Seen, Rate: r.change, Audit: "another's poll closed"},
		{Command: CmdVotes, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdConfirm, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.react},
		{Command: CmdConfirmations, Scope: ScopeRead, Place: Inside, Rate: r.request},
		{Command: CmdAddFile, Scope: ScopeWrite, Stores: true, Rate: r.upload},
		{Command: CmdUpload, Scope: ScopeWrite, Rate: r.part},
		{Command: CmdPutPart, Scope: ScopeWrite, Rate: r.part},
		{Command: CmdFinishFile, Scope: ScopeWrite, Rate: r.part},
		{Command: CmdDropFile, Scope: ScopeWrite, Rate: r.part},
		{Command: CmdFile, Scope: ScopeRead, Rate: r.request},
		{Command: CmdRoomFiles, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdHooks, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdAddHook, Scope: ScopeWrite, Place: Seen, Rate: r.hooks, Audit: "webhook made"},
		{Command: CmdEndHook, Scope: ScopeWrite, Place: Seen, Rate: r.access, Audit: "webhook revoked"},
		{Command: CmdTestHook, Scope: ScopeWrite, Place: Seen, Stores: true, Rate: r.post},
		{Command: CmdPostByHook, Stores: true, Rate: r.hook},
		{Command: CmdThreads, Scope: ScopeRead, Rate: r.request},
		{Command: CmdThread, Scope: ScopeRead, Place: Seen, Rate: r.request},
		{Command: CmdFollowThread, Scope: ScopeWrite, Place: Inside, Stores: true, Rate: r.pointer},
		{Command: CmdReadThread, Scope: ScopeWrite, Place: Inside, Rate: r.pointer},
		{Command: CmdConnect, Scope: ScopeRead, Rate: r.connect, Live: true},
		{Command: CmdOpenRoom, Scope: ScopeRead, Place: Inside, Rate: r.look, Live: true},
		{Command: CmdWatchUsers, Scope: ScopeRead, Rate: r.look, Live: true},
		{Command: CmdTyping, Scope: ScopeWrite, Place: Inside, Rate: r.typing, Live: true},
	}
}

// specs is the table by command.
func specs() map[Command]Spec {
	out := map[Command]Spec{}
	for _, s := range Commands() {
		out[s.Command] = s
	}
	return out
}

// writes says whether the command changes something, so that a refusal of it is audited.
func (s Spec) writes() bool {
	return s.Audit != "" || s.Scope != ScopeRead && s.Rate != rates().request
}

// use is what a use case says of a command beyond its row in the table: which rule allows it, and what it does. Every
// function gets the attempt it is part of, and reads what it needs afresh.
type use[T any] struct {
	room  string // the id of the room that the command is about, where Spec.Place needs one
	about []any  // keys and values of the audit line: ids and the like, never content

	see       func(*attempt) error         // replaces the sight that Spec.Place says
	may       func(*attempt) error         // the permission; Forbidden is a refusal
	state     func(*attempt) (bool, error) // Conflict or Gone; true when nothing is to be changed
	same      func(*attempt) (T, error)    // the result when nothing is to be changed
	counts    func(*attempt) error         // takes a rate of its own, besides that of the command; asked once, after state
	stores    func() int                   // the bytes that it adds to the storage, about; asked after state
	do        func(*attempt) (T, error)    // the store's command; may answer ErrStale
	performed func(*attempt) (T, error)    // the result when this very command was performed before; NotFound when it was not
}

// attempt is one decision about a command: who asks, as of now, and what they see.
type attempt struct {
	Actor
	room  RoomAccess
	quiet bool  // the command was done, and is none of those that are audited
	about []any // of the audit line, besides those of the use
	known []any // those of the use, with the handles of people
	audit *audit.Pending
}

// facts are what the decision rests on, which the store restates at its commit.
func (at *attempt) facts() Facts {
	f := Facts{User: at.fact()}
	if at.room.ID != "" {
		f = at.room.facts(at.Actor)
	}
	f.Audit = at.audit
	return f
}

// attempts bounds how often a command is decided. Facts change rarely: more than a few in a row is a fault.
const attempts = 8

// perform runs a command, and is the only way to. In this order: the rate of requests, the token's scope, the sight of the room
// (NotFound), the permission (Forbidden), the state (Conflict, Gone), the command's rate, the store's command. It decides again
// with a fresh actor while the store answers ErrStale, at most 8 times; the rates are taken once. The audit line says what was
// done, or refused.
func perform[T any](ctx context.Context, c *Canteen, a Actor, name Command, u use[T]) (T, error) {
	var zero T
	spec := c.specs[name]
	if !spec.Live && !spec.Light && a.counted.Name == "" {
		if err := c.take(ctx, c.rates.request, a.key()); err != nil {
			return zero, err
		}
	}
	limited := spec.Rate == c.rates.request || spec.Rate == a.counted // taken already
	for range attempts {
		at := &attempt{Actor: a}
		at.audit = c.auditor.pending(at, spec, u.room)
		v, done, err := try(ctx, c, at, spec, u, &limited)
		if errors.Is(err, ErrStale) {
			if a, err = c.Still(ctx, a); err != nil {
				return zero, err
			}
			continue
		}
		switch {
		case err != nil:
			if spec.writes() && refused(err) {
				c.auditor.refused(ctx, at.Actor, string(spec.Command), err, attributes(u.room, u.about, at.about), spec.Live)
			}
		case done && !at.quiet && spec.Audit != "":
			c.auditor.done(ctx, at.Actor, spec.Audit, attributes(u.room, at.known, at.about), at.audit)
		}
		return v, err
	}
	return zero, &Error{Code: Unavailable, Message: "Too much changed at once. Try again.", RetryAfter: retryLater}
}

// Count takes the rate of requests for a request of a, before its body is read: one that is refused costs no more than that. The command
// that the request becomes does not take it again.
func (c *Canteen) Count(ctx context.Context, a Actor) (Actor, error) {
	a.counted = c.rates.request
	return a, c.take(ctx, c.rates.request, a.key())
}

// try decides a command once, and does it. done is false when there was nothing to change, or it was performed before.
func try[T any](ctx context.Context, c *Canteen, at *attempt, spec Spec, u use[T], limited *bool) (v T, done bool, err error) {
	if err := at.has(spec); err != nil {
		return v, false, err
	}
	if err := c.look(ctx, at, spec, u.room, u.see); err != nil {
		return v, false, err
	}
	unchanged, err := allow(ctx, c, at, spec, u, limited)
	if err != nil && u.performed != nil {
		if v, missing := u.performed(at); missing == nil {
			return v, false, nil
		}
	}
	if err != nil {
		return v, false, err
	}
	if unchanged {
		v, err = u.same(at)
		return v, false, err
	}
	if at.audit != nil {
		at.known = c.auditor.named(ctx, at.Actor, u.about)
	} else {
		at.known = u.about
	}
	v, err = u.do(at)
	return v, err == nil, err
}

// allow is permission, then state, then rate.
func allow[T any](ctx context.Context, c *Canteen, at *attempt, spec Spec, u use[T], limited *bool) (unchanged bool, err error) {
	if u.may != nil {
		if err := u.may(at); err != nil {
			return false, err
		}
	}
	if u.state != nil {
		if unchanged, err := u.state(at); err != nil || unchanged {
			return unchanged, err
		}
	}
	if *limited {
		return false, nil
	}
	*limited = true
	if err := c.take(ctx, spec.Rate, at.key()); err != nil {
		return false, err
	}
	if u.counts != nil {
		if err := u.counts(at); err != nil {
			return false, err
		}
	}
	if u.stores == nil {
		return false, nil
	}
	return false, c.storing(ctx, at.Actor, u.stores())
}

// look is the sight of the room, and whether the actor is in it if that is needed.
func (c *Canteen) look(ctx context.Context, at *attempt, spec Spec, room string, see func(*attempt) error) (err error) {
	switch {
	case see != nil:
		return see(at)
	case spec.Place == Nowhere:
		return nil
	}
	if at.room, err = c.see(ctx, at.Actor, room); err != nil {
		return err
	}
	if spec.Place == Inside && at.room.Role == "" {
		return Errorf(Forbidden, "Join the room first.")
	}
	return nil
}

// has holds a token to its scopes, and to what only a session may do. Each wider scope includes the narrower ones.
func (a Actor) has(s Spec) error {
	switch {
	case s.Scope == "":
		return nil
	case a.User.ID == "" || a.hook != nil: // the address of a hook is good for one command alone
		return Errorf(Unauthenticated, "Sign in first.")
	case a.TokenID != "" && !slices.ContainsFunc(a.Scopes, s.Scope.within):
		return Errorf(Forbidden, "This token does not have the scope %q.", s.Scope)
	case s.Session && a.SessionID == "":
		return Errorf(Forbidden, "This needs a signed-in session; a token cannot do it.")
	}
	return nil
}

// refused says whether err refuses a command: the actor may not, or sees nothing there.
func refused(err error) bool {
	code := ErrorCode(err)
	return code == Forbidden || code == NotFound || code == Unauthenticated
}

// uncertain says whether a command that ended with err may have been performed nevertheless: the client did not wait for the answer, or the
// storage gave none.
func uncertain(err error) bool {
	code := ErrorCode(err)
	return err != nil && (code == Internal || code == Unavailable)
}

// second drops the first result.
func second[T any](_ T, err error) error { return err }

// attributes are those of an audit line.
func attributes(room string, abouts ...[]any) []any {
	var out []any
	if room != "" {
		out = append(out, "room", room)
	}
	return append(out, slices.Concat(abouts...)...)
}
