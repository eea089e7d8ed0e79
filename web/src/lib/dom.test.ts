// @vitest-environment happy-dom
// What lib does with the DOM: scrolling, long presses, reading, the focus. happy-dom lays nothing out, so that places are given.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Announcer, Heard } from "./announcer";
import { scrollable } from "./boxes";
import { arrows, focus, keepFocus, oneStop, rows } from "./focus";
import { Reading } from "./reading";
import { resized, Scroller } from "./scroll";
import { LongPress } from "./touch";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

function html(text: string): HTMLElement {
  document.body.innerHTML = text;
  return document.body.firstElementChild as HTMLElement;
}
const $ = (selector: string) => document.querySelector<HTMLElement>(selector)!;
const press = (e: Element, key: string, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  e.dispatchEvent(event);
  return event;
};

describe("the scroll position", () => {
  /** A timeline of rows, each 50 px high, in a box of 200 px. */
  function timeline(seqs: number[]) {
    const box = html(`<div>${seqs.map((s) => `<p data-seq="${s}"></p>`).join("")}</div>`);
    let top = 0;
    const all = () => [...box.children];
    Object.defineProperties(box, {
      scrollHeight: { get: () => all().length * 50 },
      clientHeight: { value: 200 },
      scrollTop: { get: () => top, set: (v: number) => (top = v) },
    });
    const rect = (t: number, h: number) => ({ top: t, bottom: t + h }) as DOMRect;
    box.getBoundingClientRect = () => rect(0, 200);
    const place = (p: Element) => (p.getBoundingClientRect = () => rect(all().indexOf(p) * 50 - top, 50));
    all().forEach(place);
    const add = (where: "prepend" | "append", seq: number) => {
      const p = document.createElement("p");
      p.dataset["seq"] = String(seq);
      box[where](p);
      place(p);
    };
    return { box, add, scroller: new Scroller(box) };
  }
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  test("is at the end within 48 px of it", () => {
    const { box, scroller } = timeline(ten);
    scroller.toEnd();
    box.scrollTop = 300;
    expect(scroller.atEnd).toBe(true);
    box.scrollTop = 253;
    expect(scroller.atEnd).toBe(true);
    box.scrollTop = 252;
    expect(scroller.atEnd).toBe(false);
  });

  test("knows when an edge is near", () => {
    const { box, scroller } = timeline(Array.from({ length: 60 }, (_, i) => i));
    box.scrollTop = 599;
    expect([scroller.nearStart, scroller.nearEnd]).toEqual([true, false]);
    box.scrollTop = 1000;
    expect([scroller.nearStart, scroller.nearEnd]).toEqual([false, false]);
    box.scrollTop = 2300;
    expect([scroller.nearStart, scroller.nearEnd]).toEqual([false, true]);
  });

  test("what one reads stays where it is when rows come above it", () => {
    const { box, add, scroller } = timeline(ten);
    box.scrollTop = 170; // row 4 is cut by the upper edge
    scroller.remember();
    add("prepend", 0);
    add("prepend", -1);
    expect([scroller.restore(), box.scrollTop]).toEqual([true, 270]);
  });

  test("rows below move nothing", () => {
    const { box, add, scroller } = timeline(ten);
    box.scrollTop = 170;
    scroller.remember();
    add("append", 11);
    expect([scroller.restore(), box.scrollTop]).toEqual([true, 170]);
  });

  test("nothing is restored when the row went, or was forgotten", () => {
    const { box, scroller } = timeline(ten);
    scroller.remember();
    box.firstElementChild!.remove();
    expect(scroller.restore()).toBe(false);
    scroller.remember();
    scroller.forget();
    expect(scroller.restore()).toBe(false);
  });

  test("a message is shown once: who scrolls on is not pulled back", () => {
    const { scroller } = timeline(ten);
    const shown = vi.spyOn($("[data-seq='7']"), "scrollIntoView").mockImplementation(() => {});
    expect([scroller.show(7), scroller.show(7), scroller.show(99)]).toEqual([true, false, false]);
    expect(shown).toHaveBeenCalledExactlyOnceWith({ block: "center" });
  });

  test("what stands between the rows is none, and no message is searched", () => {
    const { box, scroller } = timeline(ten);
    for (const i of [0, 4, 9]) box.children[i]!.removeAttribute("data-seq"); // a day, the line, and what is on its way
    box.children[4]!.className = "new";
    box.querySelectorAll = box.querySelector = () => expect.fail("the whole box was searched");
    scroller.toEnd();
    box.scrollTop = 220; // what is on its way is below
    expect([scroller.inSight(0), scroller.fits(9), scroller.fits(99)]).toEqual([[8, 7, 6], true, false]);
    box.scrollTop = 190; // the line is cut by the upper edge
    expect([scroller.inSight(0), scroller.inSight(6), scroller.place()]).toEqual([
      [7, 6, 4],
      [7, 6],
      { seq: 4, top: -40 },
    ]);
    box.scrollTop = 205;
    expect(scroller.place()).toEqual({ seq: 6, top: 45 });
    expect([scroller.put({ seq: 8, top: 10 }), box.scrollTop, scroller.put({ seq: 1, top: 0 })]).toEqual([
      true,
      340,
      false,
    ]);
    expect([scroller.toNew(true), box.scrollTop]).toEqual([true, 150]);
  });

  test("a box that changes its size is heard until it goes", () => {
    let size = () => {};
    const ended = vi.fn();
    class Watcher {
      constructor(f: () => void) {
        size = f;
      }
      observe() {}
      disconnect = ended;
    }
    vi.stubGlobal("ResizeObserver", Watcher);
    const heard = vi.fn();
    const action = resized(html("<div></div>"), heard);
    size();
    action.destroy();
    expect([heard.mock.calls.length, ended.mock.calls.length]).toEqual([1, 1]);
  });
});

