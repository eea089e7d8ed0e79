// What is unread, in all its forms: a room opens where one left off, what was in sight is read, and nothing else is.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** A message has to be in sight for 400 ms, and the pointer moves once a second. */
const SEEN = 1500;

test("a room opens where one left off, and what was in sight is read", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server),
    jonas = await Person.arrive("Jonas Weber", server);
  const { page } = mira,
    log = page.getByRole("log"),
    bar = page.getByRole("group", { name: "New messages" }),
    line = log.locator(".new");
  let general = "";
  /** Jonas posts so many messages; the first and the last of them have these numbers. */
  const post = (what: string, n: number) =>
    jonas.page.evaluate(
      async ([room, what, n]) => {
        const say = (i: number) =>
          fetch(`/api/v1/rooms/${room}/messages`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ client_id: crypto.randomUUID(), text: `${what} ${i}.` }),
          });
        await say(1);
        await Promise.all(Array.from({ length: n - 2 }, (_, i) => say(i + 2)));
        await say(n);
      },
      [general, what, n] as const,
    );
  const mine = async () => (await mira.asks("GET", "/rooms")).rooms.find((r: { id: string }) => r.id === general);
  const unread = async (): Promise<number> => (await mine()).unread;
  /** The last message of which the end is in sight. */
  const lastInSight = () =>
    log.evaluate((e) => {
      const { bottom } = e.getBoundingClientRect();
      const rows = [...e.querySelectorAll("[data-seq]")].filter((r) => r.getBoundingClientRect().bottom <= bottom + 1);
      return Number(rows.at(-1)!.getAttribute("data-seq"));
    });
  const hidden = (is: boolean) =>
    page.evaluate((is) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: is });
      Object.defineProperty(document, "visibilityState", { configurable: true, value: is ? "hidden" : "visible" });
      document.dispatchEvent(new Event("visibilitychange"));
    }, is);
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    general = (await mira.asks("GET", "/rooms")).rooms[0].id;
    await mira.asks("POST", "/rooms", { kind: "public", name: "other" });

    await test.step("many: at the New line, with a bar", async () => {
      await post("old", 5);
      await expect.poll(unread).toBe(0);
      await mira.goes("other");
      await post("many", 80);
      await mira.goes("general");
      await expect(bar).toContainText(/^80 new\s*since \d\d:\d\d/);
      await expect(line).toBeInViewport();
      await expect(mira.sees("many 1.")).toBeInViewport();
      await expect(mira.sees("old 5.")).toBeInViewport();
      await expect(mira.sees("many 80.")).not.toBeInViewport();
      await page.waitForTimeout(SEEN);
      expect((await mine()).read_seq).toBe(await lastInSight());
      await expect(mira.sees("many 1.")).toBeInViewport();
    });

    await test.step("the pointer follows what is in sight, and the line stays", async () => {
      await log.evaluate((e) => e.scrollBy(0, 300));
      await expect(bar).toContainText("80 new");
      await expect.poll(async () => (await mine()).read_seq - (await lastInSight())).toBe(0);
      expect(await unread()).toBeGreaterThan(0);
      await expect(line.locator("+ article")).toContainText("many 1.");
    });

    await test.step("Esc marks it as read", async () => {
      await page.keyboard.press("Escape");
      await expect(bar).toHaveCount(0);
      expect(await unread()).toBe(0);
      await expect(line).toHaveCount(1);
    });

    await test.step("few: at the end", async () => {
      await mira.goes("other");
      await post("few", 2);
      await mira.goes("general");
      await expect(mira.sees("few 2.")).toBeInViewport();
      await expect(line.locator("+ article")).toContainText("few 1.");
      await expect(bar).toHaveCount(0);
      await expect.poll(unread).toBe(0);
    });

    await test.step("marked as unread, here: it stays so until one comes back", async () => {
      await mira.chooses("Mark unread from here", "few 2.");
      await page.waitForTimeout(SEEN);
      expect(await unread()).toBe(1);
      await mira.goes("other");
      await mira.goes("general");
      await expect.poll(unread).toBe(0);
    });

    await test.step("marked as unread, on another device", async () => {
      const { last_seq } = await mine();
      await mira.asks("PUT", `/rooms/${general}/read`, { seq: last_seq - 2 });
      await expect(line.locator("+ article")).toContainText("few 1.");
      await page.waitForTimeout(SEEN);
      expect(await unread()).toBe(2);
    });

    await test.step("sending leads to the end, and reads the room", async () => {
      await log.evaluate((e) => e.scrollTo(0, 0));
      await mira.says("on my way");
      await expect(mira.sees("on my way")).toBeInViewport();
      await expect.poll(unread).toBe(0);
    });

    await test.step("a mention in a thread is read when it was on screen there", async () => {
      const root = (await mine()).last_seq;
      await jonas.posts(general, "@mira have a look", { thread: root });
      await post("later", 3);
      await expect(bar).toContainText("Jonas Weber mentioned you in a thread");
      await page.waitForTimeout(SEEN);
      expect((await mine()).mention_count).toBe(1);
      await page.reload();
      await bar.getByRole("button", { name: "Show" }).click();
      const thread = page.getByRole("complementary", { name: "Thread" });
      await expect(thread.getByRole("article").filter({ hasText: "have a look" })).toBeInViewport();
      await expect.poll(async () => (await mine()).mention_count + (await unread())).toBe(0);
      await expect(bar).toHaveCount(0);
      await thread.getByRole("button", { name: "Close the thread" }).click();
    });

    await test.step("in a hidden tab nothing is read; who comes back sees where they left off", async () => {
      await hidden(true);
      await post("meanwhile", 60);
      await page.waitForTimeout(SEEN);
      expect(await unread()).toBe(60);
      await hidden(false);
      await expect(bar).toContainText("60 new");
      await expect(mira.sees("meanwhile 1.")).toBeInViewport();
      await expect(mira.sees("on my way")).toBeInViewport();
      await page.waitForTimeout(SEEN);
      expect(await unread()).toBeGreaterThan(0);
    });

    await test.step("more than is loaded, in a small window: the page around the line, and a jump to the latest", async () => {
      await page.setViewportSize({ width: 360, height: 560 });
      await page.keyboard.press("Escape");
      await expect.poll(unread).toBe(0);
      await page.goto("about:blank");
      await post("crowd", 150);
      await page.goto(`${server.url}/r/${general}`);
      await expect(bar).toContainText("99+ new");
      await expect(mira.sees("crowd 1.")).toBeInViewport();
      await expect(mira.sees("crowd 150.")).toHaveCount(0);
      await expect(bar.getByRole("button", { name: "Mark read" })).toBeInViewport({ ratio: 1 });
      await page.waitForTimeout(SEEN);
      expect((await mine()).read_seq).toBe(await lastInSight());
      await page.reload();
      await expect(mira.sees("crowd 1.")).toBeInViewport();
      await page.getByRole("button", { name: / new$/ }).click();
      await expect(mira.sees("crowd 150.")).toBeInViewport();
      await expect.poll(unread).toBe(0);
      await expect(bar).toHaveCount(0);
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
