import { describe, expect, test } from "vitest";
import type { Poll } from "../wire/types";
import {
  aboutOf,
  ahead,
  chosen,
  chosenClosing,
  closing,
  fields,
  fromLine,
  isOver,
  MAX_OPTIONS,
  shareOf,
  unaskable,
  votersOf,
  withVote,
} from "./polls";
import { mine, polled } from "./stretch";
import { at, GENERAL, message } from "./testing";

const poll = (counts: number[], more: Partial<Poll> = {}): Poll => ({
  options: counts.map((count, n) => ({ text: `o${n}`, count, users: [] })),
  voters: counts.reduce((a, b) => a + b, 0),
  several: false,
  anonymous: false,
  closed: false,
  ...more,
});

test.each([
  ["a first vote", false, [], 1, [1]],
  ["another option takes its place", false, [0], 1, [1]],
  ["the same again goes", false, [1], 1, []],
  ["several stand beside each other, in order", true, [2], 0, [0, 2]],
  ["one of several goes", true, [0, 2], 2, [0]],
])("choosing: %s", (_, several, before, option, want) => {
  expect(chosen({ several }, before, option)).toEqual(want);
});

describe("a vote that one wishes to have", () => {
  const of = (p: Poll, wish: number[]) => {
    const now = withVote(p, wish, "mira");
    return [now.options.map((o) => `${o.count} ${o.users?.join() ?? "?"}`), now.voters, now.mine];
  };
  const open = poll([1, 2], { mine: [0] });
  open.options[0]!.users = ["mira"];
  open.options[1]!.users = ["jonas", "kim"];

  test("moves, comes and goes", () => {
    expect(of(open, [1])).toEqual([["0 ", "3 jonas,kim,mira"], 3, [1]]);
    expect(of(open, [])).toEqual([["0 ", "2 jonas,kim"], 2, []]);
    expect(of({ ...open, mine: [] }, [0])).toEqual([["2 mira", "2 jonas,kim"], 4, [0]]);
  });
  test("that is there changes nothing", () => expect(withVote(open, [0], "mira")).toBe(open));
  test("names nobody in an anonymous poll", () => {
    const p = poll([1, 0], { anonymous: true });
    for (const o of p.options) delete o.users;
    expect(of(p, [1])).toEqual([["1 ?", "1 ?"], 2, [1]]);
  });
});

test("who is ahead, and how many voted", () => {
  expect([ahead(poll([0, 0])), ahead(poll([2, 3, 3])), ahead(poll([1, 0]))]).toEqual([[], [1, 2], [0]]);
  expect(
    [poll([0]), poll([1]), poll([9]), poll([1], { several: true }), poll([3], { several: true })].map(votersOf),
  ).toEqual(["No votes yet", "1 vote", "9 votes", "1 person voted", "3 people voted"]);
});

test("a poll is over when it was closed or its time has come", () => {
  const passed = (moment: string) => moment === at(1);
  const polls = [
    poll([1]),
    poll([1], { closed: true }),
    poll([1], { closes_at: at(1) }),
    poll([1], { closes_at: at(2) }),
  ];
  expect(polls.map((p) => isOver(p, passed))).toEqual([false, true, true, false]);
});

test.each([
  [{}, false, true, "2 votes"],
  [{ closes_at: at(9) }, false, true, "2 votes · closes at noon"],
  [{ closes_at: at(9) }, true, false, "2 votes · closed"],
  [{ anonymous: true, several: true }, false, true, "2 people voted · anonymous · choose one or more"],
  [{ several: true }, false, false, "2 people voted"],
])("the line below a poll: %j", (more, over, votes, want) =>
  expect(aboutOf(poll([2], more), over, votes, () => "at noon")).toBe(want),
);

test("an option has its share, and who voted for it where that is known", () => {
  const p = poll([2, 1, 0]);
  p.options[0]!.users = ["mira", "kim"];
  const said = (n: number) => shareOf(p, n, "mira", (id) => id.toUpperCase());
  expect([said(0), said(1), said(2)]).toEqual(["67 %: You and KIM", "33 %", "0 %"]);
  expect(shareOf(poll([0]), 0, "mira", String)).toBe("");
});

test("a poll in one line", () => {
  expect(fromLine("Where?| Ramen |Food truck | ")).toEqual({ question: "Where?", options: ["Ramen", "Food truck"] });
  expect(fromLine("")).toEqual({ question: "", options: [] });
  expect(fromLine(`Q${"|x".repeat(30)}`).options.length).toBe(MAX_OPTIONS);
});

test("the fields of a form: one more than are filled, two at least", () => {
  expect([fields([]), fields(["a"]), fields(["a", "b"]), fields(["a", "", "b", "", ""])]).toEqual([
    ["", ""],
    ["a", ""],
    ["a", "b", ""],
    ["a", "", "b", ""],
  ]);
  expect(fields(Array(20).fill("x")).length).toBe(20);
});

test("a poll closes so long after it is there, or at a moment", () => {
  expect([closing("", ""), closing("24", ""), closing("at", "")]).toEqual([{}, { open: 24 * 3_600_000 }, {}]);
  expect(closing("at", "2026-11-27T17:00")).toEqual({ closes_at: new Date("2026-11-27T17:00").toISOString() });
  expect([
    chosenClosing(undefined, 24 * 3_600_000),
    chosenClosing(at(1), undefined),
    chosenClosing(undefined, undefined),
  ]).toEqual(["24", "at", ""]);
});

test.each([
  ["Where?", ["Soup", "Salad"], undefined, ""],
  ["Where?", ["Soup", "Salad"], at(31), ""],
  [" ", ["Soup", "Salad"], undefined, "text"],
  ["Where?", ["Soup"], undefined, "poll.options"],
  ["Where?", ["Fish  soup", "Salad", "fish soup"], undefined, "poll.options"],
  ["Where?", ["Soup", "Salad"], at(30), "poll.closes_at"],
  ["Where?", ["Soup", "Salad"], "2028-01-01T00:00:00Z", "poll.closes_at"],
])("the question %o with %o, until %o: %o", (question, options, until, field) =>
  expect(unaskable(question, options, until, Date.parse(at(30))).field).toBe(field),
);

describe("events", () => {
  const m = message(4, { poll: poll([1, 0], { mine: [0] }) });
  const event = (more: object = {}, rev = 9) => ({
    type: "poll" as const,
    room: GENERAL,
    rev,
    seq: 4,
    poll: {
      options: [
        { count: 0, users: [] },
        { count: 2, users: ["kim"] },
      ],
      voters: 2,
      closed: true,
      ...more,
    },
  });

  test("another's vote keeps one's own, and the options' texts", () => {
    const { rev, poll: now } = polled(m, event());
    expect([
      rev,
      now!.options.map((o) => `${o.text} ${o.count} ${o.users}`),
      now!.voters,
      now!.closed,
      now!.mine,
    ]).toEqual([9, ["o0 0 ", "o1 2 kim"], 2, true, [0]]);
  });
  test("one's own brings it", () => expect(polled(m, event({ mine: [1] })).poll!.mine).toEqual([1]));
  test("an older one changes nothing", () => expect(polled(m, event({}, 4))).toBe(m));
  test("an edited message keeps one's vote, a new one has none", () => {
    const live = message(4, { rev: 8, poll: poll([1, 0]) });
    expect([mine(live, m, "mira").poll!.mine, mine(live, undefined, "mira").poll!.mine]).toEqual([[0], []]);
  });
});
