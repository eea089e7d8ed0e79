// Polls: as they are drawn, and as one makes them.
import type { Poll, PollOption } from "../wire/types";
import { counted } from "./counted";
import { whoReacted } from "./reactions";
import { ALL_IS_WELL, type Refusal } from "./refusal";

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

/** Whether one can vote no more. `passed` says whether a moment has. */
export const isOver = (p: Pick<Poll, "closed" | "closes_at">, passed: (at: string) => boolean): boolean =>
  p.closed || (!!p.closes_at && passed(p.closes_at));

/** The line below a poll that one can vote in, or cannot. `end` names a moment. */
export function aboutOf(p: Poll, over: boolean, votes: boolean, end: (at: string) => string): string {
  const until = over ? "closed" : p.closes_at && `closes ${end(p.closes_at)}`;
  return [votersOf(p), until, p.anonymous && "anonymous", votes && p.several && "choose one or more"]
    .filter(Boolean)
    .join(" · ");
}

/** What one sees of an option by its bar: its share, and who voted for it. */
export function shareOf(p: Poll, n: number, me: string, name: (id: string) => string): string {
  const o = p.options[n]!;
  const who = o.users?.length ? whoReacted({ ...o, users: o.users, emoji: "" }, me, name) : "";
  return [p.voters ? `${Math.round((100 * o.count) / p.voters)} %` : "", who].filter(Boolean).join(": ");
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

const HOUR = 3_600_000;
/** A poll closes within so many days. */
const LONGEST = 366;

/**
 * When a new poll closes: so many hours after it is there, as the form chooses them, or at the moment of a field. A poll that is written
 * offline is there later.
 */
export function closing(choice: string, field: string): { closes_at?: string; open?: number } {
  if (choice !== "at") return choice ? { open: Number(choice) * HOUR } : {};
  const at = new Date(field).getTime();
  return Number.isNaN(at) ? {} : { closes_at: new Date(at).toISOString() };
}

/** The choice of the form that gave these; when it was the moment of a field, that is to be chosen anew. */
export const chosenClosing = (closes_at: string | undefined, open: number | undefined): string =>
  closes_at ? "at" : open ? String(open / HOUR) : "";

/** Why a new poll cannot be asked, as the server would say later. */
export function unaskable(
  question: string,
  options: readonly string[],
  closes_at: string | undefined,
  now: number,
): Refusal {
  if (!question.trim()) return { field: "text", text: "Enter a question." };
  if (options.length < MIN_OPTIONS)
    return { field: "poll.options", text: `At least ${MIN_OPTIONS} options are needed.` };
  const plain = options.map((o) => o.toLowerCase().replace(/\s+/g, " ")),
    twice = options.find((_, n) => plain.indexOf(plain[n]!) < n);
  if (twice) return { field: "poll.options", text: `Two options are the same: “${twice}”.` };
  const at = closes_at ? Date.parse(closes_at) : now + 1;
  if (at <= now || at > now + LONGEST * 24 * HOUR)
    return { field: "poll.closes_at", text: `A time within the next ${LONGEST} days is needed.` };
  return ALL_IS_WELL;
}
