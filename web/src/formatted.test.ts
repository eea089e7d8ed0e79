// @vitest-environment happy-dom
// How the page draws what messages hold, in the whole client.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { $, all, House, words } from "../testing/house";
import { at, GENERAL, user } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

async function drawn(text: string): Promise<void> {
  house.post(GENERAL, "jonas", { text });
  await house.open(`/r/${GENERAL}`);
}

test("a table has the names of its columns in its head, and marks in its cells", async () => {
  await drawn("| Who | When |\n|:--|--:|\n| **Mira** | 9:41 |\n| @kim |");
  expect(all(".msg th").map(words)).toEqual(["Who", "When"]);
  expect(all(".msg td").map((c) => [c.className.includes("right"), words(c)])).toEqual([
    [false, "Mira"],
    [true, "9:41"],
    [false, "@kim"],
  ]);
  expect(words($(".msg td strong"))).toBe("Mira");
});

test("a task says whether it is done, also to who hears it", async () => {
  await drawn("- [ ] cook\n- [x] eat");
  const boxes = all(".msg li input") as HTMLInputElement[];
  expect(boxes.map((b) => [b.checked, b.disabled, b.getAttribute("aria-label")])).toEqual([
    [false, true, "To do"],
    [true, true, "Done"],
  ]);
  expect(all(".msg li").map(words)).toEqual(["cook", "eat"]);
});

test("a list begins with its first number, and an item has one of its own where it does not follow", async () => {
  await drawn("3. soup\n4. salad\n9. cake");
  expect($(".msg ol").getAttribute("start")).toBe("3");
  expect(all(".msg li").map((li) => li.getAttribute("style") ?? "")).toEqual(["", "", "counter-set: list-item 9;"]);
});

test("a mention is drawn anew when its person is renamed, and a line when it is edited; nothing of before stays", async () => {
  house.post(GENERAL, "jonas", { text: "**@kim** eats\n\n- with @jonas", mentions: ["kim", "jonas"] });
  await house.open(`/r/${GENERAL}`);
  const row = () => $(".msg .text"),
    before = row().querySelectorAll("*").length;
  await house.say({ type: "user", user: user("kim", { name: "Kim Novak" }) });
  expect([words(row()), row().querySelectorAll("*").length]).toEqual(["@Kim Novak eats with @Jonas Weber", before]);
  const edited = { text: "@jonas **cooks**\n\n- for @kim", mentions: ["jonas", "kim"], rev: 2, edited_at: at(3) };
  const edit = { ...house.messages.get(GENERAL)![0]!, ...edited };
  await house.say({ type: "message", room: GENERAL, rev: 2, message: edit });
  expect(all(".msg .text p, .msg .text strong").map(words)).toEqual(["@Jonas Weber cooks", "cooks", "for @Kim Novak"]);
  expect(row().querySelectorAll("button").length).toBe(2);
});

test("a block of code has the colours that a worker finds, and those of its new text when it is edited", async () => {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(private f: (seen: object[]) => void) {}
      observe = () => this.f([{ isIntersecting: true }]);
      disconnect = () => {};
    },
  );
  vi.stubGlobal(
    "Worker",
    class {
      onmessage: (e: object) => void = () => {};
      postMessage = ([text]: [string]) => setTimeout(() => this.onmessage({ data: [1, 2, 0, text.length - 2] }));
      terminate(): void {}
    },
  );
  await drawn("```ts\n// <b>\n```");
  await vi.waitFor(() => expect($(".msg pre code").innerHTML).toBe(`<span class="comment">//</span> &lt;b&gt;`), 4000);
  const edit = { ...house.messages.get(GENERAL)![0]!, text: "```ts\n/* & */\n```", rev: 2, edited_at: at(3) };
  await house.say({ type: "message", room: GENERAL, rev: 2, message: edit });
  expect($(".msg pre").textContent).toBe("/* & */");
  await vi.waitFor(() => expect($(".msg pre code").innerHTML).toBe(`<span class="comment">/*</span> &amp; */`), 4000);
  const unknown = { ...edit, text: "```cobol\n/* & */\n```", rev: 3 };
  await house.say({ type: "message", room: GENERAL, rev: 3, message: unknown });
  await house.wait(50);
  expect($(".msg pre code").innerHTML).toBe("/* &amp; */");
});
