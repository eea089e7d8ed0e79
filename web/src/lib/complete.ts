// What the composer suggests while one types: people after @, rooms after #, emoji after :, commands after /.
import type { CustomEmoji, MyRoom, User } from "../wire/types";
import { counted } from "../core/counted";
import { wordsOf } from "../core/names";
import { byName } from "../core/users";
import type { Command } from "./commands";
import { finder, likely } from "./fuzzy";
import { once } from "./once";

export interface Choice {
  /** The text that takes the place of what was typed. */
  readonly insert: string;
  /** How many characters before the caret it replaces. */
  readonly replaces: number;
  readonly label: string;
  /** Of a person. */
  readonly handle?: string;
  readonly hint: string;
  readonly emoji?: string;
  /** Whether it is what one was about to type, so that Enter takes it. Otherwise Enter sends; Tab and the arrows choose. */
  readonly likely: boolean;
}

export interface Sources {
  readonly users: Iterable<User>;
  readonly rooms: Iterable<{ readonly room: MyRoom }>;
  /** Who is in the room, when it is a direct one. */
  readonly members: readonly string[] | undefined;
  readonly skinTone: number;
  /** Custom emoji that one may be typing. */
  readonly custom?: (q: string, limit: number) => readonly CustomEmoji[];
  /** How often I talk to each person. */
  readonly often?: () => ReadonlyMap<string, number>;
  /** Of a room in which one may call everybody. */
  readonly calls?: { readonly room: string; readonly others: number } | undefined;
  /** The commands that one can give. */
  readonly commands?: readonly Command[];
}

const LIMIT = 7;

/** Commands, which stand at the beginning of a text only. */
function slash(text: string, known: readonly Command[]): Choice[] | undefined {
  const q = /^\/([a-z]{0,30})$/i.exec(text)?.[1]?.toLowerCase();
  if (q === undefined) return undefined;
  return known
    .filter((c) => c.name.startsWith(q))
    .map(({ name, args, hint }) => ({
      insert: `/${name} `,
      replaces: q.length + 1,
      label: `/${name} ${args}`,
      hint,
      likely: !!q && q !== name,
    }));
}

/** What stands before the caret and asks for suggestions: the sign, and the letters after it. */
export function asked(text: string, caret: number): { sign: "@" | "#" | ":"; q: string } | undefined {
  const m = /(?:^|[\s(])([@#:])([\p{L}\p{N}_+.-]{0,30})$/u.exec(text.slice(0, caret));
  return m ? { sign: m[1] as "@", q: m[2]! } : undefined;
}

function people(q: string, { users, members, calls, often }: Sources): Choice[] {
  const may = [...users].filter((u) => !u.deactivated && (!members || members.includes(u.id))),
    weights = often?.(),
    weight = (u: User) => weights?.get(u.id) ?? 0;
  const words = broadcasts(q, calls);
  const found = finder(
    may,
    wordsOf,
    (a, b) => weight(b) - weight(a) || byName(a, b),
  )(q, LIMIT - words.length).map((u) => ({
    insert: `@${u.handle} `,
    replaces: q.length + 1,
    label: u.name,
    handle: u.handle,
    hint: "",
    likely: likely(q, wordsOf(u), u.handle),
  }));
  return [...found, ...words];
}

/** The words that call many people at once, with what they do. */
function broadcasts(q: string, calls: Sources["calls"]): Choice[] {
  if (!calls) return [];
  const { room, others } = calls,
    people = counted(others, "other", "others");
  return [
    { word: "room", hint: `Notifies everybody in ${room}: ${people}` },
    { word: "here", hint: `Notifies whoever is active now, of ${people} in ${room}` },
  ].flatMap(({ word, hint }) =>
    word.startsWith(q.toLowerCase())
      ? [
          {
            insert: `@${word} `,
            replaces: q.length + 1,
            label: `@${word}`,
            hint,
            likely: !!q && q.toLowerCase() !== word,
          },
        ]
      : [],
  );
}

const namesOf = (r: MyRoom): string[] => [r.name ?? ""];

function rooms(q: string, sources: Sources): Choice[] {
  const all = [...sources.rooms].map((r) => r.room).filter((r) => r.kind === "public");
  return finder(all, namesOf)(q, LIMIT).map((r) => ({
    insert: `#${r.name} `,
    replaces: q.length + 1,
    label: `#${r.name}`,
    hint: r.topic ?? "",
    likely: likely(q, [r.name ?? ""], r.name ?? ""),
  }));
}

const emojiPiece = once(() => import("./emoji"));

async function emoji(q: string, { skinTone: tone, custom }: Sources): Promise<Choice[]> {
  if (q.length < 2) return [];
  const named = (custom?.(q, LIMIT - 2) ?? []).map((e) => ({
    insert: `:${e.name}: `,
    replaces: q.length + 1,
    label: e.name, // with colons it would be drawn
    hint: e.alias_of ? `also ${e.alias_of}` : "",
    emoji: `:${e.name}:`,
    likely: /^\p{L}.{2}/u.test(q) && e.name.startsWith(q.toLowerCase()),
  }));
  const { load, search, toned } = await emojiPiece();
  const found = search(await load(), q, LIMIT - named.length).map((e) => ({
    insert: `${toned(e, tone)} `,
    replaces: q.length + 1,
    label: `:${e.codes[0] ?? e.name}:`,
    hint: e.name,
    emoji: toned(e, tone),
    likely: /^\p{L}.{2}/u.test(q) && e.codes.some((c) => c.startsWith(q.toLowerCase())),
  }));
  return [...named, ...found];
}

export async function complete(text: string, caret: number, sources: Sources): Promise<Choice[]> {
  const commands = slash(text.slice(0, caret), sources.commands ?? []);
  if (commands) return commands;
  const what = asked(text, caret);
  if (!what) return [];
  try {
    if (what.sign === "@") return people(what.q, sources);
    return await (what.sign === "#" ? rooms(what.q, sources) : emoji(what.q, sources));
  } catch {
    return []; // what finds them could not be loaded: nothing is suggested until the next letter asks again
  }
}
