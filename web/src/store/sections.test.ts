// Sections that several devices change at the same time: nothing is lost, whatever comes when.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changed, moved, put } from "../core/arrange";
import { Shelves } from "../core/shelf";
import { me, problem } from "../core/testing";
import { ApiError } from "../net/api";
import type { Me, Section, UpdateMe } from "../wire/types";
import { Notices } from "./notices.svelte";
import { Session } from "./session.svelte";
import { Settings } from "./settings.svelte";
import { serverOf } from "../../testing/server";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Numbers from 0 to 1 that are the same at each run (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A server with one user's sections, whose answers take up to a second, and as many devices of the user. */
function house(devices: number, chance: () => number) {
  let stored: readonly Section[] = [];
  let refusals = 0;
  const own = (): Me => {
    const sections = structuredClone(stored) as Section[];
    return me({ settings: { ...me().settings, sections, sections_version: JSON.stringify(stored) } });
  };
  const slowly = () => new Promise((done) => setTimeout(done, chance() * 500));
  const all: Settings[] = [];
  const { api } = serverOf({
    me: async () => (await slowly(), own()),
    updateMe: async ({ settings }: UpdateMe) => {
      await slowly();
      const { sections, sections_were } = settings!;
      if (sections_were !== JSON.stringify(stored)) {
        refusals++;
        throw new ApiError(409, problem(409, "They were changed.", { field: "settings.sections" }));
      }
      stored = structuredClone(sections!) as Section[];
      for (const s of all) setTimeout(() => s.changed(own()), chance() * 500);
      const answer = own();
      await slowly();
      return answer;
    },
  });
  const sessions = Array.from({ length: devices }, () => {
    const session = new Session({ opened() {}, async prepare() {}, entered() {}, signedOut() {} }, api),
      notices = new Notices();
    session.me = own();
    all.push(new Settings(session, notices, new Shelves(() => localStorage), api));
    return { session, notices };
  });
  return { all, sessions, stored: () => stored, refusals: () => refusals };
}

test("two devices add, name, fold, move and delete sections, and put rooms into them: no change is lost", async () => {
  let refusals = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const chance = random(seed),
      h = house(2, chance);
    const made = new Set<string>(),
      names = new Map<string, string[]>(),
      rooms = new Map<string, string>(),
      deleted = new Set<string>();
    let n = 0;
    const any = <T>(of: readonly T[]): T | undefined => of[Math.floor(chance() * of.length)];
    /** Each device has rooms of its own, since the last one to put a room somewhere is right. Both name, fold and move all sections. */
    const step = (d: number) => {
      const settings = h.all[d]!,
        shown = h.sessions[d]!.session.me!.settings.sections,
        id = any(shown)?.id,
        what = chance();
      const name = `name ${++n}`,
        coin = chance() < 0.5;
      if (!id || what < 0.25) {
        const fresh = `s${n}`;
        made.add(fresh);
        names.set(fresh, [name]);
        return settings.arrange((all) => [...all, { id: fresh, name, rooms: [] }]);
      }
      if (what < 0.5) {
        const room = `room ${Math.floor(chance() * 4)} of device ${d}`;
        rooms.set(room, id);
        return settings.arrange((all) => put(all, room, id));
      }
      if (what < 0.65) {
        names.get(id)!.push(name);
        return settings.arrange((all) => changed(all, id, { name }));
      }
      if (what < 0.8) return settings.arrange((all) => moved(all, id, coin ? 1 : -1));
      if (what < 0.92) return settings.arrange((all) => changed(all, id, { folded: coin }));
      deleted.add(id);
      return settings.arrange((all) => all.filter((s) => s.id !== id));
    };
    for (let i = 0; i < 12; i++) {
      void step(Math.floor(chance() * 2));
      await vi.advanceTimersByTimeAsync(chance() * 700);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    const kept = h.stored(),
      ids = kept.map((s) => s.id!);
    expect([...ids].sort(), `seed ${seed}`).toEqual([...made].filter((id) => !deleted.has(id)).sort());
    for (const s of kept) expect(names.get(s.id!), `seed ${seed}`).toContain(s.name);
    for (const s of kept) {
      const renames = names.get(s.id!)!;
      if (renames.length > 1) expect(s.name, `seed ${seed}: a name is not that of before`).not.toBe(renames[0]);
    }
    for (const [room, id] of rooms)
      if (ids.includes(id)) expect(kept.find((s) => s.rooms.includes(room))?.id, `seed ${seed}: ${room}`).toBe(id);
    for (const { session, notices } of h.sessions)
      expect([session.me!.settings.sections, notices.text], `seed ${seed}`).toEqual([kept, ""]);
    refusals += h.refusals();
  }
  expect(refusals, "devices were in each other's way").toBeGreaterThan(20);
});

test("a change that is refused again and again is taken back, with the reason", async () => {
  let tries = 0;
  const { api } = serverOf({
    me: async () => me(),
    updateMe: async () => {
      tries++;
      throw new ApiError(409, problem(409, "They were changed."));
    },
  });
  const session = new Session({ opened() {}, async prepare() {}, entered() {}, signedOut() {} }, api),
    notices = new Notices();
  session.me = me();
  const settings = new Settings(session, notices, new Shelves(() => localStorage), api);
  await settings.arrange((all) => [...all, { id: "a", name: "Work", rooms: [] }]);
  expect([session.me.settings.sections, notices.text, tries]).toEqual([[], "They were changed.", 20]);
});
