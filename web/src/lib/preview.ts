// Which links of a text are shown with what they lead to: the first one to a page of somebody else, and the first to a message.
import { spotOf } from "../core/paths";
import { blocks, type Block, type Inline } from "./markdown";

interface Found {
  readonly url: URL;
  /** As the text has it, if its text is the address itself. */
  readonly written: string | undefined;
}

/** The first link to a page elsewhere, spelled as the text has it; undefined without one. `own` is the origin of this client. */
export function firstLink(text: string, own: string): string | undefined {
  for (const { url, written } of links(blocks(text))) {
    if (url.origin === own) continue;
    if (written !== undefined) return /^https?:/i.test(written) ? written : `https://${written}`;
    const spelled = [url.href, url.href.replace(/\/$/, "")].find((h) => text.includes(h));
    if (spelled) return spelled;
  }
  return undefined;
}

/** A message to which a text has a link. */
export interface Linked {
  readonly room: string;
  readonly seq: number;
  readonly path: string;
}

/** The first link to a message of this workspace. */
export function linkedMessage(text: string, own: string): Linked | undefined {
  for (const { url } of links(blocks(text))) {
    if (url.origin !== own) continue;
    const { room, seq, thread, reply } = spotOf(url.pathname);
    const at = seq ?? reply ?? thread;
    if (room && at) return { room, seq: at, path: url.pathname };
  }
  return undefined;
}

/** The links to pages in a text, in their order. What is quoted was somebody else's, and code is none. */
function* links(of: readonly Block[]): Generator<Found> {
  for (const b of of) {
    if (b.t === "p" || b.t === "heading") yield* inLine(b.of);
    else if (b.t === "list") for (const item of b.of) yield* links(item.of);
    else if (b.t === "table") for (const row of b.of) for (const cell of row.of) yield* inLine(cell.of);
  }
}

function* inLine(of: readonly Inline[]): Generator<Found> {
  for (const i of of) {
    if (i.t === "link") {
      const url = new URL(i.href),
        [only, ...more] = i.of;
      if (/^https?:$/.test(url.protocol))
        yield { url, written: only?.t === "url" && !more.length ? only.text : undefined };
    } else if ("of" in i) yield* inLine(i.of);
  }
}
