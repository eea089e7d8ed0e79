// Blocks of code have colours, and none that keeps a worker busy holds up the page or the other blocks.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

const SOURCE = `// greets whom it meets
export function greet(name: string, times = 2): string {
  return \`Hello \${name} <b>&amp;</b>\`.repeat(times);
}`;

test("code is coloured, whatever stands beside it", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const box = mira.page.locator("main form.composer textarea");
  const block = (name: string) =>
    mira.page.getByRole("log").getByRole("article").filter({ hasText: name }).locator("pre");
  const send = async (text: string) => {
    await box.fill(text);
    await box.press("Enter");
  };
  try {
    await mira.setUp(server.setupLink);

    await test.step("the colours change neither the text nor the place of anything", async () => {
      await send("```ts\n" + SOURCE + "\n```");
      await expect(block("greet").locator(".word").first()).toHaveText("export");
      await expect(block("greet").locator(".comment")).toHaveText("// greets whom it meets");
      expect(await block("greet").evaluate((e) => e.textContent)).toBe(SOURCE);
      const same = await block("greet").evaluate((e) => {
        const size = () => e.getBoundingClientRect();
        const before = size();
        e.firstElementChild!.textContent = e.textContent;
        return [before, size()].map((r) => [r.x, r.y, r.width, r.height].map(Math.round).join(" "));
      });
      expect(same[0]).toBe(same[1]);
      await passes(mira.page, "code");
    });

    await test.step("an expression that never ends is stopped, and the next block has its colours", async () => {
      await send("```html\n<!-- endless -->\n<a" + "  b".repeat(1500) + "\n```");
      await expect(block("endless")).toBeVisible();
      await send("```py\nreturn None # soup\n```");
      await expect(block("soup").locator(".comment")).toHaveText("# soup");
      await expect(block("endless").locator("span")).toHaveCount(0);
    });

    await test.step("an edited block has the colours of its new text", async () => {
      await send("```sql\nSELECT 1 -- noon\n```");
      await expect(block("noon").locator(".comment")).toHaveText("-- noon");
      await box.press("ArrowUp");
      const edit = mira.page.getByRole("article").locator("textarea");
      await edit.fill("```sql\nSELECT 'noon'\n```");
      await edit.press("Enter");
      await expect(block("noon").locator(".string")).toHaveText("'noon'");
      await expect(block("noon")).toHaveText("SELECT 'noon'");
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
