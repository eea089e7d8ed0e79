// Turns the text of a message into a tree, from which components make elements. The parsers are markdown-it's, with the rules that
// docs/markdown.md lists; the rules below keep what CommonMark would take out of a chat's text. It is loaded as a part of its own.
import type MarkdownIt from "markdown-it";
import type Token from "markdown-it/lib/token.mjs";
import parseLinkDestination from "markdown-it/lib/helpers/parse_link_destination.mjs";
import parseLinkLabel from "markdown-it/lib/helpers/parse_link_label.mjs";
import type StateBlock from "markdown-it/lib/rules_block/state_block.mjs";
import ParserBlock, { type RuleBlock } from "markdown-it/lib/parser_block.mjs";
import ParserInline, { type RuleInline as Rule } from "markdown-it/lib/parser_inline.mjs";
import readEscape from "markdown-it/lib/rules_inline/escape.mjs";
import readParagraph from "markdown-it/lib/rules_block/paragraph.mjs";
import readTable from "markdown-it/lib/rules_block/table.mjs";
import { address, bare, link, type Link } from "./links";

/** The published types leave out linkLevel. */
type State = Parameters<Rule>[0] & { linkLevel: number };
type RuleInline = (state: State, silent: boolean) => boolean;

export type Inline =
  | { t: "text"; text: string }
  | { t: "code"; text: string }
  | { t: "url"; text: string } // text that stands as it was written, such as an address inside its link
  | { t: "strong"; of: Inline[] }
  | { t: "em"; of: Inline[] }
  | { t: "del"; of: Inline[] }
  | ({ t: "link"; of: Inline[] } & Link);

export type Block =
  | { t: "p"; of: Inline[] }
  | { t: "heading"; of: Inline[]; level: number }
  | { t: "rule" }
  | { t: "code"; text: string; fence: string; info: string }
  | { t: "quote"; of: Block[] }
  | { t: "list"; ordered: boolean; of: Item[] }
  | { t: "table"; align: Align[]; of: Row[] };

export interface Item {
  /** The number as it was written, in an ordered list. */
  readonly value?: number;
  /** Of a task: whether it is done. */
  done?: boolean;
  readonly of: Block[];
}

/** Where the words of a column stand; "" is where their script begins. */
export type Align = "" | "left" | "center" | "right";
/** A row of a table; the first one holds the names of the columns. Cells that were not written at its end are not in it. */
export interface Row {
  readonly of: Cell[];
}
export interface Cell {
  readonly of: Inline[];
}

const DEEPEST = 16; // levels of blocks: a quote is one, a list with its item two
const NESTED = 12; // elements within each other in a line
const COLUMNS = 30; // of a table: what has more is text
const CELLS = 1200; // of a table, those that are missing included

/** Text is not trimmed at its beginning: pictures made of letters keep their first line. */
const paragraph: RuleBlock = (state, from, end, silent) => {
  readParagraph(state, from, end, silent);
  state.tokens.at(-2)!.content = state.getLines(from, state.line, state.blkIndent, false).trimEnd();
  return true;
};
const deep: RuleBlock = (state, from, end, silent) => state.level >= DEEPEST && paragraph(state, from, end, silent);

const row = (state: StateBlock, i: number) => state.src.slice(state.bMarks[i]! + state.tShift[i]!, state.eMarks[i]);
/** How many cells a row has: the bars at its ends make none, and one after a backslash is text. */
const cells = (row: string): number =>
  row
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/).length;

/** A table that is too wide is text. */
const table: RuleBlock = (state, from, end, silent) => {
  if (!readTable(state, from, end, true)) return false;
  const columns = cells(row(state, from));
  if (columns > COLUMNS || silent) return columns <= COLUMNS;
  Object.assign(state.env as object, { columns, last: from + CELLS / columns });
  return readTable(state, from, end, false);
};
/**
 * A table ends before a line that is not one of its rows: a line without a bar is an answer, and the cells beyond the columns of the
 * table would be lost.
 */
const tableEnds = (state: StateBlock, from: number): boolean => {
  const { columns, last } = state.env as { columns: number; last: number };
  const line = row(state, from);
  return from > last || !line.includes("|") || cells(line) > columns;
};
/** A line without ">" ends a quote, and one that is indented less than an item ends the item. */
const quoteEnds: RuleBlock = (state, from, _end, silent) =>
  silent && ((state.parentType as string) !== "table" || tableEnds(state, from));
const itemEnds: RuleBlock = (state, from, _end, silent) => silent && state.sCount[from]! < state.blkIndent;

const path = /(?:[a-z]:\\|\\\\[\p{L}\p{N}][\p{L}\p{N}.-]*\\)[^\s`<>"|[\]]*/iuy;
const special = /[\\`*_~[\]<]|(?<![a-z\d])(?:https?:\/\/|www\.)(?=[\p{L}\p{N}])|(?<![\p{L}\p{N}])[a-z]:\\/giu;

