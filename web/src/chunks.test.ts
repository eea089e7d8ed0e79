// @vitest-environment happy-dom
// Parts of the client are loaded when they are first needed. What one sees while that takes long, and when it fails.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, GENERAL, me, message, problem } from "./core/testing";
import { isCovered } from "./lib/shortcuts";
import { $, all, field, House, key, named, submit, type, words } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(async () => {
  vi.doUnmock("./core/handle");
  vi.doUnmock("./features/me/Tokens.svelte");
  vi.doUnmock("./features/emoji/Picker.svelte");
  vi.doUnmock("./features/room/Sheet.svelte");
  vi.doUnmock("./features/room/Thread.svelte");
  vi.doUnmock("./features/room/Menu.svelte");
  vi.doUnmock("./features/me/Me.svelte");
  vi.doUnmock("./features/switcher/Switcher.svelte");
  vi.doUnmock("./features/room/Formatted.svelte");
  vi.doUnmock("./lib/emoji");
  await house.leave();
});

const broken = () => {
  throw new Error("not there");
};
const hint = () => words(field("Handle").closest(".field")!);
const join = () => submit(house);

const UNDRAWABLE = "**Breaks** the parser 🎉";
vi.mock("./lib/markdown", async (original) => {
  const real = await original<typeof import("./lib/markdown")>();
  return { ...real, blocks: (s: string) => (s === UNDRAWABLE ? broken() : real.blocks(s)) };
});

/** The page of an invitation. */
async function invited() {
  house.who = undefined;
  await house.open("/signup#s3cret");
}

test("the handle is suggested as soon as that is loaded, and can be typed before", async () => {
  let come = () => {};
  const late = new Promise<void>((yes) => (come = yes));
  vi.doMock("./core/handle", async (original) => {
    await late;
    return original();
  });
  house.who = undefined;
  await import("./features/signin/Door.svelte");
  const opened = house.open("/signup#s3cret");
  await vi.advanceTimersByTimeAsync(200);
  type(field("Your name"), "Mira Novak");
  await vi.advanceTimersByTimeAsync(20);
  expect([field("Handle").value, field("Handle").required]).toEqual(["", true]);
  expect(hint()).toContain("Others mention you as @mira.");
  type(field("Handle"), "Mir");
  come();
  await opened;
  await house.wait();
  expect(field("Handle").value).toBe("mir");
});

test("without what suggests a handle, the form says so, and sends the one that is typed", async () => {
  vi.doMock("./core/handle", broken);
  house.instead.set("POST /signup", () => ({ status: 400, body: problem(400, "Taken.", { field: "handle" }) }));
  await invited();
  type(field("Your name"), "Mira Novak");
  await house.wait();
  expect([field("Handle").value, field("Handle").required]).toEqual(["", true]);
  expect(hint()).toContain("A suggestion could not be loaded.");
  type(field("Handle"), "mira");
  await join();
  expect(hint()).toContain("Others mention you as @mira.");
  expect(house.commands("POST /signup")).toEqual([expect.objectContaining({ handle: "mira" })]);
  expect([field("Handle").value, hint()]).toEqual(["mira", expect.stringContaining("Taken.")]);
});

test("another handle is suggested each time one is refused, and for another name its own", async () => {
  house.instead.set("POST /signup", () => ({ status: 409, body: problem(409, "Taken.", { field: "handle" }) }));
  await invited();
  const suggests = async (name: string) => {
    type(field("Your name"), name);
    await house.wait(20);
    return field("Handle").value;
  };
  expect(await suggests("Mira")).toBe("mira");
  await join();
  expect(field("Handle").value).toBe("mira2");
  await join();
  expect(field("Handle").value).toBe("mira3");
  expect(await suggests("Jonas Weber")).toBe("jonas.weber");
  expect(await suggests("Mira")).toBe("mira3");
  type(field("Handle"), "own");
  await join();
  expect(field("Handle").value, "what one typed stays").toBe("own");
  expect(house.commands("POST /signup").map((b) => (b as { handle: string }).handle)).toEqual(["mira", "mira2", "own"]);
});