describe("a long press", () => {
  afterEach(() => {
    document.body.dispatchEvent(new Event("touchend"));
    vi.advanceTimersByTime(100);
  });
  const touch = (more = {}) => ({ pointerType: "touch", clientX: 50, clientY: 50, target: document.body, ...more });

  test("takes 450 ms", () => {
    const pressed = vi.fn();
    new LongPress(pressed).start(touch());
    vi.advanceTimersByTime(449);
    expect(pressed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(pressed).toHaveBeenCalledOnce();
  });

  test("may tremble, but is none when the finger moves or goes, or when it is a mouse", () => {
    const pressed = vi.fn(),
      press = new LongPress(pressed);
    press.start(touch());
    press.moved(touch({ clientX: 61 }));
    press.start(touch());
    press.stop();
    press.start(touch({ pointerType: "mouse" }));
    vi.advanceTimersByTime(1000);
    expect(pressed).not.toHaveBeenCalled();
    press.start(touch());
    press.moved(touch({ clientX: 55, clientY: 55 }));
    vi.advanceTimersByTime(1000);
    expect(pressed).toHaveBeenCalledOnce();
  });

  test("is heard by nothing that appears below the finger, until it is lifted", () => {
    html("<div><p></p><button></button></div>");
    const heard = vi.fn();
    for (const name of ["click", "contextmenu", "pointerup"]) $("button").addEventListener(name, heard);
    const happens = (e: Element, name: string) => {
      const event = new Event(name, { bubbles: true, cancelable: true });
      e.dispatchEvent(event);
      return event.defaultPrevented;
    };
    new LongPress(() => $("p").remove()).start(touch({ target: $("p") }));
    const touched = $("p");
    vi.advanceTimersByTime(450);
    for (const name of ["contextmenu", "pointerup"]) expect(happens($("button"), name), name).toBe(true);
    expect(happens(touched, "touchend"), "or the browser makes it a click").toBe(true);
    expect(happens($("button"), "click"), "of a browser that makes one all the same").toBe(true);
    expect(heard).not.toHaveBeenCalled();
    window.dispatchEvent(new PointerEvent("pointerdown", { isPrimary: true })); // the next touch
    expect(happens($("button"), "click")).toBe(false);
    expect(heard).toHaveBeenCalledOnce();
  });
});

describe("reading", () => {
  let visibility: DocumentVisibilityState = "visible";
  beforeEach(() => {
    visibility = "visible";
    vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visibility);
  });
  /** `works`: whether the server takes the pointer. */
  const begin = (sight: () => number[] = () => [1], works = true) => {
    const moves: number[] = [];
    const r = new Reading(sight, (seq) => {
      if (works && seq <= (moves.at(-1) ?? 0)) return undefined;
      moves.push(seq);
      return Promise.resolve(works);
    });
    r.look();
    return { r, seen: () => moves };
  };

  test("takes 400 ms in sight", () => {
    const { r, seen } = begin();
    r.look();
    vi.advanceTimersByTime(399);
    expect(seen()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen()).toEqual([1]);
  });

  test("is none when one scrolled on meanwhile", () => {
    let sight = [1];
    const { r, seen } = begin(() => sight);
    sight = [];
    vi.advanceTimersByTime(1000);
    expect(seen()).toEqual([]);
    sight = [1];
    r.look();
    vi.advanceTimersByTime(400);
    expect(seen()).toEqual([1]);
  });

  test("is none in a hidden tab", () => {
    visibility = "hidden";
    const { r, seen } = begin();
    vi.advanceTimersByTime(1000);
    visibility = "visible";
    r.look();
    visibility = "hidden";
    vi.advanceTimersByTime(1000);
    expect(seen()).toEqual([]);
  });

  test("is told once a second while one scrolls on, and the last time of what was seen last", async () => {
    let last = 1;
    const { r, seen } = begin(() => [last, last + 1, last + 2, last + 3, last + 4, last + 5]);
    while (last < 20) {
      await vi.advanceTimersByTimeAsync(100);
      last++;
      r.look();
    }
    await vi.advanceTimersByTimeAsync(2000);
    expect(seen()).toEqual([6, 16, 25]);
  });

  test("looks only after changes while more could not be told, and once after that", async () => {
    let last = 1;
    const sight = vi.fn(() => [last]);
    const { r, seen } = begin(sight);
    await vi.advanceTimersByTimeAsync(400); // 1 is told, and nothing more for a second
    for (; last < 9; last++) {
      r.look();
      await vi.advanceTimersByTimeAsync(60);
    }
    last--;
    expect(sight).toHaveBeenCalledTimes(10);
    await vi.advanceTimersByTimeAsync(520);
    expect([sight.mock.calls.length, seen()]).toEqual([11, [1, 8]]);
  });

  test("is not repeated by itself when the pointer did not move", async () => {
    const { r, seen } = begin(() => [1], false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen()).toEqual([1]);
    r.look();
    expect(seen()).toEqual([1, 1]);
  });
});

