package rest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/canteen-chat/canteen/chat"
)

const base = "/api/v1"

// routes is the table of the API: method and path, what it does, and the handler.
func (h *Handler) routes() huma.API {
	cfg := huma.DefaultConfig("Canteen", "1")
	cfg.Info.Description = description
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // no $schema in bodies
	cfg.RejectUnknownQueryParameters = true
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: decode}
	cfg.Formats = map[string]huma.Format{"application/json": strict, "json": strict} // the second for …+json
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"cookie": {Type: "apiKey", In: "cookie", Name: h.o.Access.cookie()},
		"bearer": {Type: "http", Scheme: "bearer"},
	}
	cfg.Servers = []*huma.Server{{URL: h.o.Access.public.String(), Description: "This workspace"}}
	api := humago.New(guarded{h}, cfg)

	h.light = map[string]bool{}
	h.accessRoutes(api)
	h.userRoutes(api)
	h.botRoutes(api)
	h.roomRoutes(api)
	h.messageRoutes(api)
	h.threadRoutes(api)
	h.emojiRoutes(api)
	h.fileRoutes(api)
	h.feedbackRoutes(api)
	h.auditRoutes(api)
	h.opsRoutes(api)
	h.alarmRoutes(api)
	h.vitalRoutes(api)
	completeFiles(api.OpenAPI())
	complete(api.OpenAPI())
	h.bodies, h.forms, h.schemas = map[string]*huma.Schema{}, map[string]bool{}, api.OpenAPI().Components.Schemas
	for path, p := range api.OpenAPI().Paths {
		for _, op := range operations(p) {
			if op.RequestBody == nil {
				continue
			}
			if body := op.RequestBody.Content[jsonType]; body != nil {
				h.bodies[op.Method+" "+path] = body.Schema
			} else if op.RequestBody.Content[formType] != nil {
				h.forms[op.Method+" "+path] = true
			}
		}
	}
	return api
}

// The tables: method and path, the statuses besides those that many share (see route), what it does, who may, and the handler.

