// For tests of the whole client: the page in happy-dom, in front of a server of one workspace that is as small as can be.
import { mount, unmount } from "svelte";
import { expect, vi } from "vitest";
import { at, me, message, problem, room, user } from "../src/core/testing";
import { inTimeline } from "../src/core/room";
import { Wire } from "../src/net/testing";
import type { Inbox, InboxItem, Me, Message, MyRoom, MyThread, MyThreads, User } from "../src/wire/types";
import App from "../src/App.svelte";

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };

export class House {
  who: Me | undefined = me();
  rooms: MyRoom[] = [room()];
  users: User[] = [user("mira"), user("jonas", { name: "Jonas Weber" }), user("kim")];
  messages = new Map<string, Message[]>();
  /** The threads that one follows, the newest reply first. */
  threads: MyThread[] = [];
  /** What concerns one, newest first. */
  inbox: InboxItem[] = [];
  /** What was asked: "POST /rooms", and the body. */
  asked: [string, unknown][] = [];
  /** Answers that take the place of the usual ones, by "METHOD /path". */
  instead = new Map<string, (body: unknown) => Answer | Promise<Answer>>();
  /** What the page says in the console. It says nothing: leave fails otherwise. */
  readonly complaints: string[] = [];
  private ends: (() => void)[] = [];
  private app: object | undefined;

  constructor() {
    vi.useFakeTimers({ now: new Date(at(30)) });
    class Clock {
      onmessage: () => void = () => {};
      terminate(): void {}
    }
    vi.spyOn(Math, "random").mockReturnValue(0.5); // pauses before requests are repeated are as long in each run
    for (const how of ["warn", "error"] as const)
      vi.spyOn(console, how).mockImplementation((...said: unknown[]) => void this.complaints.push(said.join(" ")));
    const listen = addEventListener.bind(globalThis);
    vi.stubGlobal("addEventListener", (what: string, f: EventListener) => {
      listen(what, f);
      this.ends.push(() => removeEventListener(what, f)); // a page that was left hears nothing any more
    });
    HTMLElement.prototype.showPopover ??= () => {}; // happy-dom has no top layer
    vi.stubGlobal("WebSocket", Wire);
    vi.stubGlobal("Worker", Clock);
    vi.stubGlobal("fetch", (path: string, o: RequestInit) => this.fetch(path, o));
    Wire.all = [];
  }

  private async fetch(path: string, o: RequestInit): Promise<Response> {
    const what = `${o.method} ${path.replace("/api/v1", "")}`;
    const body: unknown = typeof o.body === "string" ? JSON.parse(o.body) : undefined;
    this.asked.push([what, body]);
    const special = this.instead.get(what);
    const { status = 200, body: answer, headers } = special ? await special(body) : this.usual(what, body);
    return new Response(
      answer === undefined ? null : JSON.stringify(answer),
      headers ? { status, headers } : { status },
    );
  }

  private usual(what: string, body: unknown): Answer {
    const [, method, path] = /^(\w+) ([^?]*)/.exec(what)!;
    const [, of, id, part, seq, rest] = path!.split("/");
    const r = this.rooms.find((x) => x.id === id);
    if (what === "GET /workspace") return { body: { name: "Acme", setup: false, signed_in: !!this.who } };
    if (what.endsWith("/check")) return { status: 204 };
    if (!this.who) return { status: 401, body: problem(401, "Sign in.") };
    if (what === "GET /me") return { body: this.who };
    if (what === "GET /me/emoji") return { body: { emoji: [] } };
    if (what === "GET /users") return { body: { users: this.users } };
    if (what === "GET /rooms") return { body: { epoch: "e", rooms: this.rooms } };
    if (what.startsWith("GET /inbox")) return { body: this.concerning(what) };
    if (of === "inbox") return { status: 204 };
    if (of === "threads") return { body: this.listed(what) };
    if (of !== "rooms" || !r) return { status: 404, body: problem(404, `Nothing answers ${what}.`) };
    const thread = Number(/[?&]thread=(\d+)/.exec(what)?.[1]) || undefined,
      known = this.messages.get(r.id) ?? [],
      all = known.filter((m) => (thread ? m.thread === thread : inTimeline(m))),
      one = known.find((m) => m.seq === Number(seq));
    if (method === "GET" && !part) return { body: r };
    if (method === "GET" && part === "messages" && one) return { body: one };
    if (method === "GET" && part === "messages" && !seq)
      return { body: { head: r.rev, messages: all, more_before: false, more_after: false } };
    if (part === "threads") return this.thread(r.id, Number(seq), rest, body as { seq: number; follow: "on" | "off" });
    if (method === "GET" && part === "members") return { body: { members: [] } };
    if (method === "PUT" && part === "read") {
      Object.assign(r, {
        read_seq: (body as { seq: number }).seq,
        read_rev: r.read_rev + 1,
        unread: 0,
        mention_count: 0,
      });
      return { body: r };
    }
    if (method === "POST" && part === "messages")
      return { status: 201, body: this.post(r.id, "mira", body as Message) };
    return { status: 404, body: problem(404, `Nothing answers ${what}.`) };
  }

