import { expect, test } from "vitest";
import { doorOf, pathTo, roomOf, seqOf } from "./paths";
import { GENERAL } from "./testing";

test.each([
  [pathTo(GENERAL), GENERAL, undefined],
  [pathTo(GENERAL, 12), GENERAL, 12],
  [`/r/${GENERAL}/`, GENERAL, undefined],
  [`/r/${GENERAL}/x`, GENERAL, undefined],
  [`/r/${GENERAL}/${"9".repeat(16)}`, GENERAL, undefined],
  [`/r/${GENERAL}x`, undefined, undefined],
  ["/r/SHORT", undefined, undefined],
  ["/", undefined, undefined],
])("%s names room %s and message %s", (path, room, seq) => expect([roomOf(path), seqOf(path)]).toEqual([room, seq]));

test.each([
  ["/setup", "setup"],
  ["/signup", "signup"],
  ["/signin", "signin"],
  [pathTo(GENERAL), "signin"],
])("%s shows the form %s", (path, door) => expect(doorOf(path)).toBe(door));
