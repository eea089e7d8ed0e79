// The main job: two colleagues, two browsers, one home that fails in the middle: a server is killed, and
// where there is none, the way to it is cut.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("two colleagues talk, and a home that fails loses nothing", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  try {
    await mira.setUp(server.setupLink);
    const begins = (p: Person) => p.page.getByRole("list", { name: "To begin with" }).getByRole("button");
    await expect(begins(mira)).toHaveText([/colleaguesWith/, /Make a room/, /Set a status/]);
    await jonas.signUp(await mira.invites());
    await expect(begins(mira).first()).toHaveText(/colleagues, done/);
    await expect(begins(jonas)).toHaveText([/Make a room/, /Set a status/]);

    await mira.says("Lunch at 12:15?");
    await expect(begins(mira)).toHaveCount(0);
    await expect(jonas.sees("Lunch at 12:15?")).toBeVisible();
    await jonas.box.pressSequentially("In a minute");
    await expect(mira.page.getByText("Jonas Weber is typing…")).toBeVisible();
    await jonas.box.press("Enter");
    await expect(mira.sees("In a minute")).toBeVisible();

    // A skin-toned emoji and a family of four, from the picker.
    for (const [tone, find, emoji] of [
      ["Skin tone 3", "wave", "👋🏽"],
      ["No skin tone", "family man woman girl boy", "👨‍👩‍👧‍👦"],
    ] as const) {
      const row = jonas.sees("Lunch at 12:15?");
      await row.hover();
      await row.getByRole("button", { name: "React with another emoji" }).click();
      await jonas.page.getByRole("radio", { name: tone }).click();
      await jonas.page.getByLabel("Search emoji").fill(find);
      await jonas.page.getByRole("dialog", { name: "Emoji" }).locator(`[data-emoji="${emoji}"]`).click();
      await expect(
        mira.sees("Lunch at 12:15?").getByRole("button", { name: `${emoji}, 1: Jonas Weber` }),
      ).toBeVisible();
    }
    await mira.sees("Lunch at 12:15?").getByRole("button", { name: /^👋🏽/ }).click();
    await expect(jonas.sees("Lunch at 12:15?").getByRole("button", { name: /^👋🏽, 2/ })).toBeVisible();

    await mira.chooses("Edit", "Lunch at 12:15?");
    await mira.page.getByLabel("Edit the message").fill("Lunch at **12:30**, @jonas?");
    await mira.page.getByRole("button", { name: "Save" }).click();
    await expect(jonas.sees("Lunch at 12:30, @Jonas Weber?")).toContainText("(edited)");
    await expect(jonas.sees("Lunch at").locator("strong", { hasText: "12:30" })).toBeVisible();

    await jonas.says("Wrong window, sorry");
    await expect(mira.sees("Wrong window")).toBeVisible();
    await jonas.chooses("Delete", "Wrong window");
    await jonas.page.getByRole("menuitem", { name: "Delete for everyone?" }).click();
    await expect(mira.sees("Wrong window")).toHaveCount(0);
    await expect(mira.sees("This message was deleted.")).toBeVisible();

    // Directly, with an unread badge and a completed shortcode.
    await jonas.page.getByRole("button", { name: "New direct message" }).click();
    await jonas.page
      .getByRole("dialog")
      .getByRole("option", { name: /Mira Novak/ })
      .click();
    await jonas.page.getByRole("button", { name: "Start" }).click();
    await expect(jonas.box).toHaveAttribute("placeholder", /Mira Novak/);
    await jonas.says("Between us :tada:");
    await expect(jonas.sees("Between us 🎉")).toBeVisible();
    await expect(mira.page.getByText("1 for you")).toBeVisible();
    await mira.goes("Jonas Weber");
    await expect(mira.sees("Between us 🎉")).toBeVisible();
    await expect(mira.page.getByText("1 for you")).toHaveCount(0);
    await mira.goes("general");
    await jonas.goes("general");

    // It fails in the middle: what is written meanwhile waits on the device and arrives once.
    await server.outage([mira, jonas], async () => {
      await mira.says("Said while the server was down");
      await expect(mira.sees("Said while the server was down")).toContainText(/Sending|Waiting/);
    });
    await expect(jonas.sees("Said while the server was down")).toHaveCount(1, { timeout: 40_000 });
    await jonas.says("And it came back");
    await expect(mira.sees("And it came back")).toHaveCount(1, { timeout: 40_000 });

    for (const p of [mira, jonas]) {
      await expect(p.sees("Sending")).toHaveCount(0);
      const before = await p.timeline();
      await p.page.reload();
      await expect(p.sees("And it came back")).toBeVisible();
      expect(await p.timeline()).toEqual(before);
      expect(p.complaints).toEqual([]);
    }
    expect(await mira.timeline()).toEqual(await jonas.timeline());
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});

test("a token acts for its maker until she ends everything, and who signs out leaves nothing behind", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const { page } = mira;
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  try {
    await mira.setUp(server.setupLink);

    await button("Settings").click();
    await button("Tokens").click();
    await button("Make a token").click();
    await page.getByLabel("Name").fill("ci");
    await button("Make the token").click();
    const secret = await page.getByLabel("Secret of the token").inputValue();
    const status = async () =>
      (await fetch(`${server.url}/api/v1/me`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    expect(await status()).toBe(200);
    await button("Done").click();
    await page.keyboard.press("Escape");

    await button("Settings").click();
    await page.getByText("Password", { exact: true }).click();
    await page.getByLabel("Current password").fill("a quiet place to eat");
    await page.getByLabel("New password").fill("a noisy place to eat");
    await button("Change password").click();
    await expect(page.getByRole("dialog").getByText("Your password is changed.")).toBeVisible();
    await page.getByText("Where you are signed in").click();
    await button("Sign out everywhere else").click();
    await button("Sign out everywhere else and end all your tokens and invites?").click();
    await expect(page.getByRole("dialog").getByText("Your tokens and invites no longer work.")).toBeVisible();
    expect(await status()).toBe(401);
    await page.keyboard.press("Escape");
    await mira.says("Still here");
    await expect(mira.sees("Still here").locator("time")).toBeVisible();
    await expect(page.locator("article[data-sending]")).toHaveCount(0);
    await mira.posts(new URL(page.url()).pathname.split("/")[2]!, "Told by the socket");
    await expect(mira.sees("Told by the socket")).toBeVisible();

    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await expect(tab.locator("form.composer textarea")).toBeVisible();
    const invitation = await mira.invites(); // ending everything ends the invites of before too
    await mira.box.fill("half a thought");
    await button("Settings").click();
    await button("Sign out").click();
    await expect(page.getByText("You have 1 draft. Sign out and delete it?")).toBeVisible();
    await button("Sign out and delete").click();
    for (const p of [page, tab]) await expect(p.getByLabel("Password")).toBeVisible();
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(["canteen.theme"]);

    await page.goto(invitation);
    await page.getByLabel("Your name").fill("Jonas Weber");
    await page.getByLabel("Handle").fill("jonas");
    await page.getByLabel("E-mail").fill("jonas@example.com");
    await page.getByLabel("Password").fill("a quiet place to eat");
    await page.getByRole("button", { name: "Join" }).click();
    await expect(mira.box).toHaveValue("");
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
