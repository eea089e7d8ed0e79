// @vitest-environment happy-dom
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Shelves } from "../core/shelf";
import { me, problem, settle } from "../core/testing";
import { setLook } from "../lib/look";
import { ApiError } from "../net/api";
import type { Me, UpdateMe } from "../wire/types";
import { Notices } from "./notices.svelte";
import { Session } from "./session.svelte";
import { Settings } from "./settings.svelte";
import { serverOf, type Server } from "../../testing/server";
import { watched } from "../../testing/watched.svelte";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  localStorage.clear();
  delete document.documentElement.dataset["theme"];
});

const shelf = new Shelves(() => localStorage);

/** Settings of one who is signed in, at a server that answers when the test says so. */
function house(more: Server = {}) {
  const waiting: { b: UpdateMe; answer(m: Me | ApiError): void }[] = [];
  const updateMe = (b: UpdateMe) =>
    new Promise<Me>((yes, no) => waiting.push({ b, answer: (m) => (m instanceof ApiError ? no(m) : yes(m)) }));
  const { api, asked } = serverOf({ updateMe, ...more });
  const nothing = { opened() {}, async prepare() {}, entered() {}, signedOut() {} };
  const session = new Session(nothing, api),
    notices = new Notices();
  session.me = me();
  return { session, notices, settings: new Settings(session, notices, shelf, api), waiting, asked };
}

const withTone = (skin_tone: number) => me({ settings: { ...me().settings, skin_tone } });

test("a setting is shown at once, and saved", async () => {
  const h = house(),
    seen: number[] = [];
  const stop = watched(() => seen.push(h.settings.skinTone));
  flushSync();
  const saved = h.settings.change({ skin_tone: 3 });
  flushSync();
  expect(seen).toEqual([0, 3]);
  await settle();
  expect(h.waiting[0]!.b).toEqual({ settings: { skin_tone: 3 } });
  h.waiting[0]!.answer(withTone(3));
  await saved;
  stop();
  expect(h.settings.skinTone).toBe(3);
});

test("several changes go one after the other, and the last one stays", async () => {
  const h = house();
  void h.settings.change({ skin_tone: 1 });
  void h.settings.change({ skin_tone: 2 });
  const last = h.settings.change({ skin_tone: 3 });
  await settle();
  expect(
    h.waiting.map((w) => w.b.settings?.skin_tone),
    "the others wait",
  ).toEqual([1]);
  h.waiting[0]!.answer(withTone(1));
  await settle();
  expect(h.settings.skinTone, "an older answer does not take a newer choice back").toBe(3);
  h.waiting[1]!.answer(withTone(2));
  await settle();
  h.waiting[2]!.answer(withTone(3));
  await last;
  expect([h.settings.skinTone, h.waiting.length]).toEqual([3, 3]);
});

test("a setting that is refused is taken back, with the reason", async () => {
  const h = house();
  const saved = h.settings.change({ enter_sends: false });
  expect(h.settings.enterSends).toBe(false);
  await settle();
  h.waiting[0]!.answer(new ApiError(403, problem(403, "Not today.")));
  await saved;
  expect([h.settings.enterSends, h.notices.text]).toEqual([true, "Not today."]);
});

test("without a session nothing is changed", async () => {
  const h = house();
  h.session.me = null;
  await h.settings.change({ skin_tone: 3 });
  expect([h.asked, h.settings.skinTone, h.settings.enterSends]).toEqual([[], 0, true]);
});

test("the look is that of the account, else that of the device, else that of the system", () => {
  const h = house();
  h.session.me = me({ settings: { ...me().settings, theme: "dark" } });
  expect(h.settings.theme).toBe("dark");
  h.session.me = null;
  expect(h.settings.theme).toBe("system");
  localStorage.setItem("canteen.theme", "light");
  expect(h.settings.theme).toBe("light");
});

test("the look is drawn, and remembered for the next start", () => {
  const { settings, session } = house(),
    page = document.documentElement.dataset;
  setLook("dark", shelf);
  session.me = null;
  expect([page["theme"], settings.theme]).toEqual(["dark", "dark"]);
  setLook("system", shelf);
  expect([page["theme"], settings.theme]).toEqual([undefined, "system"]);
});

test("name and status are saved; a refusal changes nothing", async () => {
  const h = house();
  const saved = h.settings.saveProfile({ name: "Mira N." });
  h.waiting[0]!.answer(me({ name: "Mira N." }));
  expect([await saved, h.session.me?.name]).toEqual([undefined, "Mira N."]);
  const refused = h.settings.saveProfile({ name: "" });
  h.waiting[1]!.answer(new ApiError(400, problem(400, "A name is needed.", { field: "name" })));
  expect([await refused, h.session.me?.name]).toEqual([{ field: "name", text: "A name is needed." }, "Mira N."]);
});

test("the frequent emoji are fetched; what one uses comes first, once", async () => {
  const h = house({ frequentEmoji: async () => ["🎉", "👍"] });
  await h.settings.loadFrequent();
  h.settings.used("👀");
  h.settings.used("👍");
  expect(h.settings.frequent).toEqual(["👍", "👀", "🎉"]);
});

test("without frequent emoji nothing is missing and nothing is said", async () => {
  const h = house({ frequentEmoji: () => Promise.reject(new ApiError(0)) });
  await h.settings.loadFrequent();
  expect([h.settings.frequent, h.notices.text]).toEqual([[], ""]);
});

test("what was changed on another device is shown", () => {
  const h = house();
  h.settings.changed(withTone(4));
  expect(h.settings.skinTone).toBe(4);
});

test("while a choice is being saved, its own answer tells", async () => {
  let stored = 2;
  const h = house({ me: async () => withTone(stored) });
  const saved = h.settings.change({ skin_tone: 2 });
  await settle();
  h.settings.changed(withTone(1)); // fetched because of an earlier choice
  expect(h.settings.skinTone).toBe(2);
  h.waiting[0]!.answer(withTone(2));
  await saved;
  expect(h.settings.skinTone).toBe(2);
  const again = h.settings.change({ skin_tone: 3 });
  await settle();
  stored = 4; // on another device, after the answer had left
  h.settings.changed(withTone(4));
  h.waiting[1]!.answer(withTone(3));
  await again;
  expect(h.settings.skinTone).toBe(4);
  h.settings.changed(withTone(5));
  expect(h.settings.skinTone).toBe(5);
});
