// What the device keeps for people: drafts, the outbox, where they were. The key of each thing names its owner:
// canteen.<what>.<user id>, and more after another dot. Tabs of one browser share both these things and the session.

/** localStorage, or what behaves like it. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  readonly length: number;
  key(i: number): string | null;
}

/** The key under which stands whose session the browser has, so that its tabs tell each other. */
export const WHO = "canteen.who";

/** Whether the session of the browser is another person's by now. */
export function isAnothers(shelf: Pick<Shelf, "getItem">, user: string): boolean {
  const who = shelf.getItem(WHO);
  return !!who && who !== user;
}

export const keys = (shelf: Shelf, prefix: string): string[] =>
  Array.from({ length: shelf.length }, (_, i) => shelf.key(i) ?? "").filter((k) => k.startsWith(prefix));

/** Removes everything of a person, who has signed out. */
export function forget(shelf: Shelf, user: string): void {
  const owner = /^canteen\.\w+\.([^.]+)/;
  for (const k of keys(shelf, "canteen.")) if (owner.exec(k)?.[1] === user) shelf.removeItem(k);
  if (shelf.getItem(WHO) === user) shelf.removeItem(WHO);
}

/** What was written and not sent. */
export interface Unsent {
  readonly drafts: number;
  readonly messages: number;
}

const counted = (n: number, one: string): string => (n ? `${n} ${one}${n === 1 ? "" : "s"}` : "");

/** The question before one signs out; "" when nothing would be lost. */
export function signOutQuestion({ drafts, messages }: Unsent): string {
  const what = [counted(drafts, "draft"), counted(messages, "unsent message")].filter(Boolean).join(" and ");
  return what && `You have ${what}. Sign out and delete ${drafts + messages === 1 ? "it" : "them"}?`;
}
