// What is coloured in code, and that colouring changes none of it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { highlight } from "./highlight";
import { KINDS, languageOf, names } from "./languages";

/** The stretches that have a colour. */
function coloured(text: string, language: string): string[] {
  const out: string[] = [],
    found = highlight(text, language);
  for (let i = 0, from = 0; i < found.length; from += found[i + 1]!, i += 2)
    if (found[i]) out.push(`${KINDS[found[i]!]}: ${text.slice(from, from + found[i + 1]!)}`);
  return out;
}

describe("the language of a block", () => {
  test.each([
    ["ts", "ts"],
    ["TypeScript", "ts"],
    ["js {1,3-4}", "js"],
    ["python title=a.py", "py"],
    ["c++", "c"],
    ["C#", "java"],
    ["yml", "yaml"],
  ])("%s: %s", (info, want) => expect(languageOf(info)).toBe(want));

  test.each(["", " ", "text", "plain", "cobol", "constructor", "__proto__", "toString", ". js"])(
    "%j has none",
    (info) => expect(languageOf(info)).toBeUndefined(),
  );

  test("a name stands for one language, and each language colours something", () => {
    expect(names.size).toBeGreaterThan(90);
    for (const language of new Set(names.values())) {
      const sample = '# a\nGET / HTTP/1.1\n+ 1\n[b]\n<i>: "c" = 1; if (\\d) https://d e:\nmov eax, 1\n`f`';
      expect([language, coloured(sample, language).length > 0]).toEqual([language, true]);
    }
  });
});

test.each([
  ["ts", 'const a = "b"; // c', ["word: const", 'string: "b"', "comment: // c"]],
  ["py", "x = 4.2 # four", ["number: 4.2", "comment: # four"]],
  ["sql", "SELECT 1 -- all", ["word: SELECT", "number: 1", "comment: -- all"]],
  ["go", 'func f() { return "x" }', ["word: func", "name: f", "word: return", 'string: "x"']],
  ["js", '"never closed', ['string: "never closed']],
  ["json", '{"a": true, "b": "c"}', ['name: "a"', "number: true", 'name: "b"', 'string: "c"']],
  ["diff", "+new\n-old\n same", ["good: +new", "bad: -old"]],
  ["md", "a\n```python\nNone # b\n```", ["word: ```python", "number: None", "comment: # b", "word: ```"]],
  ["nothing", "return 1", []],
  ["constructor", "return 1", []],
])("%s: %j", (language, text, want) => expect(coloured(text, language)).toEqual(want));

test("the stretches are the whole text, whatever it is, in all languages", () => {
  const bits = "\"'`\\{}()[]<>/*-#$@!|&=+.,:;~_ \t\n0aAé日🎉".match(/./gsu)!;
  const parts = [
    "/*",
    "*/",
    "//",
    "<!--",
    "-->",
    "${",
    "```",
    '"""',
    "<a b=",
    "</a>",
    "f'",
    "0x",
    "#{",
    "&amp;",
    "TODO",
    "if ",
    "\r\n",
    "\ud800",
  ];
  let seed = 1;
  const below = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  for (const language of new Set(names.values())) {
    for (let i = 0; i < 150; i++) {
      const text = Array.from({ length: below(24) }, () =>
        below(3) ? bits[below(bits.length)] : parts[below(parts.length)],
      ).join("");
      const found = highlight(text, language),
        lengths = found.filter((_, i) => i % 2);
      const want = { language, text, length: text.length, empty: false };
      expect({ ...want, length: lengths.reduce((a, b) => a + b, 0), empty: lengths.includes(0) }).toEqual(want);
    }
  }
});

test("every colour can be read on the ground of code, in light and dark", () => {
  const css = readFileSync(join(import.meta.dirname, "../styles/tokens.css"), "utf8");
  const colours = (name: string) =>
    [...new RegExp(`--${name}: light-dark\\((.*)\\);`).exec(css)![1]!.matchAll(/oklch\(([^)]*)\)/g)].map((m) =>
      luminance(m[1]!.split(" ").map(Number)),
    );
  const ground = colours("code");
  for (const name of ["muted", "text", ...[...css.matchAll(/--(code-\w+)/g)].map((m) => m[1]!)])
    for (const [i, l] of colours(name).entries()) {
      const [dark, light] = [l, ground[i]!].sort((a, b) => a - b);
      expect([name, i, (light! + 0.05) / (dark! + 0.05) >= 4.5]).toEqual([name, i, true]);
    }
  expect(ground.length).toBe(2);
});

/** The relative luminance of a colour of OKLCH, as WCAG has it. */
function luminance([l, c, h]: readonly number[]): number {
  const a = c! * Math.cos((h! * Math.PI) / 180),
    b = c! * Math.sin((h! * Math.PI) / 180);
  const long = (l! + 0.3963377774 * a + 0.2158037573 * b) ** 3,
    middle = (l! - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    short = (l! - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const part = (n: number) => Math.min(1, Math.max(0, n));
  return (
    0.2126 * part(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short) +
    0.7152 * part(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short) +
    0.0722 * part(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short)
  );
}
