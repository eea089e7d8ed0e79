import { describe, expect, test } from "vitest";
import { draftPlace, Drafts } from "./drafts";
import { GENERAL, LUNCH, Memory } from "./testing";

test("drafts belong to a room and a user, and go when they are empty", () => {
  const shelf = new Memory(),
    mira = new Drafts(shelf, "mira");
  mira.set(GENERAL, "half a thought");
  expect([mira.get(GENERAL), mira.get(LUNCH), new Drafts(shelf, "jonas").get(GENERAL)]).toEqual([
    "half a thought",
    "",
    "",
  ]);
  mira.set(GENERAL, "");
  expect([mira.get(GENERAL), shelf.keys("")]).toEqual(["", []]);
});

describe("two tabs", () => {
  const tabs = () => {
    const shelf = new Memory();
    return [new Drafts(shelf, "mira"), new Drafts(shelf, "mira")] as const;
  };

  test("the last one that writes wins", () => {
    const [here, there] = tabs();
    here.set(GENERAL, "first");
    there.set(GENERAL, "second");
    expect([here.get(GENERAL), there.get(GENERAL)]).toEqual(["second", "second"]);
  });

  test("a box that was empty before does not erase what the other tab wrote since", () => {
    const [here, there] = tabs();
    expect(here.get(GENERAL)).toBe("");
    there.set(GENERAL, "half a thought");
    here.set(GENERAL, "");
    here.set(GENERAL, "");
    expect(there.get(GENERAL)).toBe("half a thought");
  });

  test("what was sent in one tab does not erase what the other one wrote meanwhile", () => {
    const [here, there] = tabs();
    here.set(GENERAL, "one");
    there.set(GENERAL, "one and more");
    here.set(GENERAL, "");
    expect(there.get(GENERAL)).toBe("one and more");
  });

  test("a tab that has seen the draft of the other one may erase it", () => {
    const [here, there] = tabs();
    there.set(GENERAL, "half a thought");
    expect(here.get(GENERAL)).toBe("half a thought");
    here.set(GENERAL, "");
    expect(there.get(GENERAL)).toBe("");
  });

  test("losing the room deletes its draft, whoever wrote it", () => {
    const [here, there] = tabs();
    there.set(GENERAL, "half a thought");
    here.drop(GENERAL);
    expect(there.get(GENERAL)).toBe("");
  });
});

test("each thread has a draft of its own, which goes with its room", () => {
  const drafts = new Drafts(new Memory(), "mira"),
    thread = draftPlace(GENERAL, 7);
  drafts.set(GENERAL, "to the room");
  drafts.set(thread, "to the thread");
  drafts.set(draftPlace(LUNCH, 7), "elsewhere");
  expect([drafts.get(GENERAL), drafts.get(thread)]).toEqual(["to the room", "to the thread"]);
  expect([drafts.places().length, [...drafts.rooms()]]).toEqual([3, [GENERAL, LUNCH]]);
  drafts.drop(GENERAL);
  expect([drafts.get(thread), drafts.places()]).toEqual(["", [draftPlace(LUNCH, 7)]]);
});