func (h *Handler) accessRoutes(api huma.API) {
	add(h, api, h.public("getWorkspace GET /workspace", "The workspace before signing in",
		"Its name, whether the first run is still to be done, and whether the session cookie of the request is good, so that a page "+
			"need not ask for what it would be refused. For everybody.",
		chat.CmdWorkspaceInfo), h.workspace)
	add(h, api, h.public("checkSetup POST /setup/check 204 404 409", "Check a setup link",
		"Before anybody fills in the form: 404 for another token than that of the link, 409 when the setup is done.",
		chat.CmdCheckSetup), h.checkSetup)
	add(h, api, h.public("setUp POST /setup 201 404 409", "Set the workspace up",
		"The first run: makes the workspace and its owner, who is signed in with a cookie. The token is that of the link "+
			"which the server prints at its start; 404 for another, 409 when the setup is done.",
		chat.CmdSetup), h.setup)
	add(h, api, h.public("checkInvite POST /signup/check 204 404", "Check an invite link",
		"Before anybody fills in the form: 404 alike for an invite that is unknown, used up or expired, or that its maker could not "+
			"make now. It does not say whom the invite is for. Links that work do not count against the rate.",
		chat.CmdCheckInvite), h.checkInvite)
	add(h, api, h.public("signUp POST /signup 201 404 409", "Sign up with an invite",
		"Makes the user whom the invite is for, who is signed in with a cookie. 404 alike for an invite that is unknown, "+
			"used up or expired, for another e-mail address, or that its maker could not make now; "+
			"409 when the handle or the address is taken.",
		chat.CmdSignUp), h.signUp)
	add(h, api, h.public("checkReset POST /reset/check 204 404", "Check a link for a new password",
		"Before anybody fills in the form: 404 alike for a link that is unknown, used, replaced or more than a day old. It does not say "+
			"whom the link is for. Links that work do not count against the rate.",
		chat.CmdCheckReset), h.checkReset)
	add(h, api, h.public("resetPassword POST /reset 201 404 409", "Choose a new password by a link",
		"For whoever forgot theirs: `canteen user password HANDLE` on the server makes the link. Signs in with a cookie. 404 alike for "+
			"a link that is unknown, used, replaced or more than a day old; 409 when the user was changed meanwhile.",
		chat.CmdUseReset), h.resetPassword)
	add(h, api, h.public("unsubscribe POST /unsubscribe/{token} 204", "Stop the digest by e-mail",
		"The page behind the link in a digest sends it, and mail programs do with one click. Needs no session and ignores the body. "+
			"It may be repeated. 404 for a link that is unknown, or older than the last time the digest was turned on.",
		chat.CmdUnsubscribe), h.unsubscribe)
	add(h, api, h.public("signIn POST /session 201 401", "Sign in",
		"Starts a session and sets its cookie; the session of a cookie that came along ends. 401 alike for an unknown address "+
			"and a wrong password. Failures count against the rates, apart for a browser that shows the account's device cookie, "+
			"which this sets too; with more than 50 sessions the oldest ends.",
		chat.CmdSignIn), h.signIn)
	add(h, api, h.route("signOut DELETE /session 204", "Sign out",
		"Ends the session of the cookie and what hangs on it. 403 with a token, which has no session.",
		chat.CmdSignOut), h.signOut)
	add(h, api, h.route("listSessions GET /sessions 403", "Your sessions",
		"Needs a session; 403 with a token.",
		chat.CmdSessions), h.sessions)
	add(h, api, h.route("endEverything DELETE /sessions 204", "End everything but this session",
		"Ends your other sessions, all your tokens and the invites you made; their sockets close with 4001 within a second. "+
			"This session goes on with another cookie. Needs a session; 403 with a token.",
		chat.CmdEndSessions), h.endSessions)
	add(h, api, h.route("endSession DELETE /sessions/{id} 204", "End one of your sessions",
		"Its sockets close with 4001 within a second. Needs a session; 403 with a token.",
		chat.CmdEndSession), h.endSession)
	add(h, api, h.route("makeTicket POST /ws-ticket 201", "A ticket that opens one socket",
		"For clients that can send neither cookie nor header: /ws?ticket=…, once, within 30 seconds.",
		chat.CmdNewTicket), h.ticket)
	add(h, api, h.route("listTokens GET /tokens 403", "Your tokens",
		"Without their secrets. Needs a session; 403 with a token.",
		chat.CmdTokens), h.tokens)
	add(h, api, h.route("makeToken POST /tokens 201 409", "Make a token",
		"Its secret is shown once. The scope admin is for owners and admins. Needs a session; 403 with a token. Needs your "+
			"password when you entered it in this session more than 10 minutes ago: 403 naming password when it is missing, 400 "+
			"when it is wrong. 409 at 50 tokens.",
		chat.CmdAddToken), h.addToken)
	add(h, api, h.route("revokeToken DELETE /tokens/{id} 204", "Revoke a token",
		"Its sockets close with 4001 within a second. Needs a session; 403 with a token.",
		chat.CmdEndToken), h.endToken)
	add(h, api, h.route("listInvites GET /invites", "Invites that can still be used",
		"Your own; owners and admins, by token with the scope admin alone, see all, with their addresses.",
		chat.CmdInvites), h.invites)
	add(h, api, h.route("invite POST /invites 201", "Invite to the workspace",
		"For owners and admins, to a role not above their own and into rooms they are in; guests need one room. Without "+
			"email anyone who has the link may use it until it expires or is used up; with one, that address, once. "+
			"It lets nobody in while you could not make it, "+
			"and never again after you were deactivated or ended all your sessions and tokens.",
		chat.CmdAddInvite), h.addInvite)
	add(h, api, h.route("endInvite DELETE /invites/{id} 204", "End an invite",
		"Your own; owners and admins end any.",
		chat.CmdEndInvite), h.endInvite)
}

