// A thread of two people: each hears the other live, and finds what is unread in the list of threads.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("a thread with two people", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740 });
  const thread = (p: Person) => p.page.getByRole("complementary", { name: "Thread" });
  const entry = mira.page.getByRole("link", { name: /^Threads/ });
  const reply = async (p: Person, text: string) => {
    const box = thread(p).getByLabel("Reply", { exact: true });
    await box.fill(text);
    await box.press("Enter");
  };
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const room = new URL(mira.page.url()).pathname.split("/")[2]!;
    const root = await mira.posts(room, "Where do we eat?");

    await test.step("a reply comes to the author of the message, who finds it among her threads", async () => {
      await jonas.page.goto(`${server.url}/r/${room}/t/${root}`);
      await reply(jonas, "At the corner");
      await expect(mira.sees("Where do we eat?")).toContainText("1 reply");
      await expect(entry).toContainText("1 unread");
      await entry.click();
      await expect(mira.page).toHaveTitle("Threads · Acme");
      await expect(mira.page.getByRole("main")).toContainText("1 new");
      await expect(mira.page.getByRole("main")).toContainText("At the corner");
      await passes(mira.page, "threads");
    });

    await test.step("she answers in the list, and he hears it in the thread that he has open", async () => {
      await mira.page.getByRole("button", { name: "Reply", exact: true }).click();
      const box = mira.page.getByRole("main").getByLabel("Reply", { exact: true });
      await box.fill("At noon?");
      await box.press("Enter");
      await expect(thread(jonas)).toContainText("At noon?");
      await expect(entry).not.toContainText("unread");
    });

    await test.step("in the thread, what was in sight is read, under a line that stays", async () => {
      for (let i = 0; i < 30; i++) await jonas.posts(room, `More ${i}`, { thread: root });
      await expect(entry).toContainText("1 unread");
      await mira.page.getByRole("button", { name: /more replies/ }).click();
      await expect(thread(mira).getByText("New", { exact: true })).toBeInViewport();
      await expect(thread(mira)).toContainText("More 29");
      await expect(thread(mira).getByText("More 29", { exact: true })).not.toBeInViewport();
      await thread(mira).getByText("More 29", { exact: true }).scrollIntoViewIfNeeded();
      await expect(entry).not.toContainText("unread");
      await mira.page.goBack();
      await expect(mira.page.getByRole("main")).toContainText("More 29");
    });

    await test.step("who unfollows it hears no more of it", async () => {
      await mira.page.getByRole("button", { name: "Unfollow" }).click();
      await expect(mira.page.getByRole("button", { name: "Follow", exact: true })).toBeVisible();
      await reply(jonas, "Still there?");
      await expect(thread(jonas).getByRole("article").filter({ hasText: "Still there?" })).not.toHaveAttribute(
        "data-sending",
      );
      await mira.page.reload();
      await mira.page.getByRole("button", { name: "All", exact: true }).click();
      await expect(mira.page.getByRole("main")).toContainText("No threads yet.");
      await expect(entry).not.toContainText("unread");
    });
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
