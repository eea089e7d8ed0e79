// Mira goes through what concerns her with keys alone, and then on a phone; Jonas sees to it that there is something.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("an inbox with two people", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const { page } = mira;
  const main = page.getByRole("main"),
    entry = page.getByRole("link", { name: /^Inbox/ }),
    rows = main.getByRole("article");
  const row = (text: string) => rows.filter({ hasText: text });
  const press = (key: string) => page.keyboard.press(key);
  const toInbox = () => entry.click();
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const general = new URL(page.url()).pathname.split("/")[2]!;
    const room = async (name: string): Promise<string> => {
      const { id } = await jonas.asks("POST", "/rooms", { kind: "public", name });
      await mira.asks("POST", `/rooms/${id}/join`);
      return id;
    };
    const lunch = await room("lunch"),
      releases = await room("releases");
    const { id: me } = await mira.asks("GET", "/me");

    await test.step("with nothing in it, it is a place", async () => {
      await toInbox();
      await expect(page).toHaveTitle("Inbox · Acme");
      await expect(main).toContainText("All caught up");
      await passes(page, "inbox-empty");
    });

    await test.step("what comes is counted, and fills it by itself", async () => {
      await jonas.posts(lunch, "@mira the first");
      await expect(entry).toContainText("1 unread");
      await expect(row("the first")).toContainText("Jonas Weber mentioned you in #lunch");
      await expect(row("the first")).toContainText("This message mentions you.");
      await jonas.posts(releases, "@room the second");
      const own = await mira.posts(lunch, "Who is in?");
      await jonas.asks("PUT", `/rooms/${lunch}/messages/${own}/reactions/${encodeURIComponent("🍜")}`);
      const { id: direct } = await jonas.asks("POST", "/rooms", { kind: "direct", members: [me] });
      await jonas.posts(direct, "Only for you");
      await jonas.posts(lunch, "@mira the third");
      await main.getByRole("button", { name: /new entr/ }).click();
      await expect(row("the third")).toBeVisible();
      await expect(row("Only for you")).toBeVisible();
      await expect(row("Who is in?")).toContainText("🍜 1");
      await passes(page, "inbox");
    });

    await test.step("keys go through it: open, back, clear, take back, mark as unread", async () => {
      await toInbox(); // anew
      await expect(rows).toHaveCount(5);
      await press("j");
      await expect(row("Only for you")).toBeFocused();
      await press("j");
      await expect(row("the third")).toBeFocused();
      await press("Enter");
      await expect(mira.sees("the third")).toBeInViewport();
      await expect(entry).toContainText("1 unread"); // it was in sight
      await page.goBack();
      await expect(row("the third")).toBeFocused();
      await press("u");
      await expect(entry).toContainText("2 unread");
      await press("e");
      await expect(row("the third")).toHaveCount(0);
      await expect(page.getByRole("status").filter({ hasText: "Cleared." })).toBeVisible();
      await press("z");
      await expect(row("the third")).toBeFocused();
      await press("e");
      await expect(rows.locator(":scope:focus")).toHaveCount(1);
      await page.reload();
      await expect(row("the second")).toBeVisible();
      await expect(row("the third")).toHaveCount(0);
    });

    await test.step("Tab stops once at the list, then at what one can do with the row", async () => {
      await page.getByRole("button", { name: "Reactions" }).focus();
      await press("Tab");
      await expect(page.getByRole("button", { name: "Clear all" })).toBeFocused();
      await press("Tab");
      await expect(rows.first()).toBeFocused();
      await press("Tab");
      await expect(page.getByRole("button", { name: "Mark read" })).toBeFocused();
      await press("Tab");
      await expect(rows.locator(":scope:focus-within")).toHaveCount(0);
    });

    await test.step("the walk through unread rooms ends here", async () => {
      await mira.goes("general");
      await press("Alt+Shift+ArrowDown");
      await expect(page).not.toHaveURL(new RegExp(general));
      for (let i = 0; i < 3; i++) {
        await page.waitForTimeout(1500); // it is read
        await press("Alt+Shift+ArrowDown");
      }
      await expect(page).toHaveURL(/\/inbox$/);
      await expect(main).toContainText("All caught up");
      await expect(main).toContainText("Every room is read.");
      await expect(entry).not.toContainText("unread");
    });

    await test.step("Shift+Esc reads everything, after a question", async () => {
      for (const id of [lunch, releases]) await jonas.posts(id, "@mira once more");
      await expect(entry).toContainText("2 unread");
      await press("Shift+Escape");
      await expect(page.getByRole("dialog")).toContainText("2 rooms");
      await passes(page, "inbox-question");
      await press("Enter");
      await expect(page.getByText("Everything is read.")).toBeVisible();
      await expect(entry).not.toContainText("unread");
    });

    await test.step("rooms with something unread stand first", async () => {
      await page.getByRole("button", { name: "Unread first" }).click();
      await jonas.posts(releases, "Something");
      const first = page.getByRole("navigation", { name: "Rooms" }).locator("section").first();
      await expect(first.getByRole("heading")).toHaveText("Unread");
      await expect(first.getByRole("link")).toContainText("releases");
      await passes(page, "unread-first");
    });

    await test.step("on a phone rows are tapped, and cleared by a button", async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole("button", { name: "All", exact: true }).click();
      await expect(rows.first()).toBeVisible();
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(await fits()).toBe(true);
      await passes(page, "inbox-phone");
      const n = await rows.count();
      await rows.first().getByRole("button", { name: "Clear" }).click();
      await expect(rows).toHaveCount(n - 1);
      await page.getByRole("button", { name: /^Undo/ }).click();
      await expect(rows).toHaveCount(n);
      await row("Who is in?").click({ position: { x: 120, y: 50 } });
      await expect(page).toHaveURL(new RegExp(lunch));
      await page.goBack();
      await expect(row("Who is in?")).toBeVisible();
      await page.getByRole("button", { name: "Back to the rooms" }).click();
      await expect(entry).toBeVisible();
    });
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