func (h *Handler) userRoutes(api huma.API) {
	add(h, api, h.route("updateWorkspace PATCH /workspace", "Change the workspace",
		"For owners and admins. call_url is the template of links to calls; previews says whether links get previews; feedback_room is "+
			"the room into which feedback is posted. What is absent stays.",
		chat.CmdUpdateWorkspace), h.updateWorkspace)
	add(h, api, h.route("getMe GET /me", "The signed-in user",
		"With your settings, the workspace and the limits of the product.",
		chat.CmdMe), h.me)
	add(h, api, h.route("updateMe PATCH /me 409", "Change your profile, status and settings",
		"What is absent stays. 409 when the handle is taken; your former handles stay yours. "+
			"400 for a reserved handle, such as all or admin.",
		chat.CmdUpdateMe), h.updateMe)
	add(h, api, h.route("changePassword POST /me/password 204", "Change your password",
		"Ends your other sessions, and the device cookies of your other browsers; this session goes on with another cookie. 400 "+
			"naming current when that is not the current password. Needs a session; 403 with a token.",
		chat.CmdChangePassword), h.changePassword)
	add(h, api, h.route("listMyEmoji GET /me/emoji", "The emoji that you use most",
		"At most 24, standard and custom ones (:name:).",
		chat.CmdFrequentEmoji), h.myEmoji)
	add(h, api, h.route("getInbox GET /inbox", "What concerns you",
		"Messages that mention you, call everybody in a room or have one of your keywords, and reactions to your messages, newest first, "+
			"of the last 90 days, in the rooms you are in. What was deleted, or edited so that it no longer concerns you, is left out.",
		chat.CmdInbox), h.inbox)
	add(h, api, h.route("clearInbox PUT /inbox/cleared 204 404", "Clear your inbox",
		"Hides the entry with the key until there is something newer about it, or all entries that are not newer than before. 404 for an "+
			"unknown key.",
		chat.CmdClearInbox), h.clearInbox)
	add(h, api, h.route("seeInbox PUT /inbox/seen 204", "Mark reactions as seen",
		"Those up to a time. It never goes back.",
		chat.CmdSeeInbox), h.seeInbox)
	add(h, api, h.route("listUsers GET /users 304", "The directory",
		"All users, the deactivated included and marked; guests see those they share a room with. Owners and admins see "+
			"e-mail addresses, by token with the scope admin alone.",
		chat.CmdUsers), h.users)
	add(h, api, h.route("getUser GET /users/{user}", "A user",
		"404 for a guest who shares no room with them.",
		chat.CmdUser), h.user)
	add(h, api, h.route("updateUser PATCH /users/{user} 409", "Change a user's role, profile or deactivation",
		"For owners and admins: of users not above themselves and to roles not above their own. Deactivation ends "+
			"sessions and tokens for good, and deactivates the bots that the user made. 409 for the last owner, for a taken handle, and for a "+
			"bot whose owner is deactivated. What is absent stays.",
		chat.CmdUpdateUser), h.updateUser)
}

