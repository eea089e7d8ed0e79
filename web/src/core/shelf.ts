// The shelf of the device, on which the client keeps drafts, the outbox, and where one was. The key of each thing names its owner:
// canteen.<what>.<user id>, and more after another dot. Tabs of one browser share both these things and the session.

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  /** The keys that begin with a prefix. */
  keys(prefix: string): string[];
}

/** A shelf in memory: it never fails, and is gone with the page. */
export class Memory implements Shelf {
  private items = new Map<string, string>();
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
  keys(prefix: string): string[] {
    return [...this.items.keys()].filter((k) => k.startsWith(prefix));
  }
}

/** A storage that the browser denies to the page. */
const denied: Shelf = {
  getItem: () => null,
  setItem: () => {
    throw new DOMException("The browser denies this storage.", "SecurityError");
  },
  removeItem: () => {},
  keys: () => [],
};

/** A storage of the browser as a shelf whose keys stand there behind a prefix. It throws when it is full. */
function shelfOf(open: () => Storage, before = ""): Shelf {
  try {
    const s = open();
    return {
      getItem: (key) => s.getItem(before + key),
      setItem: (key, value) => s.setItem(before + key, value),
      removeItem: (key) => s.removeItem(before + key),
      keys: (prefix) =>
        Array.from({ length: s.length }, (_, i) => s.key(i) ?? "")
          .filter((k) => k.startsWith(before + prefix))
          .map((k) => k.slice(before.length)),
    };
  } catch {
    return denied;
  }
}

/** What of the shelf was written and not sent. */
const UNSENT = /^canteen\.(outbox|draft|upload)\./;

/** Where what one has not sent is kept: on the device, or only in this tab, because the storage of the device is full or denied. */
export type Keeping = "device" | "full" | "denied";

/** What is said of it. */
export function keepingNote(k: Keeping): string {
  const why = { device: "", full: "This device's storage is full", denied: "This browser lets Canteen store nothing" }[
    k
  ];
  return why && `${why}: unsent messages are kept only while this tab is open.`;
}

/**
 * The storages of a browser as one shelf that never fails. What the first one refuses goes to the next, and at last into memory.
 * Only the first one is shared with other tabs, and outlives this tab.
 */
export class Shelves implements Shelf {
  private readonly device: Shelf;
  /** Those of this tab. What they hold is newer than what the device holds under the same key. */
  private readonly tab: readonly Shelf[];

  constructor(device: () => Storage, ...tab: (() => Storage)[]) {
    this.device = shelfOf(device);
    this.tab = [...tab.map((open) => shelfOf(open, "refused.")), new Memory()];
  }

  private held(): string[] {
    return this.tab.flatMap((s) => s.keys("canteen."));
  }

  get keeping(): Keeping {
    if (!this.held().some((k) => UNSENT.test(k))) return "device";
    return this.device === denied ? "denied" : "full";
  }

  getItem(key: string): string | null {
    for (const s of [...this.tab, this.device]) {
      const value = s.getItem(key);
      if (value !== null) return value;
    }
    return null;
  }

  setItem(key: string, value: string): void {
    for (const s of this.tab) s.removeItem(key);
    [this.device, ...this.tab].find((s) => put(s, key, value));
  }

  removeItem(key: string): void {
    this.device.removeItem(key);
    for (const s of this.tab) s.removeItem(key);
    this.settle();
  }

  keys(prefix: string): string[] {
    return [...new Set([this.device, ...this.tab].flatMap((s) => s.keys(prefix)))];
  }

  /** Another tab has changed something on the device: that is newer than what this tab holds of it. */
  heard(key: string | null): void {
    if (key !== null) for (const s of this.tab) s.removeItem(key);
    this.settle();
  }

  /** Puts on the device what it has refused before, as far as there is space now. */
  settle(): void {
    for (const k of this.held()) this.setItem(k, this.getItem(k)!);
  }
}

/** Puts something on a shelf; false when that is full or denied. */
function put(s: Shelf, key: string, value: string): boolean {
  try {
    s.setItem(key, value);
    return true;
  } catch (e) {
    if (e instanceof DOMException) return false;
    throw e;
  }
}

/** The key under which stands whose session the browser has, so that its tabs tell each other. */
export const WHO = "canteen.who";

/** Whether the session of the browser is another person's by now. */
export function isAnothers(shelf: Pick<Shelf, "getItem">, user: string): boolean {
  const who = shelf.getItem(WHO);
  return !!who && who !== user;
}
