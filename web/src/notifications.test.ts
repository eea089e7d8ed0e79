// @vitest-environment happy-dom
// Notifications, as the whole page shows them: in one tab of the browser, with permission, and until the message is read.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, direct, GENERAL, LUNCH, me, message, room, user } from "./core/testing";
import type { Message, Me } from "./wire/types";
import { $, all, House, named, words } from "../testing/house";

const JONAS = "cccccccccccc";

/** The channel to the other tabs, which the test plays. */
class Channel {
  static all: Channel[] = [];
  onmessage = (_: { data: unknown }) => {};
  said: unknown[] = [];
  constructor(readonly name: string) {
    Channel.all.push(this);
  }
  postMessage(what: unknown): void {
    if (what !== "active") this.said.push(what);
  }
  close(): void {}
}
const tabs = () => Channel.all[0]!;

/** Notifications as a browser shows them. */
class Notification {
  static permission = "granted";
  static answer = "granted";
  static all: Notification[] = [];
  static throws = false;
  static async requestPermission() {
    Notification.permission = Notification.answer;
  }
  closed = false;
  onclick = () => {};
  onclose = () => {};
  constructor(
    readonly title: string,
    readonly how: { body: string; tag: string },
  ) {
    if (Notification.throws) throw new TypeError("Illegal constructor");
    if (Notification.permission !== "granted") return;
    for (const n of Notification.open) if (n.how.tag === how.tag) n.close();
    Notification.all.push(this);
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    queueMicrotask(() => this.onclose());
  }
  static get open() {
    return Notification.all.filter((n) => !n.closed);
  }
}
const titles = () => Notification.open.map((n) => n.title);

/** The lock of the tab that shows notifications: this tab gets it, unless another one has it. */
let grants = true;
const locks = {
  request: (_: string, { signal }: { signal: AbortSignal }, f: () => Promise<void>) =>
    grants ? f() : new Promise<void>((_, no) => signal.addEventListener("abort", () => no(new Error("aborted")))),
};
let tones = 0;
class AudioContext {
  currentTime = 0;
  destination = {};
  constructor() {
    tones++;
  }
  createOscillator() {
    return { frequency: {}, connect: (x: object) => x, start() {}, stop() {} };
  }
  createGain() {
    const gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect: (x: object) => x };
  }
  async close() {}
}

let house: House;
let seen: "visible" | "hidden" = "hidden";
beforeEach(() => {
  house = new House();
  house.rooms = [room(), room(LUNCH), direct(JONAS, ["mira", "jonas"])];
  Channel.all = [];
  Object.assign(Notification, { permission: "granted", answer: "granted", all: [], throws: false });
  grants = true;
  tones = 0;
  seen = "hidden";
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("Notification", Notification);
  vi.stubGlobal("AudioContext", AudioContext);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => seen);
  Object.defineProperty(navigator, "locks", { value: locks, configurable: true });
});
afterEach(async () => {
  await house.leave();
  Reflect.deleteProperty(navigator, "locks");
});

const shows = (what: typeof seen) => {
  seen = what;
  document.dispatchEvent(new Event("visibilitychange"));
};
const opens = async (path = `/r/${LUNCH}`) => {
  seen = "visible";
  await house.open(path);
  shows("hidden");
};
type Cause = "direct" | "mention" | "reply";
const reason = "This message mentions you.";
const notice = ({ room, seq }: Message, cause: Cause) => ({ type: "notify", room, seq, cause, reason });
const notify = (m: Message, cause: Cause = "mention") => house.say(notice(m, cause));
/** Jonas writes something that notifies Mira. */
async function hears(id = GENERAL, more: Partial<Message> = {}, cause: Cause = "mention"): Promise<Message> {
  const m = house.post(id, "jonas", more);
  await house.say([{ type: "message", room: id, rev: m.rev, message: m }, notice(m, cause)]); // before anything can be read
  return m;
}
const reads = (m: Message, read_rev = 1) =>
  house.say({ type: "read", room: m.room, seq: m.seq, read_rev, unread: 0, mention_count: 0 });
const withSound = (): Me => {
  const who = me();
  return { ...who, settings: { ...who.settings, attention: { ...who.settings.attention, sound: "quiet" } } };
};

