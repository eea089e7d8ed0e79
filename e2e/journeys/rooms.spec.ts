// Rooms: their description and welcome, what is to be confirmed, who sees them, the sections of the sidebar, and calls.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("an owner sets a room up, and somebody joins it", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740 });
  const dialog = (p: Person) => p.page.getByRole("dialog");
  const details = async (p: Person) => p.page.getByRole("button", { name: "Room details" }).click();
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());

    await test.step("she makes a room, and describes it", async () => {
      await mira.page.getByRole("button", { name: "Add a room" }).click();
      await mira.page.getByRole("button", { name: "Make a new room" }).click();
      await dialog(mira).getByLabel("Name").fill("news");
      await dialog(mira).getByRole("button", { name: "Make the room" }).click();
      await expect(mira.page).toHaveTitle(/news/);
      await details(mira);
      await dialog(mira).getByLabel("Description").fill("What everybody has to know");
      await dialog(mira).getByLabel("Welcome").fill("Hello! **Read** what is pinned.");
      await dialog(mira).getByRole("button", { name: "Save the texts" }).click();
      await expect(dialog(mira).getByRole("button", { name: "Save the texts" })).toHaveCount(0);
      await passes(mira.page, "the details of a room");
      await dialog(mira).getByRole("button", { name: "Close" }).click();
    });

    await test.step("he finds it by what it is about, and is welcomed once", async () => {
      await jonas.page.goto(`${server.url}/`);
      await jonas.page.getByRole("button", { name: "Add a room" }).click();
      await expect(dialog(jonas)).toContainText("What everybody has to know");
      await dialog(jonas).getByRole("button", { name: "Join news" }).click();
      const welcome = jonas.page.getByRole("region", { name: "Welcome" });
      await expect(welcome).toContainText("Hello! Read what is pinned.");
      await passes(jonas.page, "a welcome");
      await welcome.getByRole("button", { name: "Got it" }).click();
      await expect(welcome).toHaveCount(0);
      await jonas.page.reload();
      await expect(jonas.page.getByRole("main")).toBeVisible();
      await expect(welcome).toHaveCount(0);
      await expect(mira.page.getByRole("region", { name: "Welcome" })).toHaveCount(0);
    });

    await test.step("she asks to confirm, he does, and she sees it at once", async () => {
      await mira.page.getByRole("button", { name: "Add to the message" }).click();
      await mira.page.getByRole("menuitem", { name: /Ask to confirm/ }).click();
      await expect(mira.page.getByText("Members are asked to confirm that they have read this.")).toBeVisible();
      const { box } = mira;
      await box.fill("The kitchen moves on Monday");
      await box.press("Enter");
      const sum = mira.page.getByRole("group", { name: "Confirmation" });
      await expect(sum).toContainText("0 of 1 have confirmed");
      await jonas.page.getByRole("button", { name: "Confirm that you have read this" }).click();
      await expect(jonas.page.getByRole("main")).toContainText("You have confirmed that you read this");
      await expect(sum).toContainText("1 of 1 have confirmed");
      await sum.getByText("1 of 1").click();
      await expect(sum).toContainText("Confirmed: Jonas Weber");
      await passes(mira.page, "a confirmation");
    });

    await test.step("the room becomes private, and public again only by its name", async () => {
      await details(mira);
      await dialog(mira).getByRole("button", { name: "Make the room private" }).click();
      await dialog(mira).getByRole("button", { name: "Yes, make it private" }).click();
      await expect(dialog(mira).getByRole("button", { name: "Make the room public" })).toBeVisible();
      await expect(jonas.page.getByRole("main")).toContainText("made the room private");
      await dialog(mira).getByRole("button", { name: "Make the room public" }).click();
      const yes = dialog(mira).getByRole("button", { name: "Yes, make it public" });
      await expect(yes).toBeDisabled();
      await dialog(mira)
        .getByLabel(/Type “news”/)
        .fill("news");
      await yes.click();
      await expect(jonas.page.getByRole("main")).toContainText("made the room public");
    });

    await test.step("she archives it, and takes it out again", async () => {
      await dialog(mira).getByRole("button", { name: "Archive", exact: true }).click();
      await expect(dialog(mira).getByRole("button", { name: "Un-archive" })).toBeVisible();
      await dialog(mira).getByRole("button", { name: "Un-archive" }).click();
      await expect(dialog(mira).getByRole("button", { name: "Archive", exact: true })).toBeVisible();
      await dialog(mira).getByRole("button", { name: "Close" }).first().click();
    });

    await test.step("sections: she makes one, drags the room into it, and folds it on all devices", async () => {
      await mira.page.getByRole("button", { name: "Sections" }).click();
      await dialog(mira).getByLabel("New section").fill("Work");
      await dialog(mira).getByRole("button", { name: "Add the section" }).click();
      await expect(dialog(mira).getByLabel("Name of Work")).toBeVisible();
      await passes(mira.page, "sections");
      await dialog(mira).getByRole("button", { name: "Close" }).click();
      const nav = mira.page.getByRole("navigation", { name: "Rooms" });
      const section = nav.locator("section", { has: mira.page.getByRole("button", { name: "Work" }) });
      await nav.getByRole("link", { name: /general/ }).dragTo(section);
      await expect(section.getByRole("link", { name: /general/ })).toBeVisible();
      await mira.page.reload();
      await expect(section.getByRole("link", { name: /general/ })).toBeVisible();
      await section.getByRole("button", { name: "Work" }).click();
      await expect(section.getByRole("link", { name: /general/ })).toHaveCount(0);
      await mira.page.reload();
      await expect(section.getByRole("button", { name: "Work" })).toHaveAttribute("aria-expanded", "false");
    });
    await test.step("calls: she says where they are, and he starts one without a reload", async () => {
      const call = jonas.page.getByRole("button", { name: "Call", exact: true });
      await expect(jonas.page.getByRole("button", { name: "Room details" })).toBeVisible();
      await expect(call).toHaveCount(0);
      await mira.page.getByRole("button", { name: "Settings" }).click();
      await dialog(mira).getByRole("button", { name: "Workspace" }).click();
      await dialog(mira).getByLabel("Address of calls").fill("https://meet.example.com/{room}");
      await dialog(mira).getByRole("button", { name: "Save" }).click();
      await call.click(); // the event that tells of the change has come
      await passes(jonas.page, "a call");
      await jonas.page.context().route("https://meet.example.com/**", (r) => r.fulfill({ body: "A call" }));
      const opened = jonas.page.waitForEvent("popup");
      await dialog(jonas).getByRole("link", { name: "Post the link, and join" }).click();
      await expect(await opened).toHaveURL(/^https:\/\/meet\.example\.com\/news-[a-z2-7]{12}$/);
      await expect(mira.page.getByRole("main").getByRole("link", { name: "Join the call" })).toHaveAttribute(
        "href",
        /^https:\/\/meet\.example\.com\/news-/,
      );
    });
    for (const p of [mira, jonas]) expect(p.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
