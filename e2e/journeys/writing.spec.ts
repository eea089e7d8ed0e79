// Writing: marks, what is pasted, commands, quotes, and messages that are forwarded into another room.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("two people write with all that a box can do", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740 });
  const box = mira.page.locator("main form.composer textarea");
  const last = (p: Person) => p.page.getByRole("log").getByRole("article").last();
  const menu = (name: RegExp) => mira.page.getByRole("menuitem", { name });
  const paste = (data: Record<string, string>) =>
    box.evaluate((area, data) => {
      const clipboardData = new DataTransfer();
      for (const [type, text] of Object.entries(data)) clipboardData.setData(type, text);
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, data);
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    await jonas.page.goto(mira.page.url());

    await test.step("keys and the toolbar mark what is selected, and the other one sees it", async () => {
      await box.fill("Soup");
      await box.press("ControlOrMeta+a");
      await box.press("ControlOrMeta+b");
      await expect(box).toHaveValue("**Soup**");
      await mira.page.getByRole("button", { name: "Italic" }).click();
      await expect(box).toHaveValue("**_Soup_**");
      await expect(mira.page.getByRole("toolbar", { name: "Formatting" })).toContainText("_italic_");
      await passes(mira.page, "the toolbar");
      await box.press("Enter");
      await expect(last(jonas).locator("strong em")).toHaveText("Soup");
    });

    await test.step("rich text, a table of a spreadsheet and a link over words are pasted as Markdown", async () => {
      await paste({
        "text/plain": "a",
        "text/html": `<img src=x onerror="document.title='gone'"><p style="color: red">Take <b>two</b></p>`,
      });
      await expect(box).toHaveValue("Take **two**");
      await box.fill("");
      await paste({ "text/plain": "Who\tWhen\nMira\t9:41\n" });
      await box.press("Enter");
      await expect(last(jonas).getByRole("columnheader")).toHaveText(["Who", "When"]);
      await box.fill("menu");
      await box.press("ControlOrMeta+a");
      await paste({ "text/plain": "https://acme.example/menu" });
      await box.press("Enter");
      await expect(last(jonas).getByRole("link", { name: "menu" })).toHaveAttribute(
        "href",
        "https://acme.example/menu",
      );
      expect(await mira.page.title()).not.toContain("gone");
    });

    await test.step("the preview shows what will be sent", async () => {
      await mira.page.getByRole("button", { name: "Add to the message" }).click();
      await menu(/^Preview/).click();
      await box.fill("- [x] soup\n- [ ] salad");
      const preview = mira.page.getByRole("region", { name: "Preview" });
      await expect(preview.getByRole("checkbox", { name: "Done" })).toBeVisible();
      await passes(mira.page, "the preview");
      await box.press("Enter");
      await expect(last(jonas).getByRole("checkbox", { name: "To do" })).toBeVisible();
      await mira.page.getByRole("button", { name: "Add to the message" }).click();
      await menu(/^Preview/).click();
      await expect(preview).toBeHidden();
    });

    await test.step("commands do what they say, and an unknown one is not sent unasked", async () => {
      await box.fill("/topic Lunch at noon");
      await box.press("Enter");
      await expect(mira.page.locator("main")).toContainText("Lunch at noon");
      await expect(box).toHaveValue("");
      await box.fill("/lunch");
      await box.press("Enter");
      await expect(mira.page.getByRole("dialog")).toContainText("There is no command /lunch");
      await mira.page.getByRole("button", { name: "Keep writing" }).click();
      await box.fill("/me waits");
      await box.press("Enter");
      await expect(last(jonas).locator("em")).toHaveText("waits");
      await box.fill("+:tada:");
      await box.press("Enter");
      await expect(last(jonas)).toContainText("🎉");
    });

    await test.step("a quote is put into the box, with a link to the message", async () => {
      await mira.chooses("Quote", "waits");
      await expect(box).toBeFocused();
      await box.pressSequentially("Me too");
      await box.press("Enter");
      await expect(last(jonas).locator("blockquote").getByRole("link", { name: "Mira Novak" })).toBeVisible();
      await expect(last(jonas)).toContainText("Me too");
    });

    await test.step("a message of a private room is forwarded: only who may see it sees it", async () => {
      const leads = (await mira.asks("POST", "/rooms", { kind: "private", name: "leads" })).id;
      await mira.posts(leads, "The soup is out");
      await mira.page.goto(`${server.url}/r/${leads}`);
      await mira.chooses("Forward", "The soup is out");
      await mira.page.getByRole("combobox", { name: "Forward to" }).fill("general");
      await mira.page.keyboard.press("Enter");
      await passes(mira.page, "forwarding");
      await mira.page.getByLabel("Say something to it").fill("Bad news");
      await mira.page.getByRole("button", { name: "Forward", exact: true }).click();
      await expect(last(jonas)).toContainText("Bad news");
      await expect(last(jonas)).toContainText("A message you cannot see");
      await expect(jonas.page.locator("body")).not.toContainText("The soup is out");
      await mira.goes("general");
      await expect(last(mira).getByRole("blockquote")).toContainText("The soup is out");
      await expect(last(mira).getByRole("link", { name: "#leads" })).toBeVisible();
    });
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
