// Who is typing, and how it is said.

/** By room: who types, and until when that is believed, in the time of the page, ms. */
export type Typing = Map<string, ReadonlyMap<string, number>>;

export const TYPING_LASTS = 5000;

export function startTyping(typing: Typing, room: string, user: string, now: number): void {
  typing.set(room, new Map(typing.get(room)).set(user, now + TYPING_LASTS));
}

/** A message came from the user: she has finished. */
export function stopTyping(typing: Typing, room: string, user: string): void {
  const t = typing.get(room);
  if (!t?.has(user)) return;
  const rest = new Map(t);
  rest.delete(user);
  typing.set(room, rest);
}

/** The ids of those who type in a room at `now`, oneself apart. */
export const whoTypes = (typing: Typing, room: string, me: string, now: number): string[] =>
  [...(typing.get(room) ?? [])].filter(([id, until]) => until > now && id !== me).map(([id]) => id);

/** The line above the composer. */
export function typingLine(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length === 1) return `${names[0]} is typing…`;
  return names.length === 2 ? `${names[0]} and ${names[1]} are typing…` : "Several people are typing…";
}
