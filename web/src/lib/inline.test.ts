// @vitest-environment happy-dom
// A line of a message: what is drawn of it, that it asks what it must, and that it leaves no nodes besides.
import { expect, test, vi } from "vitest";
import { inline, put, type Around } from "./inline";
import { blocks, jump, type Inline, type Item } from "./markdown";
import { runs } from "./mentions";

const around: Around = {
  runs: (text) => runs(text, new Map([["mira", "u1"], ["ada", "u2"]]), "here", (name) => (name === "tea" ? "r1" : undefined)), // prettier-ignore
  person: (id) => (id === "u1" ? { name: [{ t: "text", text: "Mira <b>" }], handle: "mira", me: true } : undefined),
  onperson: vi.fn(),
  pathTo: (room) => `/r/${room}`,
  onroom: vi.fn(),
};

function line(text: string): HTMLElement {
  const p = document.createElement("p"),
    [b] = blocks(text) as { of: Inline[] }[];
  p.append(...inline(b!.of, around));
  return p;
}

const nodes = (n: Node): number => 1 + [...n.childNodes].reduce((sum, c) => sum + nodes(c), 0);

test.each([
  ["plain", "plain", 1],
  ["**bold _both_** and ~~gone~~", "bold both and gone", 7],
  ["`code` 🎉", "code 🎉", 5],
  ["[site](https://h.example/x) <b>", "site <b>", 3],
  ["@mira, see #tea @here", "@Mira <b>, see #tea @here", 12],
  ["@ada is not to be seen", "@ada is not to be seen", 2],
])("%s says what it says, with no node besides", (source, said, most) => {
  const p = line(source);
  expect(p.textContent).toBe(said);
  expect(nodes(p) - 1).toBe(most);
});

test("who is mentioned opens who it is, a room is gone to, and a link shows where it leads and tells it nothing", () => {
  const p = line("@mira #tea [bank](https://evil.example)");
  p.querySelector("button")!.click();
  expect(around.onperson).toHaveBeenCalledWith("u1", p.querySelector("button"));
  const [room, link] = [...p.querySelectorAll("a")];
  room!.click();
  expect(around.onroom).toHaveBeenCalledWith(expect.anything(), "/r/r1");
  expect(room!.getAttribute("href")).toBe("/r/r1");
  expect([link!.getAttribute("href"), link!.target, link!.rel]).toEqual([
    "https://evil.example/",
    "_blank",
    "noopener noreferrer nofollow",
  ]);
  expect(p.querySelector("button")!.className).toBe("inline at me");
});

test("letters and brackets without a space may be broken into lines, and what is copied is the same", () => {
  const breaks = (text: string) => {
    const p = line(text);
    expect(p.textContent).toBe(text.replaceAll("`", ""));
    return p.querySelectorAll("wbr").length;
  };
  expect(breaks("a(b[".repeat(250))).toBe(4);
  expect(breaks("`" + "\\".repeat(1000) + "`")).toBe(4);
  expect(breaks("`" + "a(b[".repeat(250) + "`")).toBe(4);
  expect(breaks("a(b[".repeat(100) + " " + "a(b[".repeat(99)), "399 letters, then a space").toBe(1);
  expect(breaks("abcdefgh".repeat(250)), "browsers break these fast").toBe(0);
  expect(breaks("words, and (more) ".repeat(100).trim())).toBe(0);
});

test("a long text that stands as it was written may be broken at spaces too", () => {
  const p = document.createElement("p");
  put(p, [{ t: "url", text: "🎉 ".repeat(1000) + "a(b[".repeat(250) }], around);
  expect(p.textContent).toBe("🎉 ".repeat(1000) + "a(b[".repeat(250));
  expect([...p.querySelectorAll("wbr")].slice(0, 9).every((e) => /\s$/.test(e.previousSibling!.textContent!))).toBe(
    true,
  );
  expect(p.querySelectorAll("wbr").length).toBe(9 + 4);
});

test("a text without a space is split in linear time", () => {
  const p = document.createElement("p"),
    from = process.cpuUsage().user;
  put(p, [{ t: "url", text: "@a".repeat(500_000) }], around);
  expect(p.childNodes.length).toBe(1);
  expect((process.cpuUsage().user - from) / 1000).toBeLessThan(1000); // ms; quadratic time would be minutes
});

test("a line of many pieces is put in as one element, and nothing of it stays", () => {
  const p = document.createElement("p");
  p.append("end");
  const few = put(p, [{ t: "text", text: "a 🎉 b" }], around);
  expect(p.innerHTML).toBe('a <span class="emoji">🎉</span> bend');
  few();
  const many = put(p, [{ t: "text", text: "🎉 ".repeat(30) }], around);
  expect([p.childNodes.length, p.textContent]).toEqual([2, "🎉 ".repeat(30) + "end"]);
  many();
  expect(p.innerHTML).toBe("end");
});

test("only an item whose number does not follow has a number of its own", () => {
  const jumps = (text: string) => {
    const [list] = blocks(text) as { of: Item[] }[];
    return list!.of.map((_, i) => jump(list!.of, i) ?? "");
  };
  expect(jumps("3. a\n4. b\n9. c\n10. d\n2. e")).toEqual(["", "", "list-item 9", "", "list-item 2"]);
  expect(jumps("1. a\n1. b\n1. c")).toEqual(["", "", ""]);
  expect(jumps("- a\n- b")).toEqual(["", ""]);
});
