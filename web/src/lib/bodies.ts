// The bytes of files that are not uploaded yet, kept in the browser's database, so that an upload goes on after a reload. Where the
// browser denies it, or has no space, they are kept by nobody else than the page.

const STORE = "bodies";
const nameOf = (user: string): string => `canteen.bodies.${user}`;

const asked = <T>(r: IDBRequest<T>): Promise<T> =>
  new Promise((yes, no) => {
    r.onsuccess = () => yes(r.result);
    r.onerror = () => no(r.error ?? new DOMException("The database does not answer."));
  });

export class Bodies {
  private opened: Promise<IDBDatabase> | undefined;

  constructor(private user: string) {}

  private open(): Promise<IDBDatabase> {
    return (this.opened ??= new Promise((yes, no) => {
      const r = indexedDB.open(nameOf(this.user), 1); // throws where there is none: then the promise is rejected
      r.onupgradeneeded = () => r.result.createObjectStore(STORE);
      r.onsuccess = () => {
        r.result.onversionchange = () => r.result.close(); // another tab deletes it
        yes(r.result);
      };
      r.onerror = () => no(r.error ?? new DOMException("The database does not open."));
    }));
  }

  private async use<T>(mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    try {
      const db = await this.open();
      return await asked(f(db.transaction(STORE, mode).objectStore(STORE)));
    } catch (e) {
      if (e instanceof DOMException || e instanceof ReferenceError) return undefined; // full, denied or not there
      throw e;
    }
  }

  /** Keeps a body; false when that cannot be. */
  async put(id: string, body: Blob): Promise<boolean> {
    return (await this.use("readwrite", (s) => s.put(body, id))) !== undefined;
  }

  get(id: string): Promise<Blob | undefined> {
    return this.use("readonly", (s) => s.get(id) as IDBRequest<Blob | undefined>);
  }

  async remove(id: string): Promise<void> {
    await this.use("readwrite", (s) => s.delete(id));
  }

  async keys(): Promise<string[]> {
    return ((await this.use("readonly", (s) => s.getAllKeys())) ?? []).map(String);
  }

  /** Deletes them all. */
  wipe(): void {
    globalThis.indexedDB?.deleteDatabase(nameOf(this.user));
  }
}
