// @vitest-environment happy-dom
// Quoting and forwarding messages, and what is shown of a forwarded one, in the whole client.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { $, all, House, key, named, type, words } from "../testing/house";
import { at, GENERAL, LUNCH, message, problem, room } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const box = () => $<HTMLTextAreaElement>("form.composer textarea");

/** Opens the menu of the first message, and takes an entry of it. */
async function choose(entry: string) {
  $("article[data-seq='1']").dispatchEvent(new Event("pointerover", { bubbles: true }));
  await house.wait(20);
  named("More").click();
  await house.wait(20);
  named(entry, "[role=menuitem]").click();
  await house.wait();
}

test("a quote goes into the box, with a link to the message, and one writes below it", async () => {
  house.post(GENERAL, "jonas", { text: "Lunch?\nAt noon?" });
  await house.open(`/r/${GENERAL}`);
  type(box(), "Well,");
  box().setSelectionRange(5, 5);
  await choose("Quote");
  const link = `[Jonas Weber](${location.origin}/r/${GENERAL}/1)`;
  expect(box().value).toBe(`Well,\n\n> ${link}:\n> Lunch?\n> At noon?\n\n`);
  expect([document.activeElement, box().selectionStart]).toEqual([box(), box().value.length]);
});

describe("forwarding", () => {
  const POST = `POST /rooms/${LUNCH}/messages`;

  test("asks to which room, and sends what one says to it", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(GENERAL, "jonas", { text: "Soup is out" });
    await house.open(`/r/${GENERAL}`);
    await choose("Forward");
    expect(words($("dialog blockquote"))).toBe("Jonas Weber Soup is out");
    type(named("Forward to"), "lun");
    await house.wait(20);
    key(named("Forward to"), "Enter");
    await house.wait(20);
    type($("dialog textarea"), "Look");
    named("Forward", "dialog button").click();
    await house.wait();
    expect(house.commands(POST)).toEqual([
      { client_id: expect.any(String), text: "Look", forward: { room: GENERAL, seq: 1 } },
    ]);
    expect(all("dialog")).toEqual([]);
  });

  test("says why it did not work, and sends it once when it is repeated", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(GENERAL, "jonas", { text: "Soup is out" });
    let tries = 0;
    house.instead.set(POST, () =>
      tries++ ? { status: 201, body: message(1, { room: LUNCH }) } : { status: 503, body: problem(503, "Try again.") },
    );
    await house.open(`/r/${GENERAL}`);
    await choose("Forward");
    key(named("Forward to"), "ArrowDown");
    await house.wait(20);
    key(named("Forward to"), "Enter");
    await house.wait(20);
    named("Forward", "dialog button").click();
    await house.wait();
    expect(all("dialog").length).toBe(1);
    named("Forward", "dialog button").click();
    await house.wait();
    const [first, second] = house.commands(POST) as { client_id: string; text?: string }[];
    expect([first!.text, second!.client_id, all("dialog")]).toEqual([undefined, first!.client_id, []]);
  });
});

describe("a forwarded message", () => {
  const shown = () => words($("article[data-seq='1'] .origin"));
  const forwarded = (seq: number, of = LUNCH) =>
    house.post(GENERAL, "jonas", { text: "", origin: { room: of, seq } } as object);

  test("is shown as it is now, with its author and place", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(LUNCH, "kim", { text: "**Soup** is out" });
    forwarded(1);
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toMatch(/Kim.*Soup is out.*#lunch/);
    expect(words($(".origin p strong"))).toBe("Soup");
    expect($("article[data-seq='1']").getAttribute("aria-label")).toContain("Forwarded a message");
  });

  test("whose text only repeats its cards is not said twice", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(LUNCH, "kim", { text: "Soup is out", fallback: true, cards: [{ title: "Soup is out" }] });
    forwarded(1);
    await house.open(`/r/${GENERAL}`);
    await house.wait();
    expect(shown().match(/Soup is out/g)).toHaveLength(1);
  });

  test("that one may not see says no more than that", async () => {
    forwarded(7, "roomsecret00");
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toBe("A message you cannot see");
  });

  test("that was deleted says so", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(LUNCH, "kim", { text: "", deleted_at: at(3) });
    forwarded(1);
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toBe("The forwarded message was deleted.");
  });

  test("that cannot be loaded can be tried again", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(LUNCH, "kim", { text: "Soup" });
    forwarded(1);
    let down = true;
    const GET = `GET /rooms/${LUNCH}/messages/1`;
    house.instead.set(GET, () =>
      down ? { status: 503, body: problem(503, "Try again.") } : { body: house.messages.get(LUNCH)![0] },
    );
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toContain("could not be loaded");
    down = false;
    named("Try again").click();
    await house.wait();
    expect(shown()).toContain("Soup");
  });

  test("is gone from the page when one loses its room", async () => {
    house.rooms.push(room(LUNCH, { name: "lunch" }));
    house.post(LUNCH, "kim", { text: "Soup" });
    forwarded(1);
    await house.open(`/r/${GENERAL}`);
    expect(shown()).toContain("Soup");
    house.instead.set(`GET /rooms/${LUNCH}/messages/1`, () => ({ status: 404, body: problem(404, "Not found.") }));
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    expect(shown()).toBe("A message you cannot see");
  });
});
