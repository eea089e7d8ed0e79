// The texts of the client, as its components hold them: plain English, in sentence case, with plurals by one function.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "svelte/compiler";
import { describe, expect, test } from "vitest";

const SRC = import.meta.dirname;
const all = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (f) => !/test\.ts$|wire\/|interleavings/.test(f),
);
const source = (file: string) => readFileSync(join(SRC, file), "utf8");
const SAID = ["title", "placeholder", "aria-label", "label", "hint", "alt"];

type Node = { type?: string; data?: string; name?: string; value?: unknown } & Record<string, unknown>;

/** What a component shows: its text, the attributes that are read out, and the strings that look like a sentence. */
export function textsOf(code: string): string[] {
  const found: string[] = [];
  const add = (s: string) => {
    const text = s.replace(/\s+/g, " ").trim();
    if (/\p{L}{2}/u.test(text)) found.push(text);
  };
  const walk = (n: unknown): void => {
    if (Array.isArray(n)) return n.forEach(walk);
    if (!n || typeof n !== "object") return;
    const { type, data, name, value } = n as Node;
    if (type === "Comment" || type === "ImportDeclaration" || type === "StyleSheet") return;
    if (type === "Text") return add(data!);
    if (type === "Literal" && typeof value === "string" && /^\p{Lu}\p{Ll}+.*[\p{Ll}.…]$/u.test(value)) add(value);
    if (type === "Attribute" && !SAID.includes(name!) && Array.isArray(value)) return; // classes and the like
    for (const [key, child] of Object.entries(n)) if (!/^(parent|metadata|comments|loc)$/.test(key)) walk(child);
  };
  const { fragment, instance } = parse(code, { modern: true });
  walk(fragment);
  walk(instance?.content);
  return found;
}

const texts = all.filter((f) => f.endsWith(".svelte")).flatMap((f) => textsOf(source(f)).map((t) => [f, t] as const));

/** Names that a text may hold, beside those that begin a sentence. */
const NAMES = /\b(Canteen|Slack|Mira|Novak|Acme|Enter|Shift|Ctrl|Alt|Esc)\b/g;

const rules: [string, (text: string) => boolean][] = [
  ["plurals are made by core/counted", (t) => !/\(s\)/.test(t)],
  ["three dots are one character", (t) => !/\.\.\./.test(t)],
  [
    "only the first word of a sentence begins with a capital",
    (t) => !/\p{Ll} \p{Lu}\p{Ll}/u.test(t.replace(NAMES, "x")),
  ],
  ["nothing shouts", (t) => !/!!|\p{Lu}{5}/u.test(t)],
  [
    "may, shall and alone say less plainly can, will and only",
    (t) => !/\b(shall|alone|whom it is|is called so)\b/i.test(t),
  ],
  ["a password is the current one", (t) => !/present password/i.test(t)],
  ["a search that finds nothing says No matches", (t) => !/no results|nothing found|is called/i.test(t)],
  ["errors say what to do, not who is to blame", (t) => !/\b(invalid|illegal|failed|oops|sorry)\b/i.test(t)],
];

describe("texts", () => {
  test("are found: those of attributes, of elements, and of expressions", () => {
    const code = `<script>const a = b ? "No matches." : c;</script><p class="Big">Hello <b>you</b></p><input placeholder="Find" />`;
    expect(textsOf(code)).toEqual(["Hello", "you", "Find", "No matches."]);
    expect(texts.length).toBeGreaterThan(150);
  });

  test.each(rules)("%s", (_, holds) => expect(texts.filter(([, t]) => !holds(t))).toEqual([]));

  test("no file but core/counted chooses between one and many", () => {
    const choosing = /=== 1 \? (["`'])(?!it\1)[^"`'$]*\1 :|\? "" : "s"/;
    expect(all.filter((f) => /\.(ts|svelte)$/.test(f) && f !== "core/counted.ts" && choosing.test(source(f)))).toEqual(
      [],
    );
  });
});
