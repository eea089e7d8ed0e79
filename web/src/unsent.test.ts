// @vitest-environment happy-dom
// What one wrote: shown at once, kept, and sent in order, also while the emoji are slow and where the browser keeps nothing.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { GENERAL, message } from "./core/testing";
import { load } from "./lib/emoji";
import { $, all, House, key, type, words } from "../testing/house";
import { Wire } from "./net/testing";

let house: House;
beforeAll(() => load()); // a test waits for no data of this size
beforeEach(() => void (house = new House()));
afterEach(async () => {
  vi.doUnmock("./lib/emoji");
  await house.leave();
});

const POST = `POST /rooms/${GENERAL}/messages`;
const box = () => $<HTMLTextAreaElement>("form.composer textarea");
const drawn = () => all("article[data-seq], article[data-sending]").map((r) => words(r.querySelector(".text")!));
const posted = () => house.commands(POST).map((b) => (b as { text: string }).text);
const send = async (text: string) => {
  type(box(), text);
  await house.wait(20);
  key(box(), "Enter");
  await house.wait(20);
};

/** Waits for what is loaded, which may take long on a busy machine, but for less than the time that a message waits for emoji. */
async function until(done: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !done(); i++) await house.wait(20);
}

/** Emoji data that come when the test says so. */
function emojiLater(): () => void {
  let come = () => {};
  const there = new Promise<void>((yes) => (come = yes));
  vi.doMock("./lib/emoji", async (original) => {
    return { ...(await original<typeof import("./lib/emoji")>()), load: () => there.then(load) };
  });
  return come;
}

describe("emoji that are slow", () => {
  test("change neither what is shown nor the order of messages", async () => {
    const come = emojiLater();
    await house.open(`/r/${GENERAL}`);
    await send("first :tada:");
    await send("second");
    expect([drawn(), box().value, posted()]).toEqual([["first :tada:", "second"], "", []]);
    come();
    await until(() => posted().length === 2);
    expect(posted()).toEqual(["first 🎉", "second"]);
  });

  test("and never come: the message goes out as it was typed", async () => {
    emojiLater();
    await house.open(`/r/${GENERAL}`);
    await send("first :tada:");
    await send("second");
    await house.wait(3100);
    expect(posted()).toEqual(["first :tada:", "second"]);
  });

  test("do not bring back what was deleted meanwhile", async () => {
    const come = emojiLater();
    await house.open(`/r/${GENERAL}`);
    await send("first :tada:");
    localStorage.removeItem(Object.keys(localStorage).find((k) => k.includes(".outbox."))!); // as another tab does
    come();
    await house.wait();
    expect([posted(), Object.keys(localStorage).filter((k) => k.includes(".outbox."))]).toEqual([[], []]);
  });

  test("a message that could not be sent at once is sent with its emoji", async () => {
    const come = emojiLater();
    const answers: ((a: { status: number; body?: unknown }) => void)[] = [];
    house.instead.set(POST, () => new Promise((yes) => answers.push(yes)));
    await house.open(`/r/${GENERAL}`);
    await send("first :tada:");
    await house.wait(3100);
    answers[0]!({ status: 503 });
    await house.wait(20);
    come();
    await house.wait(1000);
    expect([posted(), drawn()]).toEqual([["first :tada:", "first 🎉"], ["first 🎉"]]);
  });

  test.each([
    ["come", "done 🎉", 0],
    ["do not come", "done :tada:", 3100],
  ])("an edit converts its codes too, when they %s", async (_, want, after) => {
    const come = emojiLater();
    if (!after) come();
    const PATCH = `PATCH /rooms/${GENERAL}/messages/1`;
    house.post(GENERAL, "mira", { text: "done" });
    house.instead.set(PATCH, (b) => ({ body: message(1, { author: "mira", rev: 2, ...(b as object) }) }));
    await house.open(`/r/${GENERAL}`);
    key(box(), "ArrowUp");
    await house.wait(20);
    const field = $<HTMLTextAreaElement>("form.edit textarea");
    type(field, "done :tada:");
    await house.wait(20);
    key(field, "Enter");
    await house.wait(20);
    if (after)
      expect($<HTMLTextAreaElement>("form.edit textarea").value, "it stays until it is saved").toBe("done :tada:");
    await house.wait(after);
    await until(() => !all("form.edit").length);
    expect([house.commands(PATCH), all("form.edit").length]).toEqual([[{ text: want }], 0]);
  });
});