/** Everything up to the next character that may be a mark. */
const text: RuleInline = (state, silent) => {
  special.lastIndex = state.pos;
  const end = Math.min(special.exec(state.src)?.index ?? state.posMax, state.posMax);
  if (end <= state.pos) return false;
  if (!silent) state.pending += state.src.slice(state.pos, end);
  state.pos = end;
  return true;
};

/** Backslashes stay in paths of Windows, in the shrug, and at the end of a line, which breaks without one. */
const backslashes: RuleInline = (state, silent) => {
  const { src, pos } = state;
  let kept = "";
  if (src.startsWith("\\\n", pos)) kept = "\\";
  else if (src.startsWith("\\_", pos) && src[pos - 1] === "¯")
    kept = /^.{1,9}\)_\/¯/.exec(src.slice(pos, pos + 16))?.[0] ?? "\\_";
  else if (/[a-z\\]/i.test(src[pos]!) && !/[\p{L}\p{N}\\]/u.test(src[pos - 1] ?? "")) {
    path.lastIndex = pos;
    kept = path.exec(src)?.[0].replace(/[*_~.,;:!?')]+$/, "") ?? "";
  }
  if (!kept || pos + kept.length > state.posMax) return false;
  if (!silent) state.pending += kept;
  state.pos += kept.length;
  return true;
};

const push = (state: State, url: URL, of: () => void) => {
  state.push("link_open", "a", 1).meta = url;
  state.linkLevel++;
  of();
  state.linkLevel--;
  state.push("link_close", "a", -1);
};
const written = (state: State, s: string) => (state.push("url", "", 0).content = s);

const autolink: RuleInline = (state, silent) => {
  if (state.linkLevel || !/[hw]/i.test(state.src[state.pos]!)) return false;
  const found = bare(state.src.slice(0, state.posMax), state.pos);
  if (!found) return false;
  if (!silent) push(state, found.url, () => written(state, found.text));
  state.pos += found.text.length;
  return true;
};

const angled = /<(?:(https?:[^\s<>]{1,2000}|mailto:[^\s<>]{1,300})|([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}))>/iy;

/** <https://a.example>, <mira@a.example> */
const angle: RuleInline = (state, silent) => {
  angled.lastIndex = state.pos;
  const m = state.src[state.pos] === "<" ? angled.exec(state.src) : null;
  const url = m ? address(m[1] ?? "mailto:" + m[2]!) : undefined;
  if (!m || !url || angled.lastIndex > state.posMax) return false;
  if (!silent) push(state, url, () => written(state, m[1] ?? m[2]!));
  state.pos += m[0].length;
  return true;
};

/** [text](address). Titles, references and addresses of other kinds are left as they are written. */
const named: RuleInline = (state, silent) => {
  const { src, pos, posMax } = state;
  if (src[pos] !== "[" || pos > ((state.env as { last?: number }).last ??= src.lastIndexOf("]("))) return false;
  const end = parseLinkLabel(state, pos, true);
  if (end < 0 || src[end + 1] !== "(" || !/[^\s\p{DI}]/u.test(src.slice(pos + 1, end))) return false;
  const blank = (at: number) => at + /^\s{0,99}/.exec(src.slice(at, at + 99))![0].length;
  const to = parseLinkDestination(src, blank(end + 2), posMax);
  const close = blank(to.pos);
  const url = to.ok && src[close] === ")" && close < posMax ? address(to.str) : undefined;
  if (!url) return false;
  if (!silent) {
    state.pos = pos + 1;
    state.posMax = end;
    push(state, url, () => state.md.inline.tokenize(state));
    state.posMax = posMax;
  }
  state.pos = close + 1;
  return true;
};

const block = new ParserBlock();
block.ruler.at("paragraph", paragraph);
block.ruler.at("table", table, { alt: ["paragraph"] });
block.ruler.before("table", "deep", deep);
block.ruler.push("quoteEnds", quoteEnds, { alt: ["blockquote"] });
block.ruler.push("itemEnds", itemEnds, { alt: ["paragraph"] });
block.ruler.enableOnly([
  "deep",
  "table",
  "fence",
  "blockquote",
  "hr",
  "list",
  "heading",
  "paragraph",
  "quoteEnds",
  "itemEnds",
]);

const inline = new ParserInline();
inline.ruler.at("text", text as Rule);
inline.ruler.at("escape", (state, silent) => backslashes(state as State, silent) || readEscape(state, silent));
inline.ruler.at("linkify", autolink as Rule);
inline.ruler.at("link", named as Rule);
inline.ruler.at("autolink", angle as Rule);
inline.ruler.enableOnly(["text", "escape", "linkify", "backticks", "strikethrough", "emphasis", "link", "autolink"]);

const md = { options: { maxNesting: 40 }, block, inline } as unknown as MarkdownIt;

/** The blocks of a message. A message of marks alone is drawn as it is written. */
export function blocks(source: string): Block[] {
  const s = source.replace(/\r\n?/g, "\n");
  const tokens: Token[] = [];
  block.parse(s, md, {}, tokens);
  const top = tree(tokens);
  return holds(top) || !s.trim() ? top : [{ t: "p", of: [{ t: "text", text: s }] }];
}

type Inner<T extends Block["t"]> = Extract<Block, { t: T }>;

/** The tokens of blocks as a tree. */
function tree(tokens: readonly Token[]): Block[] {
  const top: Block[] = [];
  const open: Block[][] = [top];
  let row: Cell[] | undefined; // of the table in which one is
  for (const [i, t] of tokens.entries()) {
    const here = open.at(-1)!;
    switch (t.type) {
      case "inline": {
        const of = line(t.content),
          level = Number(/h(\d)/.exec(tokens[i - 1]!.tag)?.[1] ?? 0);
        if (row) row.push({ of });
        else here.push(level ? { t: "heading", of, level } : { t: "p", of });
        break;
      }
      case "fence":
        here.push({ t: "code", text: t.content.replace(/\n$/, ""), fence: t.markup, info: t.info.trim() });
        break;
      case "hr":
        here.push({ t: "rule" });
        break;
      case "blockquote_open":
        open.push(nested<Inner<"quote">>(here, { t: "quote", of: [] }).of);
        break;
      case "bullet_list_open":
      case "ordered_list_open":
        here.push({ t: "list", ordered: t.tag === "ol", of: [] });
        break;
      case "list_item_open":
        open.push(item(here.at(-1) as Inner<"list">, t.info));
        break;
      case "table_open":
        here.push({ t: "table", align: [], of: [] });
        break;
      case "th_open":
        (here.at(-1) as Inner<"table">).align.push((t.attrGet("style")?.slice("text-align:".length) ?? "") as Align);
        break;
      case "tr_open":
        row = nested<Row>((here.at(-1) as Inner<"table">).of, { of: [] }).of;
        break;
      case "tr_close":
        while (row?.at(-1)?.of.length === 0) row.pop();
        row = undefined;
        break;
      case "list_item_close":
        task((open.at(-2)!.at(-1) as Inner<"list">).of.at(-1)!);
        open.pop();
        break;
      case "blockquote_close":
        open.pop();
    }
  }
  return top;
}

const nested = <N>(into: (N | Block)[], b: N): N => (into.push(b), b);

/** Makes an item whose text begins with a box a task. */
function task(item: Item): void {
  const [p] = item.of,
    first = p?.t === "p" ? p.of[0] : undefined;
  const box = first?.t === "text" ? /^\[([ xX])\]\s+/.exec(first.text) : null;
  if (!box || first?.t !== "text") return;
  item.done = box[1] !== " ";
  first.text = first.text.slice(box[0].length);
}

/** Adds an item. Numbers are those that were written; a number that repeats the one before it counts on. */
function item(list: { of: Item[] }, written: string): Block[] {
  const of: Block[] = [];
  const before = list.of as (Item & { written?: string })[];
  const value = written === before.at(-1)?.written ? before.at(-1)!.value! + 1 : Number(written);
  before.push(written ? { value, of, written } : { of });
  return of;
}

/**
 * As CSS, the number of an item that does not follow from the one before it. Browsers count the items with a number of their own (value)
 * in quadratic time.
 */
export function jump(list: readonly Item[], i: number): string | undefined {
  const { value } = list[i]!;
  return i && value !== undefined && value !== list[i - 1]!.value! + 1 ? `list-item ${value}` : undefined;
}

/** Whether anything of the blocks is seen but marks. */
const holds = (of: Block[]): boolean =>
  of.some((b) => {
    if (b.t === "list") return b.of.some((i) => holds(i.of));
    if (b.t === "quote") return holds(b.of);
    if (b.t === "table") return b.of.some((r) => r.of.length > 0);
    return b.t === "code" ? b.text !== "" || b.info !== "" : b.t !== "rule" && b.of.length > 0;
  });

const kinds = { strong_open: "strong", em_open: "em", s_open: "del" } as const;

/** The tokens of a line as a tree. */
function line(source: string): Inline[] {
  const tokens: Token[] = [];
  inline.parse(source, md, {}, tokens);
  const top: Inline[] = [];
  const open: Inline[][] = [top];
  const urls: URL[] = [];
  for (const t of tokens) {
    const here = open.at(-1)!;
    if (t.nesting > 0) {
      const of: Inline[] = open.length > NESTED ? here : [];
      open.push(of);
      if (t.type === "link_open") urls.push(t.meta as URL);
      else if (of !== here) here.push({ t: kinds[t.type as keyof typeof kinds], of });
    } else if (t.nesting < 0) {
      open.pop();
      if (t.type === "link_close" && here !== open.at(-1))
        open.at(-1)!.push({ t: "link", of: here, ...link(urls.pop()!, flat(here)) });
    } else if (t.type === "code_inline") here.push({ t: "code", text: t.content });
    else if (t.type === "url") here.push({ t: "url", text: t.content });
    else add(here, t.content);
  }
  return top;
}

/** Adds plain text, to the piece before it where that is plain text too. */
function add(to: Inline[], text: string): void {
  const last = to.at(-1);
  if (last?.t === "text") last.text += text;
  else if (text) to.push({ t: "text", text });
}

/** The text of inline elements. */
export const flat = (of: Inline[]): string => of.map((t) => ("of" in t ? flat(t.of) : t.text)).join("");
