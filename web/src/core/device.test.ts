import { expect, test } from "vitest";
import { Device, signOutQuestion } from "./device";
import { Drafts } from "./drafts";
import { Outbox } from "./outbox";
import { isAnothers, WHO } from "./shelf";
import { GENERAL, LUNCH, Memory } from "./testing";

test("who signs out takes everything along that is theirs, and nothing else", () => {
  const shelf = new Memory();
  for (const user of ["mira", "mirabel"]) {
    new Drafts(shelf, user).set(GENERAL, "half a thought");
    new Outbox(shelf, user).add({ client_id: user, room: LUNCH, text: "hi", at: 1 });
    shelf.setItem(`canteen.room.${user}`, LUNCH);
    shelf.setItem(`canteen.folded.${user}.Rooms`, "1");
  }
  shelf.setItem("canteen.theme", "dark");
  shelf.setItem("of.another.program.mira", "1");
  const device = new Device(shelf);
  device.enter("mira");
  expect([device.unsent(), [...device.rooms()]]).toEqual([{ drafts: 1, messages: 1 }, [GENERAL, LUNCH]]);
  device.forget();
  expect(shelf.keys("").toSorted()).toEqual([
    `canteen.draft.mirabel.${GENERAL}`,
    "canteen.folded.mirabel.Rooms",
    "canteen.outbox.mirabel.mirabel",
    "canteen.room.mirabel",
    "canteen.theme",
    "of.another.program.mira",
  ]);
});

test("a session is another person's once another tab has signed her in", () => {
  const shelf = new Memory();
  expect(isAnothers(shelf, "mira"), "nobody has said so").toBe(false);
  shelf.setItem(WHO, "mira");
  expect([isAnothers(shelf, "mira"), isAnothers(shelf, "jonas")]).toEqual([false, true]);
});

test("drafts are counted by room", () => {
  const shelf = new Memory(),
    drafts = new Drafts(shelf, "mira");
  drafts.set(GENERAL, "half a thought");
  drafts.set(LUNCH, "another");
  new Drafts(shelf, "jonas").set(GENERAL, "his");
  expect([...drafts.rooms()]).toEqual([GENERAL, LUNCH]);
});

test.each([
  [0, 0, ""],
  [1, 0, "You have 1 draft. Sign out and delete it?"],
  [0, 1, "You have 1 unsent message. Sign out and delete it?"],
  [2, 1, "You have 2 drafts and 1 unsent message. Sign out and delete them?"],
])("%d drafts and %d messages are asked about", (drafts, messages, question) =>
  expect(signOutQuestion({ drafts, messages })).toBe(question),
);
