// Breaks each rule of a client, one at a time, in both clients or in the only one that has it, and prints whether their tests detect
// it. Run by hand (twenty minutes): make mutants. docs/tests.md has the resulting table. An argument selects the rules whose names contain
// it. With --check, it only looks whether the code has each of them, once. With --keep, the shortest history that detects the violation in the web client is stored as a test of that name.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const events = { ts: "web/src/core/rooms.ts", go: "client/state.go" }, answers = { ts: "web/src/core/answers.ts", go: "client/answers.go" };
const rows = { ts: "web/src/core/stretch.ts", go: "client/state.go" }, threads = { ts: "web/src/core/threads.ts" }, counts = { ts: "web/src/core/counts.ts", go: "client/state.go" };
const streamed = { ...counts, tests: "src/streamed.test.ts" };
const followed = { ts: "web/src/core/followed.ts" }, thread = { ts: "web/src/features/room/ThreadRows.svelte", tests: "src/followed.test.ts" };
const inbox = { ts: "web/src/core/inbox.ts" }, inboxes = { ts: "web/src/store/inbox.svelte.ts", tests: "src/inbox.test.ts" }, sidebar = { ts: "web/src/core/sections.ts" };
const readAll = { ts: "web/src/store/readall.ts", tests: "src/inbox.test.ts" };
const outbox = { ts: "web/src/core/outbox.ts" }, drafts = { ts: "web/src/core/drafts.ts" }, shelf = { ts: "web/src/core/shelf.ts" };
const router = { ts: "web/src/store/router.svelte.ts", tests: "src/store/router.test.ts" }, steps = { ts: "web/src/lib/steps.ts", tests: "src/lib/steps.test.ts" };
const wishes = { ts: "web/src/store/wishes.svelte.ts", tests: "src/wishes.test.ts" };
const first = { ts: "web/src/core/firstrun.ts", tests: "src/firstrun.test.ts" };
const reading = { ts: "web/src/core/reading.ts", tests: "src/core/reading.test.ts" }, visits = { ts: "web/src/core/visits.ts", tests: "src/reading.test.ts" };
const timeline = { ts: "web/src/features/room/Timeline.svelte", tests: "src/reading.test.ts" };
const timelineRows = { ts: "web/src/core/rows.ts", tests: "src/core/rows.test.ts" }, scroll = { ts: "web/src/lib/scroll.ts", tests: "src/lib/dom.test.ts" };
const sight = { ts: "web/src/lib/reading.ts", tests: "src/lib/dom.test.ts" };
const mentions = { ts: "web/src/lib/mentions.ts", tests: "src/lib/mentions.test.ts" };
const fold = { ts: "web/src/lib/fold.ts", tests: "src/lib/markdown.test.ts" };
const markdown = { ts: "web/src/lib/markdown.ts", tests: "src/lib/markdown.test.ts" };
const marks = { ts: "web/src/lib/marks.ts", tests: "src/lib/marks.test.ts" };
const slash = { ts: "web/src/lib/commands.ts", tests: "src/lib/commands.test.ts" };
const paste = { ts: "web/src/lib/paste.ts", tests: "src/lib/paste.test.ts" };
const colours = { ts: "web/src/lib/colours.ts", tests: "src/lib/colours.test.ts" };
const pieces = { ts: "web/src/lib/pieces.ts", tests: "src/lib/markdown.test.ts" }, inline = { ts: "web/src/lib/inline.ts", tests: "src/lib/inline.test.ts" };
const filling = { ts: "web/src/core/filling.ts", tests: "src/core/parts.test.ts" };
const box = { ts: "web/src/features/composer/Box.svelte", tests: "src/writing.test.ts" };
const quiet = { ts: "web/src/core/quiet.ts", tests: "src/core/quiet.test.ts" };
const activity = { ts: "web/src/lib/activity.ts", tests: "src/lib/activity.test.ts" };
const live = { ts: "web/src/net/live.ts", tests: "src/store/connection.test.ts" }, alerts = { ts: "web/src/store/alerts.svelte.ts", tests: "src/alerts.test.ts" };
const notify = { ts: "web/src/core/notify.ts" }, meanwhile = { ts: "web/src/core/meanwhile.ts" };
const notifier = { ts: "web/src/store/notifier.svelte.ts", tests: "src/notifications.test.ts" };
const permission = { ts: "web/src/store/permission.svelte.ts", tests: "src/notifications.test.ts" };
const before = { ts: "web/src/lib/before.ts", tests: "src/broadcasts.test.ts" };
const arranged = { ts: "web/src/core/sections.ts", tests: "src/sections.test.ts" }, arrange = { ts: "web/src/core/arrange.ts", tests: "src/sections.test.ts" };
const drag = { ts: "web/src/features/sidebar/drag.ts", tests: "src/sections.test.ts" };
const longList = { ts: "web/src/features/sidebar/window.ts", tests: "src/many.test.ts" };
const modal = { ts: "web/src/lib/modal.ts", tests: "src/lib/modal.test.ts" };
const switcher = { ts: "web/src/features/switcher/Switcher.svelte", tests: "src/many.test.ts" };
const fuzzy = { ts: "web/src/lib/fuzzy.ts", tests: "src/lib/fuzzy.test.ts" }, jump = { ts: "web/src/core/jump.ts", tests: "src/core/lists.test.ts" };
const rowKeys = { ts: "web/src/features/sidebar/window.ts", tests: "src/features/sidebar/window.test.ts" };
const section = { ts: "web/src/features/sidebar/Section.svelte", tests: "src/many.test.ts" };
const kind = { ts: "web/src/features/rooms/Kind.svelte", tests: "src/rooms.test.ts" }, confirmed = { ts: "web/src/features/rooms/Confirm.svelte", tests: "src/rooms.test.ts" };
const upload = { ts: "web/src/core/upload.ts", tests: "src/core/upload.test.ts" }, uploader = { ts: "web/src/net/uploader.ts", tests: "src/net/uploader.test.ts" };
const uploads = { ts: "web/src/store/uploads.svelte.ts", tests: "src/store/uploads.test.ts" }, attach = { ts: "web/src/lib/attach.ts", tests: "src/lib/attach.test.ts" };
const outboxOnly = { ts: "web/src/core/outbox.ts", tests: "src/core/outbox.test.ts" }, fileRules = { ts: "web/src/core/file.ts", tests: "src/core/file.test.ts" };
const settingsOf = { ts: "web/src/store/settings.svelte.ts", tests: "src/store/sections.test.ts" };
const sender = { ts: "web/src/net/sender.ts", tests: "src/net/sender.test.ts" }, outgoing = { ts: "web/src/store/outgoing.svelte.ts", tests: "src/store/outgoing.test.ts" };
const bots = { ts: "web/src/core/bots.ts", tests: "src/core/bots.test.ts" };
const vitals = { ts: "web/src/core/vitals.ts", tests: "src/vitals.test.ts" }, vitalsStore = { ts: "web/src/store/vitals.svelte.ts", tests: "src/vitals.test.ts" };
const sync = { ts: "web/src/net/sync.ts", tests: "src/net/sync.test.ts" };
const ops = { ts: "web/src/core/ops.ts", tests: "src/core/ops.test.ts" }, charts = { ts: "web/src/core/charts.ts", tests: "src/core/ops.test.ts" };
const health = { ts: "web/src/store/ops.svelte.ts", tests: "src/ops.test.ts" }, healthPage = { ts: "web/src/features/ops/Ops.svelte", tests: "src/ops.test.ts" };
const rules = [
  ["a member can open the page of the server's health", healthPage, ["if (isAdmin(session.me!)) {", "if (session.me) {"]],
  ["the server is asked how it is while nobody looks", health, ["document.hidden ? clearTimeout(this.timer) : this.look()", "this.look()"]],
  ["the server is asked how it is after one left the page", health, ["this.watched = false;\n      clearTimeout(this.timer);", ""]],
  ["the charts of a year are fetched every ten seconds", health, ["if (performance.now() - this.fetched < reach.pace * 1000 - PACE / 2) return;", ""]],
  ["charts of another range are shown as those that were chosen", health, ["if (range !== this.range) return;", ""]],
  ["what nobody measured is drawn as zero", charts, ["values.map((v, i) => (v === null ? null : f(v, i)))", "values.map((v, i) => f(v ?? 0, i))"]],
  ["the share of test messages that were heard is that of the last one", charts, ["if (d.chart.averaged && known.length) {", "if (false) {"]],
  ["what browsers measure now and then is forgotten", charts, ["d.chart.rare ? line.length : undefined", "undefined"]],
  ["browsers that report nothing have charts", healthPage, ["{#if session.me?.workspace.vitals}", "{#if true}"]],
  ["what nobody measured counts as no error", charts, ['return known.length ? [', 'return known.length >= 0 ? [']],
  ["a value that is long past is said to be the present one", ops, ["values.slice(-steps)", "values"]],
  ["99.999 % is rounded up to 100 %", ops, ["Math.floor(share * 10_000 + 1e-9)", "Math.round(share * 10_000)"]],
  ["a day on which the server did not run is a good one", ops, ["d.ok + d.failed + d.down", "d.ok + d.failed"]],
  ["an alarm names somebody as told whom nothing reaches", ops, ["d.at && !d.failing_since", "d.at"]],
  ["a private room becomes public without its name", kind, ["disabled={asks && kind === \"public\" && typed !== room.name}", ""]],
  ["an error of an extension is reported", vitals, ["where.indexOf(`${origin}/assets/`)", "where.indexOf(\"/assets/\") - origin.length"]],
  ["the same error is reported again and again", vitals, ["|| this.failed.has(at)", ""]],
  ["a tab reports errors without end", vitals, ["this.failed.size >= MOST_ERRORS ||", ""]],
  ["every tab measures", vitals, ["if (this.measures && seconds > 0", "if (seconds > 0"]],
  ["a time that was interrupted is reported", vitals, ["&& seconds <= LONGEST", ""]],
  ["who asks not to be tracked is measured", vitalsStore, ["if (refuses(navigator) || !this.wanted) return;", "if (!this.wanted) return;"]],
  ["browsers report where the operator wants none", vitalsStore, ["return !!this.app.session.me?.workspace.vitals;", "return true;"]],
  ["what waits is lost when the page is left", vitalsStore, ['addEventListener("pagehide", () => this.flush(), { signal });', ""]],
  ["a bot has to confirm that it read a message", confirmed, ["filter((id) => !chat.users.get(id)?.bot)", "filter(() => true)"]],
  ["who has confirmed is seen after a reload only", confirmed, ["listeners.add(hear);", ""]],
  ["the list of who has confirmed is fetched for each of them", { ts: "web/src/store/about.svelte.ts", tests: "src/store/about.test.ts" },
    ["      await this.pause(BETWEEN);\n", ""]],
  ["another setting of the workspace is seen after a reload only", sync, ['e.type === "workspace"', "false"]],
  ["what changed of the workspace while there was no connection is not seen", live, ["if (this.offlineSince) this.sync?.me(SPREAD);", ""]],
  ["sections of another device are lost", settingsOf, ["sections: f(sections), sections_were", "sections: f(this.session.me!.settings.sections), sections_were"]],
  ["what another device changed while a choice was saved is not shown", settingsOf, ["if (this.saving.length) this.missed = true;", "if (this.saving.length) return;"]],
  ["a room that is put into a deleted section leaves its own", arrange, ["if (into !== undefined && !sections.some((s) => idOf(s) === into)) return [...sections];", ""]],
  ["a poll that is written offline is open for a shorter time", sender, ["poll && o.open ? { ...poll, closes_at: this.on.in(o.open) } : poll", "poll"]],
  ["a poll takes what was added to the draft beside it", outgoing, ["...(poll ?? added())", "...added(), ...poll"]],
  ["a message is sent before its files are there", outboxOnly, ['"failed" && !uploads(o)', '"failed"']],
  ["an upload that ended goes on", upload, ["if (!isGoing(u)) return u;", ""]],
  ["a reload forgets what the server calls an upload", upload, ["this.keep({ ...row, file, part })", "this.keep(row)"]],
  ["a part that has arrived is sent again", uploader, [".filter((n) => !have.includes(n))", ""]],
  ["a part goes without its digest", uploader, ["[sha256 ? { n, sha256 } : { n }]", "[{ n }]"]],
  ["four parts are under way at once", uploader, ["AT_ONCE = 3", "AT_ONCE = 4"]],
  ["the other parts go on after a refusal", uploader, ["stop.abort(e);", ""]],
  ["a refused poster keeps a video back", uploader, ['e.problem?.field === "poster"', "false"]],
  ["a file that is taken back is uploaded all the same", uploads, ["this.stops.get(id)?.abort();", ""]],
  ["a refused file goes with the message", uploads, ['u.state.is === "failed" ? [] : u.id', "u.id"]],
  ["a message whose files were there before it waits for ever", uploads, ["if (over.length) this.show();\n    this.settle();", "if (over.length) this.show();"]],
  ["other bytes are taken for those that a reload lost", uploads, ["body.size !== u.size", "false"]],
  ["files of a room that one left stay", uploads, ["if (rooms.includes(roomOf(u.place)))", "if (false)"]],
  ["a copied table is pasted as a picture of it", attach, ["if (!text) return files;", "return files;"]],
  ["a folder is sent as an empty file", attach, ["?.isDirectory", "?.isFile"]],
  ["a large picture is fetched whole for its place in a message", fileRules, ["if (enough) return", "if (false) return"]],
  ["a room of a section is listed with the others too", arranged,
    ["    (place ?? (room", "    if (place) out.named.push(id);\n    (place ?? (room"]],
  ["a starred room is listed in its section too", arranged,
    ["room.starred ? out.starred : places.get(id)", "(places.get(id) ?? (room.starred ? out.starred : undefined))"]],
  ["the titles of rooms are made at each comparison", sidebar, ["order.compare(a.title, b.title)", "order.compare(title(a.r), title(b.r))"]],
  ["a long list of rooms is drawn whole", longList, ["let i = from; i < Math.min(to, ids.length)", "let i = 0; i < ids.length"]],
  ["a long list loses its place while it is hidden", longList, ["if (!high) return () => {};", ""]],
  ["the focus is lost when its row scrolls away", longList, ["...(at < 0 ? [] : [at - 1, at, at + 1])", ""]],
  ["the focus is lost on its way to a row that is out of sight", longList, ["this.focus(idOf(e.relatedTarget))", "this.focus(undefined)"]],
  ["the room on screen leaves a long list when one scrolls", longList, ["current ? ids.indexOf(current) : -1", "-1"]],
  ["rows of rooms are made anew as one scrolls", longList, ["(at < split ? over : under).shift() ?? fresh(id)", "fresh(id)"]],
  ["two rooms are drawn by one row", rowKeys, ["while (taken.has(id))", "while (false)"]],
  ["the row with the focus is moved, and loses it", rowKeys, ["if (id === focused && split < Infinity) free = under;", ""]],
  ["rows that did not change are looked at again", rowKeys, ["old.key === r.key ? old : r", "old.key === r.key ? r : r"]],
  ["all rows are drawn at once after a jump", longList, ["jumped(this.range, sight) ? sight : whole", "whole"]],
  ["the rows around those in sight are missing after a jump", longList, ["this.rest = setTimeout(() => this.look()())", ""]],
  ["what drew other rows is thrown away after a jump", longList, ["...waiting(ids, rows, this.drawn)", ""]],
  ["a screen reader counts the rows that are drawn", section, ["aria-posinset={part && at! + 1}", ""]],
  ["what is searched is taken apart with each letter", fuzzy, ["if (!w) before.set(of, (w = wordsOf(texts(of))))", "w = wordsOf(texts(of))"]],
  ["a letter more is looked for among all", fuzzy, ["wider?.fits ?? all", "all"]],
  ["a second letter finds only what begins with the first", fuzzy, ["telling(b) && ", ""]],
  ["what is taken apart before one types is lost", fuzzy, ["known.set(texts, before)", "void before"]],
  ["the switcher takes all apart at the first letter", switcher, ["prepare() && clearInterval(timer)", "clearInterval(timer)"]],
  ["the switcher makes the entries of all rooms as it opens", switcher, ["made(() => listed(MOST))", "made(() => listed().slice(0, MOST))"]],
  ["a row of the open switcher moves with a message", switcher, ["untrack(f))", "f())"]],
  ["a room that one comes into is not in the open switcher", switcher, ["void chat.rooms.size, ", ""]],
  ["the first rooms are not those with the latest messages", { ts: "web/src/core/first.ts", tests: "src/core/lists.test.ts" }, [">= 0) continue", "<= 0) continue"]],
  ["a screen reader is not told that the switcher covers the page", modal, ['dialog.setAttribute("aria-modal", "true");', ""]],
  ["a screen reader reads the page below the switcher", modal, ['e.setAttribute("aria-hidden", "true")', "void e"]],
  ["a screen reader does not read the page again after the switcher", modal, ['e.removeAttribute("aria-hidden")', "void e"]],
  ["a screen reader reads decoration after the switcher", modal, [' && !e.hasAttribute("aria-hidden")', ""]],
  ["Tab leaves the switcher", modal, ["stops[0]?.focus()", "void 0"]],
  ["Shift Tab leaves the switcher", modal, ["stops.at(-1)?.focus()", "void 0"]],
  ["Shift Tab is stuck after a click into the switcher", modal, [" || at === dialog", ""]],
  ["the page takes the focus from the switcher", modal, ["else last?.focus();", ""]],
  ["the switcher is closed by the Escape of an input method", modal, ["composing(e) || ", ""]],
  ["the switcher is closed by the Escape of a dialog above it", modal, [' || document.querySelector("dialog:modal")', ""]],
  ["the switcher hears keys when it is gone", modal, ["heard.abort();", ""]],
  ["below a menu the switcher opens out of sight", modal, [", [popover]\"", "\""]],
  ["below a video in full screen the switcher opens out of sight", modal, ["!!document.fullscreenElement || ", ""]],
  ["what waits in a room is not told in the open switcher", switcher, ["r ? hintOf(r.room) : e.hint", "e.hint"]],
  ["a box below the switcher takes the focus", { ts: "web/src/features/composer/Composer.svelte", tests: "src/many.test.ts" }, ["!isTouch() && !isCovered()", "!isTouch()"]],
  ["a message whose event comes before its answer is not edited by ↑", { ts: "web/src/store/outgoing.svelte.ts", tests: "src/store/outgoing.test.ts" }, ["this.in(messages, room, thread).some(", "this.in([], room, thread).some("]],
  ["⌘K closes a switcher that is gone", { ts: "web/src/ui/Dialog.svelte", tests: "src/many.test.ts" }, ["e.target === dialog && onclose()", "e.target === dialog && dialog.close()"]],
  ["a thread below the switcher takes the focus", { ts: "web/src/features/room/Thread.svelte", tests: "src/threads.test.ts" }, ["if (!isCovered()) ((", "(("]],
  ["over another dialog the switcher hears no key at first", modal, ['"dialog[open], ', '"']],
  ["the switcher opens behind a sign of waiting the first time", { ts: "web/src/pages/Over.svelte", tests: "src/chunks.test.ts" },
    ["void loadPiece(loadSwitcher)", "void loadSwitcher()"]],
  ["the entry of a room is made anew each time", jump, ["    return before.entry;", "    void 0;"]],
  ["the entry of a person is made anew each time", jump, ["if (before) return before;", ""]],
  ["the entry of a room keeps old names", jump, ["of.every((u, i) => u === before.of[i])", "true"]],
  ["people who are found are not from A to Z", jump, ["a.is === \"person\" && b.is === \"person\" ? byName(personIn(a), personIn(b)) : 0", "0"]],
  ["a room is put into a second section", arrange, ["s.rooms.filter((id) => id !== room)", "s.rooms"]],
  ["a drag goes on after its end", drag, ["end.abort();", ""]],
  ["a drag goes on after the drop", drag, ["settings, rooms);\n    stop();", "settings, rooms);"]],
  ["a drag goes on when another begins", drag, ['on("dragstart", stop);', ""]],
  ["the next revision applies, also a later one", rows, ["change && rev === s.held + 1", "change"], ["held != nil && rev == r.Held+1", "held != nil"]],
  ["an old revision is ignored: not any more", rows, ["!s.loaded || rev <= s.held", "!s.loaded"], ["r.Loaded && rev > r.Held", "r.Loaded"]],
  ["a gap in the counts goes unnoticed", events, ["change && rev === r.room.rev + 1", "change"], ["counts != nil && rev == r.Room.Rev+1", "counts != nil"]],
  ["counts take an old revision", events, ["if (rev > r.room.rev) {", "if (rev > 0) {"], ["if rev > r.Room.Rev {", "if rev > 0 {"]],
  ["a message is replaced by an older state of it", rows, ["if (old.rev >= m.rev) return s;", ""], ["case found && r.Messages[i].Rev < m.Rev:", "case found && r.Messages[i].Rev != m.Rev:"]],
  ["a reaction applies to a newer state", rows, ["m.rev >= e.rev) return m;\n  const at", "m.rev < 0) return m;\n  const at"], ["r.Messages[i].Rev >= e.Rev", "r.Messages[i].Rev < 0"]],
  ["a vote applies to a newer state", { ts: "web/src/core/stretch.ts", go: "client/poll.go" }, ["m.seq !== e.seq || m.rev >= e.rev) return m;\n  const { poll }", "m.seq !== e.seq) return m;\n  const { poll }"], ["r.Messages[i].Rev >= e.Rev", "r.Messages[i].Rev < 0"]],
  ["another's vote takes one's own away", { ts: "web/src/core/stretch.ts", go: "client/poll.go" }, ["poll: { ...poll, ...e.poll,", "poll: { ...poll, mine: [], ...e.poll,"], ["if e.Poll.Mine != nil {", "if true {"]],
  ["an edit takes one's vote away", { ts: "web/src/core/stretch.ts", go: "client/poll.go" }, ["mine: old?.poll?.mine ?? []", "mine: []"], ["poll.Mine = before.Poll.Mine\n", "_ = before\n"]],
  ["a new message of others does not count", counts, ["Math.min(MANY, room.unread + 1)", "room.unread"], ["min(many, r.Unread+1)", "r.Unread"]],
  ["a mention does not count", counts, ["Math.min(MANY, room.mention_count + 1)", "room.mention_count"], ["min(many, r.MentionCount+1)", "r.MentionCount"]],
  ["a broadcast counts for nobody", { ts: "web/src/core/room.ts", go: "client/state.go" }, [' || (m.author !== me && m.broadcast === "room")', ""], [" || m.Author != s.Me && m.Broadcast == string(chat.BroadcastRoom)", ""]],
  ["a system message counts", counts, ["if (m.system) return [next, []];", ""], ["case m.System != nil:\n", "case false:\n"]],
  ["my message does not move my pointer", counts, ["if (m.author === me) return [{ ...next, ...pointerAt(room, m.seq), unread: 0, mention_count: 0 }, []];", "if (m.author === me) return [next, []];"], ["if m.Seq > r.ReadSeq {", "if false {"]],
  ["my message does not raise read_rev", counts, ["read_rev: read_rev + 1", "read_rev"], ["r.ReadRev++", ""]],
  ["my message raises read_rev again", counts, ["seq > read_seq ?", "true ?"], ["if m.Seq > r.ReadSeq {", "if true {"]],
  ["a deletion or an edit asks for no counts", counts, ["if (touches && (m.deleted_at", "if (!touches && (m.deleted_at"], ["if touches && (m.DeletedAt", "if !touches && (m.DeletedAt"]],
  ["a message that a bot writes is the latest as it was posted", streamed, ["m.seq === room.last_message?.seq ?", "m.seq === 0 ?"], ["r.LastMessage != nil && m.Seq == r.LastMessage.Seq { // a bot", "m.Seq == 0 { // a bot"]],
  ["the last text of a bot mentions nobody", streamed, ["(!m.thread_info && mentioned(m, me))", "false"], [" || mentioned && m.ThreadInfo == nil", ""]],
  ["a bot that says nothing is waited for", { ts: "web/src/features/room/MessageRow.svelte", tests: "src/streamed.test.ts" }, [" && !clock.passed(m.streaming_at, SILENCE)", ""]],
  ["a screen reader says what a bot has only begun to write", { ts: "web/src/features/room/Announce.svelte", tests: "src/streamed.test.ts" }, ['text: "Writing…"', "text: latest.text"]],
  ["a mention in a reply asks for no counts", counts, ["mentioned(m, me) ? ask : []];\n  next.last", "[]];\n  next.last"], ["if mentioned {\n\t\t\treturn ask", "if false {\n\t\t\treturn ask"]],
  ["an old read pointer is taken", events, ["held === undefined || e.read_rev <= held", "held === undefined"], ["r == nil || v.ReadRev <= r.Room.ReadRev", "r == nil"]],
  ["a read pointer beyond the next is taken", events, ["e.read_rev > held + 1", "false"], ["v.ReadRev > r.Room.ReadRev+1", "false"]],
  ["held rises although the pages of changes go on", answers, ["!c.more && since <= was.held", "since <= was.held"], ["case c.More:", "case false:"]],
  ["changes since a later moment are taken as whole", answers, ["!c.more && since <= was.held", "!c.more"], ["case since > r.Held:", "case false:"]],
  ["held is not that of the page shown", { ts: "web/src/core/stretch.ts", go: "client/answers.go" }, ["  held: p.head,", "  held: Math.max(s.held, p.head),"], ["r.Loaded, r.Held, r.Messages, r.MoreBefore, r.MoreAfter = true, p.Head,", "r.Loaded, r.Held, r.Messages, r.MoreBefore, r.MoreAfter = true, max(r.Held, p.Head),"]],
  ["an older page that is behind asks for nothing", answers, ["return behind(s, room, r.held);", "return [];"], ["if behind {", "if false {"]],
  ["reconciling fetches no changes", answers, ["r?.loaded ? behind(s, fresh.id, fresh.rev)", "false ? behind(s, fresh.id, fresh.rev)"], ["if r.Loaded && fresh.Rev > r.Held {", "if false {"]],
  ["rooms that are no longer mine stay", answers, ["...gone.flatMap((id) => takeGone(s, id, asked)), ", ""], ["needs = append(needs, s.TakeGone(id, asked)...)", ""]],
  ["an old answer goes back in time", answers, ["!same(s, asked, fresh.id) || (r && (fresh.rev < r.room.rev || fresh.read_rev < r.room.read_rev))", "false"], ["s.turns[fresh.ID] != asked[fresh.ID] || r != nil && (fresh.Rev < r.Room.Rev || fresh.ReadRev < r.Room.ReadRev)", "false"]],
  ["an answer from before a join or a leave is taken", answers, ["!same(s, asked, fresh.id) || (r &&", "(r &&"], ["s.turns[fresh.ID] != asked[fresh.ID] || r != nil", "r != nil"]],
  ["a new role leaves the directory as it was", { ts: "web/src/core/users.ts", go: "client/state.go" }, ['user.role !== was.role || user.role === "guest" ?', "false ?"], ['(v.User.Role != was.Role || v.User.Role == "guest") {', "false {"]],
  ["a message is sent before those written while the clock was ahead", outbox, ["Math.max(row.at, last + 1)", "row.at"]],
  ["messages are sent in the order of their keys", outbox, ["rows.sort((a, b) => a.at - b.at)", "rows"]],
  ["a message is sent in another person's name", outbox, ["isAnothers(this.shelf, this.user) ? [] : ", ""]],
  ["a row that is not this client's is sent", outbox, ["return own && whole ?", "return true ?"]],
  ["a late answer sets the pointer of a thread back", followed, ["old && old.read_rev > t.read_rev ? old : t", "t"]],
  ["a thread that one does not follow is unread", followed, ["follows(t) && t.unread > 0", "t.unread > 0"]],
  ["an older state of a reply is shown in the list", followed, ["old.seq === m.seq && m.rev > old.rev", "old.seq === m.seq"]],
  ["one's own reply waits to be read", followed, ["m.author !== me && !m.deleted_at", "!m.deleted_at"]],
  ["the title counts a mention twice", followed, [" && !room.mention_count", ""]],
  ["a mention in a muted room waits in the sidebar", followed, [" && !rooms.get(t.room)!.room.muted", ""]],
  ["a hundred unread threads are all there are", followed, [": Infinity;", ": 0;"]],
  ["what is marked as unread in a thread is read by being in sight", thread, ["!line?.kept && waitsIn", "waitsIn"]],
  ["what was marked as unread in a thread stays so when it was read elsewhere", followed, ["{ ...was, kept: false, pointer }", "{ ...was, pointer }"]],
  ["an entry waits until the server is asked again", inbox, ["i.seq > r.room.read_seq && !(", "!i.read && !("]],
  ["a reply that was read in its thread waits in the inbox", inbox, [" && !(ofThread(i) && i.read)", ""]],
  ["a reaction counts in the inbox", inbox, ['if (!r || i.cause === "reaction") return false;', "if (!r) return false;"]],
  ["a late answer brings back what was cleared", inbox, ['i.at <= before || i.at <= (keys.get(i.key) ?? "")', "false"]],
  ["what is new about a cleared entry stays away", inbox, ['i.at <= (keys.get(i.key) ?? "")', "keys.has(i.key)"]],
  ["what is marked as unread elsewhere is not in the inbox", inbox, ["e.seq < pointer || ", ""]],
  ["the inbox is fetched for reactions that nobody sees", inbox, ["return open && e.user !== me", "return e.user !== me"]],
  ["an entry that the server writes late is missing", inboxes, ["if (this.wanted.size) this.soon(LATER);", ""]],
  ["clearing cannot be taken back", inboxes, ["setTimeout(() => undo.settle(), UNDONE)", "setTimeout(() => undo.settle())"]],
  ["a clearing that was refused stays on the page", inboxes, ["done || back()", "done"]],
  ["a busy server ends the reading of everything", readAll, ["retried(() => attempt(f), { isOver: () => connection.isOver() }, sleep)", "attempt(f)"]],
  ["the reading of everything waits without a word", readAll, ["notices.say(e.message)", "void e"]],
  ["one refusal leaves all further rooms unread", readAll, ["for (const { room } of rooms)", "for (const { room } of rooms) if (done)"]],
  ["the reading of everything goes on when nobody waits for it", readAll, ["if (gone()) return;", ""]],
  ["the walk through unread rooms stops in a muted one", sidebar, ["(!unread || waits(rooms.get(id)))", "(!unread || !!rooms.get(id)?.room.unread)"]],
  ["the walk through unread rooms never ends", sidebar, ["id !== current && (!unread", "(!unread"]],
  ["a reply is put into every open thread", threads, ["m.thread === t.root", "m.thread"]],
  ["an older state of the root is taken", threads, ["a && a.rev >= b.rev ? a : b", "b"]],
  ["what an open thread lacks is not asked for", threads, ["t?.loaded ? t.held : Infinity", "Infinity"]],
  ["an open thread is thought newer than its root", answers, ["first ? p.head : Math.min(p.head, r.held)", "p.head"]],
  ["a page of another thread is taken", answers, ["if (t?.root !== root || !r) return [];", "if (!t || !r) return [];"]],
  ["a reply is drawn in every thread", outbox, ["o.thread === thread ||", "!!o.thread === !!thread ||"]],
  ["losing a room leaves the drafts of its threads", drafts, ["if (roomOf(place) === room)", "if (place === room)"]],
  ["an empty box erases what another tab wrote", drafts, ["} else if (this.known.get(place) === this.stored(place)) ", "} else "]],
  ["the device counts, and not the newer text of the tab", shelf, ["[...this.tab, this.device]", "[this.device, ...this.tab]"]],
  ["the tab counts, and not what another tab wrote since", shelf, ["if (key !== null) for (const s of this.tab) s.removeItem(key);", ""]],
  ["a newer click is not sent", wishes, ["while (sent !== newest()) await", "await"]],
  ["two requests for one thing overtake each other", wishes, ["if (under) return under;", ""]],
  ["Back leaves the page under a dialog", router, ['this.steps.take(() => history.pushState(entry, ""));', ""]],
  ["a dialog that was closed stays in the history", router, ["      this.layers.splice(i, 1);\n      this.steps.take(-1);", "      this.layers.splice(i, 1);"]],
  ["who cannot invite is told to", first, ["if (isAdmin({ role })) ", ""]],
  ["somebody who was not notified is marked", mentions, ["!mentions || mentions.includes(id!)", "true"]],
  ["a mark is lost when its person is renamed", mentions, ["unknown.size <= ids.length", "false"]],
  ["one of several is marked by chance", mentions, ["unknown.size <= ids.length", "true"]],
  ["an @ in another word mentions", mentions, ["(?<![${word}])", ""]],
  ["Enter takes a suggestion that one did not choose", box, [' && (at >= 0 || e.key !== "Enter")', ""]],
  ["who may not notify everybody learns it from the server", before, ["if (!mayBroadcast(r, me)) {", "if (false) {"]],
  ["hundreds are notified without a question", before, ["others <= FEW", "others > 0"]],
  ["a second broadcast keeps other messages waiting", before, ["if (wait > 0)", "if (false)"]],
  ["a change of a message is asked about", { ...box, tests: before.tests }, ["!edits && needsLook(text)", "needsLook(text)"]],
  ["people are added to the room that is on screen by then", { ts: "web/src/features/composer/Missed.svelte", tests: before.tests }, ["putMember(room, id)", "putMember(r.room.id, id)"]],
  ["a short message of thousands of pieces is drawn whole", fold, ["endOf(s, piece, PIECES)", "Infinity"]],
  ["a short message of thousands of rooms is drawn whole", fold, ["|#(?=[\\p{L}\\p{N}])", ""]],
  ["as many long messages are drawn at once as short ones", filling, ["left -= linesOf(messages[--i]!)", "(left -= 1), --i"]],
  ["a room with something new is drawn anew when one comes back", filling, ["isWhole(span) && !muchCame(messages, known, screen) ? span : ", ""]],
  ["a New line above long messages is not drawn at first", filling, ["!last && startOf(messages, BEGIN, screen) <= i", "!last"]],
  ["a message of thousands of items is drawn whole when it is unfolded", pieces, ["sum(of, cost) > MOST", "false"]],
  ["items of a list cost no more than marks", pieces, ["(item) => 5 +", "(item) => 1 +"]],
  ["the pieces of a long line are put in one by one", inline, ["line.length > MANY", "false"]],
  ["letters and brackets without a space are one word", inline, ["text.length < 400", "true"]],
  ["letters without brackets are broken into lines anywhere", inline, ["at === unbroken && (part.match(marks)?.length ?? 0) < part.length / 10", "false"]],
  ["an item that does not follow has no number of its own", { ts: "web/src/lib/markdown.ts", tests: inline.tests }, ["value !== list[i - 1]!.value! + 1", "false"]],
  ["code that takes too long to colour is waited for", colours, ["() => this.stop(true), WITHIN", "() => {}, WITHIN"]],
  ["code that took too long is tried again", colours, ["() => this.stop(true), WITHIN", "() => this.stop(false), WITHIN"]],
  ["code is coloured before it is in sight", colours, ["if (!seen.some((s) => s.isIntersecting)) return;", ""]],
  ["code with any number of colours is drawn", colours, ["data.length / 2 > MOST ? undefined : data", "data"]],
  ["code that was edited gets the colours of before", colours, ["wanted && draw(", "draw("]],
  ["colours end a selection", colours, [" && !isSelected(e)", ""]],
  ["a page is entered before the step back is done", steps, ["        this.moving = true;\n", ""]],
  ["what one only scrolled past is read", reading, ["now - at >= IN_SIGHT", "true"]],
  ["the time in sight begins anew with each look", reading, ["this.since.get(seq) ?? now", "now"]],
  ["the pointer goes beyond what is in memory", reading, ["r.moreAfter || r.held !== r.room.rev ? seen : ", ""]],
  ["the end is followed past what was not seen", timeline, ["known = came && counts() ? came - 1 : (", "known = ("]],
  ["the New line stands where the page in memory begins", reading, ["  if (!holds(r, newAfter)) return undefined;\n", ""]],
  ["a room opens without the page of its New line", reading, ["r.loaded && within && holds(r, newAfter)", "r.loaded"]],
  ["a mention in a reply is read with the timeline", reading, ["(unseenAsides(r)[0]?.seq ?? Infinity)", "Infinity"]],
  ["a hidden tab reads", sight, ['document.visibilityState === "visible" ? this.inSight() : []', "this.inSight()"]],
  ["a line between the rows is a message in sight", scroll, ["if (!isRow(e)) continue;", ""]],
  ["a mention in a reply stays unread when nothing came after it", { ts: "web/src/lib/scroll.ts", tests: "src/reading.test.ts" }, ["seqs.push(seqOf(e));\n      if (seqOf(e) <= read) break;", "if (seqOf(e) <= read) break;\n      seqs.push(seqOf(e));"]],
  ["what is in sight is looked at though nothing can be told", sight, ["if (this.resting) this.waits = true;\n    else ", ""]],
  ["a row keeps its \"New\" line when that goes elsewhere", timelineRows, ["fresh === last.fresh && marked === last.marked ?", "true ?"]],
  ["a row is drawn as before although the one above it changed", timelineRows, ["m === was.messages[i] && before === was.messages[i - 1]", "m === was.messages[i]"]],
  ["what was marked as unread is read by being in sight", visits, ["newAfter: seq - 1, kept: true", "newAfter: seq - 1"]],
  ["a schedule across midnight ends at midnight", quiet, ["(begins(today - 1) && time < to)", "false"]],
  ["do not disturb goes on when its moment is over", quiet, ['at < Date.parse(u.quiet?.until ?? "")', "!!u.quiet?.until"]],
  ["the five minutes begin with the first sign", activity, ["if (performance.now() - this.last < IDLE) return this.wait();", ""]],
  ["a hidden page says that its room is on screen", live, ["visible() ? this.room : null", "this.room"]],
  ["the server does not hear which thread is on screen", live, ["thread ? { room, thread } : { room }", "{ room }"]],
  ["what one looks at is notified", notifier, ["return looking || ", "return "]],
  ["every tab shows a notification", notifier, ["if (this.holds) return this.take(a);", "return this.take(a);"]],
  ["a tab that the browser put to sleep shows nothing, and no other does", notifier, ["      this.take(a);\n    }, ANSWER_WITHIN)", "    }, ANSWER_WITHIN)"]],
  ["one message is notified twice", notifier, [" || a.seq <= (this.last.get(a.room) ?? 0)", ""]],
  ["a tab that wakes up shows what another one has shown", notifier, ["this.holds && !late", "this.holds"]],
  ["what was read or deleted while another tab was asked is shown", notifier, ["if (this.isOver(a) || ", "if ("]],
  ["a message that was deleted while another tab was asked is shown", notifier, [" || !!this.heard.get(keyOf(a))?.deleted_at", ""]],
  ["a hundred notifications fetch a hundred messages at a time", notifier, ["this.fetching >= FETCHED_AT_ONCE", "false"]],
  ["later notifications fetch no message", notifier, [".finally(() => this.fetching--)", ""]],
  ["a browser without channels notifies nobody", { ts: "web/src/lib/tabs.ts", tests: "src/notifications.test.ts" }, ["} catch {", "} catch (e) { throw e;"]],
  ["a notification stays when its message is read", notifier, ["if (!this.isRead(alert)) continue;", "continue;"]],
  ["a notification stays when its message is deleted", notifier, ["if (m.deleted_at && here?.alert.seq === m.seq) here.close();", ""]],
  ["a message that was deleted meanwhile is notified", notifier, ["if (known) return known.deleted_at ? null : known;", "if (known) return known;"]],
  ["do not disturb that began a moment ago is not minded", notifier, [" || chat.quiet.has(chat.me)", ""]],
  ["each of several messages plays a tone", notifier, [" || now - this.played < PAUSE", ""]],
  ["one is asked for permission at first sight", notifier, ["asks = $state(false)", "asks = $state(true)"]],
  ["who says Not now is asked again", permission, [' && this.choice !== "later"', ""]],
  ["reading a room closes the notification of a reply in a thread", notify, ["(!a.aside && room.read_seq >= a.seq)", "room.read_seq >= a.seq"]],
  ["a reply is in view while another thread is open", notify, ["(!a.aside || a.thread === thread)", "true"]],
  ["what waited before do not disturb is summed up after it", meanwhile, [" || latest(r) <= last", ""]],
  ["a mention that waited before do not disturb counts as new", meanwhile, ["Math.max(0, mention_count - waited)", "mention_count"]],
  ["the badge counts what is read at once", alerts, ["n > chat.badge && document", "false && document"]],
  ["a table takes the line below it", markdown, ['!line.includes("|") || ', ""]],
  ["a table drops what has no column", markdown, [" || cells(line) > columns", ""]],
  ["a table without bound", markdown, ["if (columns > COLUMNS || silent) return columns <= COLUMNS;", "if (silent) return true;"]],
  ["cells of tables are no pieces", fold, ["+|\\||", "+|"]],
  ["a box in the middle of an item makes a task", markdown, ["/^\\[([ xX])\\]\\s+/", "/\\[([ xX])\\]\\s+/"]],
  ["a mark that words have is put around them again", marks, ["if (from >= n && stands(text, from - n, sign) && stands(text, to, sign))", "if (false)"]],
  ["half of a longer mark is taken away", marks, [" && text[at - 1] !== sign[0] && text[at + sign.length] !== sign[0]", ""]],
  ["Ctrl K makes a link of nothing", marks, ['mark === "link" && !selects ? undefined : mark', "mark"]],
  ["an unknown command is sent", slash, ["if (!command) {", "if (false) {"]],
  ["two slashes are two", slash, ['text: s.slice(1) };', 'text: s };']],
  ["a path is a command", slash, ["(?:\\s+([^]*))?$/i", "(?:[\\s/]+([^]*))?$/i"]],
  ["a command is tried that one may not give", slash, ["command.may && !command.may(r, me)", "false"]],
  ["what was forwarded stays when one loses its room", { ts: "web/src/store/origin.svelte.ts", tests: "src/forward.test.ts" }, ['if (this.is === "unseen") this.fetched = undefined;', ""]],
  ["a forwarded message is asked for once", { ts: "web/src/features/room/Origin.svelte", tests: "src/forward.test.ts" }, ["void isMine;", ""]],
  ["the audit log shows what was searched for before", { ts: "web/src/store/audit.svelte.ts", tests: "src/audit.test.ts" }, ["{ ...NONE }", "NONE"]],
  ["a forwarded card is said twice", { ts: "web/src/features/room/Origin.svelte", tests: "src/forward.test.ts" }, ["m.text && !m.fallback", "m.text"]],
  ["a long value of a card stands beside another field", { ts: "web/src/core/cards.ts", tests: "src/cards.test.ts" }, ["half(f) && half(fields[i + 1])", "f.short && fields[i + 1]?.short"]],
  ["a guest is offered to make bots", bots, ['me.role !== "guest" && !me.bot', "!me.bot"]],
  ["everybody is offered to deactivate a bot", bots, ["(bot.owner === me.id || isAdmin(me))", "true"]],
  ["a form about a bot sends what was not changed", bots, ['.filter((k) => (form[k] ?? "") !== was[k])', ""]],
  ["the bots of others are counted as one's own", bots, ["?.owner === owner)", "?.owner)"]],
  ["who leaves a room is not told that their bots leave too", { ts: "web/src/features/rooms/Details.svelte", tests: "src/bots.test.ts" }, ["botsOf(chat.me, members, chat.users)", "0"]],
  ["a bot that somebody made is offered to become an owner", { ts: "web/src/features/rooms/MemberList.svelte", tests: "src/bots.test.ts" }, ["{#if !u?.owner}", "{#if true}"]],
  ["a token of a bot is offered the right to administer", { ts: "web/src/core/tokens.ts", tests: "src/core/tokens.test.ts" }, ["RIGHTS.slice(0, 2)", "RIGHTS.slice(0, 3)"]],
  ["the card does not say whose bot it is", { ts: "web/src/features/profile/Profile.svelte", tests: "src/bots.test.ts" }, ["{#if u.owner}<Owner", "{#if false}<Owner"]],
  ["what was asked is done by a press much later", { ts: "web/src/ui/Sure.svelte", tests: "src/access.test.ts" }, ["onblur={() => (asked = false)}", ""]],
  ["the face of a webhook is that of its user", { ts: "web/src/features/room/MessageRow.svelte", tests: "src/cards.test.ts" }, ["m.sender ?? chat.called(m.author)", "chat.called(m.author)"]],
  ["a pasted link leads anywhere", paste, ["if (!isAddress(to) || !s.trim()) return s;", ""]],
  ["what an editor of code copies is taken for rich text", paste, ["!rich || bare(rich) === bare(text) ? sheet(text) : rich", "rich"]],
  ["scripts are pasted as text", paste, ['if (SKIPPED.test(n.tagName)) return "";\n  if (depth', 'if (depth']],
  ["rich text is pasted into a block of code", { ts: "web/src/features/composer/Extras.svelte", tests: "src/composer.test.ts" }, [" || inBlock(value.slice(0, from))", ""]],
];

