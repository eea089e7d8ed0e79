// The shelf of the device, on which the client keeps drafts, the outbox, and where one was. The key of each thing names its owner:
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
