import { expect, test } from "vitest";
import { blocks } from "./markdown";
import { quote } from "./quote";

test("a quote names who wrote it, links to the message, and ends before the answer", () => {
  const s = quote("Mira [N]", "https://h/r/x/1", "Lunch?\n\n- soup\n> before");
  expect(s).toBe("> [Mira \\[N\\]](https://h/r/x/1):\n> Lunch?\n>\n> - soup\n> > before\n\n");
  expect(blocks(`${s}Yes`).map((b) => b.t)).toEqual(["quote", "p"]);
  expect(JSON.stringify(blocks(s)[0])).toContain('"href":"https://h/r/x/1"');
});

test("of a long text the beginning is quoted, up to the end of a word", () => {
  const s = quote("Mira", "https://h/", "soup ".repeat(400));
  expect(s.length).toBeLessThan(1100);
  expect(s).toMatch(/soup…\n\n$/);
});
