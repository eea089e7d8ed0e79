// @vitest-environment happy-dom
// Which blocks of code are coloured, when, and what happens to one that takes too long.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Colours, type Coder } from "./colours";
import { highlight } from "./highlight";

const SLOW = "slow";

/** A worker that answers later, and never to what is slow. */
class Fake implements Coder {
  onmessage: Coder["onmessage"] = null;
  onerror: Coder["onerror"] = null;
  asked: string[] = [];
  ended = false;
  postMessage([text, language]: [string, string]): void {
    this.asked.push(text);
    const say = (data: unknown) => !this.ended && this.onmessage?.call(this as never, { data } as MessageEvent);
    setTimeout(() => {
      say("begun");
      if (text !== SLOW) setTimeout(() => say(highlight(text, language)), 10);
    }, 10);
  }
  terminate(): void {
    this.ended = true;
  }
}

let workers: Fake[], colours: Colours, sights: Map<Element, () => void>;
beforeEach(() => {
  vi.useFakeTimers();
  [workers, sights] = [[], new Map()];
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      private seen: Element[] = [];
      constructor(private f: (seen: { isIntersecting: boolean }[]) => void) {}
      observe(e: Element): void {
        this.seen.push(e);
        this.f([{ isIntersecting: false }]);
        sights.set(e, () => this.f([{ isIntersecting: true }]));
      }
      disconnect(): void {
        for (const e of this.seen) sights.delete(e);
      }
    },
  );
  colours = new Colours(() => (workers.push(new Fake()), workers.at(-1)!));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

function block(text: string, info = "ts") {
  const e = document.createElement("code");
  e.textContent = text;
  document.body.append(e);
  const end = colours.colour(e, text, info);
  return {
    e,
    end,
    see: () => sights.get(e)?.(),
    spans: () => [...e.children].map((s) => `${s.className} ${s.textContent}`),
  };
}
const wait = (ms = 100) => vi.advanceTimersByTimeAsync(ms);

test("a block is coloured once it is in sight, and is the same text", async () => {
  const text = 'const a = "<b>&amp;" // c',
    b = block(text);
  await wait(1000);
  expect([workers.length, b.spans()]).toEqual([0, []]);
  b.see();
  await wait();
  expect(b.spans()).toEqual(["word const", 'string "<b>&amp;"', "comment // c"]);
  expect(b.e.textContent).toBe(text);
});

test("what is unknown or too long needs no worker", async () => {
  for (const [text, info] of [
    ["a", ""],
    ["a", "cobol"],
    ["1 ".repeat(10_001), "ts"],
    ["1\n".repeat(2000), "ts"],
  ] as const)
    block(text, info).see();
  await wait();
  expect(workers).toEqual([]);
});

test("what has too many colours stays plain: it would take long to draw", async () => {
  const [few, many] = [block("1 a ".repeat(2000)), block("1 a ".repeat(2001))];
  few.see();
  many.see();
  await wait();
  expect([few.spans().length, many.spans().length]).toEqual([2000, 0]);
});

test("what takes too long stays plain, also the next time; the next block is coloured by another worker", async () => {
  const [slow, other] = [block(SLOW), block("let a")];
  slow.see();
  other.see();
  await wait(200);
  expect([workers.length, workers[0]!.ended]).toEqual([1, false]);
  await wait(200);
  expect([workers[0]!.ended, slow.spans(), other.spans()]).toEqual([true, [], ["word let"]]);
  block(SLOW).see();
  await wait(500);
  expect(workers.map((w) => w.asked)).toEqual([[SLOW], ["let a"]]);
});

test("what has gone is neither asked for nor touched", async () => {
  const [first, second] = [block("let a"), block("let b")];
  first.see();
  second.see();
  await wait(12);
  first.end();
  second.end();
  first.e.textContent = "edited";
  await wait();
  expect([workers[0]!.asked, first.e.innerHTML, second.spans()]).toEqual([["let a"], "edited", []]);
});

test("a block that is there again needs no worker", async () => {
  block("let a").see();
  await wait();
  const again = block("let a");
  again.see();
  await wait(2);
  expect([workers[0]!.asked, again.spans()]).toEqual([["let a"], ["word let"]]);
});

test("without a worker blocks stay plain, and the next one tries again", async () => {
  const first = block("let a");
  first.see();
  workers[0]!.onerror!.call(workers[0] as never, new Event("error") as ErrorEvent);
  await wait();
  const second = block("let a");
  second.see();
  await wait();
  expect([first.spans(), second.spans(), workers.length]).toEqual([[], ["word let"], 2]);
});

test("what one has selected stays selected: its block keeps its nodes", async () => {
  const b = block("let a");
  getSelection()!.selectAllChildren(b.e);
  b.see();
  await wait();
  expect(b.spans()).toEqual([]);
});
