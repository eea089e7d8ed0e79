// @vitest-environment happy-dom
// How the page draws what messages hold, in the whole client.
import { afterEach, beforeEach, expect, test } from "vitest";
import { $, all, House, words } from "../testing/house";
import { GENERAL } from "./core/testing";

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
