// @vitest-environment happy-dom
// Bots: their owner makes, changes and deactivates them; everybody sees whose they are.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { at, GENERAL, LUNCH, me, problem, room, user } from "./core/testing";
import { $, all, field, House, named, type, words } from "../testing/house";
import type { User } from "./wire/types";

const bot = (more: Partial<User> = {}): User =>
  user("ci", { name: "Build reports", handle: "build.reports", bot: true, owner: "mira", role: "guest", ...more });

let house: House;
let bots: User[];
beforeEach(() => {
  house = new House();
  bots = [bot({ title: "Says what is green" })];
  house.instead.set("GET /bots?owner=mira", () => ({ body: { bots } }));
  house.instead.set("GET /bots/ci/rooms", () => ({ body: { rooms: [GENERAL, "elsewhere"] } }));
  house.instead.set("GET /bots/ci/tokens", () => ({ body: { tokens: [] } }));
});
afterEach(() => house.leave());

const press = async (name: string | RegExp, among?: string) => {
  named(name, among).click();
  await house.wait();
};
const open = async (which?: RegExp) => {
  await house.open(`/r/${GENERAL}`);
  await press("Settings");
  await press("Bots", "button");
  if (which) await press(which, "dialog li button");
};
const submit = async () => {
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
};
const title = () => words($("dialog h2"));

describe("in the settings", () => {
  test("who may make none, and has none, does not find them", async () => {
    house.who = me({ role: "guest" });
    await house.open(`/r/${GENERAL}`);
    await press("Settings");
    expect(all("dialog button").map(words)).not.toContain("Bots");
  });

  test("an empty list says what bots are for", async () => {
    bots = [];
    await open();
    expect(words($("dialog"))).toContain("A bot is a member that a program speaks for");
    expect(words($("dialog li"))).toBe("You have no bots.");
  });

  test("those that one has are listed with their handle and title", async () => {
    bots.push(bot({ id: "old", name: "Old", handle: "old", deactivated: true }));
    await open();
    expect(all("dialog li").map(words)).toEqual([
      "BR Build reports @build.reports Says what is green",
      "O Old @old Deactivated",
    ]);
  });

  test("a list that cannot be loaded is said to be so, and asked for again", async () => {
    house.instead.set("GET /bots?owner=mira", () => ({ status: 403, body: problem(403, "Not for you.") }));
    await open();
    expect(words($("dialog li"))).toMatch(/^Your bots could not be loaded\. ?Try again$/);
    house.instead.set("GET /bots?owner=mira", () => ({ body: { bots } }));
    await press("Try again");
    expect(words($("dialog li"))).toContain("Build reports");
  });

  test("a new one has the handle that its name suggests, and is shown when it is made", async () => {
    house.instead.set("POST /bots", (b) => {
      bots.push(bot(b as Partial<User>));
      return { status: 201, body: bots.at(-1) };
    });
    bots = [];
    await open();
    await press("Make a bot");
    type(field("Name"), "Über Builds");
    await house.wait(20);
    expect(field("Handle").value).toBe("uber.builds");
    await submit();
    expect(house.commands("POST /bots")).toEqual([{ name: "Über Builds", handle: "uber.builds", title: "" }]);
    expect(title()).toBe("Über Builds");
  });

  test("a handle that is taken is said beside its field, and another is suggested", async () => {
    house.instead.set("POST /bots", () => ({ status: 409, body: problem(409, "Taken.", { field: "handle" }) }));
    await open();
    await press("Make a bot");
    type(field("Name"), "Builds");
    await submit();
    expect(words(field("Handle").closest(".field")!)).toContain("Taken.");
    expect(field("Handle").value).toBe("builds2");
    type(field("Handle"), "Own");
    await submit();
    expect(field("Handle").value, "what one typed stays").toBe("own");
    expect(house.commands("POST /bots").map((b) => (b as User).handle)).toEqual(["builds", "own"]);
  });

  test("a refusal that blames no field stands below the form", async () => {
    house.instead.set("POST /bots", () => ({ status: 409, body: problem(409, "You have 10 bots.") }));
    await open();
    await press("Make a bot");
    type(field("Name"), "Builds");
    await submit();
    expect(words($("dialog form > [role=alert]"))).toBe("You have 10 bots.");
  });
});

