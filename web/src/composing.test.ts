// @vitest-environment happy-dom
// Who writes by an input method presses Enter to take a word and Escape to drop it. These keys do nothing else, anywhere.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { $, all, House, key, named, type } from "../testing/house";
import { GENERAL } from "./core/testing";

describe("every handler of keydown asks", () => {
  const SRC = import.meta.dirname;
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((f) =>
    /(?<!\.test)\.(ts|svelte)$/.test(f),
  );
  const handlers = files.flatMap((f) => {
    const source = readFileSync(join(SRC, f), "utf8");
    const names = source.matchAll(/onkeydown=\{([^}]+)\}|["']keydown["'],\s*([\w.]+)/g);
    return [...names].map((m) => [f, m[1] ?? m[2]!, source.slice(0, m.index)] as const);
  });

  /** The first statement of the handler, the last of its name before it is used; or the whole of one that stands in the markup. */
  function beginning(name: string, before: string): string {
    if (!/^[\w.]+$/.test(name)) return name;
    const begin = String.raw`(?:function ${name}|const ${name} = (?=\())\([^{;]*\{\s*([^;]*;)`;
    const found = before.matchAll(new RegExp(begin, "g"));
    return [...found].at(-1)?.[1] ?? `${name} is not in this file`;
  }

  test("there are such handlers", () => expect(handlers.length).toBeGreaterThanOrEqual(13));
  // keepOpen is the whole handler of a dialog: lib/composing has it.
  test.each(handlers.filter(([, name]) => name !== "keepOpen"))("%s: %s", (_, name, before) =>
    expect(beginning(name, before)).toMatch(/\bcomposing\(/),
  );
});

describe.each([
  ["while a word is composed", { isComposing: true }],
  ["in Safari, as it ends", { keyCode: 229 }],
])("%s", (_, more) => {
  let house: House;
  beforeEach(async () => {
    house = new House();
    house.post(GENERAL, "jonas", { text: "日本" });
    house.post(GENERAL, "mira", { text: "にほ" });
    await house.open(`/r/${GENERAL}`);
  });
  afterEach(async () => {
    vi.doUnmock("./lib/emoji");
    await house.leave();
  });

  const box = () => $<HTMLTextAreaElement>("form.composer textarea");
  const composed = async (e: EventTarget, ...names: string[]) => {
    for (const name of names) {
      expect(key(e, name, more).defaultPrevented && name !== "Escape", name).toBe(false);
      await house.wait(20);
    }
  };

  test("the composer sends nothing, and edits nothing", async () => {
    await composed(box(), "ArrowUp");
    expect(all("form.edit")).toEqual([]);
    type(box(), "にほ");
    await composed(box(), "Enter", "Escape");
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toEqual([]);
    expect(box().value).toBe("にほ");
  });

  test("no suggestion is taken, changed or closed", async () => {
    type(box(), "@");
    box().setSelectionRange(1, 1);
    type(box(), "@");
    await house.wait(20);
    const shown = () => all("[role=option]").map((o) => o.getAttribute("aria-selected"));
    const before = shown();
    expect(before.length).toBeGreaterThan(1);
    await composed(box(), "ArrowDown", "Tab", "Enter", "Escape");
    expect([box().value, shown()]).toEqual(["@", before]);
  });

  test("an edit is neither saved nor left", async () => {
    key(box(), "ArrowUp");
    await house.wait(20);
    const edit = $<HTMLTextAreaElement>("form.edit textarea");
    type(edit, "日");
    await composed(edit, "Enter", "Escape");
    expect([all("form.edit").length, house.commands(`PATCH /rooms/${GENERAL}/messages/2`)]).toEqual([1, []]);
  });

  test("the switcher goes nowhere, and stays", async () => {
    key(window, "k", { ctrlKey: true });
    await house.wait();
    const field = $<HTMLInputElement>("dialog input");
    await composed(field, "ArrowDown", "Enter");
    expect(all("dialog [role=option]")[0]!.getAttribute("aria-selected")).toBe("true");
    expect(key(field, "Escape", more).defaultPrevented, "or the browser closes the dialog").toBe(true);
    await house.wait();
    expect(all("dialog").length).toBe(1);
    key(field, "Escape");
    await house.wait();
    expect(all("dialog").length).toBe(0);
  });

  test("nobody is chosen", async () => {
    named("New direct message").click();
    await house.wait();
    const field = named("Find people");
    type(field, "j");
    await composed(field, "Enter");
    expect([all("dialog [aria-label=Chosen]").length, (field as HTMLInputElement).value]).toEqual([0, "j"]);
    expect(key(field, "Escape", more).defaultPrevented, "or the browser closes the dialog").toBe(true);
  });

  test("the picker of emoji chooses none, and stays", async () => {
    const never = new Promise(() => {}); // the data, of which the first row needs nothing
    vi.doMock("./lib/emoji", async (original) => ({ ...(await original<object>()), load: () => never }));
    named("Emoji").click();
    await house.wait();
    const field = named("Search emoji");
    await composed(field, "Enter", "ArrowDown");
    expect(key(field, "Escape", more).defaultPrevented, "or the browser closes the dialog").toBe(true);
    expect([all("dialog.picker").length, box().value]).toEqual([1, ""]);
  });

  test("the page marks nothing read, and opens nothing", async () => {
    house.asked.length = 0;
    await composed(window, "Escape", "?");
    key(window, "k", { ctrlKey: true, ...more });
    await house.wait();
    expect([house.commands(`PUT /rooms/${GENERAL}/read`), all("dialog").length]).toEqual([[], 0]);
  });
});
