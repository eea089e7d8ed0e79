// A poll of two people: made from the menu of the box, voted in by both, followed live, and closed.
import { expect, test, type Request } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("a poll with two people", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, {
    width: 360,
    height: 740,
  });
  const poll = (p: Person, n = 0) => p.page.getByRole("region", { name: "Poll" }).nth(n);
  const option = (p: Person, name: RegExp, n = 0) => poll(p, n).getByRole("button", { name });
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const room = new URL(mira.page.url()).pathname.split("/")[2]!;
    await jonas.page.goto(`${server.url}/r/${room}`);

    await test.step("she makes one from the menu of the box, with the keyboard", async () => {
      await mira.page.getByRole("button", { name: "Add to the message" }).click();
      await mira.page.getByRole("menuitem", { name: /^Poll/ }).click();
      const dialog = mira.page.getByRole("dialog", { name: "New poll" });
      await dialog.getByLabel("Question").fill("Where do we eat on Friday?");
      await dialog.getByLabel("Option 1").fill("Ramen on the corner");
      await dialog.getByLabel("Option 2").fill("Food truck");
      await dialog.getByLabel("Option 3").fill("🥗 Canteen");
      await passes(mira.page, "new poll");
      await dialog.getByLabel("Option 3").press("Enter");
      await expect(dialog).toBeHidden();
      await expect(poll(mira)).toContainText("Where do we eat on Friday?");
      await expect(poll(jonas)).toContainText("No votes yet");
    });

    await test.step("both vote, and each sees the other's vote at once", async () => {
      await option(jonas, /^Ramen/).click();
      await expect(option(mira, /^Ramen on the corner, 1 vote/)).toBeVisible();
      await option(mira, /^Food truck/).focus();
      await mira.page.keyboard.press("Enter");
      await expect(option(mira, /^Food truck, 1 vote/)).toHaveAttribute("aria-pressed", "true");
      await expect(option(jonas, /^Food truck, 1 vote/)).toHaveAttribute("aria-pressed", "false");
      await expect(poll(jonas)).toContainText("2 votes");
    });

    await test.step("quick clicks end where the last one says, on both screens and after a reload", async () => {
      const votes: Request[] = [];
      jonas.page.on("request", (r) => r.url().endsWith("/vote") && votes.push(r));
      for (const name of [/^Food/, /^🥗/, /^Ramen/, /^Food/, /^🥗/]) await option(jonas, name).click();
      await expect(option(jonas, /Canteen, 1 vote/)).toHaveAttribute("aria-pressed", "true");
      await expect(option(mira, /Canteen, 1 vote/)).toBeVisible();
      await expect(option(mira, /^Ramen on the corner, 0 votes/)).toBeVisible();
      // The last click may still have to be sent: she may see an earlier one.
      await expect.poll(() => votes.at(-1)?.postDataJSON()).toEqual({ options: [2] });
      await votes.at(-1)!.response();
      await jonas.page.reload();
      await expect(option(jonas, /Canteen, 1 vote/)).toHaveAttribute("aria-pressed", "true");
      await passes(jonas.page, "a poll on a phone");
    });

    await test.step("who voted for what", async () => {
      await poll(mira).getByRole("button", { name: "Who voted" }).click();
      const dialog = mira.page.getByRole("dialog", { name: "Who voted" });
      await expect(dialog).toContainText("Jonas Weber");
      await passes(mira.page, "who voted");
      await mira.page.keyboard.press("Escape");
    });

    await test.step("she closes it; a vote that comes later is refused, with a reason", async () => {
      await poll(mira).getByRole("button", { name: "Close poll" }).click();
      await mira.page.getByRole("button", { name: "Close the poll" }).click();
      await expect(poll(mira)).toContainText("closed");
      await expect(poll(jonas).locator("button.option")).toHaveCount(0);
      const late = jonas.asks("PUT", `/rooms/${room}/messages/1/vote`, {
        options: [0],
      });
      await expect(late).rejects.toThrow("The poll is closed");
      await passes(mira.page, "a closed poll");
    });

    await test.step("an anonymous one names nobody, not even to who made it", async () => {
      await mira.asks("POST", `/rooms/${room}/messages`, {
        poll: {
          question: "A longer break?",
          options: ["Yes", "No"],
          several: true,
          anonymous: true,
        },
      });
      await option(jonas, /^Yes/, 1).click();
      await expect(option(mira, /^Yes, 1 vote/, 1)).toBeVisible();
      await expect(poll(mira, 1)).toContainText("anonymous");
      await expect(poll(mira, 1).getByRole("button", { name: "Who voted" })).toHaveCount(0);
    });
    // The vote that came too late is refused aloud.
    for (const p of [mira, jonas]) expect(p.complaints.filter((c) => !c.includes("409"))).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
