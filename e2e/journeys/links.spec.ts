// Links in all their forms: to a message, into a thread, to rooms one is in, may join, or may not see, and an invitation.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("every link leads where it says, or says why not", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const { page } = jonas;
  try {
    await mira.setUp(server.setupLink);
    const general = mira.page.url().split("/r/")[1]!;
    const make = async (kind: string, name: string) =>
      (await mira.asks("POST", "/rooms", { kind, name, topic: "Food" })).id as string;
    const lunch = await make("public", "lunch"),
      leads = await make("private", "leads");
    for (let i = 1; i <= 60; i++) await mira.posts(lunch, `row ${i}`);
    const reply = await mira.posts(lunch, "In the thread", { thread: 3 });

    await test.step("an invitation with a full stop behind it", async () => {
      await jonas.signUp(`${await mira.invites()}.`);
      await expect(page).toHaveURL(`${server.url}/r/${general}`);
    });

    await test.step("a private room", async () => {
      await page.goto(`${server.url}/r/${leads}/1`);
      await expect(page.getByRole("heading", { name: "You cannot see this room" })).toBeVisible();
    });

    await test.step("a message in a room that one may join", async () => {
      await page.goto(`${server.url}/r/${lunch}/5`);
      await expect(page.getByText("Food")).toBeVisible();
      await page.getByRole("button", { name: "Join #lunch" }).click();
      await expect(page.locator('article[data-seq="5"]')).toBeInViewport();
      await expect(page).toHaveURL(`${server.url}/r/${lunch}/5`);
    });

    await test.step("a thread, and Back from it", async () => {
      await page.goto(`${server.url}/r/${lunch}`);
      await expect(jonas.sees("row 60")).toBeInViewport();
      await page.goto(`${server.url}/r/${lunch}/t/3`);
      const thread = page.getByRole("complementary", { name: "Thread" });
      await expect(thread).toContainText("In the thread");
      await page.goto(`${server.url}/r/${lunch}/${reply}`);
      await expect(page).toHaveURL(`${server.url}/r/${lunch}/t/3/${reply}`);
      await expect(thread).toContainText("In the thread");
      await page.goBack();
      await expect(page).toHaveURL(`${server.url}/r/${lunch}/t/3`);
    });

    await test.step("what the details of a room copy", async () => {
      await page.goto(`${server.url}/r/${lunch}`);
      await page.getByRole("button", { name: "Room details" }).click();
      await page.getByRole("button", { name: "Copy link" }).click();
      await expect(page.getByRole("dialog").getByText("The link is copied.")).toBeVisible();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${server.url}/r/${lunch}`);
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await Promise.all([mira.leave(), jonas.leave()]);
    await server.stop();
  }
});