test("a dialog that cannot be loaded is said, and closes", async () => {
  house.who = me();
  vi.doMock("./features/me/Tokens.svelte", broken);
  await house.open(`/r/${GENERAL}`);
  named("Settings").click();
  await house.wait();
  named("Tokens").click();
  await house.wait();
  expect(words($("dialog[aria-label='Not loaded']"))).toContain("This part of Canteen could not be loaded.");
  named("Close").click();
  await house.wait();
  expect(all("dialog")).toEqual([]);
});

test("an emoji picker that cannot be loaded is said", async () => {
  vi.doMock("./features/emoji/Picker.svelte", broken);
  await house.open(`/r/${GENERAL}`);
  named("Emoji").click();
  await house.wait();
  expect(words($("dialog"))).toContain("This part of Canteen could not be loaded.");
});

test("what a long press opens and cannot be loaded is said, and can be closed", async () => {
  vi.doMock("./features/room/Sheet.svelte", broken);
  house.messages.set(GENERAL, [message(1)]);
  await house.open(`/r/${GENERAL}`);
  $("article").dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, pointerType: "touch" }));
  await house.wait(500);
  await house.wait();
  expect(words($("dialog[aria-label='Not loaded']"))).toContain("This part of Canteen could not be loaded.");
  named("Close").click();
  await house.wait();
  expect(all("dialog")).toEqual([]);
});

test("a thread and a menu that cannot be loaded are said, and can be closed", async () => {
  vi.doMock("./features/room/Thread.svelte", broken);
  vi.doMock("./features/room/Menu.svelte", broken);
  house.messages.set(GENERAL, [message(1)]);
  await house.open(`/r/${GENERAL}/t/1`);
  expect(words($("dialog[aria-label='Not loaded']"))).toContain("This part of Canteen could not be loaded.");
  named("Close").click();
  await house.wait();
  expect([all("dialog"), location.pathname]).toEqual([[], `/r/${GENERAL}`]);
  $("article").dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  await house.wait();
  named("More").click();
  await house.wait();
  expect(words($("dialog[aria-label='Not loaded']"))).toContain("This part of Canteen could not be loaded.");
  named("Close").click();
  await house.wait();
  expect(all("dialog")).toEqual([]);
});

test("while a dialog is loaded the page below hears no key, and Esc goes back to where one was", async () => {
  vi.doMock("./features/me/Me.svelte", () => new Promise(() => {}));
  await house.open(`/r/${GENERAL}`);
  const box = $("form.composer textarea");
  box.focus();
  named("Settings").click();
  await house.wait(20);
  box.blur();
  key(document.body, "x");
  expect([isCovered(), document.activeElement === box]).toEqual([true, false]);
  box.focus();
  $<HTMLDialogElement>("dialog").close(); // as Esc does
  await vi.advanceTimersByTimeAsync(20);
  expect([isCovered(), document.activeElement === box]).toEqual([false, true]);
});

test("the box of ⌘K is there before the first key is typed into it, and asked for again when it could not be loaded", async () => {
  let asked = 0;
  vi.doMock("./features/switcher/Switcher.svelte", (original) => {
    if (asked++ === 0) throw new Error("not there");
    return original();
  });
  await house.open(`/r/${GENERAL}`);
  expect(asked, "with the first messages").toBe(1);
  key(document.body, "k", { ctrlKey: true });
  await house.wait();
  key(document.body, "k", { ctrlKey: true });
  await house.wait();
  key(document.body, "k", { ctrlKey: true });
  await vi.waitFor(() => expect([asked, all("dialog input[role=combobox]").length]).toEqual([2, 1]), 4000);
});

