// Who somebody is, and choosing people: with the keyboard, with the mouse, and by a thumb.
import { expect, type Page, test } from "@playwright/test";
import { Keys } from "../house/keys.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** The directory has 2,000 people more, as the page hears it. They have no accounts. */
async function crowd(page: Page): Promise<void> {
  await page.route("**/api/v1/users", async (route) => {
    const answer = await route.fetch({ headers: { ...route.request().headers(), "if-none-match": "" } });
    const { users } = await answer.json();
    const more = Array.from({ length: 2000 }, (_, i) => ({
      id: `n${String(i).padStart(11, "a")}`,
      name: `Number ${i}`,
      handle: `number.${i}`,
      role: "member",
    }));
    await route.fulfill({ response: answer, json: { users: [...more.reverse(), ...users] } });
  });
}

test("every name opens who it is, and people are chosen by what one types", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, touch: true });
  const page = mira.page,
    keys = new Keys(page),
    dialog = page.getByRole("dialog");
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const general: string = (await mira.asks("GET", "/rooms")).rooms[0].id;
    await mira.asks("POST", "/rooms", { kind: "public", name: "art" });
    for (let i = 1; i <= 30; i++) await jonas.posts(general, `Line ${i}`);
    await mira.posts(general, "ask @jonas");
    await crowd(page);
    await page.goto(`${server.url}/r/${general}`);
    await expect(mira.sees("ask @Jonas Weber")).toBeVisible();

    await test.step("a face, by mouse: the card stands beside it, and Escape gives the focus back", async () => {
      const face = mira.sees("ask @Jonas Weber").getByRole("button", { name: "Mira Novak" }).first();
      await face.click();
      await expect(dialog.getByRole("button", { name: "Edit profile" })).toBeFocused();
      const [card, at] = [(await dialog.boundingBox())!, (await face.boundingBox())!];
      expect(card.y >= 0 && card.y + card.height <= 800 && Math.abs(card.x - at.x) < 10, JSON.stringify(card)).toBe(
        true,
      );
      expect(card.y >= at.y + at.height || card.y + card.height <= at.y, "the face stays in sight").toBe(true);
      await keys.press("Escape");
      await expect(dialog).toHaveCount(0);
      await expect(face).toBeFocused();
    });

    await test.step("a mention, by keys: copy the handle, and write to them", async () => {
      await mira.box.focus();
      await keys.press("Shift+Tab");
      const mention = mira.sees("ask @Jonas Weber").getByRole("button", { name: "@Jonas Weber" });
      await keys.until(mention);
      await keys.press("Enter");
      await expect(dialog.getByRole("button", { name: "Message", exact: true })).toBeFocused();
      await keys.press("Tab", "Enter");
      await expect(dialog.getByText("The handle is copied.")).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("@jonas");
      await keys.press("Shift+Tab", "Enter");
      await expect(page).toHaveTitle(/Jonas Weber/);
      await expect(mira.box).toBeFocused();
      await page.locator("main h1").getByRole("button", { name: "Jonas Weber" }).click();
      await expect(dialog).toContainText("@jonas");
      await page.goBack();
      await expect(dialog).toHaveCount(0);
      await expect(page).toHaveTitle(/Jonas Weber/);
    });

    await test.step("two thousand people: number 12 by keys, others by mouse", async () => {
      await mira.goes("general");
      await keys.press("Control+k");
      await keys.type("new message");
      await keys.press("Enter");
      const field = page.getByRole("combobox", { name: "Find people" });
      const chip = (name: string) => dialog.getByRole("list", { name: "Chosen" }).getByRole("button", { name });
      await expect(field).toBeFocused();
      await keys.type("number 12");
      await keys.press("Enter");
      await expect(chip("Remove Number 12 @number.12")).toBeVisible();
      await keys.type("12");
      await keys.press("ArrowDown", "Enter");
      await expect(chip("Remove Number 121")).toBeVisible();
      await keys.press("Backspace");
      await expect(chip("Remove Number 121")).toHaveCount(0);
      await dialog.getByRole("option", { name: "Number 1 @number.1", exact: true }).click();
      await expect(chip("Remove")).toHaveCount(2);
      for (let i = 0; i < 2; i++) await chip("Remove").first().click();
      await expect(field).toBeFocused();
      const took = await field.evaluate(async (e: HTMLInputElement) => {
        const began = performance.now();
        for (const text of ["n", "nu", "number 1", "number 19", "jonas"]) {
          e.value = text;
          e.dispatchEvent(new Event("input", { bubbles: true }));
          await new Promise((done) => setTimeout(done));
        }
        return (performance.now() - began) / 5;
      });
      test.info().annotations.push({ type: "a letter among 2,000 people, ms", description: took.toFixed(1) });
      expect(took).toBeLessThan(300); // on a busy machine
      await keys.press("Enter", "Enter");
      await expect(page).toHaveTitle(/Jonas Weber/);
      await expect(mira.box).toBeFocused();
    });

    await test.step("the open room keeps its highlight, and R opens the picker at its message", async () => {
      await mira.goes("general");
      const background = (name: string) =>
        page.getByRole("link", { name }).evaluate((e) => getComputedStyle(e).backgroundColor);
      await page.getByRole("link", { name: "art" }).hover();
      const [open, hovered] = [await background("general"), await background("art")];
      expect(open).not.toBe(hovered);
      await page.getByRole("link", { name: "general" }).hover();
      expect(await background("general")).toBe(open);
      await mira.box.focus();
      await keys.press("Shift+Tab", "ArrowUp", "ArrowUp");
      const row = mira.sees("Line 29");
      await expect(row).toBeFocused();
      await page.getByRole("log").evaluate((e) => (e.scrollTop = 0));
      await keys.press("r");
      await expect(dialog.getByLabel("Search emoji")).toBeFocused();
      await expect(row).toBeInViewport();
      const [picker, text] = [(await dialog.boundingBox())!, (await row.locator(".text").boundingBox())!];
      expect(picker.x > text.x + 40 || picker.y > text.y + text.height || picker.y + picker.height < text.y).toBe(true);
      await keys.press("Escape");
    });

    await test.step("by a thumb: the card is a sheet, and no shortcut is shown", async () => {
      await expect(jonas.page.getByText("Ctrl K")).toBeHidden();
      await jonas.goes("general");
      await jonas.sees("ask @").getByRole("button", { name: "Mira Novak" }).first().tap();
      const sheet = jonas.page.getByRole("dialog");
      await expect(sheet.getByRole("button", { name: "Message", exact: true })).toBeVisible();
      if (process.env.PICTURES) await jonas.page.screenshot({ path: `${process.env.PICTURES}/profile-sheet.png` });
      const { x, y, width, height } = (await sheet.boundingBox())!;
      expect([x, width, Math.round(y + height)]).toEqual([0, 360, 740]);
      await sheet.getByRole("button", { name: "Message", exact: true }).tap();
      await expect(jonas.box).toHaveAttribute("placeholder", /Mira Novak/);
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