describe("a notification", () => {
  test("says who wrote where, and a click opens the message", async () => {
    await opens();
    await hears(GENERAL, { text: "Lunch, @mira?" });
    const [n] = Notification.open;
    expect([n!.title, n!.how]).toEqual([
      "Jonas Weber in #general",
      { body: "Lunch, @mira?\nThis message mentions you.", tag: GENERAL, silent: true, renotify: true },
    ]);
    n!.onclick();
    await house.wait();
    expect([location.pathname, titles()]).toEqual([`/r/${GENERAL}/1`, []]);
  });

  test("of a reply opens its thread", async () => {
    house.post(GENERAL, "mira");
    await opens();
    await hears(GENERAL, { thread: 1 }, "reply");
    Notification.open[0]!.onclick();
    await house.wait();
    expect(location.pathname).toBe(`/r/${GENERAL}/t/1/2`);
  });

  test("takes the place of the one before of its room", async () => {
    await opens();
    await hears(GENERAL, { text: "One" });
    const m = await hears(GENERAL, { text: "Two" });
    await hears(JONAS, { text: "Three" }, "direct");
    expect(Notification.open.map((n) => n.how.body)).toEqual(["Two\nThis message mentions you.", "Three"]);
    await notify(m);
    expect(Notification.all, "a repetition is not shown").toHaveLength(3);
  });

  test("of a message that did not come is fetched, and one that cannot be is named so", async () => {
    await opens();
    await notify(house.post(GENERAL, "jonas", { text: "Fetched" }));
    await notify(message(9, { room: JONAS }));
    expect(Notification.open.map((n) => n.how.body)).toEqual(["Fetched\nThis message mentions you."]);
    house.instead.set(`GET /rooms/${JONAS}/messages/9`, () => new Promise(() => {}));
    await notify(message(9, { room: JONAS }));
    await house.wait(3000);
    expect(Notification.open.at(-1)).toMatchObject({ title: "Jonas Weber", how: { tag: JONAS } });
    expect(Notification.open.at(-1)!.how.body).toMatch(/^New message/);
  });

  test.each([
    ["one looks at the room", () => shows("visible"), LUNCH, 0],
    ["one looks at another room", () => shows("visible"), GENERAL, 1],
    ["the page is hidden", () => {}, LUNCH, 1],
    [
      "do not disturb is on",
      () => house.say({ type: "user", user: user("mira", { quiet: { until: at(59) } }) }),
      LUNCH,
      0,
    ],
    ["one was notified of it before", async () => void (await hears(LUNCH)), LUNCH, 2],
  ])("when %s", async (_, first, id, n) => {
    await opens();
    await first();
    await hears(id);
    expect(Notification.all).toHaveLength(n);
  });

  test("is not shown when the message was read or deleted before", async () => {
    await opens();
    const read = house.post(GENERAL, "jonas");
    await house.say({ type: "message", room: GENERAL, rev: read.rev, message: read });
    await reads(read);
    await notify(read);
    const gone = house.post(JONAS, "jonas", { deleted_at: at(1) });
    await house.say({ type: "message", room: JONAS, rev: gone.rev, message: gone });
    await notify(gone);
    expect(Notification.all).toEqual([]);
  });

  test("is closed when the message is read or deleted anywhere, and when the page is left", async () => {
    await opens();
    const read = await hears(GENERAL),
      gone = await hears(JONAS, {}, "direct");
    await reads(read);
    expect(titles()).toEqual(["Jonas Weber"]);
    await house.say({
      type: "message",
      room: JONAS,
      rev: 2,
      message: { ...gone, rev: 2, text: "", deleted_at: at(2) },
    });
    expect(titles()).toEqual([]);
    await hears(GENERAL);
    dispatchEvent(new Event("pagehide"));
    expect(titles()).toEqual([]);
  });

  test("of a reply is closed when its thread is read, not its room", async () => {
    const root = house.post(GENERAL, "mira");
    await opens();
    const m = house.post(GENERAL, "jonas", { thread: 1 });
    house.threads = [
      { room: GENERAL, root, follow: "auto", read_seq: 1, read_rev: 1, unread: 1, mention_count: 0, latest: [m] },
    ];
    await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
    await house.say({ type: "thread", room: GENERAL, seq: 1 });
    await notify(m, "reply");
    await reads(m);
    expect(titles()).toEqual(["Jonas Weber in a thread in #general"]);
    house.threads = [{ ...house.threads[0]!, read_seq: 2, read_rev: 2, unread: 0 }];
    await house.say({ type: "thread", room: GENERAL, seq: 1 });
    await house.wait(2500);
    expect(titles()).toEqual([]);
  });
});