describe("a screen reader hears", () => {
  const room = (last: number) => {
    const said: string[] = [];
    const announcer = new Announcer((line) => said.push(line));
    const heard = new Heard(last, announcer);
    const look = (seq: number, author = "jonas", fresh = seq - last) =>
      heard.look(
        { seq, author, text: `m${seq}` },
        () => fresh,
        (id) => id,
        "mira",
      );
    return { said, heard, look, announcer };
  };

  test("each new message of others once", () => {
    const { said, look } = room(3);
    look(3);
    look(4);
    look(4);
    expect(said).toEqual(["jonas: m4"]);
  });

  test("nothing of one's own", () => {
    const { said, look } = room(3);
    look(4, "mira");
    vi.advanceTimersByTime(10_000);
    expect(said).toEqual([]);
  });

  test("how many came at once", () => {
    const { said, look } = room(3);
    look(9);
    expect(said).toEqual(["6 new messages, the latest from jonas"]);
  });

  test("of an empty room nothing, and after it was left no more", () => {
    const { said, heard, look, announcer } = room(0);
    heard.look(
      undefined,
      () => 0,
      (id) => id,
      "mira",
    );
    look(1);
    look(2);
    announcer.stop();
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual(["jonas: m1"]);
  });
});

describe("the focus", () => {
  test("is given back when what took it is gone", () => {
    html(`<div><button id="a"></button><input id="b" /></div>`);
    $("#a").focus();
    const giveBack = keepFocus();
    $("#b").focus();
    $("#b").remove();
    (document.activeElement as HTMLElement | null)?.blur();
    giveBack();
    expect(document.activeElement).toBe($("#a"));
  });

  test("is left to who took it meanwhile", () => {
    html(`<div><button id="a"></button><button id="b"></button></div>`);
    $("#a").focus();
    const giveBack = keepFocus();
    $("#b").focus();
    giveBack();
    expect(document.activeElement).toBe($("#b"));
  });

  test("goes to the row when its button is gone", () => {
    html(`<article tabindex="-1"><button id="a"></button></article>`);
    $("#a").focus();
    const giveBack = keepFocus();
    $("#a").remove();
    (document.activeElement as HTMLElement | null)?.blur();
    giveBack();
    expect(document.activeElement).toBe($("article"));
  });

  test("raises no keyboard of a touch screen", () => {
    const field = html("<input />");
    vi.stubGlobal("matchMedia", () => ({ matches: true }));
    focus(field);
    expect(document.activeElement).not.toBe(field);
    vi.stubGlobal("matchMedia", () => ({ matches: false }));
    focus(field);
    expect(document.activeElement).toBe(field);
  });
});

