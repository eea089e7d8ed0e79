// What is pasted into a box, as Markdown: rich text of a page or a word processor, a table of a spreadsheet, a link over selected words.
import { destination, fence, isAddress, linkName } from "./marks";

/** So deep elements are read: those of a page that goes on for ever become text. */
const DEEPEST = 60;
/** What a box takes at most; what a clipboard holds beyond it is not read. */
const LONGEST = 200_000;

export interface Clip {
  readonly html: string;
  readonly text: string;
}

/**
 * The text that takes the place of what is pasted; undefined when the browser pastes its plain text. `read` makes a document of HTML
 * that is not shown, in which nothing runs.
 */
export function pasted({ html, text }: Clip, selected: string, read: (html: string) => Document): string | undefined {
  const plain = text.trim();
  if (selected.trim() && !isAddress(selected.trim()) && isAddress(plain) && !selected.includes("\n"))
    return `[${linkName(selected)}](${destination(plain)})`;
  if (html.length > LONGEST) return sheet(text);
  if (!/<(?:b|strong|i|em|s|del|strike|code|pre|a|ul|ol|table|blockquote|h[1-6]|span)\b/i.test(html))
    return sheet(text);
  const rich = markdown(read(quiet(html)).body);
  const bare = (s: string) => s.replace(/\s+/g, "");
  return !rich || bare(rich) === bare(text) ? sheet(text) : rich;
}

/** HTML whose handlers and styles have other names: the browser refuses those, and complains, even in a document that is not shown. */
const quiet = (html: string): string =>
  html.replace(/<[a-z][^<>]*>/gi, (tag) => tag.replace(/\s(on\w+|style)\s*=/gi, " data-$1="));

/** Lines with the same number of tabs, as spreadsheets copy them. */
function sheet(text: string): string | undefined {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n"),
    rows = lines.map((l) => l.split("\t"));
  const columns = rows[0]!.length;
  const even = rows.length > 1 && columns > 1 && rows.every((r) => r.length === columns);
  // Code that is indented by tabs is no table.
  return even && rows.some((r) => r[0] !== "") ? table(rows) : undefined;
}

function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((r) => r.length));
  const line = (r: readonly string[]) =>
    `| ${Array.from({ length: columns }, (_, i) =>
      (r[i] ?? "")
        .trim()
        .replace(/\s*\n\s*/g, " ")
        .replace(/(?<!\\)\|/g, "\\|"),
    ).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${" --- |".repeat(columns)}`, ...body.map(line)].join("\n");
}

