// Breaks each rule of the server, one at a time, and prints whether the tests of its package detect it. Part of make mutants.
// The compiler gets the broken file as an overlay; the file in the tree is not changed. With an argument: only the rules whose text
// contains it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

// Each rule: the violation, the file as seen from chat/, the code, and its replacement.
const rules = [
  // who sees what
  ["a guest sees public rooms", "room_rules.go", "r.Kind == Public && a.User.Role != Guest", "r.Kind == Public"],
  ["everybody sees private rooms", "room_rules.go", 'r.Role != "" || r.Kind == Public && a.User.Role != Guest', 'r.Role != "" || a.User.Role != Guest'],
  ["a non-member uses commands of members", "command.go", 'spec.Place == Inside && at.room.Role == ""', "false"],
  ["a guest sees users whom they share no room with", "user.go", "if !seen[id] {\n\t\t\treturn User{}", "if false && !seen[id] {\n\t\t\treturn User{}"],
  ["a guest sees the whole directory", "user.go", "err != nil || at.User.Role != Guest {", "true {"],
  ["a guest watches anybody", "user.go", "if a.User.Role != Guest {\n\t\treturn slices", "if true {\n\t\treturn slices"],
  ["a watch goes on with the role that one had", "user.go", "if a.User, err = c.store.User(ctx, a.User.ID); err != nil {", "if err != nil {"],
  ["a guest browses public rooms", "room.go", "if at.User.Role == Guest {\n\t\t\treturn RoomPage{}, nil", "if false {\n\t\t\treturn RoomPage{}, nil"],
  ["a page of public rooms has no bound", "room.go", "pageLimit(limit, MaxBrowsed, MaxBrowsed)", "pageLimit(limit, MaxBrowsed, 10*MaxBrowsed)"],
  ["a page of public rooms is the last", "room.go", "More: len(rest) > n", "More: false"],
  ["browsing goes on after a private room", "../sqlite/room.go", "WHERE id = ? AND kind = 'public'\", q.After", "WHERE id = ?\", q.After"],
  ["a guest creates a direct room with a user whom they cannot see", "room.go", "seen != nil && !seen[id]", "false && !seen[id]"],
  ["a deactivated user is added to a new room", "room.go", "if u.Deactivated {", "if false {"],
  ["answers to POST, which hold secrets, are compressed", "../rest/handler.go", 'if strings.HasPrefix(pattern, http.MethodGet+" ") {', "if true {"],
  // tokens and sessions
  ["a token is used beyond its scopes", "command.go", 'a.TokenID != "" && !slices.ContainsFunc(a.Scopes, s.Scope.within)', "false"],
  ["a token to read may write", "token.go", "slices.Index(order, wider) >= slices.Index(order, s)", "len(order) > 0"],
  ["handles are guessed at the rate of one's profile", "user.go", "if ErrorCode(err) == Conflict {\n\t\treturn u, err", "if false {\n\t\treturn u, err"],
  ["sockets are opened at any rate", "connection.go", "CmdConnect", "CmdOpenRoom"],
  ["a token makes tokens and changes the password", "command.go", 's.Session && a.SessionID == ""', "false"],
  ["a token without the scope admin administers", "actor.go", '(a.TokenID == "" || slices.Contains(a.Scopes, ScopeAdmin))', "true"],
  ["a token without the scope admin sees addresses", "actor.go", "u.ID == a.User.ID || a.isAdmin()", "u.ID == a.User.ID || a.User.Role.rank() >= Admin.rank()"],
  ["a token without the scope admin sees the addresses of invites", "invite.go", "if !at.isAdmin() {", "if false {"],
  ["nobody sees their own address", "actor.go", "u.ID == a.User.ID || a.isAdmin()", "a.isAdmin()"],
  ["a member makes a token to administer", "token.go", "slices.Contains(in.Scopes, ScopeAdmin) && u.Role.rank() < Admin.rank()", "false"],
  ["an expired token opens sockets", "token.go", "(t.ExpiresAt == nil || now.Before(*t.ExpiresAt))", "true"],
  ["a session that is used lives for ever", "session.go", "end.Before(expires)", "false"],
  ["a session lives on although nobody uses it", "limit.go", "SessionIdle   = 30 * day", "SessionIdle   = 60 * day"],
  ["an ended session stays valid", "actor.go", "s.ID == a.SessionID && s.Lives(u, now)", "true"],
  ["a guest learns whether a name is taken", "name.go", "if u.Role == Guest {", "if false {"],
  ["a guest's name stands without the handle", "name.go", "u.Role == Guest || text", "text"],
  ["a new role leaves names as they were told apart", "user_change.go", "cmd.Name != nil || cmd.Role != nil }", "cmd.Name != nil }"],
  ["a reserved handle is taken", "input.go", "if text.ReservedHandle(s) {", "if false {"],
  ["whoever has a reserved handle cannot keep it", "user.go", "if handleIn != nil && *handleIn != was.Handle {", "if handleIn != nil {"],
  ["a handle is changed without end", "user_change.go", "len(was.HandleChanges) < MaxHandleChanges {", "true {"],
  ["a handle is changed too often in a month", "limit.go", "MaxHandleChanges    = 3", "MaxHandleChanges    = 4"],
  ["a handle can never be changed again", "user_change.go", "if !next.After(cmd.At) {", "if false {"],
  ["what an administrator changes of a handle does not count", "user_change.go", "if cmd.changesHandle(u) {", "if cmd.changesHandle(u) && cmd.Was == nil {"],
  ["everybody is told of somebody's settings", "user_change.go", "if u.Settings = now.Settings; reflect", "if reflect"],
  ["a user's other devices are not told of settings", "user_change.go", "return SettingsChanged{now}", "return nil"],
  ["a deactivated user stays signed in", "user_change.go", "!u.Deactivated && u.Epoch == epoch", "true"],
  ["the password can be changed without knowing it", "user.go", 'if !ok {\n\t\treturn "", InvalidField("current"', 'if false && !ok {\n\t\treturn "", InvalidField("current"'],
  ["a change of the password leaves other sessions", "user.go", "EndSessions: true, KeepSession", "EndSessions: false, KeepSession"],
  ["a change of the password ends this session too", "user.go", "KeepSession: keep", "KeepSession: &KeptSession{Secret: keep.Secret}"],
  ["ending everything leaves tokens", "session.go", "EndSessions: true, KeepSession: keep,", "EndSessions: true, KeepTokens: true, KeepSession: keep,"],
  ["ending everything leaves other sessions", "session.go", "EndSessions: true, KeepSession: keep,", "EndSessions: false, KeepSession: keep,"],
  ["a session makes tokens long after the password was entered", "token.go", "c.clock.Time().Sub(now.PasswordAt) < PasswordFresh", "true"],
  ["any password is enough to make a token", "token.go", "ErrorCode(err) == Unauthenticated {\n\t\treturn InvalidField", "false {\n\t\treturn InvalidField"],
  ["guesses of the password to make a token are not counted", "token.go", "if err := c.take(ctx, c.rates.password, at.key()); err != nil {", "if err := error(nil); err != nil {"],
  ["a password for a token is hashed at any rate", "token.go", "if err = c.fresh(ctx, at, in.Password); err != nil {", "if err = c.fresh(ctx, at, in.Password); err == nil {\n\t\t\t\terr = c.confirm(ctx, at, in.Password)\n\t\t\t}\n\t\t\tif err != nil {"],
  ["ending everything counts as entering the password", "user_change.go", "if cmd.Password != nil {\n\t\ts.PasswordAt", "if true {\n\t\ts.PasswordAt"],
  ["a token never expires unless said", "limit.go", "TokenLife     = 90 * day", "TokenLife     = 3650 * day"],
  ["a weak password is taken", "input.go", 'return reason(field, c.hasher.Weak(s, append(words, "canteen")...))', "return nil"],
  ["a new password is counted as it is written", "input.go", "utf8.RuneCountInString(text.Password(s)) < PasswordMin", "utf8.RuneCountInString(s) < PasswordMin"],
  ["a wrong password signs in", "signin.go", "err == nil && !ok", "false && !ok"],
  ["signing in leaves the browser's former session", "signin.go", 'if secret == "" {', "if true {"],
  // administration
  ["a member administers users", "user.go", "if err := at.administers(); err != nil {", "if err := error(nil); err != nil {"],
  ["an admin changes an owner", "user.go", "of.rank() > by.rank()", "false"],
  ["an admin makes an owner", "user.go", "to != nil && to.rank() > by.rank()", "false"],
  ["a user gets an unknown role", "user.go", "to != nil && to.rank() == 0", "false"],
  ["a bot becomes an owner", "user.go", "u.Bot && in.Role != nil && *in.Role == Owner", "false"],
  ["a bot is made as an owner", "commandline.go", "case in.Role == Owner:", "case false:"],
  ["a bot has a password", "commandline.go", 'case in.Email != "" || in.Password != "":', "case false:"],
  ["deactivation leaves the sessions", "user.go", "cmd.EndSessions = in.Deactivated != nil && *in.Deactivated && !u.Deactivated", "cmd.EndSessions = false"],
  ["a link for a new password works for ever", "reset.go", "now.Unix() < until", "until > 0"],
  ["any link for a new password works", "reset.go", "subtle.ConstantTimeCompare([]byte(want), []byte(hex.EncodeToString(h[:]))) == 1", "subtle.ConstantTimeCompare([]byte(want), []byte(want)) == 1 && len(h) > 0"],
  ["who was deactivated chooses a new password", "reset.go", "err != nil || u.Deactivated ||", "err != nil ||"],
  ["a link for a new password lets several in at once", "reset.go", "UpdateUser{\n\t\t\tUser: u.ID, Was: u.was(), ", "UpdateUser{\n\t\t\tUser: u.ID, "],
  ["sessions go on after a password was reset", "reset.go", "Password: &hash, EndSessions: true, At: now}", "Password: &hash, At: now}"],
  ["checking a link for a new password that works uses up the rate", "reset.go", "\t\t\tc.give(ctx, c.rates.signUpAddress, a.key())\n", ""],
  ["the reset of a password is not audited", "reset.go", '\tc.auditor.done(ctx, commandLine(), "password reset", []any{auditOf, u.ID})\n', ""],
  ["a member invites", "invite.go", "if err := at.administers(); err != nil {", "if err := error(nil); err != nil {"],
  ["an admin invites an owner", "invite.go", "i.Role.rank() > a.User.Role.rank()", "false"],
  ["an invite is for rooms that its creator is not in", "invite.go", 'r.Role == "" ||', ""],
  ["an invite is for direct rooms", "invite.go", "r.Kind == Direct ||", ""],
  ["an invite is for archived rooms", "invite.go", "|| r.Archived", ""],
  ["a guest is invited without a room", "invite.go", "i.Role == Guest && len(i.Rooms) == 0", "false"],
  ["anybody ends and sees every invite", "invite.go", "if a.isAdmin() {", "if true {"],
  ["an invite stays valid after its creator was deactivated", "invite.go", "maker.Deactivated || ", ""],
  ["an invite stays valid after its creator was demoted", "invite.go", "|| maker.Role.rank() < max(Admin.rank(), i.Role.rank())", ""],
  ["an invite to guests needs no creator who may invite", "invite.go", "max(Admin.rank(), i.Role.rank())", "i.Role.rank()"],
  ["an invite gives a role above its creator's", "invite.go", "max(Admin.rank(), i.Role.rank())", "Admin.rank()"],
  ["an invite stays valid after its creator left its room", "invite.go", "} else if !is {", "} else if false && !is {"],
  ["an invite is revived by its creator's return", "user_change.go", "|| u.Deactivated != was", "|| false && u.Deactivated != was"],
  ["an invite outlives the end of everything of its creator", "user_change.go", "if cmd.EndSessions && !cmd.KeepTokens || ", "if "],
  ["a new password ends invites", "user_change.go", "cmd.EndSessions && !cmd.KeepTokens", "cmd.EndSessions"],
  ["an invite that lost its rooms makes a guest without one", "user_change.go", "cmd.User.User.Role == Guest && len(ids) == 0", "false"],
  ["the audit line of a dead invite does not name it", "signin.go", "h, c.clock.Time())\n\tif err != nil {\n\t\treturn SignedIn{}, invite.ID, err", 'h, c.clock.Time())\n\tif err != nil {\n\t\treturn SignedIn{}, "", err'],
  ["an invite is for every address", "invite.go", 'text.Fold(i.Email) != emailFold', 'text.Fold(i.Email) == ""'],
  ["a guest joins the default rooms", "signin.go", "if invite.Role != Guest {", "if true {"],
  ["any token sets up the workspace", "workspace.go", "HashSecret(token) != setup", "false && HashSecret(token) != setup"],
  ["dead invite links are checked at any rate", "signin.go", "if err == nil {\n\t\t\tc.give(ctx, c.rates.signUpAddress", "if true {\n\t\t\tc.give(ctx, c.rates.signUpAddress"],
  ["checking an invite link that works uses up the rate", "signin.go", "if err == nil {\n\t\t\tc.give(ctx, c.rates.signUpAddress", "if false {\n\t\t\tc.give(ctx, c.rates.signUpAddress"],
  ["any setup link passes the check", "workspace.go", "see: func(*attempt) error { return c.knowsSetup(ctx, token) }", "see: func(*attempt) error { return nil }"],
  ["links are guessed as fast as pages are asked for", "command.go", "CmdCheckInvite, Rate: r.signUpAddress", "CmdCheckInvite, Rate: r.visit"],
  ["a visitor is told to be signed in", "workspace.go", "if _, err := c.BySession(ctx, secret); err == nil {", "if true {"],
  // rooms and members
  ["a guest makes rooms", "room.go", "in.Kind != Direct && at.User.Role == Guest", "false"],
  ["any member manages the room", "room_rules.go", "(a.isAdmin() || r.Role == RoomOwner)", '(a.isAdmin() || r.Role != "")'],
  ["an admin does not manage rooms", "room_rules.go", "(a.isAdmin() || r.Role == RoomOwner)", "r.Role == RoomOwner"],
  ["a direct room is managed", "room_rules.go", "\tif r.Kind == Direct {\n\t\treturn Errorf(Conflict", "\tif false {\n\t\treturn Errorf(Conflict"],
  ["a guest adds members", "room_rules.go", "a.User.Role != Guest && (r.Role", "(r.Role"],
  ["a non-member adds members", "room_rules.go", '(r.Role != "" || user == a.User.ID || a.isAdmin())', "true"],
  ["somebody is added to a direct room", "member.go", "case at.room.Kind == Direct:", "case false:"],
  ["any member adds owners", "member.go", "case p.role != nil && *p.role == RoomOwner:", "case false:"],
  ["any member gives roles", "member.go", "return mayManage(at.Actor, at.room)\n\tcase p.was != nil:", "return nil\n\tcase p.was != nil:"],
  ["everybody enters private rooms", "member.go", "p.user == at.User.ID && at.isAdmin()", "p.user == at.User.ID"],
  ["an admin adds others to private rooms she is not in", "member.go", "p.user == at.User.ID && at.isAdmin()", "at.isAdmin()"],
  ["an admin enters direct rooms", "member.go", "err == nil && at.room.Kind == Private", "err == nil"],
  ["an admin's entry posts no system message", "member.go", 'add.System = &SystemPost{', "_ = &SystemPost{"],
  ["any member removes others", "member.go", "if user == at.User.ID {\n\t\t\t\treturn nil", "if true {\n\t\t\t\treturn nil"],
  ["a member leaves a direct room", "member.go", 'if at.room.Kind == Direct {\n\t\t\t\treturn Errorf(Conflict, "Nobody can', 'if false {\n\t\t\t\treturn Errorf(Conflict, "Nobody can'],
  ["nobody leaves an archived room", "member.go", "openIf(user != at.User.ID, at.room.Room)", "openIf(true, at.room.Room)"],
  ["who is removed is not told by whom", "member.go", "Reason: Removed, By: at.User.ID}", "Reason: Removed}"],
  ["who leaves was removed by themselves", "member.go", "cmd.Reason, cmd.By = Left, \"\"", "cmd.Reason = Left"],
  ["archived rooms take changes", "room_rules.go", "changes && r.Archived", "false"],
  ["an archived room stays so", "room.go", "stays := in.Archived == nil || *in.Archived", "stays := true"],
  ["stores are asked for what is no id", "room_rules.go", "if !IsID(id) {", "if false {"],
  ["any text is compared with the names of rooms", "room.go", "utf8.RuneCountInString(name) > 4*RoomNameLength", "false && utf8.RuneCountInString(name) > 0"],
  ["rooms may look alike", "name.go", "return text.Skeleton(name)", "return text.Fold(name)"],
  ["people whose names look alike are not told apart", "name.go", "return text.NameKeys(u.Name)", "return []string{text.Fold(u.Name)}"],
  ["a name of mixed scripts is like any other", "name.go", "|| text.Deceptive(u.Name)", ""],
  // messages
  ["everybody posts where owners do", "room_rules.go", "return r.Posting == PostingEveryone || r.Role == RoomOwner", "return true"],
  ["nobody replies where owners post", "message.go", "(in.Thread == nil || in.AlsoInRoom) && ", ""],
  ["a reply is sent to the room where owners post", "message.go", "(in.Thread == nil || in.AlsoInRoom) && ", "in.Thread == nil && "],
  ["a member edits another's message", "room_rules.go", "m.Author == a.User.ID && (!m.In", "(!m.In"],
  ["a member edits their own message where they may not post", "room_rules.go", "(!m.InTimeline() || MayPost(r))", "true"],
  ["nobody edits replies where owners post", "room_rules.go", "(!m.InTimeline() || MayPost(r))", "MayPost(r)"],
  ["a guest who owns a room deletes others' messages", "room_rules.go", "a.User.Role != Guest && MayManage(a, r)", "MayManage(a, r)"],
  ["a former member deletes their own messages", "room_rules.go", 'r.Role != "" && author == a.User.ID', "author == a.User.ID"],
  ["an owner of the room cannot delete", "room_rules.go", "|| a.User.Role != Guest && MayManage(a, r)", ""],
  ["system messages are deleted", "message.go", "m.System != nil || !MayDelete", "!MayDelete"],
  ["a tombstone is edited, and reacted to", "message_change.go", "if m.DeletedAt != nil {\n\t\treturn ErrDeleted()", "if false {\n\t\treturn ErrDeleted()"],
  ["more people are mentioned than the limit", "message.go", "len(people) > MaxMentions", "len(people) > 1000*MaxMentions"],
  ["names in place of people are counted", "message.go", "len(people) > MaxMentions", "len(named) > MaxMentions"],
  ["any number of names is looked up", "message.go", "len(named) > MaxNames", "len(named) > 1000*MaxNames"],
  ["a post that was acknowledged is refused when repeated", "command.go", "err != nil && u.performed != nil", "false"],
  ["a reaction that is there already is made again", "reaction.go", "if has == added {", "if false && has == added {"],
  ["the read pointer goes beyond the last message", "my_room.go", "cmd.Seq > lastSeq", "false"],
  ["the read pointer goes below zero", "my_room.go", "cmd.Seq < 0 || ", ""],
  ["a non-member sends typing", "command.go", '{Command: CmdTyping, Scope: ScopeWrite, Place: Inside', "{Command: CmdTyping, Scope: ScopeWrite, Place: Seen"],
  // rules that every store checks at its commit
  ["the last owner is removed", "user_change.go", "if err == nil && !ok {\n\t\terr = ErrLastOwner()", "if false && !ok {\n\t\terr = ErrLastOwner()"],
  ["an expired invite is valid", "invite.go", "now.Before(i.ExpiresAt) && ", ""],
  ["an invite is used more often than its limit", "invite.go", "return i.MaxUses > 0 && i.Uses >= i.MaxUses", "return false"],
  ["somebody has more tokens than the limit", "token.go", "count < MaxTokens", "true"],
  ["a message has more emoji than the limit", "reaction.go", "len(rs) >= MaxEmojiOnMessage", "false"],
  ["old uses of emoji count as much as new ones", "emoji.go", "math.Exp2(-float64(latest.Sub(u.At)) / float64(emojiHalfLife))", "math.Exp2(0 * float64(latest.Sub(u.At)))"],
  // the runner
  ["no command takes its rate", "command.go", "c.take(ctx, spec.Rate, at.key()); err != nil || u.stores", "error(nil); err != nil || u.stores"],
  ["requests are not counted", "command.go", "if !spec.Live && !a.counted {", "if false {"],
  ["requests are counted twice", "command.go", "if !spec.Live && !a.counted {", "if !spec.Live {"],
  ["bodies are read before their requests are counted", "../rest/handler.go", "h.canteen.Count(r.Context(), actor)", "actor, error(nil)"],
  ["held bodies keep people from signing in", "../rest/budget.go", "freeBytes = 1 << 10", "freeBytes = 0"],
  ["a connection goes on after a body in chunks", "../rest/handler.go", "if r.TransferEncoding != nil {", "if false {"],
  ["one person fills the disk", "limit.go", "c.limiter.Take(ctx, c.rates.store.Of(bytes), a.key())", "c.limiter.Take(ctx, c.rates.store.Of(0), a.key())"],
  ["edits are not counted against the quota", "message.go", "\t\tstores: func() int { return RowBytes + len(body) },\n\t\tdo: func(at *attempt) (_ Message", "\t\tdo: func(at *attempt) (_ Message"],
  ["a full disk takes more", "limit.go", "c.full != nil && c.full()", "false"],
  ["nobody is warned of a quota that is nearly used", "limit.go", "if wait, err = c.limiter.Take(ctx, c.rates.warn, a.key()); err == nil && wait == 0 {", "if false {"],
  ["every post near the quota is warned of", "limit.go", "if wait, err = c.limiter.Take(ctx, c.rates.warn, a.key()); err == nil && wait == 0 {", "if true {"],
  ["a rate is taken again with each decision", "command.go", "*limited = true", "*limited = false"],
  ["a refused command takes a rate", "command.go", "\tunchanged, err := allow(", "\tif err := c.take(ctx, spec.Rate, at.key()); err != nil {\n\t\treturn v, false, err\n\t}\n\tunchanged, err := allow("],
  ["everybody shares one rate", "actor.go", "\t\treturn a.User.ID\n", '\t\treturn ""\n'],
  ["strangers lock out a known browser", "signin.go", 'if a.browser != "" {', "if false {"],
  ["a stranger's address locks out a known browser", "actor.go", 'case a.browser != "":', "case false:"],
  ["an invented device cookie is known", "device.go", 'passwordHash != "" && hmac.Equal([]byte(signed), []byte(signature(secret, passwordHash)))', 'passwordHash != "" && signed != secret'],
  ["a device cookie is good for every account", "device.go", 'email == "" || email == text.Fold(u.Email)', 'email != text.Fold(u.Email) || true'],
  ["a known browser guesses without end", "signin.go", "c.take(ctx, c.rates.signInAccount, account)", "c.take(ctx, c.rates.signInAccount, NewID())"],
  ["a sign-in that waits in vain is a failure", "signin.go", "err != nil && ErrorCode(err) == Unavailable { // no", "false { // no"],
  ["one sender keeps all others from signing in", "../password/line.go", "\t\t\tc.round++\n", ""],
  ["whoever sends more than others waits ever longer", "../password/line.go", "\t\t\tother.round--\n", ""],
  ["a known browser waits behind strangers at its address", "actor.go", "cmp.Or(a.User.ID, a.known, a.Address)", "cmp.Or(a.User.ID, a.Address)"],
  ["each known browser of a person has turns of its own", "actor.go", "cmp.Or(a.User.ID, a.known, a.Address)", "cmp.Or(a.User.ID, a.browser, a.Address)"],
  ["a new password that waits in vain is a failure", "user.go", "ErrorCode(err) == Unavailable { // no", "false { // no"],
  ["a token that waits in vain is a failure", "token.go", "err != nil && ErrorCode(err) != Unavailable", "err != nil"],
  ["a changed password makes the browser a stranger", "user.go", "secret, at.remember(at.User, hash)}", 'secret, at.Device}'],
  ["stale facts are decided once", "command.go", "const attempts = 8", "const attempts = 1"],
  ["stale facts are decided with the old actor", "command.go", "a, err = c.Still(ctx, a)", "_, err = c.Still(ctx, a)"],
  ["a command that changed nothing is audited", "command.go", "done && !at.quiet", "(done || true) && !at.quiet"],
  ["deleting one's own message is audited", "message.go", "at.quiet = m.Author == at.User.ID", "at.quiet = false"],
  ["refusals are not audited", "command.go", "spec.writes() && refused(err)", "false"],
  ["reads that find nothing are audited", "command.go", "spec.writes() && refused(err)", "refused(err)"],
  ["refusals flood the log", "audit.go", "if now.Sub(o.said) < refusalsEvery {", "if false {"],
  ["refusals without a line are not counted", "audit.go", "\t\to.since++\n", ""],
  ["offenders are remembered without bound", "audit.go", "!known && len(a.offenders) >= maxOffenders", "false && !known"],
  ["a long value fills the log", "audit.go", "len(s) > maxAttribute", "false"],
  ["the audit line reads by what is no id", "audit.go", "key == auditOf && IsID(s)", "key == auditOf"],
  ["refusals without a line read whom they are about", "audit.go", "\tif !ok {\n\t\treturn\n\t}\n\tabout", "\tif !ok {\n\t\ta.write(ctx, slog.LevelDebug, who, \"refused\", about)\n\t\treturn\n\t}\n\tabout"],
  ["the audit line has no address", "audit.go", '"address", who.Address', '"address", ""'],
];

