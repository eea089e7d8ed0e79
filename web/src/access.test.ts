// @vitest-environment happy-dom
// People take turns at a browser, and lose rooms: what stays on the device, and what is shown of it. And one's tokens.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, direct, GENERAL, LUNCH, me, problem, room, user } from "./core/testing";
import { $, all, House, key, named, type, words } from "../testing/house";
import { Wire } from "./net/testing";

let house: House;
let left: string[];
beforeEach(() => {
  house = new House();
  left = [];
  vi.spyOn(location, "replace").mockImplementation((to) => void left.push(String(to)));
  house.instead.set("DELETE /session", () => ({ status: 204 }));
});
afterEach(() => house.leave());

const box = () => $<HTMLTextAreaElement>("form.composer textarea");
const kept = () =>
  Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i)!)
    .filter((k) => !/theme|folded/.test(k))
    .toSorted();
const settings = async () => {
  named("Settings").click();
  await house.wait();
};
const draft = async (text: string) => {
  type(box(), text);
  await house.wait(20);
};

describe("signing out", () => {
  const signOut = async () => {
    await settings();
    named("Sign out").click();
    await house.wait();
  };

  test("asks nothing when nothing would be lost, and leaves nothing behind", async () => {
    await house.open(`/r/${GENERAL}`);
    await signOut();
    expect(house.commands("DELETE /session")).toHaveLength(1);
    expect([left, kept()]).toEqual([["/signin"], []]);
    expect(words(document.body), "nor on the page, to which the browser may come back").toBe("");
  });

  test("deletes the bytes of files that wait, also where what uploads them could not be loaded", async () => {
    const deleted: string[] = [];
    vi.stubGlobal("indexedDB", { deleteDatabase: (name: string) => void deleted.push(name) });
    vi.doMock("./store/uploads.svelte", () => {
      throw new Error("not there");
    });
    await house.open(`/r/${GENERAL}`);
    await signOut();
    vi.doUnmock("./store/uploads.svelte");
    expect([left, deleted]).toEqual([["/signin"], ["canteen.bodies.mira"]]);
  });

  test("asks before drafts and unsent messages are deleted", async () => {
    house.rooms.push(room(LUNCH));
    house.instead.set(`POST /rooms/${GENERAL}/messages`, () => ({ status: 403, body: problem(403, "Not you.") }));
    await house.open(`/r/${GENERAL}`);
    await draft("refused");
    key(box(), "Enter");
    await house.wait();
    await draft("half a thought");
    localStorage.setItem(`canteen.draft.mira.${LUNCH}`, "another");
    localStorage.setItem(`canteen.draft.jonas.${LUNCH}`, "his");
    await signOut();
    expect(words($("dialog p"))).toBe("You have 2 drafts and 1 unsent message. Sign out and delete them?");
    expect(house.commands("DELETE /session")).toEqual([]);
    named("Stay").click();
    await house.wait();
    expect([all("dialog").length, box().value]).toEqual([0, "half a thought"]);
    await signOut();
    named("Sign out and delete").click();
    await house.wait();
    expect(left).toEqual(["/signin"]);
    expect(kept(), "what another person left stays").toEqual([`canteen.draft.jonas.${LUNCH}`]);
  });

  test("that the server does not hear of keeps everything", async () => {
    house.instead.set("DELETE /session", () => ({ status: 503, body: problem(503, "Not now.") }));
    await house.open(`/r/${GENERAL}`);
    await draft("half a thought");
    await signOut();
    named("Sign out and delete").click();
    await house.wait();
    expect([left, kept()]).toEqual([[], expect.arrayContaining([`canteen.draft.mira.${GENERAL}`])]);
    expect(words($("dialog"))).toContain("Not now.");
  });

  test("in another tab ends this one", async () => {
    await house.open(`/r/${GENERAL}`);
    window.dispatchEvent(new StorageEvent("storage", { key: "canteen.theme", newValue: "dark" }));
    expect(left).toEqual([]);
    window.dispatchEvent(new StorageEvent("storage", { key: "canteen.who", newValue: null }));
    await house.wait();
    expect([left, Wire.all.at(-1)!.closed, words(document.body)]).toEqual([["/signin"], true, ""]);
  });
});

