// @vitest-environment happy-dom
// Choosing people, and the box of ⌘K, on the whole page.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { direct, GENERAL, LUNCH, me, room, user } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";

const NUMBERS = Array.from({ length: 130 }, (_, i) => user(`n${i}`, { name: `Number ${i}`, handle: `n.${i}` }));
const ROOM = "cccccccccccc";

let house: House;
beforeEach(async () => {
  house = new House();
  const { workspace } = me();
  house.who = me({ workspace: { ...workspace, limits: { ...workspace.limits, direct_members: 4 } } });
  house.users = [user("mira"), ...NUMBERS.toReversed(), user("jonas", { name: "Jonas Weber" })];
  house.instead.set("POST /rooms", (body) => {
    const made = direct(ROOM, ["mira", ...(body as { members: string[] }).members]);
    house.rooms.push(made);
    return { status: 201, body: made };
  });
});
afterEach(() => house.leave());

const options = () => all("dialog [role=option]").map((o) => words(o.querySelector(".grow")!));
const chips = () => all("dialog [aria-label=Chosen] button").map((b) => words(b).replace(/^\S+ ?Remove /, ""));
const field = () => $<HTMLInputElement>("dialog [role=combobox]");
const marked = () => document.getElementById(field().getAttribute("aria-activedescendant") ?? "none");
const typed = async (text: string) => {
  type(field(), text);
  await house.wait(20);
};
const pressed = async (name: string) => {
  key(field(), name);
  await house.wait(20);
};
const submit = async () => {
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
};

describe("the people of a new message", () => {
  beforeEach(async () => {
    await house.open(`/r/${GENERAL}`);
    named("New message").click();
    await house.wait();
  });

  test("stand from A to Z; no more than thirty are drawn, and the list says that there are more", () => {
    expect(options().slice(0, 3)).toEqual(["Jonas Weber @jonas", "Number 0 @n.0", "Number 1 @n.1"]);
    expect(options()).toHaveLength(30);
    expect(words($("dialog .note"))).toBe("There are more: type a name.");
  });

  test("number 12 is number 12, and not 127", async () => {
    await typed("number 12");
    expect(options().slice(0, 3)).toEqual(["Number 12 @n.12", "Number 120 @n.120", "Number 121 @n.121"]);
    await pressed("Enter");
    await submit();
    expect(house.commands("POST /rooms")).toEqual([{ kind: "direct", members: ["n12"] }]);
  });

  test("are chosen by keys: chips show them, the list does not any more, and Backspace removes the last", async () => {
    expect(marked(), "nobody is chosen by an Enter alone").toBe(null);
    await typed("jon");
    expect(words(marked()!)).toContain("Jonas Weber");
    await pressed("Enter");
    expect([chips(), field().value]).toEqual([["Jonas Weber @jonas"], ""]);
    expect(words($("dialog p.hidden[role=status]"))).toBe("Jonas Weber @jonas added");
    await pressed("ArrowDown");
    await pressed("ArrowDown");
    expect(words(marked()!)).toContain("Number 1 @n.1");
    await pressed("Enter");
    await typed("number 1");
    expect([chips(), options()[0]]).toEqual([["Jonas Weber @jonas", "Number 1 @n.1"], "Number 10 @n.10"]);
    await typed("");
    await pressed("Backspace");
    expect(chips()).toEqual(["Jonas Weber @jonas"]);
    expect(words($("dialog p.hidden[role=status]"))).toBe("Number 1 @n.1 removed");
    await pressed("ArrowUp");
    expect(marked()?.getAttribute("aria-selected")).toBe("true");
    expect(marked()).toBe(all("dialog [role=option]").at(-1));
  });

  test("are chosen and removed by clicks", async () => {
    all("dialog [role=option]")[1]!.click();
    await house.wait(20);
    all("dialog [role=option]")[1]!.click();
    await house.wait(20);
    expect(chips()).toEqual(["Number 0 @n.0", "Number 1 @n.1"]);
    all("dialog [aria-label=Chosen] button")[0]!.click();
    await house.wait(20);
    expect(chips()).toEqual(["Number 1 @n.1"]);
    expect(words(named("Start"))).toBe("Start");
    expect(document.activeElement).toBe(field());
  });

  test("are as many as a direct room holds, and the dialog says so", async () => {
    for (const name of ["number 1", "number 2", "number 3"]) {
      await typed(name);
      await pressed("Enter");
    }
    expect([chips().length, options(), words($("dialog .note"))]).toEqual([3, [], "No more can be added."]);
    await pressed("Backspace");
    expect(options()).toHaveLength(30);
  });

  test("who is not found is said so, and Enter starts nothing", async () => {
    await typed("zzz");
    expect(words($("dialog .note"))).toBe("No matches.");
    const e = key(field(), "Enter");
    expect(e.defaultPrevented, "the form is not sent").toBe(true);
  });

  test("the key of an input method takes nobody", async () => {
    await typed("jon");
    key(field(), "Enter", { isComposing: true });
    key(field(), "Enter", { keyCode: 229 });
    await house.wait(20);
    expect(chips()).toEqual([]);
  });

  test("a key takes what fits the text that stands there now, drawn or not", async () => {
    await typed("number 12");
    type(field(), "jonas");
    key(field(), "Enter");
    await house.wait(20);
    expect(chips()).toEqual(["Jonas Weber @jonas"]);
  });
});

