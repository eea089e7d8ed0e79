// @vitest-environment happy-dom
// Links and what they lead to, rooms that one loses, lists of rooms and members that are long, and a page that is older than the server.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { GENERAL, LUNCH, me, message, problem, room, user } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";
import { Wire } from "./net/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(async () => {
  vi.doUnmock("./features/switcher/Keys.svelte");
  vi.doUnmock("./features/me/Tokens.svelte");
  await house.leave();
  sessionStorage.clear();
});

const said = () => all("[role=status]").map(words).filter(Boolean).join(" ");
const ZOO = "zzzzzzzzzzzz";
const back = async () => {
  history.back();
  await house.wait();
};

describe("a link", () => {
  test("arrives through the sign-in", async () => {
    house.who = undefined;
    house.post(GENERAL, "jonas");
    house.instead.set("POST /session", () => ({ status: 201, body: (house.who = me()) }));
    await house.open(`/r/${GENERAL}/1`);
    type($("input[type=email]"), "mira@example.com");
    type($("input[autocomplete=current-password]"), "a quiet place");
    $("form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await house.wait();
    await house.wait();
    expect([location.pathname, all(".marked").length]).toEqual([`/r/${GENERAL}/1`, 1]);
  });

  test("to a reply opens its thread at the reply", async () => {
    house.post(GENERAL, "jonas", { text: "Lunch?" });
    house.post(GENERAL, "kim", { text: "Yes", thread: 1 });
    await house.open(`/r/${GENERAL}/2`);
    await house.wait();
    expect(location.pathname).toBe(`/r/${GENERAL}/t/1/2`);
    expect(words($("aside .marked .text"))).toBe("Yes");
  });

  test("to a message that is gone says so, and shows the place", async () => {
    house.post(GENERAL, "jonas", { text: "Lunch?" });
    house.instead.set(`GET /rooms/${GENERAL}/messages/99`, () => ({ status: 404, body: problem(404, "None.") }));
    await house.open(`/r/${GENERAL}/99`);
    expect(said()).toContain("This message is not there any more.");
    expect(words($("article[data-seq='1']"))).toContain("Lunch?");
  });

  test("that leads to no page says so, and shows a room", async () => {
    await house.open("/foo");
    expect([location.pathname, said()]).toEqual([`/r/${GENERAL}`, "There is no such page."]);
  });

  test("to a door that one has come in by leads to a room", async () => {
    await house.open("/signin");
    expect([location.pathname, said()]).toEqual([`/r/${GENERAL}`, ""]);
  });

  test("to a reply that is gone says so in its thread", async () => {
    house.post(GENERAL, "jonas", { text: "Lunch?" });
    await house.open(`/r/${GENERAL}/t/1/9`);
    expect([said().includes("This reply is not there any more."), all("aside").length]).toEqual([true, 1]);
  });

  test("to a public room that one is not in shows what it is, and joins it at the message", async () => {
    const zoo = room(ZOO, { name: "zoo", topic: "Animals", member_count: 7 });
    const { role: _, ...strangers } = zoo;
    house.instead.set(`GET /rooms/${ZOO}`, () => ({ body: strangers }));
    house.instead.set(`POST /rooms/${ZOO}/join`, () => {
      house.instead.delete(`GET /rooms/${ZOO}`);
      house.rooms.push(zoo);
      house.post(ZOO, "jonas");
      return { body: zoo };
    });
    await house.open(`/r/${ZOO}/1`);
    expect(words($("main"))).toMatch(/^#zoo Animals 7 members Join #zoo$/);
    named("Join #zoo").click();
    await house.wait();
    expect([location.pathname, all(".marked").length]).toEqual([`/r/${ZOO}/1`, 1]);
  });

  test.each([ZOO, "garbage", "%22lunch%22"])(
    "to a room that is not there, or not to be seen, says both alike: %s",
    async (id) => {
      await house.open(`/r/${id}`);
      expect(words($("main"))).toContain("You cannot see this room It does not exist, or only its members see it.");
      named("Browse rooms");
    },
  );

  test("to a room while the server does not answer can be tried again", async () => {
    house.instead.set(`GET /rooms/${ZOO}`, () => ({ status: 503, body: problem(503, "Not now.") }));
    await house.open(`/r/${ZOO}`);
    expect(words($("main [role=alert]"))).toBe("Not now.");
    house.instead.delete(`GET /rooms/${ZOO}`);
    named("Try again").click();
    await house.wait();
    expect(words($("main"))).toContain("You cannot see this room");
  });
});

test("Back closes the dialog, then the thread, then leaves the room", async () => {
  house.rooms.push(room(LUNCH));
  house.post(GENERAL, "jonas", {
    thread_info: { replies: 1, last_reply_at: "2026-11-24T09:05:00Z", repliers: ["kim"] },
  });
  await house.open(`/r/${LUNCH}`);
  named(/^general/, "nav a").click();
  await house.wait();
  $(".replies").click();
  await house.wait();
  named("Settings").click();
  await house.wait();
  expect([all("dialog").length, all("aside").length]).toEqual([1, 1]);
  await back();
  expect([all("dialog").length, all("aside").length]).toEqual([0, 1]);
  await back();
  expect([all("aside").length, location.pathname]).toEqual([0, `/r/${GENERAL}`]);
  await back();
  expect(location.pathname).toBe(`/r/${LUNCH}`);
});

test("a room that could not be loaded says so where it is shown, and in no other", async () => {
  let refuse = () => {};
  house.rooms.push(room(LUNCH));
  house.post(GENERAL, "jonas", { text: "Lunch?" });
  house.instead.set(
    `GET /rooms/${LUNCH}/messages?limit=60`,
    () => new Promise((r) => (refuse = () => r({ status: 403, body: problem(403, "Not for you.") }))),
  );
  await house.open(`/r/${GENERAL}`);
  named(/^lunch/, "nav a").click();
  await house.wait();
  named(/^general/, "nav a").click();
  await house.wait();
  refuse();
  await house.wait();
  expect(words($("main"))).toContain("Lunch?");
  named(/^lunch/, "nav a").click();
  await house.wait();
  refuse();
  await house.wait();
  expect(words($("main"))).toContain("Not for you. Try again");
});

describe("losing the room on screen", () => {
  beforeEach(async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    named(/^lunch/, "nav a").click();
    await house.wait();
  });

  test.each([
    ["left elsewhere", { reason: "left" }, "You left #lunch."],
    ["removed", { reason: "removed", by: "jonas" }, "Jonas Weber removed you from #lunch."],
    ["removed by somebody unknown", { reason: "removed", by: "nobody" }, "You are no longer in #lunch."],
  ])("%s: says it, and shows the room before", async (_, how, text) => {
    await house.say({ type: "left", room: LUNCH, ...how });
    expect([said(), location.pathname]).toEqual([text, `/r/${GENERAL}`]);
  });

  test("by one's own command says it before its event comes", async () => {
    house.instead.set(`DELETE /rooms/${LUNCH}/members/mira`, () => ({ status: 204 }));
    named("Room details").click();
    await house.wait();
    named("Leave the room").click();
    await house.wait();
    named("Really leave?").click();
    await house.wait();
    expect([said(), location.pathname, all("dialog").length]).toEqual(["You left #lunch.", `/r/${GENERAL}`, 0]);
    expect(words($("nav"))).not.toContain("lunch");
  });

  test("unheard is noticed by the next comparison", async () => {
    house.rooms.splice(1);
    await house.say({ type: "resync" });
    expect([said(), location.pathname]).toEqual(["You are no longer in #lunch.", `/r/${GENERAL}`]);
  });

  test("is said of the room on screen alone", async () => {
    await house.say({ type: "left", room: GENERAL, reason: "removed", by: "jonas" });
    expect([said(), location.pathname]).toEqual(["", `/r/${LUNCH}`]);
  });
});

test("all public rooms are listed page by page, with their number", async () => {
  const many = Array.from({ length: 300 }, (__, i) => {
    const { role: _, ...r } = room(`r${String(i).padStart(11, "a")}`, { name: `room-${i}` });
    return r;
  });
  house.instead.set("GET /rooms?browse=true", () => ({ body: { rooms: many.slice(0, 200), more: true, total: 300 } }));
  house.instead.set(`GET /rooms?browse=true&after=${many[199]!.id}`, () => ({
    body: { rooms: many.slice(199), more: false, total: 300 },
  }));
  house.instead.set("GET /rooms?browse=true&q=room-299", () => ({
    body: { rooms: many.slice(299), more: false, total: 1 },
  }));
  await house.open(`/r/${GENERAL}`);
  named("Add a room").click();
  await house.wait();
  expect([all("dialog li").length, said()]).toEqual([200, "300 rooms"]);
  $("dialog ul").dispatchEvent(new Event("scroll"));
  await house.wait();
  expect([all("dialog li").length, said()]).toEqual([300, "300 rooms"]);
  type($("dialog input"), "room-299");
  await house.wait();
  expect([all("dialog li").length, said()]).toEqual([1, "1 room"]);
});

test("public rooms that cannot be loaded are said to be so, and asked for again", async () => {
  house.instead.set("GET /rooms?browse=true", () => ({ status: 403, body: problem(403, "Not for you.") }));
  await house.open(`/r/${GENERAL}`);
  named("Add a room").click();
  await house.wait();
  expect(words($("dialog li"))).toMatch(/^The rooms could not be loaded\. ?Try again$/);
  house.instead.set("GET /rooms?browse=true", () => ({ body: { rooms: [], more: false, total: 0 } }));
  named("Try again").click();
  await house.wait();
  expect(words($("dialog li"))).toBe("You are in every public room.");
});

test("the name and the topic of a room draw their emoji in its details, and in the list of public rooms", async () => {
  const { role: _, ...other } = room("r2aaaaaaaaaa", { name: "soup-🍜", topic: "We 🍜 soup" });
  house.instead.set("GET /rooms?browse=true", () => ({ body: { rooms: [other], more: false, total: 1 } }));
  Object.assign(house.rooms[0]!, { name: "art-🍜", topic: "We 🍜 art", role: "member" });
  house.who = me({ role: "member" });
  await house.open(`/r/${GENERAL}`);
  const drawn = () => all("dialog .emoji").map(words);
  named("Room details").click();
  await house.wait();
  expect(drawn()).toEqual(["🍜", "🍜"]);
  named("Close").click();
  await house.wait();
  named("Add a room").click();
  await house.wait();
  expect(drawn()).toEqual(["🍜", "🍜"]);
  expect(words($("dialog li small"))).toBe("2 members · We 🍜 soup");
});

test("members stand from A to Z after oneself and the owners, and are found by name", async () => {
  const names = ["Zoë", "Émile", "anna", "Bo 10", "Bo 9", "Kim", "Ola", "Pia", "Udo", "Yan"];
  house.users = [user("mira"), ...names.map((name, i) => user(`u${i}`, { name }))];
  const members = [...names.map((_, i) => `u${i}`), "mira"].map((user) => ({
    user,
    role: user === "u5" ? "owner" : "member",
    joined_at: "2026-11-24T09:00:00Z",
  }));
  house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({ body: { members } }));
  await house.open(`/r/${GENERAL}`);
  named("Room details").click();
  await house.wait();
  const listed = () => all("dialog li bdi").map(words);
  const sorted = ["Mira", "Kim", "anna", "Bo 9", "Bo 10", "Émile", "Ola", "Pia", "Udo", "Yan", "Zoë"];
  expect(listed()).toEqual(sorted);
  type(named("Find a member"), "emile");
  await house.wait(20);
  expect(listed()).toEqual(["Émile"]);
});

