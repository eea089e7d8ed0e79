// The custom emoji of the workspace: names of pictures.
import type { CustomEmoji, Me } from "../wire/types";

/** An emoji with all its names. */
export interface Pictured {
  readonly main: CustomEmoji;
  readonly aliases: readonly CustomEmoji[];
}

/** The emoji by their main names. */
export function grouped(all: readonly CustomEmoji[]): Pictured[] {
  const aliases = new Map<string, CustomEmoji[]>();
  for (const e of all) if (e.alias_of) aliases.set(e.alias_of, [...(aliases.get(e.alias_of) ?? []), e]);
  return all.filter((e) => !e.alias_of).map((main) => ({ main, aliases: aliases.get(main.name) ?? [] }));
}

const bare = (q: string): string => q.trim().toLowerCase().replaceAll(":", "").replaceAll(/\s+/g, "_");

/** The emoji of which a name holds what is looked for; those of which one begins with it come first. */
export function foundIn(all: readonly Pictured[], q: string): Pictured[] {
  const wanted = bare(q);
  const rank = ({ main, aliases }: Pictured): number => {
    const names = [main, ...aliases].map((e) => e.name);
    return names.some((n) => n.startsWith(wanted)) ? 0 : names.some((n) => n.includes(wanted)) ? 1 : 2;
  };
  return [0, 1].flatMap((n) => all.filter((e) => rank(e) === n));
}

/** Names that one may be typing, at most `limit`: those that begin with `q` first. */
export function suggested(all: readonly CustomEmoji[], q: string, limit: number): CustomEmoji[] {
  const wanted = bare(q),
    begin = all.filter((e) => e.name.startsWith(wanted));
  return [...begin, ...all.filter((e) => !e.name.startsWith(wanted) && e.name.includes(wanted))].slice(0, limit);
}

type Person = Pick<Me, "id" | "role">;
export const mayAdd = (me: Person): boolean => me.role !== "guest";
const administers = (me: Person): boolean => me.role === "owner" || me.role === "admin";
/** Whether one may rename an emoji, and delete it with all its names. */
export const mayChange = (e: Pictured, me: Person): boolean => mayAdd(me) && (administers(me) || e.main.by === me.id);
/** Whether one may delete one of its names. */
export const mayRemove = (alias: CustomEmoji, of: Pictured, me: Person): boolean =>
  mayChange(of, me) || (mayAdd(me) && alias.by === me.id);

/** The name that a file of this name becomes: its words, joined by underscores. */
export const nameFrom = (file: string): string =>
  file
    .replace(/^.*[/\\]/, "")
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9_-]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, 32);
