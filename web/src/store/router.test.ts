// @vitest-environment happy-dom
// The address and the history: links, the way through the door, what Back closes, and where one read.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GENERAL, LUNCH } from "../core/testing";
import { Overlay } from "./overlay.svelte";
import { Router } from "./router.svelte";

beforeEach(() => history.pushState(null, "", "/"));
afterEach(() => {
  vi.unstubAllGlobals();
  sessionStorage.clear();
});

const room = `/r/${GENERAL}`;
const back = async () => {
  history.back();
  await new Promise((done) => setTimeout(done));
};
const settled = () => new Promise((done) => setTimeout(done));

/** The page is loaded again. */
function loaded(): Router {
  dispatchEvent(new Event("pagehide"));
  return new Router();
}

describe("the address", () => {
  test.each([
    [`/r/${GENERAL}`, GENERAL, undefined, undefined],
    [`/r/${GENERAL}/7`, GENERAL, 7, undefined],
    [`/r/${GENERAL}/t/7/9`, GENERAL, undefined, 7],
    ["/r/short", "short", undefined, undefined],
    ["/signin", undefined, undefined, undefined],
  ])("%s names room, message and thread", (path, of, seq, thread) => {
    const r = new Router();
    r.go(path);
    expect([r.room, r.seq, r.thread, location.pathname]).toEqual([of, seq, thread, path]);
  });

  test("each room that is shown is heard of, also by going back", async () => {
    const moved: (string | undefined)[] = [],
      r = new Router((to) => moved.push(to));
    r.toRoom(GENERAL);
    r.toRoom(GENERAL);
    r.toRoom(LUNCH, 3);
    await back();
    await back();
    expect(moved).toEqual([GENERAL, LUNCH, GENERAL, undefined]);
  });

  test.each<[string, MouseEventInit]>([
    ["Ctrl", { ctrlKey: true }],
    ["⌘", { metaKey: true }],
    ["Shift", { shiftKey: true }],
    ["Alt", { altKey: true }],
    ["the middle button", { button: 1 }],
  ])("a click with %s is left to the browser", (_, more) => {
    const r = new Router(),
      e = new MouseEvent("click", { cancelable: true, ...more });
    r.follow(e, room);
    expect([e.defaultPrevented, r.path]).toEqual([false, "/"]);
  });

  test("a plain click is followed", () => {
    const r = new Router(),
      e = new MouseEvent("click", { cancelable: true });
    r.follow(e, room);
    expect([e.defaultPrevented, r.path]).toEqual([true, room]);
  });
});

describe("through the door", () => {
  test("a secret is forgotten", () => {
    history.replaceState(null, "", "/signup#s3cret");
    const r = new Router();
    expect(r.hash).toBe("s3cret");
    r.cameIn();
    expect([r.hash, r.path, location.href.includes("s3cret")]).toEqual(["", "/", false]);
  });

  test("who followed a link arrives at it", () => {
    history.replaceState(null, "", `${room}/7`);
    const r = new Router();
    r.want();
    r.cameIn();
    expect([r.path, location.pathname]).toEqual([`${room}/7`, `${room}/7`]);
  });

  test.each(["/signin", "/signup#s3cret", "/setup#t0ken"])("a link arrives through %s too, once", (door) => {
    history.replaceState(null, "", `${room}/7`);
    new Router().want();
    history.replaceState(null, "", door);
    const r = new Router();
    r.want();
    r.cameIn();
    expect(r.path).toBe(`${room}/7`);
    history.replaceState(null, "", "/signin");
    const next = new Router();
    next.cameIn();
    expect(next.path).toBe("/");
  });

  test("an address that begins with two slashes is one of this page, and not that of another server", async () => {
    history.replaceState(null, "", `${location.origin}//evil.example${room}`);
    const r = new Router();
    r.want();
    r.cameIn();
    expect([r.path, location.pathname]).toEqual([`/evil.example${room}`, `/evil.example${room}`]);
    history.replaceState(null, "", `${location.origin}//evil.example/a`);
    r.toRoom(LUNCH);
    await back();
    expect(r.path).toBe("/evil.example/a");
  });

  test("without a storage for the tab it leads to the beginning", () => {
    vi.stubGlobal("sessionStorage", undefined);
    history.replaceState(null, "", room);
    new Router().want();
    history.replaceState(null, "", "/signin");
    const r = new Router();
    r.cameIn();
    expect(r.path).toBe("/");
  });
});

