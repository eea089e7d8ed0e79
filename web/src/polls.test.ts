// @vitest-environment happy-dom
// Polls on the page: voting, how it stands, who voted, closing, and making one.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, GENERAL, message, problem } from "./core/testing";
import { $, all, House, named, words } from "../testing/house";
import type { Poll } from "./wire/types";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const VOTE = `PUT /rooms/${GENERAL}/messages/1/vote`;
const poll = (soup: string[], salad: string[], more: Partial<Poll> = {}): Poll => ({
  options: [
    { text: "Soup", count: soup.length, users: soup },
    { text: "Salad", count: salad.length, users: salad },
  ],
  voters: soup.length + salad.length,
  several: false,
  anonymous: false,
  closed: false,
  mine: soup.includes("mira") ? [0] : salad.includes("mira") ? [1] : [],
  ...more,
});
const open = async (p: Poll, by = "jonas") => {
  house.post(GENERAL, by, { text: "Where do we eat?", poll: p });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
};
const options = () => all(".poll .option").map((o) => `${words(o)} ${o.getAttribute("aria-pressed")}`);
const about = () => words($(".poll .about"));
const sent = () => house.commands(VOTE);
const click = async (name: string | RegExp) => {
  named(name).click();
  await house.wait(20);
};

describe("a poll", () => {
  test("stands with its question, its bars and how many voted", async () => {
    await open(poll(["jonas", "kim"], ["mira"]));
    expect(words($(".poll .question"))).toBe("Where do we eat?");
    expect(all("article .text").length, "the question stands once").toBe(0);
    expect(options()).toEqual(["Soup 2 false", "Salad 1 true"]);
    expect(all(".poll progress").map((b) => [b.getAttribute("value"), b.getAttribute("max")])).toEqual([
      ["2", "3"],
      ["1", "3"],
    ]);
    expect(about()).toBe("3 votes Who voted");
    expect(named(/^Soup/).getAttribute("aria-label")).toBe("Soup, 2 votes");
  });

  test("whose question stands beside the text keeps both", async () => {
    await open(poll([], [], { question: "Hungry?" }));
    expect([words($(".poll .question")), words($("article .text"))]).toEqual(["Hungry?", "Where do we eat?"]);
  });

  test("quick clicks end where the last says, with one request at a time", async () => {
    const answers: ((a: object) => void)[] = [];
    house.instead.set(VOTE, () => new Promise((yes) => answers.push(yes)));
    await open(poll(["jonas"], []));
    await click(/^Soup/);
    expect(options(), "drawn before the server answers").toEqual(["Soup 2 true", "Salad 0 false"]);
    await click(/^Salad/);
    await click(/^Salad/);
    await click(/^Salad/);
    expect([options(), sent()]).toEqual([["Soup 1 false", "Salad 1 true"], [{ options: [0] }]]);
    answers[0]!({ body: message(1, { rev: 2, poll: poll(["jonas", "mira"], []) }) });
    await house.wait(20);
    expect([options(), sent()]).toEqual([
      ["Soup 1 false", "Salad 1 true"],
      [{ options: [0] }, { options: [1] }],
    ]);
    answers[1]!({ body: message(1, { rev: 3, poll: poll(["jonas"], ["mira"]) }) });
    await house.wait();
    expect([options(), sent().length]).toEqual([["Soup 1 false", "Salad 1 true"], 2]);
  });

  test("that is closed meanwhile says so, and takes the vote back", async () => {
    house.instead.set(VOTE, () => ({ status: 409, body: problem(409, "The poll is closed.") }));
    await open(poll(["jonas"], []));
    await click(/^Salad/);
    await house.wait();
    expect(options()).toEqual(["Soup 1 false", "Salad 0 false"]);
    expect(all("[role=status]").map(words)).toContain("The poll is closed.");
  });

  test("follows the votes of others, and closes before one's eyes", async () => {
    await open(poll([], ["mira"]));
    const options_ = [
      { count: 4, users: ["jonas"] },
      { count: 1, users: ["mira"] },
    ];
    await house.say({
      type: "poll",
      room: GENERAL,
      rev: 2,
      seq: 1,
      poll: { options: options_, voters: 5, closed: false },
    });
    expect([options(), about()]).toEqual([["Soup 4 false", "Salad 1 true"], "5 votes Who voted"]);
    await house.say({
      type: "poll",
      room: GENERAL,
      rev: 3,
      seq: 1,
      poll: { options: options_, voters: 5, closed: true },
    });
    expect(all(".poll button.option").length).toBe(0);
    expect([all(".poll .first").length, about()]).toEqual([1, "5 votes · closed Who voted"]);
  });

  test("takes no votes once its time has come", async () => {
    await open(poll([], [], { closes_at: at(31) }));
    expect(about()).toMatch(/^No votes yet · closes /);
    await house.wait(61_000);
    expect([all(".poll button.option").length, about()]).toEqual([0, "No votes yet · closed"]);
  });

  test("that is anonymous names nobody", async () => {
    const p = poll(["x", "y"], [], { anonymous: true });
    for (const o of p.options) delete o.users;
    await open(p);
    expect([about(), all(".poll .link").length]).toEqual(["2 votes · anonymous", 0]);
  });

  test("says who voted for what", async () => {
    const votes = { options: poll(["jonas", "kim"], []).options, voters: 2 };
    house.instead.set(`GET /rooms/${GENERAL}/messages/1/votes`, () => ({ body: votes }));
    await open(poll(["jonas"], []));
    await click("Who voted");
    await house.wait();
    expect(words($("dialog"))).toMatch(/Soup 2.*Jonas Weber.*Kim.*Salad 0.*Nobody/);
  });

  test("of one's own can be closed, after a question", async () => {
    const CLOSE = `POST /rooms/${GENERAL}/messages/1/poll/close`;
    house.instead.set(CLOSE, () => ({
      body: message(1, { rev: 2, author: "mira", poll: poll([], [], { closed: true }) }),
    }));
    await open(poll([], []), "mira");
    await click("Close poll");
    await click("Close the poll");
    await house.wait();
    expect([house.commands(CLOSE).length, about()]).toEqual([1, "No votes yet · closed"]);
  });
});