describe("a page that is older than the server", () => {
  const script = (name: string) => `<script type="module" crossorigin src="/assets/index-${name}.js"></script>`;
  let served: string;
  beforeEach(() => {
    served = "one";
    document.head.insertAdjacentHTML("beforeend", script("one"));
    const api = fetch;
    vi.stubGlobal("fetch", (path: string, o: RequestInit) =>
      path === "/" ? Promise.resolve(new Response(script(served))) : api(path, o),
    );
  });
  afterEach(() => document.head.querySelector("script[type=module]")!.remove());
  const broken = () =>
    vi.doMock("./features/switcher/Keys.svelte", () => {
      throw new Error("not there");
    });
  const reload = () => vi.spyOn(location, "reload").mockImplementation(() => {});

  test("says so once it is connected again, and offers to reload", async () => {
    const reloaded = reload();
    await house.open(`/r/${GENERAL}`);
    await house.wait(20_000);
    expect(said()).toBe("");
    served = "two";
    Wire.all.at(-1)!.end(1012, "retry 10");
    window.dispatchEvent(new Event("online"));
    Wire.all.at(-1)!.hello();
    await house.wait(20_000);
    expect(said()).toContain("A new version is here");
    named("Reload").click();
    expect(reloaded).toHaveBeenCalledOnce();
  });

  test("offers to reload where a piece is not there any more", async () => {
    broken();
    const reloaded = reload();
    await house.open(`/r/${GENERAL}`);
    served = "two";
    key(document.body, "?");
    await house.wait();
    expect(words($("dialog[aria-label='A new version is here']"))).toContain("your drafts are kept");
    named("Reload", "dialog button").click();
    expect(reloaded).toHaveBeenCalledOnce();
  });

  test("shows at once that a piece is loading", async () => {
    let come = () => {};
    const late = new Promise<void>((yes) => (come = yes)),
      tokens = await vi.importActual<object>("./features/me/Tokens.svelte");
    vi.doMock("./features/me/Tokens.svelte", async () => {
      await late;
      return tokens;
    });
    await house.open(`/r/${GENERAL}`);
    named("Settings").click();
    await house.wait();
    named("Tokens").click();
    await vi.advanceTimersByTimeAsync(100);
    expect(all("[role=status][aria-label=Loading]")).toHaveLength(1);
    come();
    await house.wait();
    await house.wait();
    expect([all("[aria-label=Loading]").length, all("dialog").length]).toEqual([0, 1]);
  });
});

