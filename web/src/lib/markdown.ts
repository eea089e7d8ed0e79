// Turns the text of a message into tokens. Components make elements from them, never HTML text. The time is linear in the
// length: a search for a missing end mark is not repeated, and nesting is bounded.

export type Inline =
  | { t: "text" | "code"; text: string }
  | { t: "strong" | "em" | "del"; of: Inline[] }
  | { t: "link"; href: string; of: Inline[]; host?: string }
  | { t: "break" };

export type Block =
  | { t: "p"; of: Inline[] }
  | { t: "quote"; of: Inline[] }
  | { t: "code"; text: string; language: string }
  | { t: "list"; ordered: boolean; start: number; items: Inline[][] };

const DEPTH = 6;

/** The blocks of a message. */
export function blocks(source: string): Block[] {
  const out: Block[] = [];
  const lines = source.split("\n");
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    const fence = /^```([\w+#.-]{0,20})\s*$/.exec(line);
    if (fence) {
      let end = i + 1;
      while (end < lines.length && !/^```\s*$/.test(lines[end]!)) end++;
      out.push({ t: "code", text: lines.slice(i + 1, end).join("\n"), language: fence[1]! });
      i = end + 1;
      continue;
    }
    const kind = kindOf(line);
    let end = i + 1;
    while (end < lines.length && kindOf(lines[end]!) === kind && !lines[end]!.startsWith("```")) end++;
    const group = lines.slice(i, end);
    i = end;
    if (kind === "quote") out.push({ t: "quote", of: inline(group.map((l) => l.replace(/^> ?/, "")).join("\n")) });
    else if (kind === "p") {
      const text = group.join("\n").replace(/^\n+|\n+$/g, "");
      if (text) out.push({ t: "p", of: inline(text) });
    } else {
      const item = kind === "ol" ? /^\s{0,3}(\d{1,6})[.)] / : /^\s{0,3}[-*+] /;
      out.push({
        t: "list",
        ordered: kind === "ol",
        start: Number(item.exec(group[0]!)?.[1] ?? 1),
        items: group.map((l) => inline(l.replace(item, ""))),
      });
    }
  }
  return out;
}

function kindOf(line: string): "quote" | "ul" | "ol" | "p" {
  if (line.startsWith(">")) return "quote";
  if (/^\s{0,3}[-*+] \S/.test(line)) return "ul";
  return /^\s{0,3}\d{1,6}[.)] \S/.test(line) ? "ol" : "p";
}

const special = /[*_~`[h\n]/g;
const url = /https?:\/\/[^\s<>"]{1,2000}/y;
const named = /\[([^\]\n]{1,500})\]\((https?:\/\/[^\s()]{1,2000}|mailto:[^\s()]{1,300})\)/y;

/** The inline tokens of a paragraph. */
export function inline(s: string, depth = 0): Inline[] {
  const out: Inline[] = [];
  const missing = new Set<string>(); // end marks that the rest of the text does not hold
  let from = 0;
  const plain = (to: number) => from < to && out.push({ t: "text", text: s.slice(from, to) });
  special.lastIndex = 0;
  for (let at = 0; at < s.length;) {
    special.lastIndex = at;
    const hit = special.exec(s);
    if (!hit) break;
    at = hit.index;
    const found = token(s, at, depth, missing);
    if (!found) {
      at++;
      continue;
    }
    plain(at);
    out.push(found.token);
    from = at = found.end;
  }
  plain(s.length);
  return out;
}

function token(s: string, at: number, depth: number, missing: Set<string>): { token: Inline; end: number } | undefined {
  const c = s[at]!;
  const wordBefore = at > 0 && /[\p{L}\p{N}]/u.test(s[at - 1]!);
  if (c === "\n") return { token: { t: "break" }, end: at + 1 };
  if (c === "`") return code(s, at, missing);
  if (c === "h") return wordBefore ? undefined : bare(s, at);
  if (c === "[") {
    named.lastIndex = at;
    const m = named.exec(s);
    return m ? { token: link(m[2]!, [{ t: "text", text: m[1]! }], m[1]!), end: named.lastIndex } : undefined;
  }
  return depth < DEPTH ? span(s, at, depth, wordBefore, missing) : undefined;
}

function code(s: string, at: number, missing: Set<string>) {
  if (missing.has("`")) return undefined;
  const end = s.indexOf("`", at + 1);
  if (end < 0) missing.add("`");
  return end > at + 1 ? { token: { t: "code", text: s.slice(at + 1, end) } as Inline, end: end + 1 } : undefined;
}

function span(s: string, at: number, depth: number, wordBefore: boolean, missing: Set<string>) {
  const c = s[at]!;
  const mark = s.startsWith(c + c, at) ? c + c : c === "~" ? "" : c;
  const t = mark === "~~" ? "del" : mark.length === 2 ? "strong" : "em";
  if (!mark || missing.has(mark) || (c === "_" && wordBefore) || /\s/.test(s[at + mark.length] ?? " "))
    return undefined;
  let end = at;
  do end = s.indexOf(mark, end + mark.length);
  while (end > 0 && (/\s/.test(s[end - 1]!) || (mark.length === 1 && s[end + 1] === c && ++end)));
  if (end < 0) {
    missing.add(mark);
    return undefined;
  }
  const inside = s.slice(at + mark.length, end);
  return inside ? { token: { t, of: inline(inside, depth + 1) } as Inline, end: end + mark.length } : undefined;
}

function bare(s: string, at: number) {
  url.lastIndex = at;
  const m = url.exec(s)?.[0];
  if (!m) return undefined;
  const text = m.replace(/[.,;:!?'"*_~`\]]+$/, "").replace(/^([^(]*)\).*$/, "$1");
  return URL.canParse(text) ? { token: link(text, [{ t: "text", text }], text), end: at + text.length } : undefined;
}

/** Adds the host to a link whose text looks like another address. */
function link(href: string, of: Inline[], text: string): Inline {
  if (!URL.canParse(href)) return { t: "text", text };
  const to = new URL(href);
  if (to.protocol === "mailto:") return { t: "link", href: to.href, of };
  if (text === href)
    return { t: "link", href: to.href, of: [{ t: "text", text: to.host === hostOf(text) ? text : to.href }] };
  const pretends = /[\p{L}\p{N}-]\.[\p{L}]{2,}/u.test(text) || text.includes("//");
  return pretends && !text.includes(to.host)
    ? { t: "link", href: to.href, of, host: to.host }
    : { t: "link", href: to.href, of };
}

const hostOf = (s: string): string => /^https?:\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(s)?.[1] ?? "";
