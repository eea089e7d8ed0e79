// @vitest-environment happy-dom
// Two people may have the same name. Whose name could be taken for another's is shown with the handle, wherever it stands.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { titleOf } from "./core/sections";
import { called, inLine } from "./core/names";
import { freshRoom } from "./core/room";
import { at, direct, GENERAL, message, reaction, user } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";

const NAME = "Jonas Weber";
const jonas = user("jonas", { name: NAME, handle: "jonas", ambiguous: true });
const twin = user("twin", { name: NAME, handle: "j.weber", ambiguous: true });

test("the handle of an ambiguous person is shown, and no other", () => {
  expect(called(jonas)).toEqual({ name: NAME, handle: "jonas" });
  expect(called(user("kim"))).toEqual({ name: "Kim" });
  expect(called(undefined)).toEqual({ name: "Somebody" });
  expect([jonas, user("kim")].map(called).map(inLine)).toEqual(["Jonas Weber (@jonas)", "Kim"]);
});

test("a direct room has it in its title", () => {
  const users = new Map([jonas, twin, user("kim")].map((u) => [u.id, u]));
  const r = freshRoom(direct("cccccccccccc", ["mira", "twin", "kim"]));
  expect(titleOf(users, "mira", r)).toBe("Jonas Weber (@j.weber), Kim");
});