test("the box of ⌘K that is there opens without a sign of waiting, the first time too", async () => {
  await house.open(`/r/${GENERAL}`);
  const opened = (["show", "showModal"] as const).map((how) => vi.spyOn(HTMLDialogElement.prototype, how));
  key(document.body, "k", { ctrlKey: true });
  await house.wait();
  const labels = opened.map((o) => o.mock.contexts.map((d) => (d as Element).getAttribute("aria-label")));
  for (const o of opened) o.mockRestore();
  expect(labels).toEqual([["Jump to"], []]);
});

test("what is typed after ⌘K while its box is on its way is not lost, nor is Enter", async () => {
  let come = () => {};
  const late = new Promise<void>((yes) => (come = yes));
  vi.doMock("./features/switcher/Switcher.svelte", async (original) => {
    await late;
    return original();
  });
  await house.open(`/r/${GENERAL}`);
  key(document.body, "k", { ctrlKey: true });
  await house.wait();
  const meanwhile = $<HTMLInputElement>("dialog input");
  type(meanwhile, "settings");
  key(meanwhile, "Enter");
  come();
  await vi.waitFor(() => expect(all("dialog h2").map(words)).toEqual(["Settings"]), 4000);
});

describe("the formatting of messages", () => {
  const body = () => $("article[data-seq] .text");
  const LONG = Array.from({ length: 100 }, (_, i) => `**Line** ${i}`).join("\n");

  test("comes late: until then the text stands there as it was written, with its emoji and folded", async () => {
    let come = () => {};
    const late = new Promise<void>((yes) => (come = yes));
    vi.doMock("./features/room/Formatted.svelte", async (original) => {
      await late;
      return original();
    });
    house.post(GENERAL, "mira", { text: "**Lunch** 🎉\n- at  noon" });
    house.post(GENERAL, "mira", { text: LONG });
    await house.open(`/r/${GENERAL}`);
    expect(body().textContent!.trim()).toBe("**Lunch** 🎉\n- at  noon");
    expect(body().querySelector(".emoji")!.textContent).toBe("🎉");
    const long = () => all("article[data-seq] .text")[1]!;
    expect([long().textContent!.includes("**Line** 29\n"), long().textContent!.includes("Line 31")]).toEqual([
      false,
      false,
    ]);
    come();
    await vi.waitFor(() => expect(body().querySelector("strong")).not.toBeNull(), 4000);
    expect([body().querySelector("strong")!.textContent, words(body().querySelector("li")!)]).toEqual([
      "Lunch",
      "at noon",
    ]);
    expect(long().querySelectorAll("strong")).toHaveLength(20);
    named("Show all").click();
    await house.wait();
    expect(long().querySelectorAll("strong")).toHaveLength(100);
    named("Show less").click();
    await house.wait();
    expect(long().querySelectorAll("strong")).toHaveLength(20);
  });

  test("never comes: the text stays as it was written, and one learns why", async () => {
    vi.doMock("./features/room/Formatted.svelte", broken);
    house.post(GENERAL, "mira", { text: "**Lunch**" });
    await house.open(`/r/${GENERAL}`);
    await house.wait(50);
    expect(body().textContent!.trim()).toBe("**Lunch**");
    expect(document.body.textContent).toContain("Messages are shown without their formatting");
  });

  test("fails on one message: that one stays as it was written, the others are formatted", async () => {
    const reported = vi.spyOn(console, "error").mockImplementation(() => {});
    house.post(GENERAL, "mira", { text: UNDRAWABLE, edited_at: at(1) });
    house.post(GENERAL, "mira", { text: "**Lunch**" });
    await house.open(`/r/${GENERAL}`);
    await vi.waitFor(() => expect(document.querySelector("article[data-seq] strong")).not.toBeNull(), 4000);
    expect(all("article[data-seq] .text").map(words)).toEqual([`${UNDRAWABLE} (edited)`, "Lunch"]);
    expect(reported.mock.calls).toEqual([[new Error("not there")]]);
  });
});
