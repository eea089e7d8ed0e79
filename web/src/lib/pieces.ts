// What a message costs to draw. One that costs too much is drawn as it was written: a few hundred items of lists, or thousands of marks,
// would hold up the page.
import { blocks, type Block, type Inline } from "./markdown";

/** In units of 10 µs: about 50 ms. */
const MOST = 5000;

/** What becomes an element within plain text: names of people and rooms, and emoji. */
const inText = /[@#][\p{L}\p{N}]|:[a-z0-9_-]{2,32}:|[\p{ExtPict}\p{RI}\p{EMod}\u200D\uFE0F]+/giu;

const sum = <T>(of: readonly T[], cost: (t: T) => number): number => of.reduce((n, t) => n + cost(t), 0);

/** What an element costs was measured in Chromium, with what the client does for it. */
function cost(b: Block | Inline): number {
  switch (b.t) {
    case "text":
      return 2 * (b.text.match(inText)?.length ?? 0);
    case "code":
      return "fence" in b ? 10 : 1;
    case "list":
      return 2 + sum(b.of, (item) => 5 + sum(item.of, cost));
    case "table":
      return 10 + sum(b.of, (row) => 1 + sum(row.of, (cell) => 3 + sum(cell.of, cost)));
    case "quote":
      return 5 + sum(b.of, cost);
    case "p":
    case "heading":
      return 2 + sum(b.of, cost);
    default:
      return 1 + ("of" in b ? sum(b.of, cost) : 0);
  }
}

/** The blocks of a message as they are drawn. */
export function drawable(source: string): Block[] {
  const of = blocks(source);
  return sum(of, cost) > MOST ? [{ t: "p", of: [{ t: "url", text: source }] }] : of;
}
