// Replays histories that the server's model test (TestModel) recorded. After every step the browser's rules must ask for the
// same fetches, and at the end they must hold the same state. A kept history is named after the rule that it tests; the Go
// client replays the same ones. `make test` records new ones.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { LiveEvent } from "../wire/live";
import type { Changes, Message, MyRoom, Page, User } from "../wire/types";
import {
  asking,
  takeChanges,
  takeGone,
  takeMessage,
  takeMore,
  takePage,
  takeRoom,
  takeRooms,
  takeUsers,
  type Asked,
} from "./answers";
import type { RoomState } from "./room";
import { apply, emptyState, type Need, type State } from "./state";

interface Step {
  ask?: number;
  take?: string;
  room?: string;
  since?: number;
  edge?: number;
  body?: unknown;
  event?: LiveEvent;
  needs: Need[];
}
interface Story {
  me: string;
  steps: Step[];
  end: { rooms: Record<string, Partial<RoomState>>; users: Record<string, User> };
}

function take(s: State, step: Step, asked: Asked): Need[] {
  const { room = "", body } = step;
  switch (step.take) {
    case "room":
      return takeRoom(s, body as MyRoom, asked);
    case "message":
      takeMessage(s, body as Message);
      return [];
    case "gone":
      return takeGone(s, room, asked);
    case "rooms":
      return takeRooms(s, (body as { rooms: MyRoom[] }).rooms, asked);
    case "users":
      return takeUsers(s, (body as { users: User[] }).users, asked);
    case "page":
      return takePage(s, room, body as Page);
    case "older":
    case "newer":
      return takeMore(s, room, body as Page, step.take === "older", step.edge!);
    case "changes":
      return takeChanges(s, room, step.since ?? 0, body as Changes).needs;
    default:
      throw new Error(`unknown answer ${step.take}`);
  }
}

/** The revision of each message in memory and of each read pointer. No event may lower one. */
const revisions = (s: State) =>
  new Map(
    [...s.rooms].flatMap(([id, r]) => [
      [`${id} read`, r.room.read_rev] as const,
      ...r.messages.map((m) => [`${id} ${m.seq}`, m.rev] as const),
    ]),
  );
const byKind = (a: Need, b: Need) => JSON.stringify(a).localeCompare(JSON.stringify(b));
/** As JSON says it: what is undefined is absent. */
const plain = (v: unknown): unknown => JSON.parse(JSON.stringify(v));

const kept = new URL("./interleavings/", import.meta.url).pathname,
  today = process.env["INTERLEAVINGS"];
for (const dir of today ? [kept, today] : [kept]) {
  const names = readdirSync(dir);
  test(`there are stories, ${dir === kept ? "kept" : "of today"}`, () => expect(names.length).toBeGreaterThan(10));
  test.each(names)("%s", (name) => {
    const story = JSON.parse(readFileSync(`${dir}/${name}`, "utf8")) as Story;
    const s = emptyState(story.me),
      asked = new Map<number, Asked>();
    story.steps.forEach((step, i) => {
      if (step.ask && !step.take) return void asked.set(step.ask, asking(s));
      const before = step.event && revisions(s);
      const needs = step.event ? apply(s, step.event, 0) : take(s, step, asked.get(step.ask!)!);
      if (before)
        for (const [at, rev] of revisions(s))
          expect(rev, `step ${i + 1}: ${at} goes back`).toBeGreaterThanOrEqual(before.get(at) ?? 0);
      expect([...needs].sort(byKind), `step ${i + 1}: ${JSON.stringify(step).slice(0, 300)}`).toEqual(
        [...step.needs].sort(byKind),
      );
    });
    // what only the web client holds is left out
    const rooms = Object.fromEntries(
      [...s.rooms].map(([id, { membersVersion: _, asides: _a, searched: _s, ...r }]) => [id, r]),
    );
    expect(plain({ rooms, users: Object.fromEntries(s.users) }), "at the end").toEqual(story.end);
  });
}