test("a hundred messages at once that have to be fetched cost few requests, one notification and one tone", async () => {
  house.who = withSound();
  await opens();
  const many = Array.from({ length: 100 }, () => house.post(GENERAL, "jonas"));
  const path = ({ seq }: Message) => `GET /rooms/${GENERAL}/messages/${seq}`;
  const fetched = () => many.filter((m) => house.commands(path(m)).length).length;
  for (const m of many) house.instead.set(path(m), () => new Promise(() => {}));
  await house.say(many.map((m) => notice(m, "mention")));
  expect([fetched(), Notification.open.length, tones]).toEqual([4, 1, 1]);
  await house.wait(3000);
  many.push(house.post(GENERAL, "jonas", { text: "Fetched" }));
  await notify(many.at(-1)!);
  expect(fetched(), "those that took too long are not waited for").toBe(5);
  expect(Notification.open.map((n) => n.how.body)).toEqual(["Fetched\nThis message mentions you."]);
});

describe("of several tabs", () => {
  test("the one with the lock shows what another heard of, and says so", async () => {
    await opens();
    const alert = { room: GENERAL, seq: 4, aside: false, title: "Jonas Weber in #general", body: "Lunch?" };
    house.rooms[0] = room(GENERAL, { last_seq: 4, rev: 4 });
    tabs().onmessage({ data: { alert, at: Date.now() } });
    expect([titles(), tabs().said]).toEqual([["Jonas Weber in #general"], [{ taken: alert }]]);
  });

  test("the one with the lock leaves what it hears of too late: the other one has shown it", async () => {
    await opens();
    const alert = { room: GENERAL, seq: 4, aside: false, title: "Jonas Weber in #general", body: "Lunch?" };
    tabs().onmessage({ data: { alert, at: Date.now() - 1000 } });
    expect([Notification.all, tabs().said]).toEqual([[], []]);
  });

  test("the one with the lock shows nothing that it knows as read", async () => {
    await opens();
    const m = house.post(GENERAL, "jonas");
    await house.say({ type: "message", room: GENERAL, rev: m.rev, message: m });
    await reads(m);
    const alert = { room: GENERAL, seq: m.seq, aside: false, title: "Jonas Weber in #general", body: "Lunch?" };
    tabs().onmessage({ data: { alert, at: Date.now() } });
    expect(Notification.all).toEqual([]);
  });

  test("the one without it shows no message that was deleted while it waited", async () => {
    grants = false;
    await opens();
    const m = await hears();
    await house.say({ type: "message", room: GENERAL, rev: 2, message: { ...m, rev: 2, text: "", deleted_at: at(2) } });
    await house.wait(1000);
    expect(Notification.all).toEqual([]);
  });

  test.each([
    ["has no channels", undefined],
    [
      "refuses them",
      class {
        constructor() {
          throw new DOMException("The operation is insecure.", "SecurityError");
        }
      },
    ],
  ])("each acts for itself where the browser %s", async (_, channel) => {
    vi.stubGlobal("BroadcastChannel", channel);
    grants = false;
    await opens();
    await hears();
    await house.wait(1000);
    expect(titles()).toEqual(["Jonas Weber in #general"]);
  });

  test("the one without it hands over, and shows nothing when it is answered", async () => {
    grants = false;
    await opens();
    await hears();
    const [said] = tabs().said as { alert: object }[];
    expect(said).toMatchObject({ alert: { room: GENERAL, seq: 1 } });
    tabs().onmessage({ data: { taken: said!.alert } });
    await house.wait(3000);
    expect(Notification.all).toEqual([]);
    tabs().onmessage({ data: said });
    expect(Notification.all, "it leaves what others hand over to the one with the lock").toEqual([]);
  });

  test("the one without it shows it when nobody answers", async () => {
    grants = false;
    await opens();
    await hears();
    await house.wait(1000);
    expect(titles()).toEqual(["Jonas Weber in #general"]);
  });

  test("each acts for itself where there are no locks", async () => {
    Object.defineProperty(navigator, "locks", { value: undefined, configurable: true });
    await opens();
    await hears();
    expect([titles(), tabs().said]).toEqual([["Jonas Weber in #general"], []]);
  });
});