func (h *Handler) roomRoutes(api huma.API) {
	add(h, api, h.route("listRooms GET /rooms 304 404", "Your rooms, or the public ones that you are not in",
		"With browse=true the public rooms that you are not in, by name, at most 200 at once; guests see none. Otherwise those "+
			"you are in, with an ETag.",
		chat.CmdRooms, chat.CmdBrowse), h.rooms)
	add(h, api, h.route("makeRoom POST /rooms 201 200 409", "Make a room",
		"Members and above make any, and own it; guests make direct ones with people they share a room with. A direct "+
			"room with the same people, yourself included, is returned with 200. 409 when a public room has the name, and at "+
			"3,000 rooms.",
		chat.CmdAddRoom), h.addRoom)
	add(h, api, h.route("getRoom GET /rooms/{room}", "A room",
		"As MyRoom to its members, else as Room. 404 for what you may not see.",
		chat.CmdRoom), h.room)
	add(h, api, h.route("updateRoom PATCH /rooms/{room} 409", "Rename, set the topic, archive, say who posts, make public or private",
		"For owners of the room, and owners and admins of the workspace who see it. Each field changed is told in the "+
			"room. 409 for direct rooms, for a taken name, and for changes of an archived room but archived=false. What is "+
			"absent stays. A room becomes public only with confirm, its name: 400 otherwise. 409 for making a room private in which "+
			"new people start; guests change no kind.",
		chat.CmdUpdateRoom), h.updateRoom)
	add(h, api, h.route("getRoomAbout GET /rooms/{room}/about", "What a room tells of itself",
		"Its description, and the welcome that those who join are shown once. For all who see the room.",
		chat.CmdRoomAbout), h.roomAbout)
	add(h, api, h.route("describeRoom PATCH /rooms/{room}/about 409", "Describe a room",
		"For owners of the room, and owners and admins of the workspace who see it. What is absent stays. It is not told in the room. "+
			"409 for direct rooms and archived ones.",
		chat.CmdDescribeRoom), h.describeRoom)
	add(h, api, h.route("joinRoom POST /rooms/{room}/join 200 409", "Join a public room",
		"Its history is open and nothing of it unread. Who is a member already stays as they are. 409 when it is "+
			"archived.",
		chat.CmdJoin), h.join)
	add(h, api, h.route("listMembers GET /rooms/{room}/members", "A room's members",
		"For all who see the room.",
		chat.CmdMembers), h.members)
	add(h, api, h.route("putMember PUT /rooms/{room}/members/{user} 409", "Add a member, or set a role",
		"Members of the room who are not guests add; owners of the room and admins set roles. An admin enters a private "+
			"room by adding herself, which is told in it. 409 for direct rooms, for archived ones, for a bot whose owner "+
			"is not in the room, and beyond 3,000 rooms of a user.",
		chat.CmdPutMember), h.putMember)
	add(h, api, h.route("removeMember DELETE /rooms/{room}/members/{user} 204 409", "Remove a member, or leave",
		"Yourself and bots that you made always; others for owners of the room and admins. The bots of whoever leaves leave, too. 409 for "+
			"direct rooms, and for removing others from an archived one.",
		chat.CmdRemoveMember), h.removeMember)
	add(h, api, h.route("updateMyRoom PATCH /rooms/{room}/me", "Your settings of a room",
		"For members, in archived rooms too. What is absent stays.",
		chat.CmdUpdateMyRoom), h.updateMyRoom)
	add(h, api, h.route("listHooks GET /rooms/{room}/hooks 403 409", "A room's webhooks",
		"For owners of the room, and owners and admins of the workspace who see it. Without their addresses. 409 for direct rooms.",
		chat.CmdHooks), h.hooks)
	add(h, api, h.route("makeHook POST /rooms/{room}/hooks 201 409", "Make a webhook",
		"For owners of the room, and owners and admins of the workspace who see it. Its address is shown once: POST what Slack's "+
			"incoming webhooks take. With ?key=… it edits what it posted with this key in the last 30 days. "+
			"409 for direct rooms and archived ones, and at 20 webhooks.",
		chat.CmdAddHook), h.addHook)
	add(h, api, h.route("revokeHook DELETE /rooms/{room}/hooks/{id} 204 409", "Revoke a webhook",
		"For owners of the room, and owners and admins of the workspace who see it. Its address is good for nothing from then on. "+
			"409 for direct rooms.",
		chat.CmdEndHook), h.endHook)
	add(h, api, h.route("testHook POST /rooms/{room}/hooks/{id}/test 201 409", "Post an example by a webhook",
		"For owners of the room, and owners and admins of the workspace who see it. 409 for direct rooms and archived ones.",
		chat.CmdTestHook), h.testHook)
	add(h, api, h.route("moveReadPointer PUT /rooms/{room}/read", "Move your read pointer",
		"To 0 … last_seq, backwards too (\"mark unread\"). For members, in archived rooms too.",
		chat.CmdSetRead), h.setRead)
}