describe("on the page", () => {
  let house: House;
  const DIRECT = "cccccccccccc";
  beforeEach(() => {
    house = new House();
    house.users = [user("mira"), jonas, twin, user("kim")];
    house.rooms.push(direct(DIRECT, ["mira", "twin"]));
  });
  afterEach(() => house.leave());

  /** Where the name stands: what people read, and what a screen reader says. Each place with what follows the name. */
  function places(): string[] {
    const texts = [document.title, words(document.body)];
    for (const e of all("*"))
      for (const a of ["aria-label", "title", "placeholder"]) texts.push(e.getAttribute(a) ?? "");
    return texts.flatMap((t) => t.split(NAME).slice(1));
  }

  /** The name stands somewhere, and nowhere without a handle. */
  function disambiguated(): void {
    expect(places().length).toBeGreaterThan(0);
    for (const after of places()) expect(`${NAME}${after.slice(0, 20)}`).toMatch(/^Jonas Weber \(?@(jonas|j\.weber)/);
  }

  const whole = (selector: string) => {
    disambiguated();
    return words($(selector));
  };

  test("the sidebar, the header, the composer and the title of the page", async () => {
    await house.open(`/r/${DIRECT}`);
    expect(whole(`nav a[href='/r/${DIRECT}'] .name`)).toBe("Jonas Weber @j.weber");
    expect(words($("main h1"))).toBe("Jonas Weber @j.weber");
    expect($("form.composer textarea").getAttribute("placeholder")).toBe("Message Jonas Weber (@j.weber)");
    expect(document.title).toBe("Jonas Weber (@j.weber) · Acme");
  });

  test("one's own name", async () => {
    house.users[0] = user("mira", { name: NAME, ambiguous: true });
    house.instead.set(`POST /rooms/${GENERAL}/messages`, () => new Promise(() => {}));
    await house.open(`/r/${GENERAL}`);
    type($("form.composer textarea"), "on its way");
    await house.wait(20);
    key($("form.composer textarea"), "Enter");
    await house.wait();
    expect(words($("nav footer .who"))).toBe("Jonas Weber @mira");
    expect(words($("article[data-sending] strong"))).toBe("Jonas Weber @mira");
  });

  test("an author, a mention, those who replied, and what a screen reader says", async () => {
    const thread_info = { replies: 2, last_reply_at: at(9), repliers: ["jonas", "twin"] };
    house.post(GENERAL, "jonas", { text: "ask @j.weber", mentions: ["twin"], thread_info });
    await house.open(`/r/${GENERAL}`);
    expect(whole("article header strong")).toBe("Jonas Weber @jonas");
    expect(words($("article .at"))).toBe("@Jonas Weber (@j.weber)");
    expect($("article .replies").title).toBe("Jonas Weber (@jonas), Jonas Weber (@j.weber)");
    expect($("article").getAttribute("aria-label")).toMatch(/^Jonas Weber \(@jonas\), /);
    await house.say({ type: "message", room: GENERAL, rev: 2, message: message(2, { author: "twin", text: "Yes?" }) });
    expect(words($("p.hidden[role=status]"))).toBe("Jonas Weber (@j.weber): Yes?");
    disambiguated();
  });

  test("who made a room", async () => {
    house.rooms[0]!.created_by = "jonas";
    await house.open(`/r/${GENERAL}`);
    expect(whole("[role=log] section p")).toMatch(/^Jonas Weber @jonas made this room/);
  });

  test("who is typing", async () => {
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "typing", room: GENERAL, user: "jonas" });
    expect(whole(".typing")).toBe("Jonas Weber (@jonas) is typing…");
    await house.say({ type: "typing", room: GENERAL, user: "twin" });
    expect(whole(".typing")).toBe("Jonas Weber (@jonas) and Jonas Weber (@j.weber) are typing…");
  });

  test("who reacted, in the tooltip and in the list", async () => {
    const reactions = [reaction("🎉", ["jonas", "twin"], { me: false })];
    house.post(GENERAL, "kim", { reactions });
    house.instead.set(`GET /rooms/${GENERAL}/messages/1/reactions`, () => ({ body: { reactions } }));
    await house.open(`/r/${GENERAL}`);
    expect($(".chip").title).toBe("Jonas Weber (@jonas) and Jonas Weber (@j.weber)");
    named("Who?").click();
    await house.wait();
    expect(all("dialog li").map(words)).toEqual(["🎉Jonas Weber @jonas", "🎉Jonas Weber @j.weber"]);
    disambiguated();
  });

  test("suggestions, and the box of ⌘K", async () => {
    await house.open(`/r/${GENERAL}`);
    const box = $<HTMLTextAreaElement>("form.composer textarea");
    type(box, "@web");
    box.setSelectionRange(4, 4);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    await house.wait(20);
    expect(all("form [role=option]").map(words).sort()).toEqual(["Jonas Weber @j.weber", "Jonas Weber @jonas"]);
    key(box, "Escape");
    key(window, "k", { ctrlKey: true });
    await house.wait();
    type($("dialog input"), "weber");
    await house.wait(20);
    expect(all("dialog [role=option]").map(words).sort()).toEqual([
      "Jonas Weber @j.weberDirect message",
      "Jonas Weber @jonasPerson",
    ]);
    disambiguated();
  });

  test("members and those whom one may add", async () => {
    const members = [
      { user: "mira", role: "owner" },
      { user: "jonas", role: "member" },
    ];
    house.rooms[0]!.role = "owner";
    house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({ body: { members } }));
    await house.open(`/r/${GENERAL}`);
    named("Room details").click();
    await house.wait();
    expect(words(all("dialog li")[1]!)).toBe("JW Jonas Weber @jonas …");
    expect(named("Manage Jonas Weber (@jonas)")).toBeTruthy();
    type($("dialog input[aria-label='Add somebody']"), "weber");
    await house.wait(20);
    expect(words($("dialog .people [role=option]"))).toBe("JW Jonas Weber @j.weber");
    disambiguated();
  });

  test("the people of a new direct message", async () => {
    await house.open(`/r/${GENERAL}`);
    named("New message").click();
    await house.wait();
    expect(all("dialog .people [role=option]").map(words).join()).toContain(
      "Jonas Weber @j.weber,JW Jonas Weber @jonas",
    );
    disambiguated();
  });
});

