// No word is lost: emoji that are slow or never come, two tabs, a clock that is set back, a storage that is full, plain http.
import { type AddressInfo, createServer } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** The rows of a page, those on their way too. */
const rows = async (page: Page) =>
  (await page.getByRole("log").locator("article .text").allTextContents()).map((t) => t.trim());
const boxOf = (page: Page) => page.locator("form.composer textarea");

test("what one writes arrives once and in order, whatever the browser does", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const { page } = mira;

    await test.step("emoji that never come", async () => {
      await page.route(/\/(compact|github|emojibase)[^/]*\.js/, () => {}); // never answered
      await mira.says("first :tada:");
      await mira.says("second");
      await expect.poll(() => rows(page)).toEqual(["first :tada:", "second"]);
      await expect(jonas.sees("second")).toBeVisible();
      expect(await rows(jonas.page)).toEqual(["first :tada:", "second"]);
      await page.unrouteAll();
    });

    await test.step("emoji that are slow", async () => {
      await page.route(/\/(compact|github|emojibase)[^/]*\.js/, async (r) => {
        await new Promise((later) => setTimeout(later, 300));
        await r.continue();
      });
      await page.reload();
      await expect(mira.sees("second")).toBeVisible();
      await mira.says("third :tada:");
      await mira.says("fourth");
      for (const p of [page, jonas.page])
        await expect.poll(async () => (await rows(p)).slice(2)).toEqual(["third 🎉", "fourth"]);
      await page.unrouteAll();
    });

    await test.step("two tabs", async () => {
      const other = await page.context().newPage();
      await other.goto(page.url());
      await expect(boxOf(other)).toBeVisible();
      await boxOf(other).fill("half a thought");
      await expect(mira.box).toHaveValue("half a thought");
      await mira.box.fill("a whole thought");
      await expect(boxOf(other)).toHaveValue("a whole thought");
      mira.network.cut();
      await boxOf(other).press("Enter");
      await expect(mira.sees("a whole thought")).toBeVisible();
      await expect(mira.box).toHaveValue("");
      await other.close();
      mira.network.mend();
      await expect(jonas.sees("a whole thought")).toBeVisible();
      expect((await rows(jonas.page)).filter((t) => t === "a whole thought")).toHaveLength(1);
    });

    await test.step("a clock that is set back two hours", async () => {
      await page.evaluate(() => {
        const Real = Date;
        const back = () => Real.now() - 2 * 60 * 60_000;
        globalThis.Date = class extends Real {
          constructor(...args: [number]) {
            super(...(args.length ? args : ([back()] as [number])));
          }
          static override now = back;
        } as DateConstructor;
      });
      mira.network.cut();
      await mira.says("while nobody hears");
      await jonas.says("while she is away");
      await page.waitForTimeout(1500);
      mira.network.mend();
      await expect(mira.sees("while she is away")).toBeVisible();
      await expect(jonas.sees("while nobody hears")).toBeVisible();
    });

    await test.step("a storage that is full", async () => {
      await page.evaluate(() => {
        for (let size = 1 << 20, n = 0; size >= 1;) {
          try {
            localStorage.setItem(`full${n++}`, "x".repeat(size));
          } catch {
            size = Math.floor(size / 2);
          }
        }
      });
      mira.network.cut();
      await mira.says("on a full device");
      await expect(mira.sees("on a full device")).toBeVisible();
      await expect(page.getByText("This device's storage is full")).toBeVisible();
      mira.network.mend();
      await expect(jonas.sees("on a full device")).toBeVisible();
      await expect(page.getByText("This device's storage is full")).toBeHidden();
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await Promise.all([mira.leave(), jonas.leave()]);
    await server.stop();
  }
});

test("over plain http everything works that works elsewhere", async () => {
  const probe = createServer();
  await new Promise<void>((r) => probe.listen(0, "127.0.0.1", r));
  const { port } = probe.address() as AddressInfo;
  await new Promise((r) => probe.close(r));
  const url = `http://chat.test:${port}`;
  const server = await home(`--addr=127.0.0.1:${port}`, `--url=${url}`, "--insecure-http");
  const mira = await Person.arrive("Mira Novak", { port, url, host: "chat.test" });
  try {
    await mira.setUp(server.setupLink);
    expect(await mira.page.evaluate(() => [isSecureContext, "clipboard" in navigator])).toEqual([false, false]);
    await mira.says("over plain http :tada:");
    await expect(mira.sees("over plain http 🎉")).toBeVisible();
    await expect(mira.sees("over plain http 🎉")).toHaveAttribute("data-seq", /\d+/);
    await mira.chooses("Copy link", "over plain http");
    await expect(mira.page.getByText("The link is copied.")).toBeVisible();
    await mira.box.focus();
    await mira.page.keyboard.press("ControlOrMeta+v");
    await expect(mira.box).toHaveValue(new RegExp(`^${url}/r/`));
    // The browser says that it ignores this header over plain http; nothing else may be wrong.
    expect(mira.complaints.filter((c) => !c.includes("Cross-Origin-Opener-Policy"))).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
