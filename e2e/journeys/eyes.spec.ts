// Every screen and state, looked at by axe: in the light, in the dark, on a phone.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

for (const [name, look] of Object.entries({ light: {}, dark: { dark: true }, phone: { width: 360, height: 740 } })) {
  test(`axe finds nothing: ${name}`, async () => {
    test.setTimeout(180_000);
    const phone = name === "phone";
    const server = await home("--rate-limits=off");
    const mira = await Person.arrive("Mira Novak", server, look);
    const jonas = await Person.arrive("Jonas Weber", server, look);
    const page = mira.page,
      dialog = page.getByRole("dialog");
    const sees = (screen: string, p = mira) => passes(p.page, `${name}-${screen}`);
    /** Opens what a button of the sidebar opens; on a phone the sidebar is a screen of its own. */
    const press = async (button: string) => {
      const back = page.getByRole("button", { name: "Back to the rooms" });
      if (phone && (await back.isVisible())) await back.click();
      await page.getByRole("navigation", { name: "Rooms" }).getByRole("button", { name: button, exact: true }).click();
      await expect(dialog).toBeVisible();
    };
    const closed = async () => {
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
      await expect.poll(() => page.evaluate(() => history.state?.over ?? 0)).toBe(0); // the step back would end what comes next
    };
    try {
      await test.step("at the door", async () => {
        await page.goto(`${server.url}/signin`);
        await expect(page.getByText("not set up yet")).toBeVisible();
        await sees("not-set-up");
        await page.goto(server.setupLink);
        await expect(page.getByLabel("Company")).toBeVisible();
        await sees("setup");
        await mira.setUp(server.setupLink);
        if (phone) await mira.goes("general");
        await expect(page.getByRole("button", { name: "Say hello" })).toBeVisible();
        await sees("empty-room");
        await press("Invite people");
        await sees("invite");
        await page.getByRole("button", { name: "Make a link" }).click();
        const link = await page.getByLabel("Invite link").inputValue();
        await sees("invite-link");
        await closed();

        await jonas.page.goto(`${server.url}/signin`);
        await expect(jonas.page.getByLabel("Password")).toBeVisible();
        await sees("sign-in", jonas);
        await jonas.page.getByLabel("E-mail").fill("jonas@example.com");
        await jonas.page.getByLabel("Password").fill("not the one");
        await jonas.page.getByRole("button", { name: "Sign in" }).click();
        await expect(jonas.page.getByRole("alert")).toBeVisible();
        await sees("sign-in-refused", jonas);
        await jonas.page.goto(`${server.url}/signup`);
        await expect(jonas.page.getByText("incomplete")).toBeVisible();
        await sees("sign-up-no-secret", jonas);
        await jonas.page.goto(`${link.slice(0, -4)}aaaa`);
        await expect(jonas.page.getByRole("link", { name: "Sign in" })).toBeVisible(); // and no form
        await sees("sign-up-bad-invite", jonas);
        await jonas.page.goto("about:blank");
        await jonas.page.goto(link);
        await expect(jonas.page.getByLabel("Your name")).toBeVisible();
        await sees("sign-up", jonas);
        await jonas.signUp(link);
      });

      const general: string = (await mira.asks("GET", "/rooms")).rooms[0].id;
      const other = await mira.asks("POST", "/rooms", { kind: "private", name: "leads" });
      await mira.asks("PATCH", `/rooms/${other.id}/me`, { muted: true });
      await test.step("a busy room", async () => {
        await page.goto(`${server.url}/r/${general}`);
        await mira.asks("PATCH", `/rooms/${general}`, { topic: "Everything that concerns everyone. Lunch included." });
        const root = await mira.posts(
          general,
          "Version **2.1** is live, see https://acme.example/ops or [the plan](https://acme.example/plan)",
        );
        await jonas.posts(general, "Smooth. *Which* migration took the longest?", { thread: root });
        await mira.posts(general, "The search index, 41 s", { thread: root });
        for (const e of ["🚀", "👏🏽"])
          await jonas.asks("PUT", `/rooms/${general}/messages/${root}/reactions/${encodeURIComponent(e)}`);
        await mira.asks("PUT", `/rooms/${general}/messages/${root}/reactions/${encodeURIComponent("🚀")}`);
        await jonas.posts(
          general,
          'One line if you read them:\n```python\nat = datetime.fromisoformat(row["created_at"]) # a comment\nn = 42\n```\n> quoted ~~and struck~~\n- `one`\n- two',
        );
        const edited = await jonas.posts(general, "Lunch?");
        await jonas.asks("PATCH", `/rooms/${general}/messages/${edited}`, { text: "Lunch at 12:15?" });
        await jonas.asks("DELETE", `/rooms/${general}/messages/${await jonas.posts(general, "Wrong window")}`);
        await mira.posts(general, "🍜🍜🍜");
        await page.goto(`${server.url}/r/${other.id}`);
        await expect(mira.box).toBeVisible();
        await jonas.posts(general, "@mira can you bring the projector keys?");
        await jonas.posts(general, "Room 4 is ours until one.");
        await expect.poll(() => page.title()).toContain("(1)");
        if (phone) {
          await page.getByRole("button", { name: "Back to the rooms" }).click();
          await expect(page.getByText("1 for you")).toBeVisible();
          await sees("rooms");
        }
        await mira.goes("general");
        await expect(page.getByText("New", { exact: true })).toBeVisible();
        await page.route("**/api/v1/rooms/*/messages", (route) =>
          route.request().method() === "POST"
            ? route.fulfill({
                status: 403,
                contentType: "application/problem+json",
                body: JSON.stringify({ detail: "Only owners of this room post here.", code: "forbidden" }),
              })
            : route.fallback(),
        );
        await mira.says("This one is refused");
        await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
        await jonas.page.goto(`${server.url}/r/${general}`);
        await expect(async () => {
          await jonas.box.pressSequentially("O"); // said every three seconds, once there is a connection
          await expect(page.getByText("Jonas Weber is typing…")).toBeVisible({ timeout: 1000 });
        }).toPass();
        await sees("busy-room");
        await page.getByRole("button", { name: "Delete", exact: true }).click();
        await page.unrouteAll();
      });

      await test.step("a message", async () => {
        const row = mira.sees("Version 2.1");
        await row.hover();
        await row.getByRole("button", { name: "More" }).click();
        await expect(page.getByRole("menuitem", { name: "Copy link" })).toBeVisible();
        await sees("message-menu");
        await page.getByRole("menuitem", { name: "Edit" }).click();
        await expect(page.getByLabel("Edit the message")).toBeFocused();
        await sees("editing");
        await page.keyboard.press("Escape");
        await row.hover();
        await row.getByRole("button", { name: "Who?" }).click();
        await expect(dialog).toContainText("Jonas Weber");
        await sees("who-reacted");
        await closed();
        await row.getByRole("button", { name: "Mira Novak" }).last().press("Enter"); // the tools may lie over it
        await expect(dialog).toContainText("Edit profile");
        await sees("profile");
        await closed();
        await row.getByRole("button", { name: /2 replies/ }).click();
        await expect(page.getByRole("complementary", { name: "Thread" })).toContainText("41 s");
        await sees("thread");
        await page.getByRole("button", { name: "Close the thread" }).click();
        await row.hover();
        await row.getByRole("button", { name: "React with another emoji" }).click();
        await expect(dialog.locator("[data-group='0'] [data-emoji]").first()).toBeVisible();
        await sees("picker");
        await dialog.getByLabel("Search emoji").fill("party");
        await page.keyboard.press("ArrowDown");
        await sees("picker-search");
        await dialog.getByLabel("Search emoji").fill("nothing is called so");
        await expect(dialog).toContainText("No matches");
        await sees("picker-none");
        await closed();
      });

      await test.step("writing", async () => {
        for (const [state, text] of [
          ["people", "Hello @jo"],
          ["emoji", "Great news :par"],
        ] as const) {
          await mira.box.fill("");
          await mira.box.pressSequentially(text);
          await expect(page.getByRole("option").first()).toBeVisible();
          await sees(`completions-${state}`);
        }
        await mira.box.fill("");
      });

      await test.step("dialogs", async () => {
        await page.keyboard.press("Control+k");
        await expect(page.getByRole("option").first()).toBeVisible();
        await sees("switcher");
        await page.getByLabel("Jump to").last().fill("nothing is called so");
        await sees("switcher-none");
        await closed();
        await press("Add a room");
        await expect(dialog).toContainText("You are in every public room.");
        await sees("browse");
        await page.getByRole("button", { name: "Make a new room" }).click();
        await dialog.getByLabel("Name").fill("general");
        await page.getByRole("button", { name: "Make the room" }).click();
        await expect(dialog.getByRole("alert")).toBeVisible();
        await sees("new-room-taken");
        await closed();
        await press("New direct message");
        await dialog.getByRole("option", { name: "Jonas Weber" }).click();
        await sees("new-direct");
        await closed();
        await press("Settings");
        await dialog.getByText("Password", { exact: true }).click();
        await dialog.getByText("Where you are signed in").click();
        await expect(dialog).toContainText("This browser");
        await sees("settings");
        await dialog.getByRole("button", { name: "Status emoji" }).click();
        await expect(page.getByLabel("Search emoji")).toBeFocused();
        await sees("settings-emoji");
        await page.keyboard.press("Escape");
        await closed();
        if (phone) await mira.goes("general");
        await page.getByRole("button", { name: "Room details" }).click();
        await dialog.getByRole("button", { name: "Manage Jonas Weber" }).click();
        await sees("details");
        await closed();
        await page.getByRole("button", { name: "Room details" }).focus();
        await page.keyboard.press("?");
        await expect(dialog).toContainText("Keyboard shortcuts");
        await sees("shortcuts");
        await closed();
      });

      await test.step("when something is missing", async () => {
        await page.goto(`${server.url}/r/aaaaaaaaaaaa`);
        await expect(page.getByText("You cannot see this room")).toBeVisible();
        await sees("nothing-here");
        await page.goto(`${server.url}/r/${general}`);
        await expect(mira.sees("Room 4 is ours")).toBeVisible();
        await mira.asks("PATCH", `/rooms/${other.id}`, { archived: true });
        mira.network.cut();
        await mira.says("Written in a tunnel");
        await expect(page.getByText("No connection.")).toBeVisible();
        await sees("offline");
        mira.network.mend();
        await expect(mira.sees("Written in a tunnel")).not.toContainText("Waiting", { timeout: 40_000 });
        await page.goto(`${server.url}/r/${other.id}`);
        await expect(page.getByText("This room is archived")).toBeVisible();
        await sees("archived");
      });
      const complaints = [...mira.complaints, ...jonas.complaints].filter((said) => !said.includes("404")); // the missing room
      expect(complaints).toEqual([]);
    } finally {
      await mira.leave();
      await jonas.leave();
      await server.stop();
    }
  });
}