const only = process.argv.slice(2).find((a) => !a.startsWith("--")) ?? "";
if (!rules.some(([what]) => what.includes(only))) throw new Error(`no rule contains “${only}”`);
const wrong = [];
for (const [, files, ts, go] of rules) { // all of them, before any test is run
  for (const [file, change] of [[files.ts, ts], [files.go, go]]) {
    const found = change ? readFileSync(file, "utf8").split(change[0]).length - 1 : 1;
    if (found !== 1) wrong.push(`${file} contains “${change[0]}” ${found} times, not once`);
  }
}
if (wrong.length) throw new Error(wrong.join("\n"));
if (process.argv.includes("--check")) process.exit();
if (process.argv.includes("--check")) process.exit();
const keep = process.argv.includes("--keep"), kept = "web/src/core/interleavings";
const stories = mkdtempSync(`${tmpdir()}/interleavings-`), report = `${stories}.json`;
const env = { ...process.env, INTERLEAVINGS: stories, STORIES: stories };
const model = (checks) => ["go", ["test", "-count=1", "-run", "^TestModel$", "./client", `-rapid.checks=${checks}`, "-rapid.nofailfile", "-rapid.shrinktime=0s"]];
execFileSync(...model(300), { env });
const browser = (tests = "src/core") => spawnSync("npx", ["vitest", "run", tests, "--reporter=json", `--outputFile=${report}`], { cwd: "web", env }).status !== 0;
const client = () => spawnSync("go", ["test", "-count=1", "-skip", "^TestModel$", "./client"], { env }).status !== 0 || spawnSync(...model(300)).status !== 0;
if (browser() || client()) throw new Error("the tests fail before anything is broken");