describe("the box of ⌘K", () => {
  const open = async () => {
    key(window, "k", { ctrlKey: true });
    await house.wait();
  };

  test("lists a person once: with the room in which one talks to them", async () => {
    house.rooms.push(direct(ROOM, ["mira", "jonas"]));
    await house.open(`/r/${GENERAL}`);
    await open();
    await typed("jonas");
    expect(all("dialog [role=option]").map(words)).toEqual(["Jonas WeberDirect message"]);
    key(field(), "Enter");
    await house.wait();
    expect([location.pathname, house.commands("POST /rooms")]).toEqual([`/r/${ROOM}`, []]);
  });

  test("finds nothing in scattered letters", async () => {
    house.rooms.push(room(LUNCH, { name: "rindfleischetikettierungsüberwachungsgesetz" }));
    await house.open(`/r/${GENERAL}`);
    await open();
    await typed("rest");
    expect(options()).toEqual([]);
    await typed("überwachung");
    expect(options()).toEqual(["#rindfleischetikettierungsüberwachungsgesetz"]);
  });

  test("takes what fits the text that stands there now", async () => {
    await house.open(`/r/${GENERAL}`);
    await open();
    await typed("number 12");
    type(field(), "number 1");
    key(field(), "Enter");
    await house.wait();
    expect(house.commands("POST /rooms")).toEqual([{ kind: "direct", members: ["n1"] }]);
  });

  test("a choice that is marked stays marked while rooms move", async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    await open();
    await pressed("ArrowDown");
    const what = words(marked()!);
    await house.say({
      type: "message",
      room: what.startsWith("#lunch") ? LUNCH : GENERAL,
      rev: 1,
      message: {
        ...house.post(what.startsWith("#lunch") ? LUNCH : GENERAL, "jonas"),
        created_at: new Date().toISOString(),
      },
    });
    expect(words(marked()!)).toMatch(new RegExp(`^${what.slice(0, 4)}`));
  });
});

describe("the suggestions of the composer", () => {
  const box = () => $<HTMLTextAreaElement>("form.composer textarea");
  const write = (text: string) => {
    box().value = text;
    box().setSelectionRange(text.length, text.length);
    box().dispatchEvent(new Event("input", { bubbles: true }));
  };

  test.each([
    ["a letter that was typed after them", () => write("@jonasx")],
    ["another place of the caret", () => box().setSelectionRange(2, 2)],
    [
      "a text that the page has not heard of",
      () => {
        write("@number 🍊");
        write("@jo 🍊");
      },
    ],
  ])("are not taken for %s", async (_, change) => {
    await house.open(`/r/${GENERAL}`);
    write("@jonas");
    await house.wait(20);
    expect(all("form.composer [role=option]").length).toBeGreaterThan(0);
    change();
    const text = box().value;
    key(box(), "Tab");
    await house.wait(20);
    expect(box().value).toBe(text);
  });
});
