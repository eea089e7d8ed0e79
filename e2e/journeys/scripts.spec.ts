// Texts of other scripts: written from right to left, or composed from several keys, as the system's input methods do it.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("Hebrew, Arabic and Japanese", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const { page, box } = mira;
  const sent = (text: string) => mira.sees(text).last().locator(".text");
  try {
    await mira.setUp(server.setupLink);
    await mira.goes("general");

    await test.step("what is typed, and each line that is sent, goes in its own direction", async () => {
      const direction = () => box.evaluate((e) => e.matches(":dir(rtl)"));
      await box.fill("שלום **לכולם**");
      expect(await direction()).toBe(true);
      await box.fill("hello");
      expect(await direction()).toBe(false);
      await mira.says("שלום **לכולם** @mira\n- אחת\n- שתיים");
      await mira.says("مرحبا https://example.com/a?b=c\nHello");
      const hebrew = sent("לכולם"),
        arabic = sent("مرحبا");
      await expect(hebrew.locator("strong")).toHaveText("לכולם");
      for (const of of [hebrew.locator("p").first(), hebrew.locator("ul"), arabic.locator("p")])
        expect(await of.evaluate((e) => e.matches(":dir(rtl)"))).toBe(true);
      await expect(hebrew.locator("li")).toHaveText(["אחת", "שתיים"]);
      await expect(hebrew.locator("bdi")).toHaveText("Mira Novak");
      await expect(arabic.locator("a")).toHaveAttribute("href", "https://example.com/a?b=c");
    });

    await test.step("Enter that ends a composition sends nothing; the next one sends", async () => {
      const cdp = await page.context().newCDPSession(page);
      await box.click();
      await cdp.send("Input.imeSetComposition", { text: "にほんご", selectionStart: 4, selectionEnd: 4 });
      await cdp.send("Input.dispatchKeyEvent", {
        type: "rawKeyDown",
        key: "Enter",
        code: "Enter",
        windowsVirtualKeyCode: 229,
      });
      await cdp.send("Input.insertText", { text: "資料はhttps://example.com。次へ" });
      await expect(box).toHaveValue("資料はhttps://example.com。次へ");
      await expect(mira.sees("資料")).toHaveCount(0);
      await box.press("Enter");
      await expect(sent("資料")).toHaveText("資料はhttps://example.com。次へ");
      await expect(sent("資料").locator("a")).toHaveText("https://example.com");
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