describe("another person's turn", () => {
  test("in another tab ends this one, and its messages stay unsent", async () => {
    house.instead.set(`POST /rooms/${GENERAL}/messages`, () => ({ status: 503, body: problem(503, "Not now.") }));
    await house.open(`/r/${GENERAL}`);
    await draft("as Mira");
    key(box(), "Enter");
    await house.wait(20);
    const tries = house.commands(`POST /rooms/${GENERAL}/messages`).length;
    localStorage.setItem("canteen.who", "jonas");
    window.dispatchEvent(new StorageEvent("storage", { key: "canteen.who", newValue: "jonas" }));
    await house.wait(60_000);
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toHaveLength(tries);
    expect([left, kept().filter((k) => k.startsWith("canteen.outbox.mira.")).length]).toEqual([["/"], 1]);
  });

  test("that a new connection tells of ends the page before anything is sent", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.9); // the look for a newer build, at a random time, comes after this
    await house.open(`/r/${GENERAL}`);
    Wire.all.at(-1)!.end(1006);
    await house.wait(20);
    await draft("as Mira");
    house.instead.set(`POST /rooms/${GENERAL}/messages`, () => new Promise(() => {}));
    Wire.all.at(-1)!.say({ type: "pong" });
    house.asked.length = 0;
    window.dispatchEvent(new Event("online"));
    Wire.all.at(-1)!.hello({ user: "jonas" });
    await house.wait();
    expect([left, house.asked]).toEqual([["/"], []]);
  });

  test("shows nothing of who was there before, who finds it again", async () => {
    localStorage.setItem(`canteen.draft.mira.${GENERAL}`, "half a thought");
    localStorage.setItem(
      "canteen.outbox.mira.x",
      JSON.stringify({ client_id: "x", room: GENERAL, text: "unsent", at: 1 }),
    );
    house.who = me({ ...user("jonas"), email: "jonas@example.com" });
    await house.open(`/r/${GENERAL}`);
    Wire.all.at(-1)!.hello({ user: "jonas" });
    expect([box().value, all("[data-sending]").length]).toEqual(["", 0]);
    expect(house.commands(`POST /rooms/${GENERAL}/messages`)).toEqual([]);
    expect(kept()).toEqual(expect.arrayContaining([`canteen.draft.mira.${GENERAL}`, "canteen.outbox.mira.x"]));
  });

  test("a session that ended keeps the address, drafts and messages for its owner", async () => {
    await house.open(`/r/${GENERAL}`);
    await draft("half a thought");
    Wire.all.at(-1)!.end(4001);
    await house.wait();
    expect([left, kept()]).toEqual([[`/r/${GENERAL}`], expect.arrayContaining([`canteen.draft.mira.${GENERAL}`])]);
  });
});

