import { describe, expect, test } from "vitest";
import { folded } from "./fold";
import { filled, texts } from "../../testing/hostile";
import { blocks, flat, type Block, type Cell, type Inline, type Item, type Row } from "./markdown";
import { runs } from "./mentions";
import { drawable } from "./pieces";

const line = (of: Inline[]): string =>
  of
    .map((t) => {
      if (t.t === "link") return `<a ${t.href}${t.to ? ` !${t.to}` : ""}>${line(t.of)}</a>`;
      if (t.t === "code") return `<code>${t.text}</code>`;
      return "of" in t ? `<${t.t}>${line(t.of)}</${t.t}>` : t.text;
    })
    .join("");
const mark = (i: Item) => (i.done === undefined ? "" : i.done ? " done" : " to do");
const show = (of: Block[]): string =>
  of
    .map((b): string => {
      if (b.t === "list")
        return `<list>${b.of.map((i) => `<${i.value ?? "•"}${mark(i)}>${show(i.of)}`).join("")}</list>`;
      if (b.t === "table")
        return `<table ${b.align.map((a) => a || "-").join()}>${b.of.map((r) => r.of.map((c) => line(c.of)).join("¦")).join(" // ")}</table>`;
      if (b.t === "quote") return `<quote>${show(b.of)}</quote>`;
      if (b.t === "code") return `<pre ${b.fence}${b.info}>${b.text}</pre>`;
      return b.t === "rule" ? "<hr>" : b.t === "heading" ? `<h>${line(b.of)}</h>` : line(b.of);
    })
    .join("|");
const drawn = (s: string) => show(blocks(s));

const SHRUG = "¯\\_(ツ)_/¯";

test.each([
  ["Shipping **2.1** today", "Shipping <strong>2.1</strong> today"],
  ["*a* _b_ ~~c~~ `d*e*`", "<em>a</em> <em>b</em> <del>c</del> <code>d*e*</code>"],
  ["_private_name and snake_case and 2 * 3 * 4", "_private_name and snake_case and 2 * 3 * 4"],
  ["**never closed", "**never closed"],
  ["***x***", "<em><strong>x</strong></em>"],
  ["\\*x\\*", "*x*"],
  ["``a`b``", "<code>a`b</code>"],
  ["C:\\_temp\\_new", "C:\\_temp\\_new"],
  ["see **C:\\_temp\\*.txt**, \\\\server\\_share.", "see <strong>C:\\_temp\\*.txt</strong>, \\\\server\\_share."],
  [SHRUG, SHRUG],
  [`well _then_ ${SHRUG} ${SHRUG}`, `well <em>then</em> ${SHRUG} ${SHRUG}`],
  ["one\ntwo  \n  three\t\tfour   five", "one\ntwo  \n  three\t\tfour   five"],
  ["   /\\\n  /  \\", "   /\\\n  /  \\"],
  ["a\r\nb", "a\nb"],
  ["[x](javascript:alert(1)) <b>&amp;</b> ![i](data:x)", "[x](javascript:alert(1)) <b>&amp;</b> ![i](data:x)"],
  ["-", "-"],
  ["> ", "> "],
  ["****", "****"],
])("inline %j", (source, want) => expect(drawn(source)).toBe(want));

test.each([
  ["```js title here\na\n```", "<pre ```js title here>a</pre>"],
  ["```one line```", "<code>one line</code>"],
  ["````\n```\na\n```\n````", "<pre ````>```\na\n```</pre>"],
  ["~~~\na\n~~~", "<pre ~~~>a</pre>"],
  ["```\nopen to the end", "<pre ```>open to the end</pre>"],
  ["> said\n> > before\nanswer", "<quote>said|<quote>before</quote></quote>|answer"],
  ["- a\n  - b\n    1. c\n- d\nthanks", "<list><•>a|<list><•>b|<list><1>c</list></list><•>d</list>|thanks"],
  ["3. a\n2. b\n1. c", "<list><3>a<2>b<1>c</list>"],
  ["1. a\n1. b", "<list><1>a<2>b</list>"],
  ["# Title\ntext\n\n---\nmore", "<h>Title</h>|text|<hr>|more"],
  ["    indented", "    indented"],
  [
    "- [ ] a\n- [x] b\n- [X] **c**\n1. [ ] d",
    "<list><• to do>a<• done>b<• done><strong>c</strong></list>|<list><1 to do>d</list>",
  ],
  [
    "- [] a\n- [y] b\n- [x]c\n- [ ]\n- [x](https://h/)\n- e [x] f",
    "<list><•>[] a<•>[y] b<•>[x]c<•>[ ]<•><a https://h/>x</a><•>e [x] f</list>",
  ],
  ["[ ] no item", "[ ] no item"],
  ["- [ ] a\n  - [x] b", "<list><• to do>a|<list><• done>b</list></list>"],
  ["> - [x] a", "<quote><list><• done>a</list></quote>"],
])("blocks %j", (source, want) => expect(drawn(source)).toBe(want));