/** The shortest history with which the broken web client fails. */
function shortestFailing() {
  const failed = JSON.parse(readFileSync(report, "utf8")).testResults.flatMap((f) => f.assertionResults).filter((t) => t.status === "failed").map((t) => t.title);
  const sized = failed.filter((t) => existsSync(`${stories}/${t}`)).map((t) => [statSync(`${stories}/${t}`).size, t]);
  return sized.sort(([a], [b]) => a - b)[0]?.[1];
}

let missed = 0;
console.log("| what is broken | browser | Go client |\n|---|---|---|");
for (const [what, files, ts, go] of rules.filter(([what]) => what.includes(only))) {
  const seen = { ts, go };
  for (const [kind, noticed] of [["ts", () => browser(files.tests)], ["go", client]]) {
    if (!seen[kind]) continue;
    const file = files[kind], [from, to] = seen[kind], whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace(from, () => to));
    try {
      seen[kind] = noticed();
    } finally {
      writeFileSync(file, whole);
    }
    if (!seen[kind]) missed++;
    const story = keep && kind === "ts" && seen[kind] && shortestFailing();
    if (story) copyFileSync(`${stories}/${story}`, `${kept}/${what.replace(/[^a-z]+/gi, "-")}.json`);
  }
  const said = (caught) => (caught === undefined ? "–" : caught ? "caught" : "MISSED");
  console.log(`| ${what} | ${said(seen.ts)} | ${said(seen.go)} |`);
}
process.exit(missed ? 1 : 0);
