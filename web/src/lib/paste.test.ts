// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { pasted } from "./paste";
import { inert } from "./trust";

const of = (html: string, text = inert(html).body.textContent ?? "", selected = "") =>
  pasted({ html, text }, selected, inert);

test.each([
  ["<p>Hello <b>bold</b> and <i>it</i></p>", "Hello **bold** and _it_"],
  ["<p>one</p><p>two <strong>b</strong></p>", "one\n\ntwo **b**"],
  ["<b>word </b>next", "**word** next"],
  ['<b style="font-weight:normal" id="docs-internal-guid-1"><span style="font-weight:700">a</span> b</b>', "**a** b"],
  ['<span style="font-style:italic">a</span><span style="text-decoration:line-through">b</span>', "_a_~~b~~"],
  ['<a href="https://a.example/x">docs</a>', "[docs](https://a.example/x)"],
  ['<a href="https://a.example/(x)">d]cs</a>', "[d\\]cs](https://a.example/%28x%29)"],
  ['<b>x</b> <a href="javascript:alert(1)">docs</a>', "**x** docs"],
  ["<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"],
  ["<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"],
  ["<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n   - b"],
  [
    '<ul><li><input type="checkbox" checked> done</li><li><input type="checkbox"> open</li></ul>',
    "- [x] done\n- [ ] open",
  ],
  ["<h2>Title</h2><p>text</p>", "## Title\n\ntext"],
  ["<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"],
  ['<pre><code class="language-go">a\n  b\n</code></pre>', "```go\na\n  b\n```"],
  ["use <code>a*b</code>", "use `a*b`"],
  [
    "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>x|y</td></tr></table>",
    "| a | b |\n| --- | --- |\n| 1 | x\\|y |",
  ],
  ["<table><tr><td><p>mail <b>b</b></p></td></tr></table>", "mail **b**"],
  ["a<br><b>c</b>", "a\n**c**"],
  ["<b>x</b><script>alert(1)</script><style>p{}</style>", "**x**"],
])("%j becomes %j", (html, want) => expect(of(html)).toBe(want));

test("a table of a spreadsheet becomes one", () => {
  expect(of("", "Who\tWhen\nMira\t9:41\n")).toBe("| Who | When |\n| --- | --- |\n| Mira | 9:41 |");
  expect(of("", "a|b\tc\r\nd\te\r\n")).toBe("| a\\|b | c |\n| --- | --- |\n| d | e |");
});

test.each([
  ["plain text", "plain text"],
  ["code that is indented by tabs", "\tif a\n\tb"],
  ["rows of different length", "a\tb\nc"],
  ["one line", "a\tb"],
])("%s is pasted by the browser", (_, text) => expect(of("", text)).toBeUndefined());

test("what an editor of code copies is pasted as it is", () =>
  expect(
    of('<div style="font-family:monospace"><span style="color:#f00">if</span> <span>(a)</span></div>', "if (a)"),
  ).toBeUndefined());

test("an address over selected words makes a link of them", () => {
  const url = "https://a.example/x_(y)";
  expect(of("", ` ${url}\n`, "the docs")).toBe("[the docs](https://a.example/x_%28y%29)");
  expect(of(`<a href="${url}">${url}</a>`, url, "the [docs]")).toBe("[the \\[docs\\]](https://a.example/x_%28y%29)");
  expect(of("", "two words", "the docs")).toBeUndefined();
  expect(of("", url, "https://b.example")).toBeUndefined();
});

test("no handler and no style reaches the document that is not shown", () => {
  const seen: string[] = [];
  pasted({ html: `<b onclick="x" STYLE='y'>a</b> <i>onclick=1</i>`, text: "a" }, "", (s) => (seen.push(s), inert(s)));
  expect(seen).toEqual([`<b data-onclick="x" data-STYLE='y'>a</b> <i>onclick=1</i>`]);
});

test("hostile HTML is read soon, and as text", () => {
  const from = performance.now();
  expect(of("<b>x</b>" + "<div>".repeat(300) + "deep")).toContain("deep");
  expect(of(`<b>x</b>${"<ul><li>".repeat(150)}deep`)).toContain("deep");
  expect(of("<b>" + "a".repeat(300_000) + "</b>")).toBeUndefined();
  of("<b>x</b>" + "<a ".repeat(60_000), "x");
  expect(performance.now() - from).toBeLessThan(5000);
});
