// Reactions as they are offered and described.
import type { Message, Reaction } from "../wire/types";

/** Offered beside a message until one has used others. */
const FIRST = ["👍", "🎉", "❤️", "😂", "👀"];
/** How many of one's own are remembered. */
const MOST = 24;

/** The first `n` of one's own, and of those. */
export const quick = (frequent: readonly string[], n = 3): string[] =>
  [...new Set([...frequent, ...FIRST])].slice(0, n);

/** The frequent emoji after one was used. */
export const used = (frequent: readonly string[], emoji: string): string[] =>
  [emoji, ...frequent.filter((e) => e !== emoji)].slice(0, MOST);

/** Whether one has reacted with an emoji. */
export const reacted = (m: Message, emoji: string): boolean => m.reactions.some((r) => r.emoji === emoji && !!r.me);

/** The reactions to a message as they will be with the wishes of one's own: which emoji are to be there, and which not. */
export function withWishes(m: Message, me: string, wishes: readonly [string, boolean][]): readonly Reaction[] {
  let all: readonly Reaction[] = m.reactions;
  for (const [emoji, on] of wishes) {
    if (on === all.some((r) => r.emoji === emoji && !!r.me)) continue;
    const before = all.find((r) => r.emoji === emoji) ?? { emoji, count: 0, users: [] };
    const others = before.users.filter((id) => id !== me);
    const now = { emoji, count: before.count + (on ? 1 : -1), users: on ? [...others, me] : others, me: on };
    all = before.count ? all.map((r) => (r === before ? now : r)) : [...all, now];
  }
  return all.filter((r) => r.count > 0);
}

/** The names of those who reacted, as far as they are known: "Mira, Jonas and You". */
export function whoReacted(r: Reaction, me: string, name: (id: string) => string): string {
  const names = r.users.map((id) => (id === me ? "You" : name(id)));
  const more = r.count - names.length;
  if (more > 0) return `${names.join(", ")} and ${more} more`;
  return names.join(", ").replace(/, ([^,]*)$/, " and $1");
}