func (h *Handler) messageRoutes(api huma.API) {
	add(h, api, h.route("listMessages GET /rooms/{room}/messages", "A page of the timeline or of a thread",
		"The latest messages, or those before, after or around a seq, or at a moment: at most one of the four. Tombstones are "+
			"included. For all who see the room.",
		chat.CmdMessages), h.messages)
	add(h, api, h.route("postMessage POST /rooms/{room}/messages 201 200 409 410", "Post",
		"For members; where posting is owners, members answer in threads. @here and @room make a broadcast: once a minute, "+
			"where the room's broadcast lets you; guests and bots as owners of the room only. A repeated client_id gives the message "+
			"as it is now, with 200: repeat until there is an answer. Without one, not to post twice is your own care. 404 for "+
			"an unknown thread, 400 for one that is a reply, 410 "+
			"for one that was deleted, 409 in an archived room.",
		chat.CmdPostMessage), h.post)
	add(h, api, h.route("listChanges GET /rooms/{room}/changes 410", "What changed since a revision",
		"Messages changed after since, in their present state, each once, by rev. Go on with since=next while more is "+
			"true; the last next is head. 410 when since is above the room's revision or too far back to be known: load the "+
			"latest page instead.",
		chat.CmdChanges), h.changes)
	add(h, api, h.route("getMessage GET /rooms/{room}/messages/{seq}", "A message",
		"Of a deleted one the place is left. For all who see the room.",
		chat.CmdMessage), h.message)
	add(h, api, h.route("editMessage PATCH "+messagePath+" 200 202 409 410", "Edit your message",
		"Your own, where you may still post. The same text and preview change nothing. An edit makes no broadcast, and ends one whose "+
			"word it takes out. 410 when it was deleted, 409 in an archived room. For a bot that streams the message: its next text, "+
			"which is no edit and makes no version. At most one text a second is stored, and the last one (done) at once. 202 says that this "+
			"one is not stored, and gives the message as it is; 409 for a text with done that comes after the last one. Requests of bots "+
			"here have a rate of their own: 100 at once, then 50 a second.",
		chat.CmdEditMessage, chat.CmdStream), h.edit)
	add(h, api, h.route("deleteMessage DELETE /rooms/{room}/messages/{seq} 204 409", "Delete a message",
		"Your own; owners of the room and admins any but system messages. A tombstone is left; deleting it again is "+
			"204. 409 in an archived room.",
		chat.CmdDeleteMessage), h.delete)
	add(h, api, h.route("listVersions GET /rooms/{room}/messages/{seq}/history", "The texts a message has had",
		"Newest, the present one, first. The newest 100 are kept. Go on with before=n of the last while more is true. 404 "+
			"when it was deleted. For all who see the room.",
		chat.CmdHistory), h.history)
	add(h, api, h.route("preview POST /previews 404", "Preview a link",
		"What the page behind a link says about itself, for somebody about to post the link: name the id in the post. "+
			"The server asks the page, public addresses alone, or takes what it said within the last day. The picture is a file of yours, "+
			"which counts as an upload. 404 for a link without a preview, whatever the reason, and where this deployment makes none.",
		chat.CmdPreview), h.preview)
	add(h, api, h.route("listReactions GET /rooms/{room}/messages/{seq}/reactions", "Who reacted",
		"Each emoji with the ids of all. For all who see the room.",
		chat.CmdReactions), h.reactions)
	add(h, api, h.route("react PUT /rooms/{room}/messages/{seq}/reactions/{emoji} 409 410", "React",
		"For members. Idempotent. 400 for what is not one emoji, 410 when the message was deleted, 409 at 20 different "+
			"emoji and in an archived room.",
		chat.CmdSetReaction), h.react)
	add(h, api, h.route("confirm PUT /rooms/{room}/messages/{seq}/confirmed 409 410", "Confirm that you have read a message",
		"For members. Idempotent. 409 for a message that does not ask for it, and in an archived room; 410 when it was deleted.",
		chat.CmdConfirm), h.confirm)
	add(h, api, h.route("getConfirmations GET /rooms/{room}/messages/{seq}/confirmed 403 409 410", "Who has confirmed a message",
		"Your own confirmation; for the author and owners of the room also who has and who has not. For members. 409 for a message "+
			"that does not ask for it, 410 when it was deleted.",
		chat.CmdConfirmations), h.confirmations)
	add(h, api, h.route("unreact DELETE /rooms/{room}/messages/{seq}/reactions/{emoji} 409 410", "Take a reaction back",
		"For members. Idempotent: 200 with the message either way. 410 when the message was deleted, 409 in an archived "+
			"room.",
		chat.CmdSetReaction), h.unreact)
	h.pollRoutes(api)
}

func (h *Handler) pollRoutes(api huma.API) {
	add(h, api, h.route("vote PUT /rooms/{room}/messages/{seq}/vote 409 410", "Vote in a poll",
		"For members. The options replace those that you voted for before; none take your vote back. "+
			"The same vote changes nothing, in a closed poll too. 404 without a poll, 410 when the message was deleted, "+
			"409 when the poll is closed and in an archived room.",
		chat.CmdSetVote), h.vote)
	add(h, api, h.route("closePoll POST /rooms/{room}/messages/{seq}/poll/close 200 409 410", "Close a poll",
		"Your own; owners of the room and admins any. It cannot be opened again. Of a closed one nothing changes. 404 without a poll, 410 "+
			"when the message was deleted, 409 in an archived room.",
		chat.CmdClosePoll), h.closePoll)
	add(h, api, h.route("listVotes GET /rooms/{room}/messages/{seq}/votes 403", "Who voted for what",
		"Each option with the ids of all its voters. 403 in an anonymous poll, for everybody; 404 without a poll. "+
			"For all who see the room.",
		chat.CmdVotes), h.votes)
}