test.each([
  ["| a | b |\n|---|---|\n| 1 | 2 |", "<table -,->a¦b // 1¦2</table>"],
  ["a|b\n-|-\n1|2", "<table -,->a¦b // 1¦2</table>"],
  ["| l | c | r |\n|:--|:-:|--:|", "<table left,center,right>l¦c¦r</table>"],
  [
    "| **a** | `b` |\n|--|--|\n| ~~c~~ | https://h |",
    "<table -,-><strong>a</strong>¦<code>b</code> // <del>c</del>¦<a https://h/>https://h</a></table>",
  ],
  ["| a \\| b | c |\n|--|--|", "<table -,->a | b¦c</table>"],
  ["text\n| a | b |\n|--|--|\n| 1 | 2 |\nanswer", "text|<table -,->a¦b // 1¦2</table>|answer"],
  ["| a |\n|--|\n| 1 |\n> said", "<table ->a // 1</table>|<quote>said</quote>"],
  ["> | a |\n> |--|\n> | 1 |\nanswer", "<quote><table ->a // 1</table></quote>|answer"],
  ["- x\n\n  | a |\n  |--|\n  | 1 |", "<list><•>x|<table ->a // 1</table></list>"],
  ["| a | b |\n|--|--|\n| 1 |\n| 1 | 2 | 3 |", "<table -,->a¦b // 1</table>|| 1 | 2 | 3 |"],
  ["| a | b |\n|--|", "| a | b |\n|--|"],
  ["a | b\nc | d", "a | b\nc | d"],
  ["| |\n|-|", "| |\n|-|"],
  [`${"|a".repeat(31)}|\n${"|-".repeat(31)}|`, `${"|a".repeat(31)}|\n${"|-".repeat(31)}|`],
])("table %j", (source, want) => expect(drawn(source)).toBe(want));

const h = (s: string, to = s) => `<a ${new URL(to).href}>${s}</a>`;
test.each([
  ["https://example.com。次へ", h("https://example.com") + "。次へ"],
  ["https://example.comを見て", h("https://example.com") + "を見て"],
  ["日本https://h", "日本" + h("https://h")],
  ["(https://h/Foo_(bar))", `(${h("https://h/Foo_(bar)")})`],
  ["“https://h/x”, «https://h/y»", `“${h("https://h/x")}”, «${h("https://h/y")}»`],
  ["Https://h", h("Https://h")],
  ["see www.example.com/a.", `see ${h("www.example.com/a", "https://www.example.com/a")}.`],
  ["https://h/a*b*c_d", h("https://h/a*b*c_d")],
  ["*https://h/a*, **https://h/b**!", `<em>${h("https://h/a")}</em>, <strong>${h("https://h/b")}</strong>!`],
  ["https://h/x? https://h/y… https://h/z؟", `${h("https://h/x")}? ${h("https://h/y")}… ${h("https://h/z")}؟`],
  ["https://ja.wikipedia.org/wiki/日本", h("https://ja.wikipedia.org/wiki/日本")],
  ["https://h/🎉🎉 xhttps://h www.a www. https://", `${h("https://h/")}🎉🎉 xhttps://h www.a www. https://`],
  ["<https://h/a> <mira@a.example>", `${h("https://h/a")} ${h("mira@a.example", "mailto:mira@a.example")}`],
  ["[docs](https://acme.example/a) https://h:443/b", `<a https://acme.example/a>docs</a> ${h("https://h:443/b")}`],
])("addresses in %j", (source, want) => expect(drawn(source)).toBe(want));

