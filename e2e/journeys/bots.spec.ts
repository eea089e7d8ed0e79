// Bots: somebody makes one and a token for it, and a program posts. The bot leaves a room with its owner.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("a bot posts where its owner is, and nowhere else", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, dark: true });
  const dialog = (p: Person) => p.page.getByRole("dialog").last();
  const button = (p: Person, name: string | RegExp) => dialog(p).getByRole("button", { name, exact: true });
  const bots = async () => {
    await jonas.page.getByRole("button", { name: "Settings" }).click();
    await button(jonas, "Bots").click();
  };
  const details = async (p: Person) => p.page.getByRole("button", { name: "Room details" }).click();
  let line = "";
  /** Runs what the page gave for a shell; the status of the answer. */
  const run = async () => {
    const asked = line.replace(/^curl /, "curl --silent --output /dev/null --write-out '%{http_code}' ");
    return (await promisify(execFile)("bash", ["-c", asked])).stdout;
  };
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const { id: lab } = await mira.asks<{ id: string }>("POST", "/rooms", { kind: "private", name: "lab" });
    const { id: him } = await jonas.asks<{ id: string }>("GET", "/me");
    await mira.asks("PUT", `/rooms/${lab}/members/${him}`, {});

    await test.step("he makes a bot, and learns what it is for", async () => {
      await bots();
      await expect(dialog(jonas)).toContainText("A bot is a member that a program speaks for");
      await expect(dialog(jonas)).toContainText("You have no bots.");
      await passes(jonas.page, "no bots");
      await button(jonas, "Make a bot").click();
      await dialog(jonas).getByLabel("Name").fill("Build reports");
      await expect(dialog(jonas).getByLabel("Handle")).toHaveValue("build.reports");
      await dialog(jonas).getByLabel("Title").fill("Says which builds are green");
      await passes(jonas.page, "making a bot");
      await button(jonas, "Make the bot").click();
      await expect(dialog(jonas)).toContainText("It is in no room yet.");
      await passes(jonas.page, "a bot");
      await button(jonas, "Close").click();
    });

    await test.step("he adds it to a room that he is in", async () => {
      await jonas.goes("lab");
      await details(jonas);
      await dialog(jonas).getByLabel("Add somebody").fill("build");
      await dialog(jonas)
        .getByRole("option", { name: /Build reports/ })
        .click();
      await expect(button(jonas, /^Manage Build reports/)).toBeVisible();
      await button(jonas, "Close").click();
      await expect(jonas.page.getByRole("dialog")).toHaveCount(0);
      await jonas.page.getByRole("button", { name: "Back to the rooms" }).click();
    });

    await test.step("he makes a token, and the line that is shown with it posts in that room", async () => {
      await bots();
      await button(jonas, /Build reports/).click();
      await expect(dialog(jonas)).toContainText("#lab");
      await button(jonas, "Make a token").click();
      await dialog(jonas).getByLabel("Name").fill("ci");
      await button(jonas, "Make the token").click();
      await expect(dialog(jonas).getByLabel("Secret of the token")).not.toHaveValue("");
      await passes(jonas.page, "the secret of a token");
      line = (await dialog(jonas).locator("pre").textContent())!;
      expect(await run()).toBe("201");
      await mira.goes("lab");
      await expect(mira.sees("Hello from a script")).toContainText("Build reports");
      await button(jonas, "Done").click();
      await expect(dialog(jonas).getByLabel("Secret of the token")).toHaveCount(0);
      await expect(button(jonas, "Revoke ci")).toBeVisible();
      await button(jonas, "Close").click();
    });

    await test.step("everybody sees whose bot it is", async () => {
      await mira
        .sees("Hello from a script")
        .getByRole("button", { name: /^Build reports/ })
        .last()
        .click();
      await expect(dialog(mira)).toContainText("Bot of Jonas Weber");
      await passes(mira.page, "the card of a bot");
      await button(mira, "Jonas Weber").click();
      await expect(dialog(mira)).toContainText("@jonas");
      await button(mira, "Close").click();
    });

    await test.step("before he leaves he is told that it leaves too", async () => {
      await jonas.goes("lab");
      await details(jonas);
      await button(jonas, "Leave the room").click();
      await expect(button(jonas, /^Leave with your bot\?/)).toBeVisible();
      await button(jonas, "Close").click();
    });

    await test.step("who removes him removes his bot, which can post no more", async () => {
      await details(mira);
      await button(mira, "Manage Jonas Weber").click();
      await button(mira, "Remove with their bot").click();
      await expect(dialog(mira).getByRole("heading", { name: "1 member" })).toBeVisible();
      expect(await run()).toBe("404");
    });

    await test.step("it cannot be added without him, and the reason is said", async () => {
      await dialog(mira).getByLabel("Add somebody").fill("build");
      await dialog(mira)
        .getByRole("option", { name: /Build reports/ })
        .click();
      await expect(dialog(mira).getByText(/Jonas Weber/)).toBeVisible();
      await button(mira, "Close").click();
    });

    await test.step("an admin deactivates it, and its token is good for nothing", async () => {
      await mira
        .sees("Hello from a script")
        .getByRole("button", { name: /^Build reports/ })
        .last()
        .click();
      await button(mira, "Deactivate").click();
      await button(mira, "Really deactivate?").click();
      await expect(dialog(mira)).toContainText("Deactivated: this bot can do nothing.");
      expect(await run()).toBe("401");
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