func (h *Handler) threadRoutes(api huma.API) {
	add(h, api, h.route("listThreads GET /threads", "The threads that you follow",
		"Those with replies, the newest reply first. You follow a thread once you reply in it, or once somebody answers your "+
			"message or mentions you in the thread. Go on with cursor=next until there is no next.",
		chat.CmdThreads), h.threads)
	add(h, api, h.route("getThread GET /rooms/{room}/threads/{seq}", "A thread, as you have it",
		"Who does not follow it has read it all. 404 for a reply and for a system message. For all who see the room.",
		chat.CmdThread), h.thread)
	add(h, api, h.route("followThread PUT /rooms/{room}/threads/{seq}/follow", "Follow a thread or not",
		"off lasts until you reply in the thread; a mention does not end it. When you begin to follow a thread, all of it counts as read. "+
			"For members, in archived rooms too.",
		chat.CmdFollowThread), h.followThread)
	add(h, api, h.route("moveThreadPointer PUT /rooms/{room}/threads/{seq}/read", "Move your read pointer of a thread",
		"To a place in the room, backwards too (\"mark unread\"). It changes nothing while you do not follow the thread. For members, in "+
			"archived rooms too.",
		chat.CmdReadThread), h.readThread)
}

// route reads "operationId METHOD /path [status]…": the first 2xx is the usual answer (200 unless said), others are those besides. All
// may answer 400, 429, 500 and 503; those who want to be signed in 401; those that change something 403; those with a parameter
// in the path 404; those with a body 413 and 415 (see complete). The commands are those that the route runs; the description
// states their rates.
func (h *Handler) route(what, summary, who string, commands ...chat.Command) huma.Operation {
	name, rest, _ := strings.Cut(what, " ")
	words := strings.Fields(rest)
	op := huma.Operation{
		Method: words[0], Path: base + words[1], Summary: summary, Description: who + rateText(commands),
		MaxBodyBytes: -1, BodyReadTimeout: -1, // receive limits both
		OperationID: name, Tags: []string{strings.Split(words[1], "/")[1]},
		Security: []map[string][]string{{"cookie": {}}, {"bearer": {}}}, Metadata: map[string]any{runs: commands},
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusMisdirectedRequest, http.StatusTooManyRequests,
			http.StatusServiceUnavailable},
	}
	if op.Method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusForbidden)
	}
	if strings.Contains(op.Path, "{") {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	for _, word := range words[2:] {
		status, err := strconv.Atoi(word)
		switch {
		case err != nil:
			panic("route: " + what) // a slip in the table above
		case status >= http.StatusBadRequest:
			op.Errors = append(op.Errors, status)
		case op.DefaultStatus == 0 && status < http.StatusMultipleChoices:
			op.DefaultStatus = status
		default:
			op.Metadata[also] = status
		}
	}
	return op
}

// runs is the metadata of an operation that names its commands.
const runs = "runs"

// rateText states the rates of commands, but that of all requests, which the description of the API states.
func rateText(commands []chat.Command) string {
	specs := chat.Commands()
	all := specs[slices.IndexFunc(specs, func(s chat.Spec) bool { return s.Command == chat.CmdMe })].Rate
	for _, s := range specs {
		if slices.Contains(commands, s.Command) && s.Rate != all {
			text := fmt.Sprintf(" Rate: %d at once, then one in %s.", s.Rate.Burst, s.Rate.Every)
			if s.Stores {
				text += " What it stores counts against the quota of a day."
			}
			return text
		}
	}
	return ""
}

// public is a route for who is not signed in.
func (h *Handler) public(what, summary, who string, commands ...chat.Command) huma.Operation {
	op := h.route(what, summary, who, commands...)
	op.Security = []map[string][]string{}
	op.Errors = slices.DeleteFunc(op.Errors, func(s int) bool { return s == http.StatusUnauthorized && !strings.Contains(what, " 401") })
	h.open[op.Method+" "+op.Path] = true
	return op
}
