// Which link of a text gets a preview: the first one that leads to a page of somebody else.
import { blocks, type Block, type Inline } from "./markdown";

/** The first such link, spelled as the text has it; undefined without one. `own` is the origin of this client. */
export function firstLink(text: string, own: string): string | undefined {
  for (const b of blocks(text)) {
    const found = inBlock(b, text, own);
    if (found) return found;
  }
  return undefined;
}

function inBlock(b: Block, text: string, own: string): string | undefined {
  switch (b.t) {
    case "p":
    case "heading":
      return inLine(b.of, text, own);
    case "quote": // what is quoted was somebody else's link
    case "rule":
    case "code":
      return undefined;
    case "list":
      return first(b.of, (item) => first(item.of, (inner) => inBlock(inner, text, own)));
    case "table":
      return first(b.of, (row) => first(row.of, (cell) => inLine(cell.of, text, own)));
  }
}

const inLine = (of: readonly Inline[], text: string, own: string): string | undefined =>
  first(of, (i) => {
    if (i.t === "link") return spelled(i.href, i.of, text, own);
    return "of" in i ? inLine(i.of, text, own) : undefined;
  });

/** A link as the text has it: the server wants to find it there. */
function spelled(href: string, of: readonly Inline[], text: string, own: string): string | undefined {
  const url = new URL(href);
  if (!/^https?:$/.test(url.protocol) || url.origin === own) return undefined;
  const written = of.length === 1 && of[0]!.t === "url" ? of[0]!.text : undefined;
  if (written !== undefined) return /^https?:/i.test(written) ? written : `https://${written}`;
  return [href, href.replace(/\/$/, "")].find((h) => text.includes(h));
}

function first<T>(of: readonly T[], f: (v: T) => string | undefined): string | undefined {
  for (const v of of) {
    const found = f(v);
    if (found) return found;
  }
  return undefined;
}