describe("Back", () => {
  test("closes what lies over the page, the topmost first, and then leaves it", async () => {
    const r = new Router(),
      o = new Overlay((close) => r.cover(close));
    r.toRoom(GENERAL);
    r.toRoom(LUNCH);
    o.dialog = "me";
    o.pick(document.body, () => {});
    await back();
    expect([o.picker, o.dialog, r.room]).toEqual([undefined, "me", LUNCH]);
    await back();
    expect([o.dialog, r.room]).toEqual([undefined, LUNCH]);
    await back();
    expect(r.room).toBe(GENERAL);
  });

  test("has nothing left to close when a dialog was closed in another way", async () => {
    const r = new Router(),
      o = new Overlay((close) => r.cover(close));
    r.toRoom(GENERAL);
    r.toRoom(LUNCH);
    o.dialog = "me";
    o.dialog = "tokens"; // takes its place
    o.close("me");
    o.close("tokens");
    await settled();
    expect([o.dialog, r.room]).toEqual([undefined, LUNCH]);
    await back();
    expect(r.room).toBe(GENERAL);
  });

  test("leads past a dialog that led to another room", async () => {
    const r = new Router(),
      o = new Overlay((close) => r.cover(close));
    r.toRoom(GENERAL);
    o.dialog = "switcher";
    o.close("switcher");
    r.toRoom(LUNCH);
    await settled();
    expect([location.pathname, r.room]).toEqual([`/r/${LUNCH}`, LUNCH]);
    await back();
    expect([o.dialog, r.room]).toEqual([undefined, GENERAL]);
  });

  test("a room that is shown in another way closes what lies over the page", async () => {
    const r = new Router(),
      o = new Overlay((close) => r.cover(close));
    r.toRoom(GENERAL);
    o.dialog = "details";
    r.go("/", true);
    await settled();
    expect([o.dialog, location.pathname]).toEqual([undefined, "/"]);
    r.toRoom(LUNCH);
    await back();
    expect(r.path).toBe("/");
  });

  test("a dialog is closed with a page that is loaded again", async () => {
    const r = new Router();
    r.toRoom(GENERAL);
    r.toRoom(LUNCH);
    r.cover(() => {});
    loaded();
    await settled();
    const again = new Router();
    await back();
    expect(again.room).toBe(GENERAL);
  });

  test("closes the thread before it leaves the room; so does its button", async () => {
    const r = new Router();
    r.toRoom(LUNCH);
    r.toRoom(GENERAL);
    r.toThread(GENERAL, 3);
    expect([r.thread, r.beside]).toEqual([3, true]);
    r.toThread(GENERAL, 5); // takes its place
    await back();
    expect([r.room, r.thread]).toEqual([GENERAL, undefined]);
    r.toThread(GENERAL, 3);
    r.closeThread();
    await settled();
    expect([r.room, r.thread]).toEqual([GENERAL, undefined]);
    await back();
    expect(r.room).toBe(LUNCH);
  });

  test("a thread to which a link led closes to its room", () => {
    history.replaceState(null, "", `${room}/t/3/9`);
    const r = new Router();
    expect([r.thread, r.reply, r.beside]).toEqual([3, 9, false]);
    r.closeThread();
    expect(r.path).toBe(room);
  });
});

describe("where one read", () => {
  const at = (seq: number) => ({ seq, top: 20 });

  test("is known again after going back and forward, and not in a room that is opened anew", async () => {
    const r = new Router();
    r.toRoom(GENERAL);
    r.where = () => at(12);
    r.toRoom(LUNCH);
    r.where = () => at(40);
    expect(r.place).toBeUndefined();
    await back();
    expect(r.place).toEqual(at(12));
    history.forward();
    await settled();
    expect(r.place).toEqual(at(40));
    r.toRoom(GENERAL);
    expect(r.place).toBeUndefined();
  });

  test("is left alone by a thread that opens and closes", async () => {
    const r = new Router();
    r.toRoom(GENERAL);
    r.where = () => at(12);
    r.toThread(GENERAL, 3);
    r.where = () => at(30); // scrolled meanwhile
    r.closeThread();
    await settled();
    expect(r.place).toBeUndefined();
    r.toRoom(LUNCH);
    await back();
    expect(r.place).toEqual(at(30));
  });

  test("is known after the page was loaded again", () => {
    const r = new Router();
    r.toRoom(GENERAL);
    r.where = () => at(12);
    expect(loaded().place).toEqual(at(12));
  });

  test.each(["{", "null", "7", "{}", "[7]", "[null]"])(
    "is forgotten when the tab keeps %j, and no more than that",
    (kept) => {
      sessionStorage.setItem("canteen.places", kept);
      const r = new Router();
      r.toRoom(GENERAL);
      expect([r.room, r.place]).toEqual([GENERAL, undefined]);
    },
  );
});