/** Gives the page a storage that takes nothing while it is full. */
function storage(): { full: boolean } {
  const real = localStorage,
    state = { full: false };
  const setItem = (key: string, value: string) => {
    if (state.full) throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
    real.setItem(key, value);
  };
  vi.spyOn(window, "localStorage", "get").mockReturnValue({
    get length() {
      return real.length;
    },
    key: (i) => real.key(i),
    getItem: (key) => real.getItem(key),
    setItem,
    removeItem: (key) => real.removeItem(key),
    clear: () => real.clear(),
  });
  return state;
}

describe("a browser that keeps nothing", () => {
  const without = (name: "localStorage" | "sessionStorage") =>
    vi.spyOn(window, name, "get").mockImplementation(() => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    });

  test("full: a message is shown and sent, and the box is empty", async () => {
    const device = storage();
    await house.open(`/r/${GENERAL}`);
    device.full = true;
    await send("Lunch?");
    await house.wait();
    expect([drawn(), box().value, posted()]).toEqual([["Lunch?"], "", ["Lunch?"]]);
  });

  test("denied: the client works", async () => {
    without("localStorage");
    without("sessionStorage");
    await house.open(`/r/${GENERAL}`);
    await send("Lunch?");
    await house.wait();
    expect([drawn(), box().value, posted()]).toEqual([["Lunch?"], "", ["Lunch?"]]);
  });

  test.each([
    ["full", "This device's storage is full: unsent messages are kept only while this tab is open."],
    ["denied", "This browser lets Canteen store nothing: unsent messages are kept only while this tab is open."],
  ])("%s: what waits for the connection stays, which is said, until it is sent", async (how, note) => {
    const device = storage();
    if (how === "denied") without("localStorage");
    await house.open(`/r/${GENERAL}`);
    device.full = true;
    Wire.all.at(-1)!.end(1006);
    house.instead.set(POST, () => ({ status: 503 }));
    await send("Lunch?");
    expect(drawn()).toEqual(["Lunch?"]);
    expect(words($(".typing [role=status]"))).toBe(note);
    const closing = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(closing);
    expect(closing.defaultPrevented, "who closes the tab is asked").toBe(true);
    house.instead.delete(POST);
    Wire.all.at(-1)!.hello();
    await house.wait(1500);
    expect([posted().at(-1), words($(".typing [role=status]"))]).toEqual(["Lunch?", ""]);
  });
});

test("without the APIs of secure contexts a message is sent", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  await house.open(`/r/${GENERAL}`);
  await send("Lunch?");
  await house.wait();
  const [body] = house.commands(POST) as { client_id: string }[];
  expect(body!.client_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

describe("two tabs", () => {
  const KEY = `canteen.draft.mira.${GENERAL}`;
  /** Another tab keeps something, or removes it. */
  const elsewhere = async (key: string, newValue: string | null) => {
    if (newValue === null) localStorage.removeItem(key);
    else localStorage.setItem(key, newValue);
    window.dispatchEvent(new StorageEvent("storage", { key, newValue }));
    await house.wait(20);
  };

  test("a draft of the other one appears in the box, and goes when it is sent there", async () => {
    await house.open(`/r/${GENERAL}`);
    await elsewhere(KEY, "half a thought");
    expect(box().value).toBe("half a thought");
    type(box(), "half a thought more");
    await house.wait(20);
    expect(localStorage.getItem(KEY)).toBe("half a thought more");
    await elsewhere(KEY, null);
    expect(box().value).toBe("");
  });

  test("a tab that only reads, or leaves its empty box, deletes no draft of the other one", async () => {
    await house.open(`/r/${GENERAL}`);
    localStorage.setItem(KEY, "half a thought"); // the news of it has not come yet
    type(box(), "");
    key(box(), "Enter");
    await house.wait(20);
    expect(localStorage.getItem(KEY)).toBe("half a thought");
  });

  test("a message of the other one is drawn while it is on its way", async () => {
    await house.open(`/r/${GENERAL}`);
    const row = { client_id: "x", room: GENERAL, text: "from there", at: 1 };
    await elsewhere("canteen.outbox.mira.x", JSON.stringify(row));
    expect([drawn(), posted()]).toEqual([["from there"], []]);
    await elsewhere("canteen.outbox.mira.x", null);
    expect(drawn()).toEqual([]);
  });

  test("who signs out in the other one leaves nothing in this one, which kept for itself what the device refused", async () => {
    vi.spyOn(location, "replace").mockImplementation(() => {});
    const device = storage();
    await house.open(`/r/${GENERAL}`);
    device.full = true;
    type(box(), "half a thought");
    await house.wait(20);
    device.full = false;
    expect(Object.keys(sessionStorage).some((k) => k.endsWith(KEY))).toBe(true);
    await elsewhere("canteen.who", null);
    const left = [...Object.keys(sessionStorage), ...Object.keys(localStorage)];
    expect(left.filter((k) => k.includes(".draft."))).toEqual([]);
  });
});
