// Polls: as they are drawn, and as one makes them.
import type { Poll, PollOption } from "../wire/types";
import { counted } from "./counted";

export const MIN_OPTIONS = 2;
export const MAX_OPTIONS = 20;
/** Of an option, in characters. */
export const OPTION_LENGTH = 200;

/** What one votes for when one chooses an option: another one takes its place, or stands beside it; the same one again goes. */
export function chosen(p: Pick<Poll, "several">, mine: readonly number[], option: number): number[] {
  const others = p.several ? mine.filter((n) => n !== option) : [];
  return mine.includes(option) ? others : [...others, option].sort((a, b) => a - b);
}

/** A poll as it will be with the vote that one wishes to have. */
export function withVote(p: Poll, wish: readonly number[], me: string): Poll {
  const mine = p.mine ?? [];
  if (mine.length === wish.length && mine.every((n, i) => n === wish[i])) return p;
  const option = (o: PollOption, n: number): PollOption => {
    const before = mine.includes(n),
      now = wish.includes(n),
      others = o.users?.filter((id) => id !== me);
    const count = o.count + Number(now) - Number(before);
    return { ...o, count, ...(others && { users: now ? [...others, me] : others }) };
  };
  const voters = p.voters + Number(wish.length > 0) - Number(mine.length > 0);
  return { ...p, voters, mine: [...wish], options: p.options.map(option) };
}

/** The options that most have voted for; none while nobody has. */
export function ahead(p: Pick<Poll, "options">): number[] {
  const most = Math.max(1, ...p.options.map((o) => o.count));
  return p.options.flatMap((o, n) => (o.count === most ? [n] : []));
}

/** "15 votes", or how many people have voted where one person may choose several options. */
export function votersOf(p: Pick<Poll, "voters" | "several">): string {
  if (!p.voters) return "No votes yet";
  return p.several ? `${counted(p.voters, "person", "people")} voted` : counted(p.voters, "vote");
}

/** A question and options from one line: "Where? | Ramen | Food truck". */
export function fromLine(line: string): { question: string; options: string[] } {
  const [question = "", ...options] = line.split("|").map((part) => part.trim());
  return { question, options: options.filter(Boolean).slice(0, MAX_OPTIONS) };
}

/** The fields of a form for options: those that are filled, and an empty one to go on, two at least. */
export function fields(options: readonly string[]): string[] {
  const last = options.findLastIndex((o) => o.trim());
  const kept = options.slice(0, last + 1);
  while (kept.length < Math.min(MAX_OPTIONS, Math.max(MIN_OPTIONS, last + 2))) kept.push("");
  return kept;
}

/** When a new poll closes: so many hours after now, or at the moment of a field of a form; undefined: never, or the field holds none. */
export function closingTime(choice: string, field: string, now: number): string | undefined {
  const at = choice === "at" ? new Date(field).getTime() : now + Number(choice) * 3_600_000;
  return choice && !Number.isNaN(at) ? new Date(at).toISOString() : undefined;
}