describe("the page of a bot", () => {
  test("names the rooms that it is in", async () => {
    await open(/Build reports/);
    expect(title()).toBe("Build reports");
    expect(words($("dialog section"))).toBe("Rooms #general");
  });

  test("says how it gets into a room", async () => {
    house.instead.set("GET /bots/ci/rooms", () => ({ body: { rooms: [] } }));
    await open(/Build reports/);
    expect(words($("dialog section"))).toContain("It is in no room yet.");
  });

  test("sends what was changed, and nothing else", async () => {
    house.instead.set("PATCH /bots/ci", (b) => {
      bots[0] = { ...bots[0]!, ...(b as Partial<User>) };
      return { body: bots[0] };
    });
    await open(/Build reports/);
    type(field("Name"), "Builder");
    await submit();
    expect(house.commands("PATCH /bots/ci")).toEqual([{ name: "Builder" }]);
    expect(title()).toBe("Builder");
    expect(words($("dialog"))).toContain("The bot is saved.");
  });

  test("leads back to the list", async () => {
    await open(/Build reports/);
    await press("Your bots");
    expect([title(), document.activeElement === $("dialog li button")]).toEqual(["Bots", true]);
  });

  test("deactivates it at the second press, and brings it back without tokens", async () => {
    house.instead.set("PATCH /bots/ci", (b) => {
      bots[0] = { ...bots[0]!, ...(b as Partial<User>) };
      return { body: bots[0] };
    });
    await open(/Build reports/);
    await press("Deactivate");
    expect(house.commands("PATCH /bots/ci")).toEqual([]);
    await press("Really deactivate?");
    expect(words($("dialog"))).toContain("This bot is deactivated: it can do nothing, and its tokens are revoked.");
    expect(all("dialog button").map(words)).not.toContain("Make a token");
    await press("Bring it back");
    expect(house.commands("PATCH /bots/ci")).toEqual([{ deactivated: true }, { deactivated: false }]);
    expect(words($("dialog"))).toContain("It needs a new token.");
    expect(all("dialog button").map(words)).toContain("Make a token");
  });

  const token = { id: "t1", name: "ci", scopes: ["read", "write"], created_at: at(0), last_used_at: at(9) };
  const make = async (answer: () => { status: number; body: unknown }) => {
    house.instead.set("POST /bots/ci/tokens", answer);
    await open(/Build reports/);
    await press("Make a token");
    type(field("Name"), "ci");
    expect([...$("dialog select").querySelectorAll("option")].map(words)).toEqual(["Read", "Read and write"]);
    await submit();
  };

  test("makes a token, whose secret is shown once with a line that posts in a room of the bot", async () => {
    await make(() => ({ status: 201, body: { secret: "s3cret", token } }));
    expect(house.commands("POST /bots/ci/tokens")).toEqual([
      { name: "ci", scopes: ["read", "write"], expires_in: 90 * 24 * 60 * 60 },
    ]);
    expect((named("Secret of the token") as HTMLInputElement).value).toBe("s3cret");
    expect(document.activeElement).toBe(named("Secret of the token"));
    expect($("dialog pre").textContent).toContain("Bearer s3cret");
    expect($("dialog pre").textContent).toContain(`/api/v1/rooms/${GENERAL}/messages'`);
    await press("Done");
    expect(words($("dialog"))).not.toContain("s3cret");
  });

  test("tries a new token in a room where the bot can post", async () => {
    const news = room("news", { posting: "owners", role: "owner" });
    house.rooms.push(room("old", { archived: true }), news, room("lab"));
    house.instead.set("GET /bots/ci/rooms", () => ({ body: { rooms: ["old", "news", "lab"] } }));
    await make(() => ({ status: 201, body: { secret: "s3cret", token } }));
    expect($("dialog pre").textContent).toContain("/api/v1/rooms/lab/messages'");
  });

  test("says what to put into the line while the bot is in no room", async () => {
    house.instead.set("GET /bots/ci/rooms", () => ({ body: { rooms: [] } }));
    await make(() => ({ status: 201, body: { secret: "s3cret", token } }));
    expect($("dialog pre").textContent).toContain("/rooms/ROOM/messages'");
    expect(words($("dialog"))).toContain("Add the bot to a room first.");
  });

  test("asks for the password when the server does", async () => {
    await make(() => ({ status: 403, body: problem(403, "Enter your password again.", { field: "password" }) }));
    expect(field("Your password").type).toBe("password");
  });

  test("lists its tokens, and revokes them at the second press", async () => {
    let tokens: object[] = [token];
    house.instead.set("GET /bots/ci/tokens", () => ({ body: { tokens } }));
    house.instead.set("DELETE /bots/ci/tokens/t1", () => {
      tokens = [];
      return { status: 204 };
    });
    await open(/Build reports/);
    expect(words($("dialog section li"))).toMatch(/^ci Read and write Made .* · used .* Does not expire Revoke$/);
    await press("Revoke ci");
    await press("Really revoke ci?");
    expect(words($("dialog section li"))).toBe("It has no tokens.");
  });
});

