import { describe, expect, test, vi } from "vitest";
import { finder, splitter } from "./fuzzy";

const best = (typed: string, all: string[], limit = 9) => {
  const things = all.map((text) => ({ text }));
  return finder(things, (of) => [of.text])(typed, limit).map((of) => of.text);
};

describe("what is found", () => {
  test("a whole text, then whole words, their beginnings, and what stands inside of them", () => {
    const all = ["prelunch", "lunches today", "lunch today", "lunch", "dinner"];
    expect(best("lunch", all)).toEqual(["lunch", "lunch today", "lunches today", "prelunch"]);
  });

  test("number 12 is found before 127, wherever it stands", () => {
    const all = Array.from({ length: 2000 }, (_, i) => `Number ${i}`);
    expect(best("number 12", all, 3)).toEqual(["Number 12", "Number 120", "Number 121"]);
    expect(best("12", all, 2)).toEqual(["Number 12", "Number 120"]);
    expect(best("number 12", [...all].reverse(), 1)).toEqual(["Number 12"]);
  });

  test("of equals, what stands first: the finder is given what is sorted", () => {
    expect(best("jo", ["Alan Jones", "Jonas Weber", "Ana Joy"])).toEqual(["Alan Jones", "Jonas Weber", "Ana Joy"]);
    expect(best("", ["b", "a"])).toEqual(["b", "a"]);
    expect(best(" @", ["b", "a", "c"], 2)).toEqual(["b", "a"]);
  });

  test.each([
    ["eloise", "Éloïse"],
    ["ÉLO", "eloise"],
    ["weber jonas", "Jonas Weber"],
    ["@j.web", "j.weber"],
    ["#room", "room"],
    ["jw", "Jonas Weber"],
    ["jonweb", "Jonas Weber"],
    ["newm", "Start a new message"],
    ["太郎", "山田太郎"],
    ["郎", "山田太郎"],
    ["🍊", "oranges 🍊"],
    [":🍊", "🍊"],
    ["eber", "Jonas Weber"],
  ])("%s finds %s", (typed, text) => expect(best(typed, [text])).toEqual([text]));

  test.each([
    ["gnrl", "general"],
    ["ana", "Alexandra Novakova"],
    ["rest", "Rindfleischetikettierungsüberwachungsgesetz"],
    ["jow", "Jonas de Weber"],
    ["e", "Jonas Weber"],
    [":🍊", "Oren"],
    ["jonas x", "Jonas Weber"],
  ])("%s does not find %s", (typed, text) => expect(best(typed, [text])).toEqual([]));

  test("of equals, the first in the order that is asked for", () => {
    const all = ["d", "b1", "a", "b0", "c", "b"].map((name) => ({ name }));
    const find = finder(
      all,
      (of) => [of.name],
      (a, b) => (a.name < b.name ? -1 : 1),
    );
    const names = (typed: string, limit: number) => find(typed, limit).map((of) => of.name);
    expect([names("", 3), names("", 9), names("b", 9), names("b", 2)]).toEqual([
      ["a", "b", "b0"],
      ["a", "b", "b0", "b1", "c", "d"],
      ["b", "b0", "b1"],
      ["b", "b0"],
    ]);
  });

  test("with each text taken apart once, however often one searches", () => {
    let asked = 0;
    const all = Array.from({ length: 50 }, (_, i) => ({ name: `Number ${i}` })),
      texts = (of: { name: string }) => (asked++, [of.name]);
    for (const typed of ["n", "nu", "num", "number 1"]) finder([...all], texts)(typed, 5);
    expect(asked).toBe(50);
    expect(finder([{ name: "Another 1" }, ...all], texts)("1", 2)).toEqual([
      { name: "Another 1" },
      { name: "Number 1" },
    ]);
    expect(asked).toBe(51);
  });

  test("a letter more, or less, finds what a new search would find", () => {
    const words = ["jonas", "weber", "web", "room", "ro", "Éva", "e", "太郎", "b"];
    const all = words.flatMap((a) => words.map((b) => ({ text: `${a} ${b}` }))),
      texts = (of: { text: string }) => [of.text];
    const find = finder(all, texts);
    for (const typed of ["jonas web", "e", "ev", "eb", "jw", "jowe b", "ro e", "web ro", "太郎", "b b"]) {
      const steps = Array.from(typed, (_, i) => typed.slice(0, i + 1));
      for (const q of [...steps, ...steps.slice(0, -1).reverse(), ...steps])
        expect(find(q, 20), q).toEqual(finder(all, texts)(q, 20));
    }
  });

  test("a letter more is looked for in what was found before, and Backspace looks for nothing", () => {
    const all = Array.from({ length: 100 }, (_, i) => ({ text: `${i % 10 ? "room" : "lunch"} ${i}` }));
    const get = vi.spyOn(WeakMap.prototype, "get");
    const find = finder(all, (of) => [of.text]);
    const looked = (q: string) => {
      get.mockClear();
      return [find(q, 3).length, get.mock.calls.length];
    };
    expect(["lu", "lun", "lu", "lunch 1", "lunch", "roo", "r"].map(looked)).toEqual([
      [3, 100],
      [3, 10],
      [3, 0],
      [1, 10],
      [3, 10],
      [3, 100],
      [3, 100],
    ]);
    get.mockRestore();
  });

  test("what was taken apart before one types is not taken apart again", () => {
    let asked = 0;
    const all = Array.from({ length: 50 }, (_, i) => ({ name: `Number ${i}` })),
      texts = (of: { name: string }) => (asked++, [of.name]),
      find = finder(all, texts);
    all.slice(0, 20).forEach(splitter(texts));
    expect(asked).toBe(20);
    all.forEach(splitter(texts));
    expect(asked).toBe(50);
    expect([find("number 12", 1), asked]).toEqual([[{ name: "Number 12" }], 50]);
  });

  test("with the same signs between words in a text with accents and in one without", () => {
    for (let c = 0x20; c < 0x7f; c++) {
      const text = `lunch${String.fromCharCode(c)}soup`;
      expect(best("soup", [`${text} é`]).length, text).toBe(best("soup", [text]).length);
      expect(best("unch soup", [`${text} é`]).length, text).toBe(best("unch soup", [text]).length);
    }
  });

  test("by any of several texts", () => {
    const find = finder(
      [
        ["Kim Li", "kl"],
        ["Klara", "k"],
      ],
      (of) => of,
    );
    expect(find("kl", 9).map(([name]) => name)).toEqual(["Kim Li", "Klara"]);
    expect(find("kim kl", 9)).toHaveLength(1);
  });
});