describe("a list that is refused says so, and is asked for again:", () => {
  const refuse = (what: string) => house.instead.set(what, () => ({ status: 403, body: problem(403, "Not for you.") }));

  test("the members of a room", async () => {
    let come = () => {};
    house.instead.set(`GET /rooms/${GENERAL}/members`, async () => {
      await new Promise<void>((yes) => (come = yes));
      return { status: 403, body: problem(403, "Not for you.") };
    });
    await house.open(`/r/${GENERAL}`);
    named("Room details").click();
    await house.wait();
    const list = () => words(all("dialog ul.list").at(-1)!);
    expect([words($("dialog h3")), list()]).toEqual(["Members", "Loading…"]);
    come();
    await house.wait();
    expect(list()).toMatch(/^The members could not be loaded\. ?Try again$/);
    house.instead.set(`GET /rooms/${GENERAL}/members`, () => ({
      body: { members: [{ user: "mira", role: "owner" }] },
    }));
    all("dialog ul.list button").at(-1)!.click();
    await house.wait();
    expect([words($("dialog h3")), list()]).toEqual(["1 member", "M Mira owner"]);
  });

  test("the replies in a thread", async () => {
    const path = `GET /rooms/${GENERAL}/messages?thread=1&limit=60`;
    house.messages.set(GENERAL, [message(1)]);
    refuse(path);
    await house.open(`/r/${GENERAL}/t/1`);
    const sum = () => words($("aside[aria-label=Thread] .sum"));
    expect(sum()).toMatch(/^The replies could not be loaded\. ?Try again$/);
    expect(words($("aside .sum [role=status]"))).toBe("The replies could not be loaded.");
    house.instead.set(path, () => ({ body: { head: 1, messages: [], more_before: false, more_after: false } }));
    named("Try again").click();
    await house.wait();
    expect(sum()).toBe("0 replies");
  });

  test("the browsers in which one is signed in", async () => {
    refuse("GET /sessions");
    await house.open(`/r/${GENERAL}`);
    named("Settings").click();
    await house.wait();
    const part = all("details").find((d) => words(d).startsWith("Where you are signed in")) as HTMLDetailsElement;
    expect(words(part.querySelector("li")!)).toBe("Loading…");
    part.open = true;
    part.dispatchEvent(new Event("toggle"));
    await house.wait();
    expect(words(part.querySelector("li")!)).toMatch(/^The list could not be loaded\. ?Try again$/);
    const session = { id: "s", user_agent: "Firefox", current: true, created_at: "", last_seen_at: "" };
    house.instead.set("GET /sessions", () => ({ body: { sessions: [session] } }));
    named("Try again").click();
    await house.wait();
    expect(words(part.querySelector("li")!)).toContain("Firefox");
  });
});