const only = process.argv[2];
if (only && !rules.some(([what]) => what.includes(only))) throw new Error(`no rule contains “${only}”`);
const dir = mkdtempSync(join(tmpdir(), "mutants-"));
let missed = 0, caught = 0;
for (const [what, ...changes] of rules) { // all of them, before any test is run
  for (let i = 0; i < changes.length; i += 3) {
    const found = readFileSync(resolve("chat", changes[i]), "utf8").split(changes[i + 1]).length - 1;
    if (found !== 1) throw new Error(`${what}: ${changes[i]} contains ${changes[i + 1]} ${found} times, not once`);
  }
}
console.log("| what is broken | its package |\n|---|---|");
rules.forEach(([what, ...changes], n) => {
  if (only && !what.includes(only)) return;
  const Replace = {};
  for (let i = 0; i < changes.length; i += 3) {
    const file = resolve("chat", changes[i]), code = readFileSync(file, "utf8");
    Replace[file] = join(dir, `${n}-${basename(file)}`);
    writeFileSync(Replace[file], code.replace(changes[i + 1], () => changes[i + 2]));
  }
  const overlay = join(dir, `${n}.json`);
  writeFileSync(overlay, JSON.stringify({ Replace }));
  const run = spawnSync("go", ["test", "-count=1", "-failfast", "-vet=off", `-overlay=${overlay}`, dirname(resolve("chat", changes[0]))], { encoding: "utf8" });
  const broken = /build failed|setup failed/.test(run.stdout);
  run.status === 0 || broken ? missed++ : caught++;
  console.log(`| ${what} | ${broken ? `**does not compile** ${run.stderr.trim().split("\n").at(-1)}` : run.status === 0 ? "**not noticed**" : "caught"} |`);
});
console.log(`\nserver: ${caught} caught, ${missed} not noticed`);
process.exitCode = missed > 0 ? 1 : 0;
