// Notifications of the system: one for each message, in one tab, until the message is read. A stand-in for those of the browser
// records what is shown: no test can read the screen of the computer.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** In this time a notification that must not come would have come, ms. */
const LATE = 2000;

interface Said {
  what: "shown" | "closed";
  title: string;
  body: string;
}

/** Replaces the notifications of a browser; all that its tabs show and close is recorded. */
async function recorded({ page }: Person, permission: NotificationPermission): Promise<Said[]> {
  const said: Said[] = [],
    context = page.context();
  await context.exposeFunction("record", (s: Said) => void said.push(s));
  await context.addInitScript((first) => {
    const tell = (globalThis as unknown as { record: (s: Said) => void }).record;
    const kept = () => (localStorage.getItem("permission") ?? first) as NotificationPermission;
    class Stand extends EventTarget {
      static get permission() {
        return kept();
      }
      static async requestPermission() {
        localStorage.setItem("permission", "granted"); // as if one had clicked
        return kept();
      }
      onclick: () => void = () => {};
      onclose: () => void = () => {};
      private closed = false;
      constructor(
        private title: string,
        private how: NotificationOptions,
      ) {
        super();
        if (kept() !== "granted") return;
        tell({ what: "shown", title, body: how.body ?? "" });
        Object.assign(globalThis, { latest: this });
      }
      close() {
        if (this.closed) return;
        this.closed = true;
        tell({ what: "closed", title: this.title, body: this.how.body ?? "" });
        this.onclose();
      }
    }
    Object.assign(globalThis, { Notification: Stand });
  }, permission);
  return said;
}

test("from a mention to its notification, and to the message", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server),
    jonas = await Person.arrive("Jonas Weber", server);
  const { page } = mira,
    line = page.getByRole("region", { name: "Notifications" });
  const said = await recorded(mira, "default");
  const shown = () => said.filter((s) => s.what === "shown").map((s) => s.title);
  const closed = () => said.filter((s) => s.what === "closed").map((s) => s.title);
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const { id: me } = await mira.asks("GET", "/me");
    const { id: lunch } = await mira.asks("POST", "/rooms", { kind: "public", name: "lunch" });
    await jonas.asks("POST", `/rooms/${lunch}/join`);
    const { id: direct } = await jonas.asks("POST", "/rooms", { kind: "direct", members: [me] });
    const mention = (text: string) => jonas.posts(lunch, `@mira ${text}`);

    await test.step("permission is asked for when there is something to show, and not before", async () => {
      await expect(page.getByRole("link", { name: "Jonas Weber" })).toBeVisible();
      await expect(line).toHaveCount(0);
      await jonas.posts(direct, "Hello");
      await expect(line).toContainText("Show notifications of messages to you");
      await passes(page, "the question about notifications");
      await line.getByRole("button", { name: "Turn on" }).click();
      await expect(line).toHaveCount(0);
      expect(shown()).toEqual([]);
    });

    await test.step("a mention is shown, and a click opens the message at its place", async () => {
      for (let i = 0; i < 40; i++) await jonas.posts(lunch, `Before ${i}`);
      const seq = await mention("where do we eat?");
      for (let i = 0; i < 40; i++) await jonas.posts(lunch, `After ${i}`);
      await expect.poll(shown).toEqual(["Jonas Weber in #lunch"]);
      expect(said[0]!.body).toBe("@mira where do we eat?\nThis message mentions you.");
      await page.evaluate(() => (globalThis as unknown as { latest: { onclick: () => void } }).latest.onclick());
      await expect(page).toHaveURL(new RegExp(`/r/${lunch}/${seq}$`));
      await expect(mira.sees("where do we eat?")).toBeInViewport();
      await expect.poll(closed).toEqual(["Jonas Weber in #lunch"]);
    });

    await test.step("what is in sight is not shown", async () => {
      said.length = 0;
      await mention("here, too");
      await page.waitForTimeout(LATE);
      expect(shown()).toEqual([]);
    });

    await test.step("of two tabs one shows it", async () => {
      await mira.goes("general");
      const second = await page.context().newPage();
      await second.goto(`${server.url}/r/${new URL(page.url()).pathname.split("/")[2]}`);
      await expect(second.getByRole("heading", { name: "general" }).first()).toBeVisible();
      await second.waitForTimeout(1000);
      await mention("once");
      await expect.poll(shown).toEqual(["Jonas Weber in #lunch"]);
      await page.waitForTimeout(LATE);
      expect(shown()).toEqual(["Jonas Weber in #lunch"]);
      expect(await second.evaluate(() => "latest" in globalThis), "the first tab has the lock").toBe(false);
      await second.close();
      await page.waitForTimeout(LATE); // the server hears of it a moment later
    });

    await test.step("it is closed when the message is read on another device", async () => {
      said.length = 0;
      const seq = await mention("read elsewhere");
      await expect.poll(shown).toEqual(["Jonas Weber in #lunch"]);
      expect(closed()).toEqual([]);
      const phone = await Person.arrive("Mira Novak", server, { width: 360, height: 740 });
      await phone.page.goto(`${server.url}/signin`);
      await phone.asks("POST", "/session", { email: "mira@example.com", password: "a quiet place to eat" });
      await phone.asks("PUT", `/rooms/${lunch}/read`, { seq });
      await expect.poll(closed).toEqual(["Jonas Weber in #lunch"]);
      await phone.leave();
    });

    await test.step("while do not disturb is on none is shown, and afterwards one line sums up", async () => {
      said.length = 0;
      const quiet = (q: object) => mira.asks("PATCH", "/me", { settings: { attention: { quiet: q } } });
      await quiet({ until: new Date(Date.now() + 3_600_000).toISOString() });
      await expect(page.locator("nav footer i.quiet")).toBeVisible();
      await mention("not now");
      await expect(page.getByRole("link", { name: /lunch/ })).toContainText("1 for you");
      await page.waitForTimeout(LATE);
      await quiet({});
      await expect(line).toContainText("While do not disturb was on: new messages in 1 room, 1 mention.");
      await passes(page, "after do not disturb");
      await line.getByRole("button", { name: "OK" }).click();
      await expect(line).toHaveCount(0);
      await page.waitForTimeout(LATE);
      expect(shown()).toEqual([]);
    });
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});

