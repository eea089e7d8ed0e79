// Colours for blocks of code. A worker finds what is coloured, and is stopped when that takes too long: some texts would keep it busy for
// minutes. Only what is in sight is coloured, when the page has nothing else to do. Colours change neither the text nor its place.
import scriptOf from "./highlight.worker.ts?worker&url";
import { KINDS, languageOf } from "./languages";
import { scriptURL } from "./trust";

/** Longer blocks stay plain. */
const LONGEST = 20_000,
  LINES = 2000;
/** So do those with more that is coloured: as many elements take the browser a frame to draw. */
const MOST = 4000;
/** What takes the worker longer stays plain, ms. */
const WITHIN = 250;
/** How many blocks are remembered, so that a room that is opened again needs no worker. */
const KEPT = 50;
/** The page is asked for a moment within this time, ms. */
const PATIENCE = 500;

/** Kinds and lengths by turns; undefined: it stays plain. */
type Stretches = readonly number[] | undefined;
interface Job {
  readonly text: string;
  readonly language: string;
  readonly wanted: () => boolean;
  readonly done: (s: Stretches) => void;
}
export type Coder = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

const start = (): Coder => new Worker(scriptURL(scriptOf), { type: "module" });

/** Calls when the page has time. */
const idle = (f: () => void): void => {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(f, { timeout: PATIENCE });
  else setTimeout(f, 1); // Safari
};

export class Colours {
  private worker: Coder | undefined;
  private waiting: Job[] = [];
  private running: Job | undefined;
  private late: ReturnType<typeof setTimeout> | undefined;
  private kept = new Map<string, Stretches>();

  constructor(private make: () => Coder = start) {}

  /**
   * Colours what an element shows, which is this text alone, once the element is in sight. What it returns stops that: what was edited
   * or has gone in the meantime is left alone.
   */
  colour(e: Element, text: string, info: string): () => void {
    const language = languageOf(info);
    if (!language || text.length > LONGEST || text.split("\n").length > LINES) return () => {};
    let wanted = true;
    const sight = new IntersectionObserver((seen) => {
      if (!seen.some((s) => s.isIntersecting)) return;
      sight.disconnect();
      this.find({ text, language, wanted: () => wanted, done: (s) => s && idle(() => wanted && draw(e, text, s)) });
    });
    sight.observe(e);
    return () => {
      wanted = false;
      sight.disconnect();
    };
  }

  private find(job: Job): void {
    const key = `${job.language}\n${job.text}`;
    if (this.kept.has(key)) return job.done(this.kept.get(key));
    this.waiting.push(job);
    this.next();
  }

  private next(): void {
    while (!this.running && this.waiting.length) {
      const job = this.waiting.shift()!;
      if (!job.wanted()) continue;
      this.running = job;
      const worker = (this.worker ??= this.make());
      worker.onmessage = ({ data }: MessageEvent<"begun" | number[]>) => {
        if (data !== "begun") return this.end(data.length / 2 > MOST ? undefined : data);
        this.late = setTimeout(() => this.stop(true), WITHIN);
      };
      worker.onerror = () => this.stop(false);
      worker.postMessage([job.text, job.language]);
    }
  }

  /** The worker takes too long, or could not be loaded; the next block has another one. */
  private stop(remember: boolean): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.end(undefined, remember);
  }

  private end(found: Stretches, remember = true): void {
    clearTimeout(this.late);
    const job = this.running!;
    this.running = undefined;
    if (remember) this.keep(`${job.language}\n${job.text}`, found);
    job.done(found);
    this.next();
  }

  private keep(key: string, found: Stretches): void {
    this.kept.set(key, found);
    for (const [first] of this.kept) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(first);
    }
  }
}

/** Puts elements in the place of the text. It is never other text: the stretches only say where it is cut. */
export function draw(e: Element, text: string, stretches: readonly number[]): void {
  const nodes: (Node | string)[] = [];
  let from = 0;
  for (let i = 0; i < stretches.length; i += 2) {
    const part = text.slice(from, (from += stretches[i + 1]!)),
      kind = KINDS[stretches[i]!];
    if (!kind) nodes.push(part);
    else {
      const span = document.createElement("span");
      span.className = kind;
      span.textContent = part;
      nodes.push(span);
    }
  }
  if (from === text.length && !isSelected(e)) e.replaceChildren(...nodes);
}

/** Whether anything in an element is selected: it would not be any more. */
function isSelected(e: Element): boolean {
  const s = getSelection();
  return !!s?.rangeCount && !s.isCollapsed && s.getRangeAt(0).intersectsNode(e);
}