const evil = (text: string) => drawn(`[${text}](https://evil.example)`).includes("!evil.example");
test.each([
  "https://bank.example/?x=evil.example",
  "https://bank.example",
  "bank.example",
  "bank․example",
  "bank．example/login",
  "bank。example",
  "ba\u200bnk.exa\u200bmple",
  "https://**bank**.example",
  "evil.example.bank.example",
  "https://evil.example@bank.example",
  "10.0.0.1",
  "еvil.example", // Cyrillic
])("a link whose text says %j shows where it goes", (text) => expect(evil(text)).toBe(true));

test.each([
  "the docs",
  "evil.example",
  "https://evil.example/a?b=bank.example",
  "www.evil.example",
  "2.1",
  "e.g. this",
])("a link whose text says %j needs no more", (text) => expect(evil(text)).toBe(false));

test.each([
  ["https://bank@evil.example/", "evil.example"],
  ["https://2130706433/", "127.0.0.1"],
  ["https://0x7f.1/", "127.0.0.1"],
  ["https://аpple.com", "xn--pple-43d.com"],
  ["[mira@bank.example](mailto:x@evil.example)", "x@evil.example"],
  ["[mira@bank.example](mailto:%E0@evil.example)", "%E0@evil.example"],
])("%j shows where it goes", (source, to) => expect(drawn(source)).toContain(` !${to}>`));

test("an address with a percent sign that begins no escape is a link", () =>
  expect(drawn("<50%@bank.example>")).toBe("<a mailto:50%@bank.example>50%@bank.example</a>"));

describe("what is drawn holds every letter but the marks", () => {
  const all = (of: Block[]): string =>
    of
      .map((b): string => {
        if (b.t === "list") return b.of.map((i) => (i.done ? "x" : "") + all(i.of)).join("\n");
        if (b.t === "table") return b.of.flatMap((r) => r.of.map((c) => line2(c.of))).join("\n");
        if (b.t === "quote") return all(b.of);
        if (b.t === "code") return b.info + "\n" + b.text;
        return b.t === "rule" ? "" : line2(b.of);
      })
      .join("\n");
  const line2 = (of: Inline[]): string =>
    of.map((t) => (t.t === "link" ? `${line2(t.of)} ${t.href}` : "of" in t ? line2(t.of) : t.text)).join("");
  // Words between marks; marks are ASCII punctuation, digits of lists, and space.
  const marks =
    "* ** *** _ __ ~~ ` `` ``` ```` ~~~ > - + 1. 2) # ## [ ] ( ) ]( < > \\ | |-| |-|-| | ! & : % \n \n\n \t".split(" ");
  const pieces = [
    ...marks,
    " ",
    "  ",
    "    ",
    "é",
    "次",
    "🎉",
    "¯\\_(ツ)_/¯",
    "C:\\x\\_y",
    "@mira",
    "www.q.example",
    "https://h.example/p",
  ];
  const letters = (s: string) => [...s.matchAll(/[\p{L}\p{Emoji_Presentation}]/gu)].map(String).sort().join("");

  test("in three thousand texts", () => {
    let x = 1;
    const any = (n: number) => (x = (x * 48271) % 2147483647) % n;
    for (let i = 0; i < 3000; i++) {
      let s = "";
      for (let n = 0, to = 3 + any(20); n < to; n++) s += any(3) ? pieces[any(pieces.length)] : "k" + any(90);
      const seen = letters(all(blocks(s)));
      // A link's address is drawn twice, as text and as where it goes: of each letter there are at least as many.
      const have = new Map<string, number>();
      for (const c of seen) have.set(c, (have.get(c) ?? 0) + 1);
      for (const c of letters(s)) {
        const n = (have.get(c) ?? 0) - 1;
        if (n < 0) throw new Error(`${c} of ${JSON.stringify(s)} is lost in ${JSON.stringify(all(blocks(s)))}`);
        have.set(c, n);
      }
    }
  }, 30_000);

  test("however deep", () => {
    for (const s of ["> ".repeat(300) + "end", "- ".repeat(300) + "end", "*a **b ".repeat(300) + "c** d* ".repeat(300)])
      expect(letters(all(blocks(s)))).toBe(letters(s));
  });
});

