import { expect, test } from "vitest";
import { blocks, inline, type Inline } from "./markdown";

const show = (of: Inline[]): string =>
  of
    .map((t) => {
      switch (t.t) {
        case "text":
          return t.text;
        case "strong":
        case "em":
        case "del":
          return `<${t.t}>${show(t.of)}</${t.t}>`;
        case "link":
          return `<a ${t.href}${t.host ? ` !${t.host}` : ""}>${show(t.of)}</a>`;
        case "break":
          return "<br>";
        default:
          return `<${t.t}>${t.text}</${t.t}>`;
      }
    })
    .join("");

test.each([
  ["plain", "plain"],
  ["Shipping **2.1** today", "Shipping <strong>2.1</strong> today"],
  ["*a* _b_ ~~c~~ `d*e*`", "<em>a</em> <em>b</em> <del>c</del> <code>d*e*</code>"],
  ["**bold *and em* inside**", "<strong>bold <em>and em</em> inside</strong>"],
  ["snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"],
  ["**never closed", "**never closed"],
  ["see https://acme.example/ops.", "see <a https://acme.example/ops>https://acme.example/ops</a>."],
  ["[docs](https://acme.example/a)", "<a https://acme.example/a>docs</a>"],
  ["[https://bank.example](https://evil.example)", "<a https://evil.example/ !evil.example>https://bank.example</a>"],
  ["[x](javascript:alert(1))", "[x](javascript:alert(1))"],
  ["https://аpple.com", "<a https://xn--pple-43d.com/>https://xn--pple-43d.com/</a>"],
  ["`@mira`", "<code>@mira</code>"],
  ["one\ntwo", "one<br>two"],
  ["1 # * ©", "1 # * ©"],
])("inline %j", (source, want) => expect(show(inline(source))).toBe(want));

test("blocks", () => {
  expect(blocks("hi\n```go\na := 1\n```\n> said\n- one\n- two\n3. three").map((b) => b.t)).toEqual([
    "p",
    "code",
    "quote",
    "list",
    "list",
  ]);
  expect(blocks("```\nopen to the end")[0]).toEqual({ t: "code", text: "open to the end", language: "" });
  expect(blocks("3. three\n4. four")[0]).toMatchObject({ ordered: true, start: 3 });
});

test("nothing is lost: the text of the tokens is the text, less the marks", () => {
  const flat = (of: Inline[]): string => of.map((t) => ("of" in t ? flat(t.of) : "text" in t ? t.text : "\n")).join("");
  const letters = ["a", "*", "_", "~", "`", "[", "]", "(", ")", "@", "h", "\n", " ", "🎉", "é"];
  for (let seed = 1; seed < 3000; seed++) {
    let x = seed,
      s = "";
    for (let i = 0; i < 24; i++) s += letters[(x = (x * 48271) % 2147483647) % letters.length];
    expect(flat(inline(s)).replace(/[*_~`]/g, "")).toBe(s.replace(/[*_~`]/g, ""));
  }
});

test("hostile text takes linear time", () => {
  const cost = (s: string) => {
    const t = performance.now();
    blocks(s);
    return performance.now() - t;
  };
  for (const unit of [
    "**a ",
    "_a ",
    "`",
    "[",
    "[a](",
    "*_~~",
    "https://",
    "@a",
    "> ",
    "```\n",
    "~~a",
    "[[[[a](http://x.y)",
    "***",
  ]) {
    cost(unit.repeat(200));
    expect(cost(unit.repeat(Math.ceil(20_000 / unit.length))), unit).toBeLessThan(1000); // quadratic time would be minutes
  }
});
