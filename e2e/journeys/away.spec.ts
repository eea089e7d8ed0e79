// A tab in the background: browsers slow its timers to one a minute, and it must not fall asleep for that. It takes three
// minutes, and `make test` runs all the others beside it.
import { expect, test } from "@playwright/test";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

const HIDDEN_FOR = 180_000;

test("a tab hidden for three minutes stays connected, and is right when it comes back", async () => {
  test.setTimeout(HIDDEN_FOR + 90_000);
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server, { tabs: true });
  const jonas = await Person.arrive("Jonas Weber", server, { tabs: true });
  try {
    const sockets: string[] = [];
    mira.page.on("websocket", (s) => {
      sockets.push("opened");
      s.on("close", () => sockets.push("closed"));
    });
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    for (const text of ["To be edited", "To be deleted", "To be liked"]) await jonas.says(text);
    await mira.says("My own message");
    await expect(jonas.sees("My own message")).toBeVisible();
    await expect(mira.sees("To be liked")).toBeVisible();
    const general = mira.page.getByRole("link", { name: "general" });
    await expect(general).not.toContainText("unread"); // it was in sight for long enough, in whichever order they came

    const front = await mira.page.context().newPage();
    await front.bringToFront();
    const visibility = () => mira.page.evaluate(() => document.visibilityState);
    await expect.poll(visibility).toBe("hidden");
    const began = Date.now();
    const at = (share: number) => new Promise((r) => setTimeout(r, began + share * HIDDEN_FOR - Date.now()));

    await jonas.says("Said at once");
    await at(0.3);
    await jonas.chooses("Edit", "To be edited");
    await jonas.page.getByLabel("Edit the message").fill("It was edited");
    await jonas.page.getByRole("button", { name: "Save" }).click();
    await expect(jonas.sees("It was edited")).toContainText("(edited)");
    await at(0.5);
    await jonas.chooses("Delete", "To be deleted");
    await jonas.page.getByRole("menuitem", { name: "Delete for everyone?" }).click();
    await at(0.7);
    for (const text of ["To be liked", "My own message"]) {
      await jonas.sees(text).first().hover();
      await jonas.sees(text).first().getByRole("button", { name: "React with 👍" }).click();
    }
    await at(0.9);
    for (let i = 1; i <= 12; i++) await jonas.says(`Number ${i} while nobody looked`);
    await expect(jonas.sees("Number 12 while")).not.toContainText("Sending");
    await at(1);

    // The connection told it everything: nothing had to be asked for on return.
    expect(await visibility()).toBe("hidden");
    const said = await jonas.timeline();
    await expect.poll(() => mira.timeline()).toEqual(said);
    expect(sockets).toEqual(["opened"]);
    await expect(general).toContainText("13 unread");

    await front.close();
    await mira.page.bringToFront();
    await expect.poll(visibility).toBe("visible");
    await expect(mira.sees("Number 12 while")).toBeInViewport();
    await expect(general).not.toContainText("unread");
    expect(await mira.timeline()).toEqual(said);
    expect(sockets).toEqual(["opened"]);

    await mira.page.reload();
    await expect(mira.sees("Number 12 while")).toBeVisible();
    expect(await mira.timeline()).toEqual(said);
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