describe("arrows in a toolbar", () => {
  const bar = () => {
    const box = html(`<div>${["a", "b", "c"].map((id) => `<button id="${id}"></button>`).join("")}</div>`);
    return { box, action: arrows(box) };
  };
  const from = (id: string, key: string, more?: KeyboardEventInit) => {
    $(`#${id}`).focus();
    const e = press($(`#${id}`), key, more);
    return [document.activeElement?.id, e.defaultPrevented];
  };

  test.each([
    ["a", "ArrowRight", "b"],
    ["c", "ArrowRight", "a"],
    ["a", "ArrowLeft", "c"],
    ["b", "ArrowDown", "c"],
    ["b", "ArrowUp", "a"],
    ["b", "Home", "a"],
    ["b", "End", "c"],
  ])("from %s, %s leads to %s", (id, key, to) => {
    bar();
    expect(from(id, key)).toEqual([to, true]);
  });

  test("other keys, and keys with Ctrl, are left alone", () => {
    bar();
    expect(from("a", "x")).toEqual(["a", false]);
    expect(from("a", "ArrowRight", { ctrlKey: true })).toEqual(["a", false]);
  });

  test("end with the toolbar", () => {
    bar().action.destroy();
    expect(from("a", "ArrowRight")).toEqual(["a", false]);
  });

  test("choose in a group of radios", () => {
    html(`<div><button id="a" role="radio"></button><button id="b" role="radio"></button></div>`);
    const chosen = vi.fn();
    $("#b").addEventListener("click", chosen);
    arrows(document.body.firstElementChild as HTMLElement);
    from("a", "ArrowRight");
    expect(chosen).toHaveBeenCalledOnce();
  });
});

describe("the rows of a timeline", () => {
  const timeline = (act = vi.fn((_: HTMLElement, key: string) => key === "e")) => {
    const box = html(
      `<div>${[1, 2, 3].map((i) => `<article id="r${i}" tabindex="-1"><input id="i${i}" /></article>`).join("")}</div>`,
    );
    const wrapper = document.createElement("main");
    box.replaceWith(wrapper);
    wrapper.append(box);
    return { box, act, action: rows(box, act) };
  };
  const at = (id: string, key: string) => {
    $(`#${id}`).focus();
    const e = press($(`#${id}`), key);
    return [document.activeElement?.id, e.defaultPrevented];
  };

  test("are walked by arrows, and not beyond their ends", () => {
    timeline();
    expect([at("r2", "ArrowUp"), at("r2", "ArrowDown"), at("r2", "Home"), at("r1", "End")].map(([id]) => id)).toEqual([
      "r1",
      "r3",
      "r1",
      "r3",
    ]);
    expect(at("r1", "ArrowUp")[0]).toBe("r1");
  });

  test("give other keys to the caller, who says whether they did something", () => {
    const { act } = timeline();
    expect(at("r2", "E")).toEqual(["r2", true]);
    expect(at("r2", "x")).toEqual(["r2", false]);
    expect(act.mock.calls.map(([row, key]) => [row.id, key])).toEqual([
      ["r2", "e"],
      ["r2", "x"],
    ]);
  });

  test("keep out of what one types", () => {
    const { act } = timeline();
    expect(at("i2", "e")).toEqual(["i2", false]);
    expect(act).not.toHaveBeenCalled();
  });

  test("are one stop of the Tab key, at the last row at first", () => {
    const { box } = timeline();
    expect(box.tabIndex).toBe(0);
    box.focus();
    expect(document.activeElement?.id).toBe("r3");
    $("#r1").focus();
    expect([$("#r1").tabIndex, $("#r3").tabIndex]).toEqual([0, -1]);
  });

  test("take their edges along when they go", () => {
    const { box, action } = timeline();
    expect([box.previousElementSibling?.tagName, box.nextElementSibling?.tagName]).toEqual(["SPAN", "SPAN"]);
    action.destroy();
    expect([box.previousElementSibling, box.nextElementSibling]).toEqual([null, null]);
  });
});

test("a list that begins at its first item", () => {
  const box = html(`<div><button id="a" data-x></button><button id="b" data-x></button></div>`);
  document.body.append(document.createElement("p"));
  oneStop(box, { of: "[data-x]", first: "first" });
  box.focus();
  expect(document.activeElement?.id).toBe("a");
});

test("what is wider than its place can be scrolled with the keyboard, while it is", () => {
  let look = () => {};
  class Watcher {
    constructor(f: () => void) {
      look = f;
    }
    observe() {}
    disconnect() {}
  }
  vi.stubGlobal("ResizeObserver", Watcher);
  const pre = html("<pre></pre>");
  let width = 900;
  Object.defineProperties(pre, { scrollWidth: { get: () => width }, clientWidth: { value: 500 } });
  scrollable(pre, "Code");
  look();
  expect([pre.getAttribute("tabindex"), pre.getAttribute("role"), pre.getAttribute("aria-label")]).toEqual([
    "0",
    "group",
    "Code",
  ]);
  width = 400;
  look();
  expect(pre.attributes.length).toBe(0);
});
