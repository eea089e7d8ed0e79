// @vitest-environment happy-dom
// What one sets with a click and changes one's mind about: the newest click counts, on a slow line and without one.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GENERAL, message, problem, reaction } from "./core/testing";
import { withWishes } from "./core/reactions";
import { $, all, House, named, words } from "../testing/house";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

type Answer = { status?: number; body?: unknown };
const EMOJI = `/rooms/${GENERAL}/messages/1/reactions/%F0%9F%8E%89`;
const MINE = `PATCH /rooms/${GENERAL}/me`;
const chips = () => all(".chip[aria-pressed]").map((c) => `${words(c)} ${c.getAttribute("aria-pressed")}`);
const asked = () => house.asked.map(([what]) => what).filter((what) => what.endsWith(EMOJI));

/** The server answers what is asked when the test says so. */
function held(...what: string[]): ((a: Answer) => void)[] {
  const answers: ((a: Answer) => void)[] = [];
  for (const w of what) house.instead.set(w, () => new Promise((yes) => answers.push(yes)));
  return answers;
}
const has = (rev: number, ...users: string[]): Answer => ({
  body: message(1, {
    rev,
    reactions: users.length ? [reaction("🎉", users, { me: users.includes("mira") })] : [],
  }),
});
const click = async (name: string | RegExp) => {
  named(name).click();
  await house.wait(20);
};

describe("a reaction", () => {
  const open = async (...users: string[]) => {
    house.post(GENERAL, "jonas", users.length ? { reactions: [reaction("🎉", users, { me: false })] } : {});
    await house.open(`/r/${GENERAL}`);
  };

  test("two quick clicks on a chip: on and off again, one request at a time", async () => {
    const answers = held(`PUT ${EMOJI}`, `DELETE ${EMOJI}`);
    await open("jonas");
    await click(/^🎉/);
    expect(chips(), "drawn before the server answers").toEqual(["🎉2 true"]);
    await click(/^🎉/);
    expect([chips(), asked()]).toEqual([["🎉1 false"], [`PUT ${EMOJI}`]]);
    answers[0]!(has(2, "jonas", "mira"));
    await house.wait(20);
    expect([chips(), asked()]).toEqual([["🎉1 false"], [`PUT ${EMOJI}`, `DELETE ${EMOJI}`]]);
    answers[1]!(has(3, "jonas"));
    await house.wait();
    expect([chips(), asked().length]).toEqual([["🎉1 false"], 2]);
  });

  test("three quick clicks: on, and asked for once", async () => {
    const answers = held(`PUT ${EMOJI}`);
    await open("jonas");
    for (let i = 0; i < 3; i++) await click(/^🎉/);
    answers[0]!(has(2, "jonas", "mira"));
    await house.wait();
    expect([chips(), asked().length]).toEqual([["🎉2 true"], 1]);
  });

  test("without a connection only the newest wish is sent, once it is back", async () => {
    const down = () => ({ status: 503, body: problem(503, "Not now.") });
    house.instead.set(`PUT ${EMOJI}`, down);
    house.instead.set(`DELETE ${EMOJI}`, down);
    await open("jonas");
    await click(/^🎉/);
    await click(/^🎉/);
    await click(/^🎉/);
    await click(/^🎉/);
    const before = asked().length;
    expect(chips()).toEqual(["🎉1 false"]);
    house.instead.set(`DELETE ${EMOJI}`, () => has(2, "jonas"));
    await house.wait(40_000);
    expect(new Set(asked().slice(before))).toEqual(new Set([`DELETE ${EMOJI}`]));
    expect(chips()).toEqual(["🎉1 false"]);
  });

  test("by the tools of a message, twice: it appears and goes", async () => {
    const answers = held(`PUT ${EMOJI}`, `DELETE ${EMOJI}`);
    await open();
    $("article[data-seq='1']").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    await click("React with 🎉");
    expect(chips()).toEqual(["🎉1 true"]);
    await click("React with 🎉");
    expect(chips()).toEqual([]);
    answers[0]!(has(2, "mira"));
    await house.wait(20);
    expect([chips(), asked()]).toEqual([[], [`PUT ${EMOJI}`, `DELETE ${EMOJI}`]]);
  });

  test("chosen in a picker that was opened before the reaction was there: it goes", async () => {
    house.instead.set(`DELETE ${EMOJI}`, () => has(3));
    await open();
    $("article[data-seq='1']").dispatchEvent(new Event("pointerover", { bubbles: true }));
    await house.wait(20);
    await click("React with another emoji");
    await house.wait();
    const r = reaction("🎉", ["mira"]);
    await house.say({ type: "reaction", room: GENERAL, rev: 2, seq: 1, user: "mira", added: true, reaction: r });
    expect(chips()).toEqual(["🎉1 true"]);
    $("dialog [data-emoji='🎉']").click();
    await house.wait();
    expect([chips(), asked()]).toEqual([[], [`DELETE ${EMOJI}`]]);
  });

  test("that is refused goes back, and says why", async () => {
    const answers = held(`PUT ${EMOJI}`);
    await open("jonas");
    await click(/^🎉/);
    answers[0]!({ status: 409, body: problem(409, "There are 20 emoji already.") });
    await house.wait(20);
    expect([chips(), all("[role=status]").map(words)]).toEqual([
      ["🎉1 false"],
      expect.arrayContaining(["There are 20 emoji already."]),
    ]);
  });
});

describe("one's own settings of a room", () => {
  test("two quick clicks on the star: on and off again, one request at a time", async () => {
    const answers = held(MINE);
    await house.open(`/r/${GENERAL}`);
    const star = () => named("Star this room").getAttribute("aria-pressed");
    await click("Star this room");
    expect(star()).toBe("true");
    await click("Star this room");
    expect([star(), house.commands(MINE)]).toEqual(["false", [{ starred: true }]]);
    Object.assign(house.rooms[0]!, { starred: true });
    answers[0]!({ body: house.rooms[0] });
    await house.wait(20);
    Object.assign(house.rooms[0]!, { starred: false });
    answers[1]!({ body: house.rooms[0] });
    await house.wait();
    expect([star(), house.commands(MINE)]).toEqual(["false", [{ starred: true }, { starred: false }]]);
  });
});

test("wishes change the reactions that are drawn, and nothing that is so already", () => {
  const m = message(1, {
    reactions: [reaction("🎉", ["jonas"], { me: false, count: 12 }), reaction("👍", ["mira"], { me: true })],
  });
  const drawn = (...w: [string, boolean][]) =>
    withWishes(m, "mira", w).map((r) => [r.emoji, r.count, r.users.join(), !!r.me]);
  expect(drawn(["🎉", false], ["👍", true])).toEqual([
    ["🎉", 12, "jonas", false],
    ["👍", 1, "mira", true],
  ]);
  expect(drawn(["🎉", true], ["👍", false], ["👀", true], ["🍜", false])).toEqual([
    ["🎉", 13, "jonas,mira", true],
    ["👀", 1, "mira", true],
  ]);
});