  /** Pages of two hold the list. */
  private listed(what: string): MyThreads {
    const unread = this.threads.filter((t) => t.unread),
      all = what.includes("unread=true") ? unread : this.threads,
      limit = Number(/limit=(\d+)/.exec(what)?.[1]) === 20 ? 2 : 100,
      from = Number(/cursor=(\d+)/.exec(what)?.[1] ?? 0);
    const next = from + limit < all.length ? { next: String(from + limit) } : {};
    return { threads: all.slice(from, from + limit), unread_threads: unread.length, ...next };
  }

  /** Pages of three hold the inbox. */
  private concerning(what: string): Inbox {
    const filter = /filter=(\w+)/.exec(what)?.[1],
      limit = /limit=30/.test(what) ? 3 : 50,
      from = Number(/cursor=(\d+)/.exec(what)?.[1] ?? 0);
    const all = this.inbox.filter(({ cause, read }) =>
      filter === "unread" ? !read : filter === "all" || (filter === "reactions") === (cause === "reaction"),
    );
    const next = from + limit < all.length ? { next: String(from + limit) } : {};
    const unread = this.inbox.filter((i) => i.cause !== "reaction" && !i.read).length;
    return { items: all.slice(from, from + limit), unread, ...next };
  }

  private thread(id: string, root: number, what: string | undefined, b: { seq: number; follow: "on" | "off" }): Answer {
    const i = this.threads.findIndex((t) => t.room === id && t.root.seq === root),
      first = this.messages.get(id)?.find((m) => m.seq === root);
    if (!first) return { status: 404, body: problem(404, "There is no such thread.") };
    const latest = (this.messages.get(id) ?? []).filter((m) => m.thread === root).slice(-2);
    const none: MyThread = {
      room: id,
      root: first,
      follow: "off",
      read_seq: latest.at(-1)?.seq ?? root,
      read_rev: 0,
      unread: 0,
      mention_count: 0,
      latest,
    };
    const t = this.threads[i] ?? none;
    if (!what) return { body: t };
    const now: MyThread =
      what === "read"
        ? { ...t, read_seq: b.seq, read_rev: t.read_rev + 1, unread: latest.filter((m) => m.seq > b.seq).length }
        : { ...t, follow: b.follow };
    if (i >= 0) this.threads[i] = now;
    else this.threads.push(now);
    return { body: now };
  }

  /** Somebody posts a message; nobody is told of it. */
  post(id: string, author: string, more: Partial<Message> = {}): Message {
    const r = this.rooms.find((x) => x.id === id)!,
      seq = r.last_seq + 1,
      rev = r.rev + 1;
    const m = message(seq, { room: id, author, rev, ...more });
    this.messages.set(id, [...(this.messages.get(id) ?? []), m]);
    Object.assign(r, { rev, last_seq: seq });
    if (author === "mira") r.read_seq = seq;
    else r.unread++;
    return m;
  }

  /** Opens the page at a path. */
  async open(path = "/"): Promise<void> {
    history.replaceState(null, "", path);
    this.app = mount(App, { target: document.body });
    await this.wait();
    Wire.all.at(-1)?.hello({ user: this.who?.id });
    await this.wait();
  }

  async leave(): Promise<void> {
    // Vitest applies what is mocked and what is not any more at the next import, in any order: here, before the next test mocks a piece
    // again.
    await import("../src/core/testing");
    if (this.app) await unmount(this.app);
    for (const end of this.ends) end();
    await this.wait();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    document.body.replaceChildren();
    localStorage.clear();
    sessionStorage.clear();
    expect(this.complaints).toEqual([]);
  }

  /** Lets time pass, and what is loaded on demand come. */
  async wait(ms = 400): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms / 2);
    await vi.dynamicImportSettled();
    await vi.advanceTimersByTimeAsync(ms / 2);
  }

  /** The server says something on the socket. */
  async say(e: object): Promise<void> {
    Wire.all.at(-1)!.say(e);
    await this.wait();
  }

  commands(what: string): unknown[] {
    return this.asked.filter(([w]) => w === what).map(([, body]) => body);
  }
}

export const $ = <E extends HTMLElement = HTMLElement>(selector: string): E => {
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`${selector} is not on the page`);
  return found;
};
export const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];
export const words = (e: Element): string => (e.textContent ?? "").replace(/\s+/g, " ").trim();

/** The one with this name: its label, or what stands on it. */
export function named(name: string | RegExp, among = "button, a, input, textarea, [role]"): HTMLElement {
  const fits = (s: string) => (typeof name === "string" ? s === name : name.test(s));
  const found = all(among).find((e) => fits(e.getAttribute("aria-label") ?? words(e)));
  if (!found)
    throw new Error(
      `nothing is called ${name}: ${all(among)
        .map((e) => e.getAttribute("aria-label") ?? words(e))
        .join(" | ")}`,
    );
  return found;
}

/** The field with this label; the label may go on, with a mark that the field is required. */
export function field(label: string): HTMLInputElement {
  const found = all("label").find((l) => words(l).startsWith(label)) as HTMLLabelElement | undefined;
  if (!found) throw new Error(`no field is labelled ${label}`);
  return found.querySelector("input") ?? (document.getElementById(found.htmlFor) as HTMLInputElement);
}

export async function submit(house: House): Promise<void> {
  $("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
}

export function type(field: HTMLElement, text: string): void {
  field.focus();
  (field as HTMLInputElement).value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export function key(e: EventTarget, name: string, more: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more });
  e.dispatchEvent(event);
  return event;
}