/** The elements as Markdown. */
function markdown(body: Element): string {
  return blocks(body, 0)
    .replace(/[ \t]+\n/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

const BLOCK =
  /^(?:P|DIV|SECTION|ARTICLE|MAIN|HEADER|FOOTER|UL|OL|LI|TABLE|BLOCKQUOTE|PRE|H[1-6]|HR|BODY|DL|DT|DD|FIGURE)$/;
const SKIPPED = /^(?:SCRIPT|STYLE|TEMPLATE|NOSCRIPT|META|LINK|TITLE|HEAD|SVG|IFRAME|OBJECT|BUTTON|SELECT|TEXTAREA)$/i;

const text = (n: Node): string => (n.textContent ?? "").replace(/[\s\u00a0]+/g, " ");

function blocks(e: Element, depth: number): string {
  if (depth > DEEPEST) return text(e);
  let out = "",
    inline = "";
  const flush = () => {
    if (inline.trim()) out += `\n\n${inline.trim()}\n\n`;
    inline = "";
  };
  for (const n of e.childNodes) {
    if (n instanceof Element && isBlock(n)) {
      flush();
      out += block(n, depth + 1);
    } else inline += spans(n, depth + 1);
  }
  flush();
  return out;
}

const isBlock = (e: Element): boolean =>
  BLOCK.test(e.tagName) || (!SKIPPED.test(e.tagName) && !!e.querySelector("p, div, ul, ol, table, pre, blockquote"));

function block(e: Element, depth: number): string {
  if (SKIPPED.test(e.tagName)) return "";
  switch (e.tagName) {
    case "UL":
    case "OL":
      return `\n\n${list(e, depth)}\n\n`;
    case "TABLE":
      return tableOf(e as HTMLTableElement, depth);
    case "PRE": {
      const code = (e.textContent ?? "").replace(/\n$/, ""),
        sign = fence(code),
        language = /language-([\w+#-]+)/.exec(`${e.className} ${e.firstElementChild?.className ?? ""}`)?.[1] ?? "";
      return `\n\n${sign}${language}\n${code}\n${sign}\n\n`;
    }
    case "BLOCKQUOTE":
      return `\n\n${markdown(e)
        .split("\n")
        .map((l) => `> ${l}`.trimEnd())
        .join("\n")}\n\n`;
    case "HR":
      return "\n\n---\n\n";
    default: {
      const level = /^H([1-6])$/.exec(e.tagName)?.[1];
      return level ? `\n\n${"#".repeat(Number(level))} ${spansOf(e, depth).trim()}\n\n` : blocks(e, depth);
    }
  }
}

function list(e: Element, depth: number): string {
  if (depth > DEEPEST) return text(e);
  let n = Number(e.getAttribute("start") ?? 1) || 1;
  return [...e.children]
    .flatMap((li) => {
      // Some write a list within a list beside its item.
      if (/^[UO]L$/.test(li.tagName)) return [list(li, depth + 1).replace(/^/gm, "   ")];
      if (li.tagName !== "LI") return [];
      const box = li.querySelector<HTMLInputElement>(
          ":scope > input[type=checkbox], :scope > p > input[type=checkbox]",
        ),
        sign = e.tagName === "OL" ? `${n++}. ` : `- ${box ? (box.hasAttribute("checked") ? "[x] " : "[ ] ") : ""}`;
      const of = blocks(li, depth + 1)
        .trim()
        .replace(/\n{2,}/g, "\n");
      return [sign + of.replace(/\n/g, `\n${e.tagName === "OL" ? "   " : "  "}`)];
    })
    .join("\n");
}

/** A table of one cell or column is a frame of a mail or a page: what is in it counts. */
function tableOf(e: HTMLTableElement, depth: number): string {
  const rows = [...e.querySelectorAll("tr")]
    .filter((r) => r.closest("table") === e)
    .map((r) => [...r.children].map((c) => spansOf(c, depth)));
  if (rows.length < 2 || Math.max(...rows.map((r) => r.length)) < 2 || e.querySelector("table"))
    return [...e.querySelectorAll("td, th")]
      .filter((c) => c.closest("table") === e)
      .map((c) => blocks(c, depth + 1))
      .join("\n\n");
  return `\n\n${table(rows)}\n\n`;
}

const spansOf = (e: Element, depth: number): string => [...e.childNodes].map((n) => spans(n, depth + 1)).join("");

function spans(n: Node, depth: number): string {
  if (!(n instanceof Element)) return n.nodeType === 3 ? text(n) : "";
  if (SKIPPED.test(n.tagName)) return "";
  if (depth > DEEPEST) return text(n);
  if (n.tagName === "BR") return "\n";
  if (n.tagName === "IMG") return n.getAttribute("alt") ?? "";
  if (n.tagName === "CODE" || n.tagName === "KBD") return code(n.textContent ?? "");
  let s = spansOf(n, depth);
  if (n.tagName === "A") s = anchor(n, s);
  const style = n.getAttribute("data-style") ?? "",
    weight = /font-weight:\s*(\w+)/.exec(style)?.[1];
  const bold = weight ? weight === "bold" || Number(weight) >= 600 : /^(?:B|STRONG)$/.test(n.tagName);
  if (bold) s = around(s, "**");
  if (/^(?:I|EM)$/.test(n.tagName) ? !/font-style:\s*normal/.test(style) : /font-style:\s*italic/.test(style))
    s = around(s, "_");
  if (/^(?:S|DEL|STRIKE)$/.test(n.tagName) || /text-decoration[^;]*line-through/.test(style)) s = around(s, "~~");
  return s;
}

/** A mark stands at the words, not at the spaces around them. */
function around(s: string, sign: string): string {
  const m = /^(\s*)([^]*?)(\s*)$/.exec(s)!;
  return m[2] && !m[2].includes("\n") ? m[1]! + sign + m[2] + sign + m[3] : s;
}

function code(s: string): string {
  const flat = s.replace(/\s+/g, " ").trim();
  return flat ? (flat.includes("`") ? `\`\` ${flat} \`\`` : `\`${flat}\``) : "";
}

function anchor(e: Element, s: string): string {
  const to = e.getAttribute("href") ?? "";
  if (!isAddress(to) || !s.trim()) return s;
  return s.trim() === to || `${s.trim()}/` === to ? to : `[${linkName(s.trim())}](${destination(to)})`;
}