test("a soft tone is played once for several messages at a time, if one wants it", async () => {
  await opens();
  await hears();
  expect(tones).toBe(0);
  await house.leave();
  house = new House();
  house.rooms = [room(), room(LUNCH)];
  house.who = withSound();
  Channel.all = [];
  vi.stubGlobal("BroadcastChannel", Channel);
  vi.stubGlobal("AudioContext", AudioContext);
  vi.stubGlobal("Notification", Notification);
  vi.spyOn(document, "visibilityState", "get").mockImplementation(() => seen);
  await opens();
  await hears();
  await hears();
  expect(tones).toBe(1);
  await house.wait(2000);
  await hears();
  expect(tones).toBe(2);
});

describe("the question", () => {
  const line = () => words($("section[aria-label=Notifications]"));
  const press = async (name: string) => {
    named(name).click();
    await house.wait();
  };
  beforeEach(() => (Notification.permission = "default"));

  test("is asked when there is something to notify of, and not before", async () => {
    await opens();
    expect(line()).toBe("");
    await hears();
    expect([line(), Notification.all]).toEqual([
      "Show notifications of messages to you while Canteen is in the background? Turn on Not now",
      [],
    ]);
    await press("Turn on");
    await hears();
    expect([line(), titles()]).toEqual(["", ["Jonas Weber in #general"]]);
  });

  test("is not asked again by who says Not now", async () => {
    await opens();
    await hears();
    await press("Not now");
    await hears();
    expect(line()).toBe("");
  });

  test("says how to allow it, once, when the browser was told no, or took it back", async () => {
    Notification.answer = "denied";
    await opens();
    await hears();
    await press("Turn on");
    expect(line()).toMatch(/^Your browser blocks notifications of Canteen\. .* OK$/);
    await press("OK");
    await hears();
    expect(line()).toBe("");
  });

  test("is not asked in the browser of a phone, which lets no page make one", async () => {
    Notification.throws = true;
    vi.stubGlobal("Notification", class extends Notification {});
    await opens();
    await hears();
    expect(line()).toBe("");
  });

  test("is not asked where the browser has an answer already, or no notifications", async () => {
    Notification.permission = "denied";
    await opens();
    await hears();
    vi.stubGlobal("Notification", undefined);
    await hears();
    expect(line()).toBe("");
  });
});

describe("after do not disturb", () => {
  const quiet = (until?: string) => house.say({ type: "user", user: user("mira", until ? { quiet: { until } } : {}) });
  const line = () => words($("section[aria-label=Notifications] p"));

  test("one line sums up what came, when one looks, and nothing is replayed", async () => {
    await opens();
    await quiet(at(31));
    await hears(GENERAL, { mentions: ["mira"] });
    await hears(JONAS, {}, "direct");
    await house.wait(61_000);
    expect([line(), Notification.all]).toEqual(["", []]);
    shows("visible");
    await house.wait();
    expect(line()).toBe("While do not disturb was on: new messages in 2 rooms, 1 mention.");
    named("OK").click();
    await house.wait();
    expect([line(), localStorage.getItem("canteen.quiet.mira")]).toEqual(["", null]);
  });

  test("nothing is said if nothing came", async () => {
    await opens();
    await quiet(at(59));
    await quiet();
    shows("visible");
    await house.wait();
    expect(line()).toBe("");
  });

  test("it is also said when the page was closed meanwhile", async () => {
    await opens();
    await quiet(at(31));
    const kept = localStorage.getItem("canteen.quiet.mira")!;
    expect(kept).not.toBeNull();
    await house.leave();
    house = new House();
    house.rooms = [room(), room(LUNCH)];
    house.post(GENERAL, "jonas");
    house.rooms[0]!.last_message = { seq: 1, author: "jonas", text: "x", created_at: at(1) };
    localStorage.setItem("canteen.quiet.mira", kept);
    vi.stubGlobal("BroadcastChannel", Channel);
    await house.open(`/r/${LUNCH}`);
    expect(line()).toBe("While do not disturb was on: new messages in 1 room.");
  });
});

test("there is one line of each", () => expect(all("section[aria-label=Notifications]")).toHaveLength(0));
