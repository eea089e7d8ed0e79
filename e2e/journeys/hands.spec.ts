// By hand: a phone with a finger on it, and what undo takes back. Touches are given as the system gives them, so that the browser
// makes clicks of them, or does not.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

async function finger(page: Page) {
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchEnd", at?: { x: number; y: number }) =>
    cdp.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
  const middle = async (of: Locator) => {
    const b = (await of.boundingBox())!;
    return { x: b.x + b.width / 2, y: b.y + b.height / 2 };
  };
  return {
    /** Lies on something until `meanwhile` is done. */
    async presses(what: Locator, meanwhile: () => Promise<void>) {
      await touch("touchStart", await middle(what));
      await meanwhile();
      await touch("touchEnd");
    },
    /** Lies on a place of the screen, and is lifted there. */
    async rests(at: { x: number; y: number }, meanwhile: () => Promise<void>) {
      await touch("touchStart", at);
      await meanwhile();
      await touch("touchEnd");
    },
  };
}

test("a phone by touch", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server, { width: 360, height: 740, touch: true });
  const { page } = mira;
  const sheet = page.getByRole("dialog", { name: "Message" }),
    edit = page.getByLabel("Edit the message");
  try {
    await mira.setUp(server.setupLink);
    const room: string = (await mira.asks("GET", "/rooms")).rooms[0].id;
    const root = await mira.posts(room, "Which **migration**?");
    for (let i = 1; i <= 30; i++) await mira.posts(room, `Line ${i}`);
    await mira.posts(room, "The index", { thread: root });
    await mira.goes("general");
    const hand = await finger(page);
    const press = (row: Locator) => hand.presses(row.locator(".text"), () => expect(sheet).toBeVisible());
    expect(await page.evaluate(() => matchMedia("(pointer: coarse)").matches)).toBe(true);

    await test.step("a long press opens the sheet, and triggers nothing below the finger", async () => {
      const last = mira.sees("Line 30");
      await expect(last).toBeVisible();
      await press(last);
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/sheet.png` });
      // Low on the screen the sheet appears below the finger, which is lifted before or after a browser calls it long.
      for (const ms of [460, 900]) {
        await page.goBack();
        await expect(sheet).toHaveCount(0);
        const b = (await last.locator(".text").boundingBox())!;
        await hand.rests({ x: b.x + 20, y: b.y + b.height / 2 }, async () => {
          await page.waitForTimeout(ms);
          await expect(sheet).toBeVisible();
        });
        await page.waitForTimeout(300);
        await expect(sheet).toBeVisible();
      }
      await expect(last.locator(".chip")).toHaveCount(0);
      await expect(sheet.getByRole("button", { name: "Delete", exact: true })).toBeVisible();
    });

    await test.step("Back closes it, and leaves the room only then", async () => {
      await page.goBack();
      await expect(sheet).toHaveCount(0);
      await expect(page).toHaveURL(`${server.url}/r/${room}`);
    });

    await test.step("it copies, reacts, and opens the picker", async () => {
      const last = mira.sees("Line 30");
      await press(last);
      await sheet.getByRole("button", { name: "Copy text" }).tap();
      await expect(page.getByText("The text is copied.")).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("Line 30");
      await press(last);
      await sheet.getByRole("button", { name: "React with 🎉" }).tap();
      await expect(last.getByRole("button", { name: /^🎉, 1/ })).toBeVisible();
      await press(last);
      await sheet.getByRole("button", { name: "React with another emoji" }).tap();
      await expect(page.getByLabel("Search emoji")).toBeVisible();
      await page.goBack();
      await expect(page.getByLabel("Search emoji")).toHaveCount(0);
      await expect(page).toHaveURL(`${server.url}/r/${room}`);
    });

    await test.step("an edit stands in sight, and Enter breaks its lines", async () => {
      const last = mira.sees("Line 30");
      await press(last);
      await sheet.getByRole("button", { name: "Edit" }).tap();
      await expect(edit).toBeFocused();
      await edit.press("End");
      for (let i = 0; i < 6; i++) {
        await edit.press("Enter");
        await page.keyboard.type(`more ${i}`);
      }
      await expect(page.getByRole("button", { name: "Save" })).toBeInViewport({ ratio: 1 });
      await page.setViewportSize({ width: 360, height: 400 }); // a keyboard opens
      await expect(page.getByRole("button", { name: "Save" })).toBeInViewport({ ratio: 1 });
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/edit.png` });
      await page.getByRole("button", { name: "Save" }).tap();
      await expect(mira.sees("Line 30")).toContainText("more 5");
      await page.setViewportSize({ width: 360, height: 740 });
    });

    await test.step("Back closes the thread that the sheet opened", async () => {
      await mira.sees("Which migration").scrollIntoViewIfNeeded();
      await press(mira.sees("Which migration"));
      await sheet.getByRole("button", { name: "Reply in thread" }).tap();
      const thread = page.getByRole("complementary", { name: "Thread" });
      await expect(thread).toContainText("The index");
      await page.goBack();
      await expect(thread).toHaveCount(0);
      await expect(page).toHaveURL(`${server.url}/r/${room}`);
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});

test("undo, letters without a box, and text that can be selected", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server, { width: 640, height: 400, scale: 2 });
  const { page } = mira;
  const edit = page.getByLabel("Edit the message");
  try {
    await mira.setUp(server.setupLink);
    await mira.goes("general");
    await mira.says("Lunch at noon");
    const row = page.locator("article[data-seq]").filter({ hasText: "Lunch at noon" });
    await expect(row).toBeVisible();

    await test.step("undo takes back a completion and an emoji, in the composer and in an edit", async () => {
      await row.hover();
      await row.getByRole("button", { name: "More" }).click();
      await page.getByRole("menuitem", { name: "Edit" }).click();
      for (const box of [edit, mira.box]) {
        await box.click();
        await box.press("Control+a");
        await page.keyboard.type("Hi @mi");
        await expect(page.getByRole("option")).toHaveCount(1);
        await page.keyboard.press("Tab");
        await expect(box).toHaveValue("Hi @mira ");
        await page.keyboard.press("Control+z");
        await expect(box).toHaveValue("Hi @mi");
        await page.keyboard.press("End"); // what was taken back is selected
        await page.keyboard.press("Control+Shift+E");
        await page.getByLabel("Search emoji").fill("tada");
        await expect(page.locator("dialog.picker [data-emoji]").first()).toHaveAttribute("data-emoji", "🎉");
        await page.keyboard.press("Enter");
        await expect(box).toBeFocused();
        await expect(box).toHaveValue("Hi @mi🎉");
        await page.keyboard.press("Control+z");
        await expect(box).toHaveValue("Hi @mi");
      }
    });

    await test.step("letters go to the composer, and not into the edit or to a message that was clicked", async () => {
      await mira.box.fill("");
      await edit.evaluate((e: HTMLElement) => e.blur());
      await page.keyboard.type("ert");
      await expect(mira.box).toHaveValue("ert");
      await expect(edit).toHaveValue("Hi @mi");
      await edit.press("Escape");
      await page.getByRole("button", { name: "Discard the change?" }).click();
      await row.locator(".text").click();
      await page.keyboard.type("e");
      await expect(mira.box).toHaveValue("erte");
      await expect(edit).toHaveCount(0);
    });

    await test.step("text can be selected", async () => {
      await row.locator(".text").dblclick({ position: { x: 10, y: 10 } });
      expect((await page.evaluate(() => String(getSelection()))).trim()).toBe("Lunch");
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