describe("who somebody is", () => {
  const card = async (more: Partial<User>, who = me()) => {
    house.who = who;
    house.users = [user("mira"), user("jonas", { name: "Jonas Weber" }), bot({ owner: "jonas", ...more })];
    house.post(GENERAL, "ci");
    await house.open(`/r/${GENERAL}`);
    $("article header button").click();
    await house.wait();
    return words($("dialog .in"));
  };
  const buttons = () => all("dialog .actions button").map(words);

  test("says whose bot it is, and leads to that person", async () => {
    expect(await card({})).toContain("Bot of Jonas Weber");
    await press("Jonas Weber", "dialog button");
    expect([title(), words($("dialog .in"))]).toEqual(["Jonas Weber", expect.not.stringContaining("Bot of")]);
  });

  test("does not name an owner whom one does not see", async () =>
    expect(await card({ owner: "kim" })).toContain("Bot of a person with whom you share no room"));

  test("says of a bot without an owner that it is one", async () => {
    house.users = [];
    const { owner: _, ...rest } = bot();
    house.users = [user("mira"), rest];
    house.post(GENERAL, "ci");
    await house.open(`/r/${GENERAL}`);
    $("article header button").click();
    await house.wait();
    expect(all("dialog li").map(words)).toEqual(["Bot"]);
    expect(buttons()).toEqual(["Message", "Copy handle"]);
  });

  test("lets an admin deactivate a bot, and nobody else but its owner", async () => {
    await card({});
    expect(buttons()).toEqual(["Message", "Copy handle"]);
    await house.leave();
    house = new House();
    house.instead.set("PATCH /bots/ci", () => ({ body: bot({ deactivated: true }) }));
    await card({}, me({ role: "admin" }));
    await press("Deactivate");
    await press("Really deactivate?");
    expect(house.commands("PATCH /bots/ci")).toEqual([{ deactivated: true }]);
    expect(words($("dialog [role=status]")), "also for who only hears").toContain("The bot is deactivated.");
    await house.say({ type: "user", user: bot({ owner: "jonas", deactivated: true }) });
    expect(words($("dialog .in"))).toContain("Deactivated: this bot can do nothing.");
    expect(buttons()).toEqual(["Copy handle", "Bring the bot back"]);
  });

  const allBots = async (...bots: User[]) => {
    house.who = me({ role: "admin" });
    house.users = [user("mira"), user("jonas"), user("hook", { bot: true }), ...bots];
    await house.open(`/r/${GENERAL}`);
    await press("Settings");
    await press("Workspace", "button");
    await press("Bots of the workspace", "button");
  };

  test("is found by an admin in the list of all bots, with the owner", async () => {
    await allBots(bot({ owner: "jonas", deactivated: true }));
    expect(all("dialog li").map(words)).toEqual(["BR Build reports @build.reports Bot of Jonas · deactivated"]);
    $("dialog li button").click();
    await house.wait();
    expect(all("dialog .actions button").map(words)).toContain("Bring the bot back");
  });

  test("is looked for among many bots by its own name and by its owner's", async () => {
    const many = Array.from({ length: 12 }, (_, i) => bot({ id: `b${i}`, name: `Bot ${i}`, handle: `bot${i}` }));
    await allBots(...many, bot({ owner: "jonas" }));
    const found = async (q: string) => {
      type(named("Find a bot"), q);
      await house.wait(20);
      return all("dialog li").map(words);
    };
    expect((await found("")).length).toBe(13);
    expect(await found("bot7")).toEqual(["B7 Bot 7 @bot7 Bot of Mira"]);
    expect(await found("jonas")).toEqual(["BR Build reports @build.reports Bot of Jonas"]);
    expect(await found("nobody")).toEqual(["No matches."]);
  });

  test("lets its owner deactivate it", async () => {
    await card({ owner: "mira" });
    expect(buttons()).toContain("Deactivate");
  });
});