describe("a new poll", () => {
  const POST = `POST /rooms/${GENERAL}/messages`;
  const fill = async (input: Element, value: string) => {
    (input as HTMLInputElement).value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await house.wait(20);
  };
  const inputs = () => all("dialog fieldset input");

  test("is made in a dialog of the menu of the box", async () => {
    house.instead.set(POST, () => ({ status: 201, body: message(1, { author: "mira", poll: poll([], []) }) }));
    await house.open(`/r/${GENERAL}`);
    await house.wait();
    await click("Add to the message");
    await click(/^Poll/);
    await house.wait();
    await fill($("dialog .field input"), "Where do we eat?");
    expect(inputs().length).toBe(2);
    await fill(inputs()[0]!, "Soup");
    $("dialog form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await house.wait(20);
    expect([house.commands(POST).length, words($("dialog [role=alert]"))]).toEqual([
      0,
      "At least 2 options are needed.",
    ]);
    await fill(inputs()[1]!, "Salad");
    expect(inputs().length, "one more appears").toBe(3);
    $("dialog form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await house.wait();
    const [body] = house.commands(POST) as [{ text: string; poll: object }];
    expect(body).toMatchObject({
      text: "Where do we eat?",
      poll: { options: ["Soup", "Salad"], several: false, anonymous: false },
    });
    expect(all("dialog").length).toBe(0);
  });

  const write = async () => {
    await house.open(`/r/${GENERAL}`);
    await house.wait();
    await click("Add to the message");
    await click(/^Poll/);
    await house.wait();
    await fill($("dialog .field input"), "Where do we eat?");
    await fill(inputs()[0]!, "Soup");
    await fill(inputs()[1]!, "Salad");
    $("dialog form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await house.wait(20);
  };
  const waiting = () => all("article[data-sending]").map((a) => [a.getAttribute("data-sending"), words(a)]);

  test("that is made offline waits like a message, and is sent once", async () => {
    let online = false;
    house.instead.set(POST, () => {
      if (!online) throw new TypeError("offline");
      return { status: 201, body: message(1, { author: "mira", text: "Where do we eat?", poll: poll([], []) }) };
    });
    await write();
    expect(all("dialog").length).toBe(0);
    expect(waiting()).toEqual([
      ["retrying", expect.stringMatching(/Where do we eat\? .*Soup ?Salad Waiting to try again…/)],
    ]);
    online = true;
    await house.wait(5000);
    const bodies = house.commands(POST) as { client_id: string }[];
    expect(new Set(bodies.map((b) => b.client_id)).size, "the server keeps one").toBe(1);
    expect([waiting(), all(".poll").length]).toEqual([[], 1]);
  });

  test("that is refused can be changed", async () => {
    house.instead.set(POST, () => ({ status: 400, body: problem(400, "Too long.", { field: "poll.options" }) }));
    await write();
    await house.wait();
    expect(waiting()).toEqual([["failed", expect.stringContaining("Not sent: Too long. Retry · Change · Delete")]]);
    await click("Change");
    await house.wait();
    expect([$("dialog .field input"), ...inputs()].map((i) => (i as HTMLInputElement).value)).toEqual([
      "Where do we eat?",
      "Soup",
      "Salad",
      "",
    ]);
    house.instead.set(POST, () => ({ status: 201, body: message(1, { author: "mira", poll: poll([], []) }) }));
    await fill(inputs()[1]!, "Ramen");
    $("dialog form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
    await house.wait(20);
    const bodies = house.commands(POST) as { client_id: string; poll: { options: string[] } }[];
    expect(bodies.at(-1)!.poll.options).toEqual(["Soup", "Ramen"]);
    expect(new Set(bodies.map((b) => b.client_id)).size, "it is another poll").toBe(2);
    expect(waiting().filter(([is]) => is === "failed")).toEqual([]);
  });
});