describe("losing a room", () => {
  const unsent = (id: string) => {
    localStorage.setItem(`canteen.draft.mira.${id}`, "half a thought");
    const row = { client_id: id, room: id, text: "unsent", at: 1, failed: "No." };
    localStorage.setItem(`canteen.outbox.mira.${id}`, JSON.stringify(row));
  };
  const ofRoom = (id: string) => kept().filter((k) => k.endsWith(id));

  test("deletes what one had written there and not sent, and says so", async () => {
    house.rooms.push(room(LUNCH));
    unsent(LUNCH);
    unsent(GENERAL);
    await house.open(`/r/${GENERAL}`);
    expect(ofRoom(LUNCH)).toHaveLength(2);
    await house.say({ type: "left", room: LUNCH, reason: "removed" });
    expect([ofRoom(LUNCH), ofRoom(GENERAL).length]).toEqual([[], 2]);
    expect(all("[role=status]").map(words)).toContain(
      "You are no longer in #lunch. What you had written there and not sent is deleted.",
    );
  });

  test("says nothing where there was nothing", async () => {
    house.rooms.push(room(LUNCH));
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "left", room: LUNCH, reason: "left" });
    expect(all("[role=status]").map(words).join("")).toBe("");
  });

  test("while the client was shut is said of all rooms at once", async () => {
    unsent(LUNCH);
    unsent("cccccccccccc");
    await house.open(`/r/${GENERAL}`);
    expect([ofRoom(LUNCH), ofRoom("cccccccccccc")]).toEqual([[], []]);
    expect(all("[role=status]").map(words)).toContain(
      "You are no longer in 2 rooms. What you had written there and not sent is deleted.",
    );
  });

  test("that the next comparison shows does the same", async () => {
    house.rooms.push(room(LUNCH), direct("cccccccccccc", ["mira", "jonas"]));
    unsent(LUNCH);
    unsent("cccccccccccc");
    await house.open(`/r/${GENERAL}`);
    house.rooms.splice(1);
    await house.say({ type: "resync" });
    expect([ofRoom(LUNCH), ofRoom("cccccccccccc")]).toEqual([[], []]);
  });

  test("that happened while the page was closed does the same at the start, before anything is sent", async () => {
    localStorage.setItem(`canteen.draft.mira.${LUNCH}`, "half a thought");
    const row = { client_id: "x", room: LUNCH, text: "unsent", at: 1 };
    localStorage.setItem("canteen.outbox.mira.x", JSON.stringify(row));
    await house.open(`/r/${GENERAL}`);
    expect(kept()).toEqual(["canteen.room.mira", "canteen.who"]);
    expect(house.commands(`POST /rooms/${LUNCH}/messages`)).toEqual([]);
  });
});

describe("tokens", () => {
  const ci = { id: "t1", name: "ci", scopes: ["read"], created_at: at(0), last_used_at: at(9) };
  const old = { id: "t2", name: "old", scopes: ["read", "write"], created_at: at(0), expires_at: at(5) };
  let there: object[];
  beforeEach(() => {
    there = [ci, old];
    house.instead.set("GET /tokens", () => ({ body: { tokens: there } }));
  });
  const open = async () => {
    await house.open(`/r/${GENERAL}`);
    await settings();
    named("Tokens").click();
    await house.wait();
  };
  const submit = async () => {
    $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
    await house.wait();
  };

  test("that cannot be loaded are said to be so, and asked for again", async () => {
    house.instead.set("GET /tokens", () => ({ status: 403, body: problem(403, "Not for you.") }));
    await open();
    expect(words($("dialog li"))).toMatch(/^The tokens could not be loaded\. ?Try again$/);
    house.instead.set("GET /tokens", () => ({ body: { tokens: [] } }));
    named("Try again").click();
    await house.wait();
    expect(words($("dialog li"))).toBe("You have no tokens.");
  });

  test("are listed with their rights and dates", async () => {
    await open();
    expect(all("dialog li").map(words)).toEqual([
      expect.stringMatching(/^ci Read Made \D*24\D.* · used \D*24\D.* Does not expire Revoke$/),
      expect.stringMatching(/^old Read and write Made .* · never.used Expired \D*24\D.* Revoke$/),
    ]);
  });

  test("are revoked at the second press", async () => {
    house.instead.set("DELETE /tokens/t1", () => {
      there = [old];
      return { status: 204 };
    });
    await open();
    named("Revoke ci").click();
    await house.wait();
    expect([house.commands("DELETE /tokens/t1").length, words(named("Really revoke ci?"))]).toEqual([0, "Really?"]);
    named("Really revoke ci?").click();
    await house.wait();
    expect([house.commands("DELETE /tokens/t1").length, all("dialog li").length]).toEqual([1, 1]);
    expect(words($("dialog"))).toContain("The token is revoked.");
  });

  test("are not revoked by a second press much later", async () => {
    await open();
    named("Revoke ci").click();
    await house.wait();
    named("Really revoke ci?").dispatchEvent(new FocusEvent("blur"));
    await house.wait();
    named("Revoke ci").click();
    await house.wait();
    expect(house.commands("DELETE /tokens/t1")).toEqual([]);
  });

  test("are made for 90 days, and their secret is shown once", async () => {
    house.instead.set("POST /tokens", () => ({ status: 201, body: { secret: "s3cret", token: ci } }));
    await open();
    named("Make a token").click();
    await house.wait();
    type($("dialog input"), "ci");
    await submit();
    expect(house.commands("POST /tokens")).toEqual([
      { name: "ci", scopes: ["read", "write"], expires_in: 90 * 24 * 60 * 60 },
    ]);
    expect(named("Secret of the token").getAttribute("value") ?? $<HTMLInputElement>("dialog input").value).toBe(
      "s3cret",
    );
    named("Done").click();
    await house.wait();
    expect(all("dialog input")).toEqual([]);
  });

  test("need the password when the server says so, and only then", async () => {
    const answers = [
      problem(403, "Enter your password again.", { field: "password" }),
      problem(400, "That is not your password.", { field: "password" }),
    ];
    house.instead.set("POST /tokens", () => {
      const no = answers.shift();
      return no ? { status: no.status, body: no } : { status: 201, body: { secret: "s3cret", token: ci } };
    });
    await open();
    named("Make a token").click();
    await house.wait();
    type($("dialog input"), "ci");
    expect(all("dialog input[type=password]")).toEqual([]);
    await submit();
    expect([all("dialog input[type=password]").length, all("dialog [role=alert]").length]).toEqual([1, 0]);
    type($("dialog input[type=password]"), "wrong");
    await submit();
    expect(words($("dialog [role=alert]"))).toBe("That is not your password.");
    type($("dialog input[type=password]"), "a quiet place");
    await submit();
    expect(house.commands("POST /tokens").map((b) => (b as { password?: string }).password)).toEqual([
      undefined,
      "wrong",
      "a quiet place",
    ]);
    expect(words($("dialog"))).toContain("nobody can see it again");
  });

  test("may administer only where their maker does", async () => {
    const choices = async (role: "admin" | "member") => {
      house.who = me({ role });
      await open();
      named("Make a token").click();
      await house.wait();
      const found = all("dialog select")[0]!.querySelectorAll("option").length;
      await house.leave();
      house = new House();
      house.instead.set("GET /tokens", () => ({ body: { tokens: [] } }));
      return found;
    };
    expect([await choices("member"), await choices("admin")]).toEqual([2, 4]);
  });

  test("end with every other session at the second press", async () => {
    house.instead.set("GET /sessions", () => ({ body: { sessions: [] } }));
    house.instead.set("DELETE /sessions", () => ({ status: 204 }));
    await house.open(`/r/${GENERAL}`);
    await settings();
    named("Sign out everywhere else").click();
    await house.wait();
    expect(house.commands("DELETE /sessions")).toEqual([]);
    named("Sign out everywhere else and end all your tokens and invites?").click();
    await house.wait();
    expect(house.commands("DELETE /sessions")).toHaveLength(1);
    expect(words($("dialog"))).toContain("You are signed out everywhere else. Your tokens and invites no longer work.");
    expect(left).toEqual([]);
  });
});

