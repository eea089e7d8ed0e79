// It fits: no motion for who wants none, twice the size, and names that are longer or of another script than expected.
import { expect, type Page, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

const german = "Rindfleischetikettierungsüberwachungsgesetz"; // 43 letters, no place to break
const japanese = "山田太郎と花子の日本語会議室お昼ご飯の相談をする所";

/** Nothing sticks out of the page, and nothing that can be pressed is out of reach. */
async function fits(page: Page, screen: string): Promise<void> {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/fit-${screen}.png` });
  const out = await page.evaluate(() => {
    const root = document.documentElement,
      wrong: string[] = [];
    if (root.scrollWidth > innerWidth) wrong.push(`the page is ${root.scrollWidth} wide`);
    const over = document.querySelector("dialog[open]");
    for (const e of (over ?? document).querySelectorAll<HTMLElement>("button, a[href], input, select")) {
      if (!e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || e.closest(".skip")) continue;
      e.scrollIntoView({ block: "nearest", inline: "nearest" });
      const b = e.getBoundingClientRect();
      if (b.left < -1 || b.right > innerWidth + 1 || b.top < -1 || b.bottom > innerHeight + 1)
        wrong.push(
          `${e.getAttribute("aria-label") ?? e.textContent}: ${[b.left, b.top, b.right, b.bottom].map(Math.round)}`,
        );
    }
    for (const e of document.querySelectorAll("article, header, nav, dialog, .composer"))
      if (e.checkVisibility() && e.scrollWidth > e.clientWidth + 1)
        wrong.push(`${e.tagName} ${e.className}: ${e.scrollWidth} in ${e.clientWidth}`);
    return wrong;
  });
  expect.soft(out, screen).toEqual([]);
}

for (const [name, look] of Object.entries({
  "360 px wide": { width: 360, height: 740 },
  "at 200 %": { width: 640, height: 400, scale: 2 },
})) {
  test(`long names and everything else fit ${name}`, async () => {
    const server = await home("--rate-limits=off");
    const mira = await Person.arrive(`${german} 山田太郎`, server, look);
    const page = mira.page,
      screen = (s: string) => `${look.width}-${s}`;
    const dialog = page.getByRole("dialog");
    try {
      await page.goto(server.setupLink);
      await expect(page.getByLabel("Company")).toBeVisible();
      await fits(page, screen("setup"));
      await page.getByLabel("Company").fill(`${german} GmbH`);
      await page.getByLabel("Your name").fill(`${german} 山田太郎`);
      await page.getByLabel("Handle").fill("mira");
      await page.getByLabel("E-mail").fill("mira@example.com");
      await page.getByLabel("Password").fill("a quiet place to eat");
      await page.getByRole("button", { name: "Set up" }).click();
      await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
      await mira.asks("PATCH", "/me", { status: { emoji: "🌴", text: `${german} ${japanese}` } });
      const room: string = (
        await mira.asks("POST", "/rooms", {
          kind: "private",
          name: `${german.toLowerCase()}-${japanese}`,
          topic: `${japanese} ${german}`,
        })
      ).id;
      const root = await mira.posts(
        room,
        `${german}${german} ${japanese}${japanese}${japanese} https://acme.example/${german}${german}`,
      );
      for (const e of "👍🎉😂👀🙏🔥✅👏🚀")
        await mira.asks("PUT", `/rooms/${room}/messages/${root}/reactions/${encodeURIComponent(e)}`);
      await mira.posts(
        room,
        `- ${german}${german}\n\n> ${japanese}${japanese}\n\n\`${german}${german}\`\n\`\`\`\n${german} ${german} ${german}\n\`\`\``,
      );
      await mira.posts(room, "In a thread", { thread: root });
      if (look.width < 720) await page.goto(`${server.url}/`);
      await expect(page.getByRole("link", { name: /rindfleisch/ })).toBeVisible();
      await fits(page, screen("rooms"));
      await page.goto(`${server.url}/r/${room}`);
      await expect(mira.sees(german).first()).toBeVisible();
      await fits(page, screen("room"));
      const below = page.getByRole("log").getByRole("article").nth(1); // a message without the line that names its author
      await below.hover();
      const tools = (await below.getByRole("toolbar", { name: "Message" }).boundingBox())!,
        said = (await below.locator(".text").boundingBox())!;
      expect(tools.y + tools.height, "the tools lie over nothing that it holds").toBeLessThan(said.y + 4);
      const row = mira.sees("acme.example");
      await row.hover({ position: { x: 100, y: 30 } });
      await row.getByRole("button", { name: "More" }).click();
      await expect(page.getByRole("menuitem", { name: "Edit" })).toBeVisible();
      await fits(page, screen("menu"));
      await page.keyboard.press("Escape");
      await row.getByRole("button", { name: /1 reply/ }).click();
      await expect(page.getByRole("complementary", { name: "Thread" })).toContainText("In a thread");
      await fits(page, screen("thread"));
      await page.getByRole("button", { name: "Close the thread" }).click();
      await mira.box.fill(`${german}${german}\n`.repeat(12));
      await fits(page, screen("composer"));
      await mira.box.fill("");
      await mira.box.pressSequentially("@mi");
      await expect(page.getByRole("option").first()).toBeVisible();
      await fits(page, screen("completions"));
      await mira.box.fill("");
      await page.keyboard.press("Control+Shift+E");
      await expect(dialog.locator("[data-group='0'] [data-emoji]").first()).toBeVisible();
      const picker = (await dialog.boundingBox())!;
      expect(
        picker.x >= 0 &&
          picker.y >= 0 &&
          picker.x + picker.width <= look.width &&
          picker.y + picker.height <= look.height,
        JSON.stringify(picker),
      ).toBe(true);
      if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/fit-${screen("picker")}.png` });
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Room details" }).click();
      await expect(dialog).toContainText("1 member");
      await fits(page, screen("details"));
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
      for (const words of ["settings", "invite", "new room", "new message", "shortcuts"]) {
        await page.keyboard.press("Control+k");
        await page.getByRole("combobox").fill(words);
        await fits(page, screen("switcher"));
        await page.keyboard.press("Enter");
        await expect(page.getByRole("combobox", { name: "Jump to" })).toHaveCount(0);
        await expect(dialog).toBeVisible();
        await fits(page, screen(words));
        await page.keyboard.press("Escape");
        await expect(dialog).toHaveCount(0);
      }
      expect(mira.complaints).toEqual([]);
    } finally {
      await mira.leave();
      await server.stop();
    }
  });
}

for (const still of [true, false]) {
  test(still ? "nothing moves for who wants no motion" : "motion takes 150 ms at most", async () => {
    const server = await home();
    const mira = await Person.arrive("Mira Novak", server, { still });
    const page = mira.page;
    /** The longest that anything here would take to move, ms; smooth scrolling counts as for ever. */
    const longest = () =>
      page.evaluate(() =>
        Math.max(
          0,
          ...[...document.querySelectorAll("*")].flatMap((e) => {
            const s = getComputedStyle(e),
              ms = (times: string) => times.split(",").map((t) => parseFloat(t) * (/ms$/.test(t.trim()) ? 1 : 1000));
            return [
              ...ms(s.transitionDuration),
              ...(s.animationName === "none" ? [] : ms(s.animationDuration)),
              s.scrollBehavior === "smooth" ? Infinity : 0,
            ];
          }),
          ...document.getAnimations().map((a) => Number(a.effect?.getComputedTiming().duration ?? 0)),
        ),
      );
    const most = still ? 0 : 150;
    try {
      await page.goto(server.setupLink);
      await expect(page.getByLabel("Company")).toBeVisible();
      expect(await longest()).toBeLessThanOrEqual(most);
      await mira.setUp(server.setupLink);
      await mira.says("Hello");
      await mira.sees("Hello").hover();
      await mira.sees("Hello").getByRole("button", { name: "More" }).click();
      await expect(page.getByRole("menuitem", { name: "Edit" })).toBeVisible(); // until then a sign turns, as the menu is loaded
      expect(await longest()).toBeLessThanOrEqual(most);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Shift+E");
      await expect(page.getByRole("dialog", { name: "Emoji" })).toBeVisible();
      expect(await longest()).toBeLessThanOrEqual(most);
    } finally {
      await mira.leave();
      await server.stop();
    }
  });
}
