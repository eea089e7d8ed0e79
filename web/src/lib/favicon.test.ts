import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { iconOf } from "./favicon";

test("the icon of the page is that of the server, with a number when something waits", () => {
  const file = readFileSync(join(import.meta.dirname, "../../public/icon.svg"), "utf8"),
    drawn = (n: number) => decodeURIComponent(iconOf(n)),
    [, inside] = /<svg[^>]*>(.*)<\/svg>/s.exec(file)!;
  expect(iconOf(0)).toBe("/icon.svg");
  expect(drawn(3)).toContain(inside);
  expect([drawn(3), drawn(12)]).toEqual([expect.stringContaining(">3</text>"), expect.stringContaining(">9+</text>")]);
});