describe("in a room", () => {
  const MEMBERS = `GET /rooms/${GENERAL}/members`;
  const details = async (members: string[], role: "owner" | "member" = "member") => {
    house.users = [user("mira"), user("jonas"), bot(), bot({ id: "his", name: "His", handle: "his", owner: "jonas" })];
    house.rooms = [room(GENERAL, { role }), room(LUNCH)];
    house.instead.set(MEMBERS, () => ({ body: { members: members.map((user) => ({ user, role: "member" })) } }));
    await house.open(`/r/${GENERAL}`);
    await press("Room details");
  };

  test("one is told that one's bots leave too, before one leaves", async () => {
    await details(["mira", "jonas", "ci"]);
    await press("Leave the room");
    expect(all("dialog .actions button").map(words)).toContain("Leave with your bot?");
    expect(house.asked.some(([what]) => what.startsWith("DELETE"))).toBe(false);
  });

  test("nothing is said of bots where there are none of one's own", async () => {
    await details(["mira", "jonas", "his"]);
    await press("Leave the room");
    expect(all("dialog .actions button").map(words)).toContain("Really leave?");
  });

  test("who removes a member sees how many bots go too", async () => {
    await details(["mira", "jonas", "his"], "owner");
    await press("Manage Jonas");
    expect(all("dialog li .danger").map(words)).toEqual(["Remove with their bot"]);
  });

  test("a bot that somebody made cannot be made an owner", async () => {
    await details(["mira", "jonas", "his"], "owner");
    await press("Manage His");
    expect(all("dialog li .soft").map(words)).toEqual(["Remove"]);
  });

  test("its owner removes a bot from a room that others manage, and nobody else", async () => {
    await details(["mira", "jonas", "ci", "his"]);
    expect(all("dialog li .icon").map((b) => b.getAttribute("aria-label"))).toEqual(["Manage Build reports"]);
  });

  test("a bot whose owner is not inside is not added, and the reason is shown", async () => {
    const no = "Jonas, who owns this bot, is not in the room.";
    house.instead.set(`PUT /rooms/${GENERAL}/members/his`, () => ({
      status: 409,
      body: problem(409, no, { field: "user" }),
    }));
    await details(["mira"]);
    type($("dialog input[aria-label='Add somebody']"), "his");
    await house.wait(20);
    $("dialog .people [role=option]").click();
    await house.wait();
    expect(words($("dialog"))).toContain(no);
  });
});
