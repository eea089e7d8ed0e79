import { expect, test } from "vitest";
import { Device, signOutQuestion } from "./device";
import { Drafts } from "./drafts";
import { Outbox } from "./outbox";
import { isAnothers, WHO } from "./shelf";
import { UploadShelf } from "./upload";
import { GENERAL, LUNCH, Memory } from "./testing";

test("who signs out takes everything along that is theirs, and nothing else", () => {
  const shelf = new Memory();
  for (const user of ["mira", "mirabel"]) {
    new Drafts(shelf, user).set(GENERAL, "half a thought");
    new Outbox(shelf, user).add({ client_id: user, room: LUNCH, text: "hi", at: 1 });
    new UploadShelf(shelf, user).add({ id: "u", place: GENERAL, name: "a.pdf", size: 1, type: "" });
    shelf.setItem(`canteen.room.${user}`, LUNCH);
    shelf.setItem(`canteen.folded.${user}.Rooms`, "1");
  }
  shelf.setItem("canteen.theme", "dark");
  shelf.setItem("of.another.program.mira", "1");
  const device = new Device(shelf);
  device.enter("mira");
  expect([device.unsent(), [...device.rooms()]]).toEqual([{ drafts: 1, messages: 1, files: 1 }, [GENERAL, LUNCH]]);
  device.forget();
  expect(shelf.keys("").toSorted()).toEqual([
    `canteen.draft.mirabel.${GENERAL}`,
    "canteen.folded.mirabel.Rooms",
    "canteen.outbox.mirabel.mirabel",
    "canteen.room.mirabel",
    "canteen.theme",
    "canteen.upload.mirabel.u",
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
  [0, 0, 0, ""],
  [1, 0, 0, "You have 1 draft. Sign out and delete it?"],
  [0, 1, 0, "You have 1 unsent message. Sign out and delete it?"],
  [0, 0, 2, "You have 2 unsent files. Sign out and delete them?"],
  [2, 1, 0, "You have 2 drafts and 1 unsent message. Sign out and delete them?"],
  [1, 1, 1, "You have 1 draft, 1 unsent message and 1 unsent file. Sign out and delete them?"],
])("%d drafts, %d messages and %d files are asked about", (drafts, messages, files, question) =>
  expect(signOutQuestion({ drafts, messages, files })).toBe(question),
);