/** What has a name and is no person, by file; and the two places that show the name of a person. */
const allowed: Record<string, string[]> = {
  "core/names.ts": ["u"],
  "ui/Names.svelte": ["who"],
  "ui/Face.svelte": ["who"], // its initials
  "core/jump.ts": ["u", "room"], // with the handle
  "core/users.ts": ["a", "b"], // to sort by
  "lib/commands.ts": ["c"],
  "lib/complete.ts": ["u", "r", "e", "c"], // with the handle
  "core/notify.ts": ["room"],
  "core/sections.ts": ["room", "s"], // s: a section
  "features/me/Me.svelte": ["before", "form", "me"], // the field in which one changes it
  "lib/before.ts": ["room"],
  "core/charts.ts": ["s"], // of a series
  "store/ops.svelte.ts": ["a", "j"], // of an alarm, and of a job
  "features/ops/Alarms.svelte": ["a"],
  "features/ops/Rules.svelte": ["a"],
  "features/ops/Jobs.svelte": ["j"], // of a job
  "features/ops/Cloud.svelte": ["l"], // of a link
  "features/composer/Missed.svelte": ["room"],
  "features/room/Formatted.svelte": ["r"],
  "features/room/Origin.svelte": ["room"],
  "store/app.ts": ["room"],
  "features/me/TokenList.svelte": ["t"],
  "features/me/BotForm.svelte": ["bot"], // the field in which its owner changes it
  "core/bots.ts": ["bot"], // what was changed in that field
  "features/room/Empty.svelte": ["room"],
  "features/composer/Reply.svelte": ["room"],
  "features/rooms/Purpose.svelte": ["room"],
  "features/rooms/Browse.svelte": ["r"],
  "features/rooms/Outside.svelte": ["room"],
  "core/arrange.ts": ["s", "found"],
  "core/call.ts": ["room"],
  "features/rooms/Details.svelte": ["s"],
  "features/rooms/Kind.svelte": ["room"],
  "features/sidebar/Arrange.svelte": ["s", "o"],
  "features/sidebar/Sidebar.svelte": ["workspace", "s"],
  "features/signin/Door.svelte": ["workspace"],
  "pages/Chat.svelte": ["workspace"],
  "features/emoji/Picker.svelte": ["e", "g", "s", "main"],
  "features/emoji/Foot.svelte": ["current"],
  "lib/emoji.ts": ["char)", "e"],
  "core/gallery.ts": ["main", "e"],
  "store/gallery.svelte.ts": ["e"],
  "store/emojis.ts": ["e", "f"],
  "features/emoji/Entry.svelte": ["main", "alias"],
  "features/emoji/New.svelte": ["file"],
  // What other systems call themselves.
  "core/rows.ts": ["sender"],
  "features/room/Card.svelte": ["author"],
  "features/room/MessageRow.svelte": ["sender"],
  // Files and uploads, and what a line is told of somebody.
  "core/part.ts": ["f"],
  "core/upload.ts": ["o"],
  "features/composer/Attach.svelte": ["body", "u", "wrong"],
  "features/feedback/Give.svelte": ["body", "workspace"],
  "features/audit/Log.svelte": ["a", "b", "r"],
  "features/audit/Row.svelte": ["room"],
  "features/feedback/Added.svelte": ["u"],
  "features/me/Workspace.svelte": ["a", "b", "r"],
  "features/composer/Drop.svelte": ["body"],
  "features/composer/Record.svelte": ["e"],
  "features/composer/adds.ts": ["body"],
  "features/files/Card.svelte": ["f"],
  "features/files/Look.svelte": ["f"],
  "features/files/Picture.svelte": ["f"],
  "features/files/RoomFile.svelte": ["file"],
  "features/files/Sound.svelte": ["f"],
  "features/files/Video.svelte": ["f"],
  "features/files/Viewer.svelte": ["f"],
  "features/files/Waiting.svelte": ["u"],
  "features/rooms/Hooks.svelte": ["h"], // webhooks, which are nobody
  "lib/attach.ts": ["f"],
  "lib/inline.ts": ["who"],
  "store/uploads.svelte.ts": ["u"],
};

test("no other file reads the name of a person: it is shown by called and Names", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const sources = files.filter((f) => /\.(ts|svelte)$/.test(f) && !/\.test\.ts$|testing\.ts$|^wire\//.test(f));
  expect(sources.length).toBeGreaterThan(60);
  const found = sources.flatMap((f) =>
    [...readFileSync(join(import.meta.dirname, f), "utf8").matchAll(/([\w)\]]+)[?!]?\.name\b(?!\()/g)]
      .filter(([, of]) => !allowed[f]?.includes(of!))
      .map(([text]) => `${f}: ${text}`),
  );
  expect(found).toEqual([]);
});
