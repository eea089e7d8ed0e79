import { expect, test } from "vitest";
import { isDoor, pathOf, pathTo, pathToThread, spotOf } from "./paths";
import { GENERAL, message } from "./testing";

test.each([
  [pathTo(GENERAL), { room: GENERAL }],
  [pathTo(GENERAL, 12), { room: GENERAL, seq: 12 }],
  [pathToThread(GENERAL, 12), { room: GENERAL, thread: 12 }],
  [pathToThread(GENERAL, 12, 15), { room: GENERAL, thread: 12, reply: 15 }],
  [`/r/${GENERAL}/`, { room: GENERAL }],
  [`/r/${GENERAL}/x`, { room: GENERAL }],
  [`/r/${GENERAL}/t/x`, { room: GENERAL }],
  [`/r/${GENERAL}/${"9".repeat(16)}`, { room: GENERAL }],
  [`/r/${GENERAL}%E2%80%9D`, { room: GENERAL }],
  [`/r/${GENERAL}%20/12`, { room: GENERAL, seq: 12 }],
  [`/r/${GENERAL}x`, { room: `${GENERAL}x` }],
  ["/r/SHORT", { room: "SHORT" }],
  ["/r/%23lunch", { room: "lunch" }],
  ["/r/", {}],
  ["/", {}],
])("%s shows %j", (path, spot) => expect(spotOf(path)).toEqual(spot));

test.each([
  ["a message", message(3), pathTo(GENERAL, 3)],
  ["a reply", message(5, { thread: 3 }), pathToThread(GENERAL, 3, 5)],
  ["a reply that is in the room too", message(5, { thread: 3, also_in_room: true }), pathTo(GENERAL, 5)],
])("%s has a link to where it stands", (_, m, path) => expect(pathOf(m)).toBe(path));

test.each([
  ["/setup", true],
  ["/SIGNUP", true],
  ["/signup%23mfrgg2.", true],
  ["/signin/", true],
  ["/signupsoon", false],
  [pathTo(GENERAL), false],
])("%s is that of a form: %s", (path, is) => expect(isDoor(path)).toBe(is));