test("a new password is sent once, however often Enter is pressed", async () => {
  house.instead.set("POST /me/password", () => ({ status: 204 }));
  await house.open(`/r/${GENERAL}`);
  await settings();
  const form = $("dialog input[autocomplete=current-password]").closest("form")!;
  for (let i = 0; i < 2; i++) form.dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("POST /me/password").length).toBe(1);
});

test("a handle that is refused is said beside its field; nothing else is lost", async () => {
  const no = problem(429, "A handle changes 3 times in 30 days.", { field: "handle" });
  house.instead.set("PATCH /me", () => ({ status: 429, body: no }));
  await house.open(`/r/${GENERAL}`);
  await settings();
  type(all("dialog input")[1]!, "Admin");
  await house.wait(20);
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("PATCH /me")).toEqual([{ handle: "admin" }]);
  expect(words($("dialog .field [role=alert]"))).toBe("A handle changes 3 times in 30 days.");
});

test("a name that another device changed while the settings were open is not changed back", async () => {
  house.instead.set("PATCH /me", () => ({ body: house.who }));
  await house.open(`/r/${GENERAL}`);
  await settings();
  house.who = me({ name: "Mira Weber" });
  await house.say({ type: "user", user: user("mira", { name: "Mira Weber" }) });
  type(named("Status"), "At lunch");
  await house.wait(20);
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("PATCH /me")).toEqual([{ status: { text: "At lunch" } }]);
});
