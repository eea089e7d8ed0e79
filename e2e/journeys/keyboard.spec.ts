// Mira has no mouse. Everything she does is done with keys; Jonas is there to see it happen.
import { expect, test } from "@playwright/test";
import { Keys } from "../house/keys.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("the main journey with the keyboard alone", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const keys = new Keys(mira.page),
    page = mira.page;
  const dialog = (name: string) => page.getByRole("dialog", { name });
  try {
    await page.goto(server.setupLink);
    await expect(page.getByLabel("Company")).toBeFocused();
    for (const text of ["Acme", "Mira Novak", "", "mira@example.com", "a quiet place to eat"]) {
      await keys.type(text);
      await keys.press("Tab");
    }
    expect(await keys.at()).toBe("Show password");
    await keys.press("Tab");
    await expect(page.getByRole("button", { name: "Set up" })).toBeFocused();
    await keys.press("Enter");
    await expect(mira.box).toBeFocused();

    await keys.press("Control+k");
    await keys.type("invite");
    await keys.press("Enter");
    await expect(dialog("Invite people").getByLabel("E-mail")).toBeFocused();
    await keys.until(page.getByRole("button", { name: "Make a link" }));
    await keys.press("Enter");
    await expect(page.getByLabel("Invite link")).toBeFocused();
    const link = await page.getByLabel("Invite link").inputValue();
    await keys.press("Escape");
    await expect(mira.box).toBeFocused();
    await jonas.signUp(link);

    await keys.type("Lunch at 12:15?");
    await keys.press("Enter");
    await expect(jonas.sees("Lunch at 12:15?")).toBeVisible();
    await jonas.says("In a minute");
    await expect(mira.sees("In a minute")).toBeVisible();

    // Up into the timeline, and a reaction from the picker: a skin tone, then a family of four.
    await keys.press("Shift+Tab");
    await expect(mira.sees("In a minute")).toBeFocused();
    for (const [tone, find, emoji] of [
      [3, "wave", "👋🏽"],
      [0, "family man woman girl boy", "👨‍👩‍👧‍👦"],
    ] as const) {
      await keys.press("r");
      await expect(page.getByLabel("Search emoji")).toBeFocused();
      await keys.until(page.getByRole("radio", { checked: true }), "Shift+Tab");
      await keys.until(page.getByRole("radio", { name: tone ? `Skin tone ${tone}` : "No skin tone" }), "ArrowRight");
      await expect(page.getByRole("radio", { name: tone ? `Skin tone ${tone}` : "No skin tone" })).toBeChecked();
      await keys.until(page.getByLabel("Search emoji"));
      await keys.type(find);
      await expect(dialog("Emoji").locator("[data-emoji]").first()).toHaveAttribute("data-emoji", emoji);
      await keys.press("ArrowDown");
      await expect(dialog("Emoji").locator(`[data-emoji="${emoji}"]`)).toBeFocused();
      await keys.press("Enter");
      await expect(dialog("Emoji")).toHaveCount(0);
      await expect(mira.sees("In a minute")).toBeFocused();
      await expect(jonas.sees("In a minute").getByRole("button", { name: `${emoji}, 1: Mira Novak` })).toBeVisible();
    }
    // A quick one from the row's own buttons, and a chip pressed again to leave it.
    await keys.until(mira.sees("In a minute").getByRole("button", { name: "More" }));
    await keys.until(mira.sees("In a minute").getByRole("button", { name: "React with 👍" }), "ArrowLeft");
    await keys.press("Enter");
    await expect(jonas.sees("In a minute").getByRole("button", { name: /^👍, 1/ })).toBeVisible();
    await keys.until(mira.sees("In a minute").getByRole("button", { name: /^👍, 1/ }), "Shift+Tab");
    await keys.press("Enter");
    await expect(jonas.sees("In a minute").getByRole("button", { name: /^👍/ })).toHaveCount(0);

    await keys.until(mira.sees("In a minute"), "Shift+Tab");
    await keys.press("ArrowUp");
    await expect(mira.sees("Lunch at 12:15?")).toBeFocused();
    await keys.press("e");
    await expect(page.getByLabel("Edit the message")).toBeFocused();
    await keys.press("Control+a");
    await keys.type("Lunch at **12:30**, @jonas?");
    await keys.press("Enter");
    await expect(jonas.sees("Lunch at 12:30, @Jonas Weber?")).toContainText("(edited)");
    await expect(mira.sees("Lunch at 12:30")).toBeFocused();

    // Back to the box in one step; ↑ edits what was said last.
    await keys.until(mira.box);
    await keys.type("Wrong windw");
    await keys.press("Enter");
    await expect(jonas.sees("Wrong windw")).toBeVisible();
    await expect(mira.page.locator("[data-seq]").filter({ hasText: "Wrong windw" })).toBeVisible(); // acknowledged to her too
    await keys.press("ArrowUp");
    await expect(page.getByLabel("Edit the message")).toBeFocused();
    await keys.press("Backspace", "Backspace");
    await keys.type("dow");
    await keys.press("Enter");
    await expect(jonas.sees("Wrong window")).toBeVisible();
    await expect(mira.box).toBeFocused();

    await keys.press("Shift+Tab");
    const wrong = mira.sees("Wrong window");
    await expect(wrong).toBeFocused();
    await keys.until(wrong.getByRole("button", { name: "More" }));
    await keys.press("Enter");
    await expect(page.getByRole("menuitem", { name: "Edit" })).toBeFocused();
    await keys.press("Escape");
    await expect(wrong.getByRole("button", { name: "More" })).toBeFocused();
    await keys.press("Enter", "ArrowUp", "Enter");
    await expect(page.getByRole("menuitem", { name: "Delete for everyone?" })).toBeFocused();
    await keys.press("Enter");
    await expect(jonas.sees("Wrong window")).toHaveCount(0);
    await expect(mira.sees("This message was deleted.")).toBeFocused();

    // Directly, with a completed shortcode.
    await keys.press("Control+k");
    await keys.type("jonas");
    await keys.press("Enter");
    await expect(page).toHaveTitle(/Jonas Weber/);
    await expect(mira.box).toBeFocused();
    await keys.type("Between us :tad");
    await expect(page.getByRole("option", { name: ":tada:" })).toHaveAttribute("aria-selected", "true");
    await keys.press("Tab", "Enter");
    await expect(mira.sees("Between us 🎉")).toBeVisible();
    await expect(jonas.page.getByText("1 for you")).toBeVisible();
    await keys.press("Alt+ArrowUp");
    await expect(page).toHaveTitle(/general/);

    // It fails in the middle: what is written meanwhile waits on the device and arrives once.
    await server.outage([mira, jonas], async () => {
      await expect(mira.box).toBeFocused();
      await keys.type("Said while the server was down");
      await keys.press("Enter");
      await expect(mira.sees("Said while the server was down")).toContainText(/Sending|Waiting/);
    });
    await expect(jonas.sees("Said while the server was down")).toHaveCount(1, { timeout: 40_000 });
    await expect(mira.sees("Said while the server was down")).not.toContainText(/Sending|Waiting/, { timeout: 40_000 });
    expect(await mira.timeline()).toEqual(await jonas.timeline());
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});

