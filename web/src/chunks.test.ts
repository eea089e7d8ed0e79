// @vitest-environment happy-dom
// Parts of the client are loaded when they are first needed. What one sees while that takes long, and when it fails.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GENERAL, me, message, problem } from "./core/testing";
import { $, all, field, House, named, submit, type, words } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
});
afterEach(async () => {
  vi.doUnmock("./core/handle");
  vi.doUnmock("./features/me/Tokens.svelte");
  vi.doUnmock("./features/emoji/Picker.svelte");
  vi.doUnmock("./features/room/Sheet.svelte");
  vi.doUnmock("./lib/emoji");
  await house.leave();
});

const broken = () => {
  throw new Error("not there");
};
const hint = () => words(field("Handle").closest(".field")!);
const join = () => submit(house);

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
