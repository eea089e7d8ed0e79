// The grammar of mentions, as the server has it in text/mention.go (text/testdata/mentions.json is for both), and which person each of
// them means.
import type { Block, Cell, Inline, Item, Row } from "./markdown";
import { emoji, type Drawn, type Pictured } from "./runs";

/** An @name in plain text: it stands from `from` to the end of one of the handles that it may be, of which the first that exists counts. */
export interface Named {
  readonly from: number;
  readonly handles: readonly string[];
}

const SHORTEST = 2,
  LONGEST = 30;
// A digit, or a letter of a script in which words stand apart, makes another word.
const word = "\\p{Nd}\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}";
const sign = new RegExp(`(?<![${word}])@(?=([a-z0-9._-]+))\\1(?![@\\p{M}${word}])`, "giu");

/** The @names in a piece of plain text. */
export function named(s: string): Named[] {
  if (!s.includes("@")) return [];
  return [...s.matchAll(sign)].flatMap((m) => {
    const typed = m[1]!.toLowerCase(),
      bare = typed.replace(/[._-]+$/, ""),
      handles = [...new Set([typed, bare])].filter(
        (h) => h.length >= SHORTEST && h.length <= LONGEST && /^[a-z0-9]/.test(h),
      );
    return handles.length ? [{ from: m.index, handles }] : [];
  });
}

type Node = Block | Item | Row | Cell | Inline;

/** The @names of a message, in order. */
const namesIn = (of: readonly Node[]): Named[] =>
  of.flatMap((n) => ("of" in n ? namesIn(n.of) : "t" in n && n.t === "text" ? named(n.text) : []));

/** The words that call all members of a room together, and those of them who are there now. */
export type Broadcast = "here" | "room";
const isBroadcast = (word: string): word is Broadcast => word === "here" || word === "room";

/** Which of them stand in a message, with an @ and outside code. */
export const broadcasts = (of: readonly Block[]): ReadonlySet<Broadcast> =>
  new Set(
    namesIn(of)
      .map(({ handles }) => handles.at(-1)!)
      .filter(isBroadcast),
  );

/**
 * Whom the @names of a message mean, by handle. `mentions` are the people whom the server found, in the order of the text; undefined
 * while it has not got the message. Somebody who was renamed since is named by a handle that is nobody's now. If there are more such
 * names than people, it is not known who is meant.
 */
export function meant(
  of: readonly Block[],
  mentions: readonly string[] | undefined,
  holder: (handle: string) => string | undefined,
): ReadonlyMap<string, string> {
  const out = new Map<string, string>(),
    rest = new Set(mentions),
    unknown = new Set<string>();
  for (const { handles } of namesIn(of)) {
    if (isBroadcast(handles.at(-1)!)) continue;
    const holders = handles.flatMap((h) => [[h, holder(h)] as const]).filter(([, id]) => id !== undefined);
    const found = holders.find(([, id]) => !mentions || mentions.includes(id!));
    if (found) out.set(found[0], found[1]!);
    if (found) rest.delete(found[1]!);
    else if (!holders.length) unknown.add(handles.at(-1)!);
  }
  const ids = [...rest];
  if (unknown.size <= ids.length) for (const [i, handle] of [...unknown].entries()) out.set(handle, ids[i]!);
  return out;
}

/** What is drawn of a piece of plain text: `text` of a mark is what was written. */
export type Run =
  | Drawn
  | { t: "mention"; id: string; text: string }
  | { t: "broadcast"; text: string }
  | { t: "room"; id: string; text: string };

/** A room's name as the server compares it to find the room. */
export const roomFold = (name: string): string => name.normalize("NFKC").toLowerCase().normalize("NFKC");

/** #names, which begin no later part of a word, of an address or of another name. */
const roomSign = /(?<![\p{L}\p{M}\p{N}_\-#&/])#(?=([\p{L}\p{M}\p{N}_-]{1,80}))\1(?![\p{L}\p{M}\p{N}_#-])/gu;

/** The runs of a piece of plain text of a message, in order; nothing is left out. `room` gives the id of a room that I see, by name. */
export function runs(
  s: string,
  who: ReadonlyMap<string, string>,
  broadcast?: Broadcast,
  room?: (name: string) => string | undefined,
  pictured?: Pictured,
): Run[] {
  const marks = [...people(s, who, broadcast), ...(room ? rooms(s, room) : [])].sort((a, b) => a.from - b.from);
  const out: Run[] = [];
  let at = 0;
  for (const { from, run } of marks) {
    if (from < at) continue;
    out.push(...emoji(s.slice(at, from), pictured), run);
    at = from + run.text.length;
  }
  out.push(...emoji(s.slice(at), pictured));
  return out;
}

interface Mark {
  readonly from: number;
  readonly run: Exclude<Run, Drawn>;
}

function people(s: string, who: ReadonlyMap<string, string>, broadcast: Broadcast | undefined): Mark[] {
  return named(s).flatMap(({ from, handles }) => {
    const handle = handles.find((h) => h === broadcast || who.has(h));
    if (!handle) return [];
    const text = s.slice(from, from + 1 + handle.length);
    return [
      { from, run: handle === broadcast ? { t: "broadcast", text } : { t: "mention", id: who.get(handle)!, text } },
    ];
  });
}

function rooms(s: string, room: (name: string) => string | undefined): Mark[] {
  if (!s.includes("#")) return [];
  return [...s.matchAll(roomSign)].flatMap((m) => {
    const name = [m[1]!, m[1]!.replace(/[_-]+$/, "")].find((n) => n && room(n)),
      id = name && room(name);
    return id ? [{ from: m.index, run: { t: "room" as const, id, text: `#${name}` } }] : [];
  });
}