test("every shortcut, and where the focus goes", async () => {
  const server = await home("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const keys = new Keys(mira.page),
    page = mira.page;
  const dialog = page.getByRole("dialog");
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const general: string = (await mira.asks("GET", "/rooms")).rooms[0].id;
    const ids: Record<string, string> = { general };
    for (const name of ["art", "zoo"]) {
      ids[name] = (await mira.asks("POST", "/rooms", { kind: "public", name })).id;
      await jonas.asks("POST", `/rooms/${ids[name]}/join`);
    }
    const root = await jonas.posts(general, "Which migration took the longest?");
    await mira.posts(general, "The search index", { thread: root });
    let last = 0;
    for (let i = 1; i <= 40; i++) last = await jonas.posts(general, `Line ${i}, see https://acme.example/${i}`);
    await mira.asks("PUT", `/rooms/${general}/read`, { seq: last }); // so that it opens at its end, without the bar of new messages
    await jonas.posts(ids.zoo!, "For you");
    await page.goto(`${server.url}/r/${ids.art}`);
    await expect(mira.box).toBeFocused();

    await test.step("rooms in the order of the sidebar, and the unread ones", async () => {
      for (const [key, room] of [
        ["Alt+ArrowDown", "general"],
        ["Alt+ArrowUp", "art"],
        ["Alt+Shift+ArrowUp", "zoo"],
        ["Alt+ArrowDown", "art"],
      ] as const) {
        await keys.press(key);
        await expect(page).toHaveTitle(new RegExp(`${room} · Acme`));
        await expect(mira.box).toBeFocused();
      }
    });

    await test.step("one Tab stop for the whole timeline, from both sides", async () => {
      await page.goto(`${server.url}/r/${general}`);
      await expect(mira.sees("Line 40")).toBeVisible();
      await expect(mira.box).toBeFocused();
      await keys.press("Shift+Tab");
      await expect(mira.sees("Line 40,")).toBeFocused();
      await keys.press("Shift+Tab");
      expect(await keys.at()).toBe("Room details");
      await keys.press("Tab", "ArrowUp", "ArrowUp");
      await expect(mira.sees("Line 38,")).toBeFocused();
      await keys.until(mira.sees("Line 38,").getByRole("link", { name: "https://acme.example/38" }), "Tab", 2); // after its author, if shown
      await keys.until(mira.box, "Tab", 7); // three quick emoji, the picker, the thread, more, and out
      await keys.press("Shift+Tab");
      await expect(mira.sees("Line 38,")).toBeFocused();
    });

    await test.step("Esc marks read", async () => {
      await keys.until(mira.sees("Line 38,").getByRole("button", { name: "More" }));
      await keys.press("Enter");
      await keys.until(page.getByRole("menuitem", { name: "Mark unread from here" }), "ArrowDown");
      await keys.press("Enter");
      await expect(page.getByRole("link", { name: /general/ })).toContainText("3 unread");
      await keys.press("Escape");
      await expect(page.getByRole("link", { name: /general/ })).not.toContainText("unread");
    });

    await test.step("T opens the thread, Esc closes it", async () => {
      await keys.until(mira.sees("Line 38,"), "Shift+Tab");
      await keys.press("Home");
      const first = mira.sees("Which migration");
      await expect(first).toBeFocused();
      await keys.press("t");
      const thread = page.getByRole("complementary", { name: "Thread" });
      await expect(thread.getByLabel("Reply", { exact: true })).toBeFocused();
      await expect(thread).toContainText("The search index");
      await keys.press("Shift+Tab");
      await expect(thread.getByRole("article").last()).toBeFocused();
      await keys.press("Escape");
      await expect(thread).toHaveCount(0);
      await expect(first).toBeFocused();
    });

    await test.step("? lists the shortcuts, and dialogs keep the focus", async () => {
      await keys.press("?");
      await expect(dialog).toContainText("Alt ↑ / ↓");
      for (let i = 0; i < 5; i++) {
        await keys.press("Tab");
        expect(
          await page.evaluate(
            () => document.activeElement === document.body || !!document.activeElement?.closest("dialog"),
          ),
        ).toBe(true);
      }
      await keys.press("Alt+ArrowDown"); // is for the page behind
      await expect(page).toHaveTitle(/general/);
      await keys.press("Escape");
      await expect(dialog).toHaveCount(0);
      await expect(mira.sees("Which migration")).toBeFocused();
    });

    await test.step("Ctrl+Shift+E picks an emoji for the box, with arrows in the grid", async () => {
      await keys.press("Control+Shift+E");
      await expect(page.getByLabel("Search emoji")).toBeFocused();
      await expect(dialog.locator("[data-group='1'] [data-emoji]").first()).toBeAttached();
      await keys.press("ArrowDown", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "End", "Home");
      const at = dialog.locator("[data-emoji]").first();
      await expect(at).toBeFocused();
      await keys.press("ArrowUp");
      await expect(page.getByLabel("Search emoji")).toBeFocused();
      await keys.type("tada");
      await keys.press("Enter");
      await expect(mira.box).toBeFocused();
      await expect(mira.box).toHaveValue("🎉");
      await keys.press("Control+a", "Delete");
    });

    await test.step("dialogs give the focus back, one after the other too", async () => {
      for (const [words, title] of [
        ["settings", "Settings"],
        ["browse", "Rooms you are not in"],
        ["new room", "New room"],
      ] as const) {
        await keys.press("Control+k");
        await keys.type(words);
        await keys.press("Enter");
        await expect(page.getByRole("dialog", { name: title })).toBeVisible();
        await expect(page.getByRole("dialog", { name: title }).locator("input").first()).toBeFocused();
        await keys.press("Escape");
        await expect(dialog).toHaveCount(0);
        await expect(mira.box).toBeFocused();
      }
    });

    await test.step("the switcher keeps the focus, and a click beside it closes it", async () => {
      const within = () => page.evaluate(() => !!document.activeElement?.closest("dialog"));
      for (const first of ["Tab", "Shift+Tab"]) {
        await keys.press("Control+k");
        for (let i = 0; i < 6; i++) {
          await keys.press(first);
          expect(await within(), `${first}, ${i + 1} times`).toBe(true);
        }
        await expect(page.getByRole("navigation", { name: "Rooms" })).toHaveCount(0); // hidden from screen readers
        await page.mouse.click(4, 300);
        await expect(dialog).toHaveCount(0);
        await expect(mira.box).toBeFocused();
        await expect(page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
      }
    });

    await test.step("an emoji for the status, from a picker above the settings", async () => {
      await keys.press("Control+k");
      await keys.type("settings");
      await keys.press("Enter");
      await expect(page.getByRole("dialog", { name: "Settings" }).getByLabel("Name")).toBeFocused();
      await keys.until(page.getByRole("button", { name: "Status emoji" }));
      await keys.press("Enter");
      await expect(page.getByLabel("Search emoji")).toBeFocused();
      await keys.type("palm tree");
      await keys.press("Enter");
      await expect(page.getByRole("button", { name: "Status emoji" })).toBeFocused();
      await keys.press("Tab");
      await keys.type("Away");
      await keys.until(page.getByRole("button", { name: "Save" }));
      await keys.press("Enter");
      await expect(dialog).toHaveCount(0);
      await expect(page.getByRole("navigation", { name: "Rooms" })).toContainText("🌴 Away");
      await expect(mira.box).toBeFocused();
    });

    await test.step("a direct message to whom one types", async () => {
      await keys.press("Control+k");
      await keys.type("new message");
      await keys.press("Enter");
      await expect(page.getByLabel("Find people")).toBeFocused();
      await keys.type("jon");
      await keys.press("Enter");
      await expect(page.getByRole("button", { name: "Remove Jonas Weber" })).toBeVisible();
      await keys.press("Enter");
      await expect(page).toHaveTitle(/Jonas Weber/);
    });

    await test.step("the first stop of the page skips the rooms", async () => {
      await page.goto(`${server.url}/r/aaaaaaaaaaaa`);
      await expect(page.getByText("You cannot see this room")).toBeVisible();
      await keys.press("Tab");
      expect(await keys.at()).toBe("Skip to the conversation");
      await keys.press("Enter", "Tab");
      expect(await keys.at()).toBe("Browse rooms");
    });

    await test.step("new messages are announced once, in a line, and not too often", async () => {
      await page.goto(`${server.url}/r/${general}`);
      await expect(mira.sees("Line 40")).toBeVisible();
      await expect(page.getByRole("log")).toHaveAttribute("aria-live", "off");
      const line = page.locator("main .view > [role=status]");
      await jonas.posts(general, "Is anybody there?");
      await expect(line).toHaveText("Jonas Weber: Is anybody there?");
      for (let i = 0; i < 4; i++) await jonas.posts(general, `Hello ${i}`);
      await expect(mira.sees("Hello 3")).toBeVisible();
      await expect(line).toHaveText("4 new messages, the latest from Jonas Weber");
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