test("20,000 characters of hostile text take no more time than their length asks for", () => {
  const cost = (s: string) => {
    const from = process.cpuUsage().user;
    blocks(s);
    return (process.cpuUsage().user - from) / 1000;
  };
  const slow: string[] = [];
  for (const text of texts) {
    blocks(filled(text, 1000));
    const s = filled(text, 20_000);
    const ms = Math.min(cost(s), cost(s), cost(s));
    if (ms > 250) slow.push(`${text.join("…").slice(-80)} ${ms}`); // 50 ms on an idle machine; quadratic time would be seconds
  }
  expect(slow).toEqual([]);
}, 60_000);

test("long messages are folded, between words and never within a character", () => {
  expect(folded("short")).toBeUndefined();
  expect(folded("line\n".repeat(59) + "end")).toBeUndefined();
  expect(folded("line\n".repeat(10_000))).toBe("line\n".repeat(20).trimEnd());
  expect(folded(":party: ".repeat(119))).toBeUndefined();
  expect(folded(":party: ".repeat(200))).toBe(":party: ".repeat(40).trimEnd());
  expect(folded("some words ".repeat(1800))).toMatch(/^(some words )+some( words)?$/);
  const family = "👩‍👩‍👧‍👦";
  expect(folded(family.repeat(1800))!.replaceAll(family, "")).toBe("");
  expect(folded("🎉".repeat(10_000))!.length).toBe(1800);
  expect(flat([{ t: "em", of: [{ t: "text", text: "a" }] }])).toBe("a");
});

const names = new Map([["mira", "id"]]);
/** The elements and texts that are drawn. */
const elements = (of: readonly (Block | Item | Row | Cell | Inline)[]): number =>
  of.reduce((n, b) => {
    if ("of" in b) return n + 1 + elements(b.of);
    return (
      n +
      1 +
      ("t" in b && b.t === "text"
        ? runs(b.text, names, undefined, (room) => room).filter((r) => r.t !== "text").length
        : 0)
    );
  }, 0);

test("whatever a message holds, what is shown before it is unfolded is soon drawn", () => {
  const most = texts.map((text) => {
    const cost = (length: number) => {
      const s = filled(text, length);
      return elements(blocks(folded(s) ?? s));
    };
    return [text.join("…").slice(-80), Math.max(...[200, 500, 1000, 2000, 5300, 20_000].map(cost))] as const;
  });
  expect(most.filter(([, n]) => n > 400)).toEqual([]);
  expect(folded("e\u0301\u0302\u0303".repeat(100)), "accents of a language").toBeUndefined();
  expect(folded("a" + "\u0301".repeat(20_000))!.length).toBeLessThan(400);
  expect(folded("a\u0301\u0302\u0303\u0304".repeat(1000))!.length, "stacked accents").toBeLessThan(400);
});

test("whatever a message holds, all of it is soon drawn, and what would take long as it was written", () => {
  const most = texts.map((text) => [text.join("…").slice(-80), elements(drawable(filled(text, 20_000)))] as const);
  expect(most.filter(([, n]) => n > 12_500)).toEqual([]);
  const written = (unit: string, n: number) => {
    const text = unit.repeat(n).trim(),
      [p] = drawable(text),
      line = p?.t === "p" ? p.of[0] : undefined;
    return line?.t === "url" && line.text === text;
  };
  for (const [unit, n] of [
    ["**a** ", 4998],
    ["🎉 ", 2499],
    ["- a\n", 714],
    ["> a\n\n", 714],
    ["```\na\n```\n", 500],
    ["|a|\n|-|\n|b|\n\n", 277],
  ] as const)
    expect([unit, written(unit, n), written(unit, n + 1)]).toEqual([unit, false, true]);
  expect(written("words\n", 3333), "however long").toBe(false);
  for (const row of ["|1|2|3\n", "|1|\n"]) {
    const [table, rest] = drawable(row + row.replace(/\d/g, "-") + row.repeat(1500)) as { t: string; of: Row[] }[];
    const cells = table!.of.reduce((n, r) => n + r.of.length, 0);
    expect([table!.t, rest!.t, cells > 1150 && cells < 1210], "the rows that are too many are text").toEqual([
      "table",
      "p",
      true,
    ]);
  }
});
