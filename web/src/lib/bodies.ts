// The bytes of files that are not uploaded yet, kept in the browser's database, so that an upload goes on after a reload. Where the
// browser denies it, or has no space, they are kept by nobody else than the page.
import { bodiesOf } from "./wipe";

const STORE = "bodies";

const asked = <T>(r: IDBRequest<T>): Promise<T> =>
  new Promise((yes, no) => {
    r.onsuccess = () => yes(r.result);
    r.onerror = () => no(r.error ?? new DOMException("The database does not answer."));
  });

/** A disk that is full may be noticed only when what was accepted is written. */
const written = (t: IDBTransaction): Promise<void> =>
  new Promise((yes, no) => {
    t.oncomplete = () => yes();
    t.onabort = () => no(t.error ?? new DOMException("The database keeps nothing."));
  });

export class Bodies {
  private opened: Promise<IDBDatabase> | undefined;

  constructor(private user: string) {}

  private open(): Promise<IDBDatabase> {
    return (this.opened ??= new Promise((yes, no) => {
      const r = indexedDB.open(bodiesOf(this.user), 1); // throws where there is none: then the promise is rejected
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
      const t = (await this.open()).transaction(STORE, mode);
      const [answer] = await Promise.all([asked(f(t.objectStore(STORE))), written(t)]);
      return answer;
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
}
