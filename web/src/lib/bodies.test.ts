// @vitest-environment happy-dom
// What is known of bytes that the browser keeps, or does not.
import { afterEach, expect, test, vi } from "vitest";
import { Bodies } from "./bodies";
import { bodiesOf, wipe } from "./wipe";

afterEach(() => vi.unstubAllGlobals());

/** A database that accepts what it is given, and writes it or not. */
function database(writes: boolean) {
  const later = (f: () => unknown) => void setTimeout(f);
  const request = (result: unknown) => {
    const r = { result, onsuccess: () => {} };
    later(() => r.onsuccess());
    return r;
  };
  const transaction = () => {
    const t = { error: new DOMException("full", "QuotaExceededError"), oncomplete: () => {}, onabort: () => {} };
    const answer = (what: unknown) => {
      later(() => later(() => (writes ? t.oncomplete() : t.onabort())));
      return request(what);
    };
    return Object.assign(t, {
      objectStore: () => ({ put: (_: Blob, id: string) => answer(id), getAllKeys: () => answer(["a"]) }),
    });
  };
  vi.stubGlobal("indexedDB", { open: () => request({ transaction }) });
}

test.each([true, false])("a body is kept once it is written: %s", async (writes) => {
  database(writes);
  expect(await new Bodies("mira").put("a", new Blob(["x"]))).toBe(writes);
});

test("where the browser denies databases, nothing is kept, found or deleted, and nothing fails", async () => {
  const denied = () => {
    throw new DOMException("no", "SecurityError");
  };
  vi.stubGlobal("indexedDB", { open: denied, deleteDatabase: denied });
  const bodies = new Bodies("mira");
  expect([await bodies.put("a", new Blob(["x"])), await bodies.get("a"), await bodies.keys()]).toEqual([
    false,
    undefined,
    [],
  ]);
  wipe("mira");
});

test("each user has a database", () => {
  const deleted: string[] = [];
  vi.stubGlobal("indexedDB", { deleteDatabase: (name: string) => void deleted.push(name) });
  wipe("mira");
  expect([deleted, bodiesOf("jonas")]).toEqual([["canteen.bodies.mira"], "canteen.bodies.jonas"]);
});
