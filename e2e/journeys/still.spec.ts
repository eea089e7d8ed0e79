// What one reads stays where it is: while messages come, while rows above are made, and in rooms one comes back to.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("what one reads stays where it is, and a room one comes back to is as it would be opened anew", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server),
    jonas = await Person.arrive("Jonas Weber", server);
  const { page } = mira,
    log = page.getByRole("log"),
    rows = log.getByRole("article");
  const post = (room: string, from: number, to: number) =>
    jonas.page.evaluate(
      async ([room, from, to]) => {
        const { rooms } = await (await fetch("/api/v1/rooms")).json();
        for (let i = from; i <= to; i++) {
          const body = JSON.stringify({ client_id: crypto.randomUUID(), text: `number ${i}.` });
          await fetch(`/api/v1/rooms/${rooms.find((r: { name: string }) => r.name === room).id}/messages`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body,
          });
        }
      },
      [room, from, to] as const,
    );
  const unread = () =>
    page.evaluate(
      async () =>
        (await (await fetch("/api/v1/rooms")).json()).rooms.find((r: { name: string }) => r.name === "general").unread,
    );
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    await page.evaluate(() =>
      fetch("/api/v1/rooms", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ kind: "public", name: "other" }),
      }),
    );
    await post("general", 1, 120);
    await expect(mira.sees("number 120.")).toHaveCount(1);
    await page.keyboard.press("Escape");
    await expect.poll(unread).toBe(0);
    await log.evaluate((e) => e.scrollTo(0, e.scrollHeight)); // how far the end was followed depends on how fast the messages came
    await expect(mira.sees("number 120.")).toBeInViewport();
    await page.reload();
    await expect(mira.sees("number 120.")).toBeInViewport();
    await expect(log).not.toHaveAttribute("aria-busy", "true");
    await expect(rows).toHaveCount(60);
    await expect.poll(unread).toBe(0);

    // Scrolled away: older rows come above, newer below, and the row does not move.
    await log.evaluate((e) => (e.scrollTop = 700));
    await page.waitForTimeout(600);
    const row = mira.sees("number 75."),
      before = (await row.boundingBox())!.y;
    await post("general", 121, 150);
    await expect(page.getByRole("button", { name: /new$/ })).toBeVisible();
    await expect(mira.sees("number 150.")).toHaveCount(1);
    expect(Math.abs((await row.boundingBox())!.y - before)).toBeLessThan(1.5);

    // Away and back: at the new ones, which are marked; nothing of the other room is in sight or in the tree of the page.
    await mira.goes("other");
    await expect(page.getByRole("log")).toHaveCount(1);
    await expect(rows).toHaveCount(0);
    await post("general", 151, 190);
    await mira.goes("general");
    await expect(mira.sees("number 121.")).toBeInViewport();
    await expect(log).not.toHaveAttribute("aria-busy", "true");
    await expect(mira.sees("number 121.")).toBeInViewport();
    expect(
      await log.evaluate((e) =>
        [...e.querySelectorAll(".new + article")].map((r) => r.querySelector(".text")?.textContent?.trim()),
      ),
    ).toEqual(["number 121."]);
    await expect(mira.sees("number 75.")).toHaveCount(1);

    // Read to the end, the mark stays while one is here, and is gone the next time; a draft stays with its room.
    await page.getByRole("button", { name: "Jump to latest" }).click();
    await expect(mira.sees("number 190.")).toBeInViewport();
    await expect.poll(unread).toBe(0);
    await page.waitForTimeout(300);
    expect(await log.locator(".new").count()).toBe(1);
    await mira.box.fill("half a thought");
    await mira.goes("other");
    await expect(mira.box).toHaveValue("");
    await expect(mira.box).toBeFocused();
    await mira.goes("general");
    await expect(mira.box).toHaveValue("half a thought");
    expect(await log.locator(".new").count()).toBe(0);
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