test("a tab behind another one shows it", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server, { tabs: true }),
    jonas = await Person.arrive("Jonas Weber", server);
  const said = await recorded(mira, "granted");
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const room = new URL(mira.page.url()).pathname.split("/")[2]!;
    const front = await mira.page.context().newPage();
    await front.bringToFront();
    await expect.poll(() => mira.page.evaluate(() => document.visibilityState)).toBe("hidden");
    await mira.page.waitForTimeout(LATE);
    await jonas.posts(room, "@mira are you there?");
    await expect.poll(() => said.map((s) => [s.what, s.title])).toEqual([["shown", "Jonas Weber in #general"]]);
    await mira.page.bringToFront();
    await expect(mira.sees("are you there?")).toBeInViewport();
    await expect.poll(() => said.map((s) => s.what)).toEqual(["shown", "closed"]);
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});

test("the settings say what a device does, and what one hears of", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server),
    { page } = mira,
    dialog = page.getByRole("dialog", { name: "Notifications" });
  const opens = async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Notifications" }).click();
  };
  try {
    await page.context().grantPermissions(["notifications"]);
    await mira.setUp(server.setupLink);

    await test.step("a test, where the browser shows notifications", async () => {
      await opens();
      await expect(dialog.getByLabel("Show notifications")).toBeChecked();
      await dialog.getByRole("button", { name: "Send a test" }).click();
      await expect(dialog).toContainText("A test was sent.");
      await passes(page, "the settings of notifications");
    });

    await test.step("keywords with the keyboard, and why one is refused", async () => {
      const box = dialog.getByLabel("Keywords", { exact: true });
      await box.fill("soup");
      await box.press("Enter");
      await expect(dialog.getByRole("button", { name: "Remove soup" })).toBeVisible();
      await box.fill("x");
      await box.press("Enter");
      await expect(dialog.getByRole("alert")).toContainText("A keyword has 2 to 40 characters");
      await dialog.getByRole("button", { name: "Remove soup" }).press("Enter");
      await expect(box).toBeFocused();
      expect((await mira.asks("GET", "/me")).settings.attention.keywords).toEqual([]);
    });

    await test.step("how to allow what the browser blocks", async () => {
      await recorded(mira, "denied");
      await page.reload();
      await opens();
      await expect(dialog.getByLabel("Show notifications")).toBeDisabled();
      await expect(dialog).toContainText("Your browser blocks notifications of Canteen.");
      await passes(page, "blocked notifications");
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
