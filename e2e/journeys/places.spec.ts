// Where links lead, what Back does, and what a tab does whose pieces an upgrade has taken away.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("links arrive, Back closes first, and one comes back to where one read", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const { page } = mira;
  try {
    await mira.setUp(server.setupLink);
    const general = page.url().split("/r/")[1]!;
    for (let i = 1; i <= 25; i++) await mira.posts(general, `row ${i}\n\nof\n\n25\n\nrows`);
    const reply = await mira.posts(general, "In the thread", { thread: 3 });
    const { id: zoo } = await mira.asks("POST", "/rooms", { kind: "public", name: "zoo", topic: "Animals" });

    // Back closes the dialog before it leaves the room; then the other room is where one left it.
    await page.goto(`${server.url}/r/${general}`);
    await expect(mira.sees("row 25")).toBeVisible();
    const row = page.locator('article[data-seq="12"]');
    await row.scrollIntoViewIfNeeded();
    const place = async () => (await row.boundingBox())!.y;
    const before = await place();
    await mira.goes("zoo");
    await expect(page).toHaveURL(`${server.url}/r/${zoo}`);
    await page.getByRole("button", { name: "Settings" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.goBack();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await expect(page).toHaveURL(`${server.url}/r/${zoo}`);
    await page.goBack();
    await expect(page).toHaveURL(`${server.url}/r/${general}`);
    await expect.poll(place).toBeCloseTo(before, -1);

    // So it is after the page was loaded again, though that row is no longer among the latest ones; and with Back after that.
    for (let i = 1; i <= 60; i++) await mira.posts(general, `later ${i}`);
    await expect.poll(place).toBeCloseTo(before, -1);
    await page.reload();
    await expect.poll(place).toBeCloseTo(before, -1);
    await mira.goes("zoo");
    await expect(page).toHaveURL(`${server.url}/r/${zoo}`);
    await page.reload();
    await expect(mira.box).toBeVisible();
    await page.goBack();
    await expect.poll(place).toBeCloseTo(before, -1);
    // At the end it is the end that is kept.
    await page.getByRole("button", { name: "Jump to latest" }).click();
    await expect(mira.sees("later 60")).toBeInViewport();
    await page.reload();
    await expect(mira.sees("later 60")).toBeInViewport();

    // A new tab by Shift, Ctrl or the middle button.
    const link = page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: "zoo" });
    for (const modifiers of [["Shift"], ["ControlOrMeta"]] as const) {
      const opened = page.context().waitForEvent("page");
      await link.click({ modifiers: [...modifiers] });
      const tab = await opened;
      await expect(tab).toHaveURL(`${server.url}/r/${zoo}`);
      await tab.close();
    }
    await expect(page).toHaveURL(`${server.url}/r/${general}`);

    // A reply's link, after the session has ended.
    await page.context().clearCookies();
    await page.goto(`${server.url}/r/${general}/${reply}`);
    await page.getByLabel("E-mail").fill("mira@example.com");
    await page.locator("input[autocomplete=current-password]").fill("a quiet place to eat");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page).toHaveURL(`${server.url}/r/${general}/t/3/${reply}`);
    await expect(page.getByRole("complementary", { name: "Thread" })).toContainText("In the thread");
    await page.goto(`${server.url}/r/${general}/9999`);
    await expect(page.getByText("This message is not there any more.")).toBeVisible();

    // An upgrade: the pieces that were not loaded yet are gone, and the page names another script.
    await page.goto(`${server.url}/r/${general}`);
    await mira.box.fill("half a thought");
    await page.route("**/assets/*", (r) => r.fulfill({ status: 404 }));
    await page.route(`${server.url}/`, (r) =>
      r.fulfill({ contentType: "text/html", body: '<script type="module" src="/assets/index-newer000.js"></script>' }),
    );
    await page.getByRole("button", { name: "Settings" }).click();
    const old = page.getByRole("dialog", { name: "A new version is here" });
    await expect(old).toBeVisible();
    await page.unrouteAll();
    await old.getByRole("button", { name: "Reload" }).click();
    await expect(mira.box).toHaveValue("half a thought");
    await expect(page).toHaveURL(`${server.url}/r/${general}`);
    expect(mira.complaints.filter((said) => !said.includes("401"))).toEqual([]); // the session that ended
  } finally {
    await mira.leave();
    await server.stop();
  }
});
