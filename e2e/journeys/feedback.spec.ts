// Feedback: an admin chooses the room, a guest who does not see it gives some with a picture, somebody answers, and both see it.
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** The smallest picture there is: one transparent pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("feedback reaches the room that an admin chose, and its answer who gave it", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, dark: true });
  const dialog = (p: Person) => p.page.getByRole("dialog");
  const workspace = async () => {
    await mira.page.getByRole("button", { name: "Settings" }).click();
    await dialog(mira).getByRole("button", { name: "Workspace" }).click();
  };
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());

    await test.step("while there is no room, he is told so before anything is sent", async () => {
      const { box } = jonas;
      await jonas.page.getByRole("link", { name: /general/ }).click();
      await box.fill("/feedback It is slow");
      await box.press("Enter");
      await expect(jonas.page.getByText(/Nobody has chosen a room for feedback yet\./)).toBeVisible();
      await box.fill("");
    });

    await test.step("she makes a private room, and chooses it", async () => {
      await mira.page.getByRole("button", { name: "Add a room" }).click();
      await mira.page.getByRole("button", { name: "Make a new room" }).click();
      await dialog(mira).getByLabel("Name").fill("feedback");
      await dialog(mira)
        .getByLabel(/Private/)
        .check();
      await dialog(mira).getByRole("button", { name: "Make the room" }).click();
      await expect(mira.page).toHaveTitle(/feedback/);
      await workspace();
      await dialog(mira).getByLabel("Room for feedback").selectOption("#feedback");
      await passes(mira.page, "the settings of the workspace");
      await dialog(mira).getByRole("button", { name: "Save" }).click();
      await expect(dialog(mira)).toHaveCount(0);
    });

    await test.step("he gives feedback with a picture, offline at first", async () => {
      await expect(async () => {
        await jonas.box.fill("/feedback The kettle is **slow**");
        await jonas.box.press("Enter");
        await expect(dialog(jonas).getByRole("textbox")).toHaveValue("The kettle is **slow**", { timeout: 1000 });
      }).toPass(); // the setting reaches him a moment later
      const buffer = Buffer.from(PIXEL, "base64");
      const [chooser] = await Promise.all([
        jonas.page.waitForEvent("filechooser"),
        dialog(jonas).getByRole("button", { name: "Add a picture" }).click(),
      ]);
      await chooser.setFiles({ name: "kettle.png", mimeType: "image/png", buffer });
      await expect(dialog(jonas).getByRole("list", { name: "Files" })).toContainText("kettle.png");
      await expect(dialog(jonas).getByRole("button", { name: "Send", exact: true })).toBeEnabled();
      await passes(jonas.page, "giving feedback");
      jonas.network.cut();
      await dialog(jonas).getByRole("button", { name: "Send", exact: true }).click();
      await expect(dialog(jonas).getByRole("alert")).toContainText("What you wrote is kept.");
      jonas.network.mend();
      await dialog(jonas).getByRole("button", { name: "Send", exact: true }).click();
      await expect(dialog(jonas).getByText("Thank you. Your feedback was sent.")).toBeVisible();
      await expect(dialog(jonas).getByRole("region", { name: "Your feedback" })).toContainText("No answer yet");
    });

    await test.step("she finds it in the room once, and in her list, and answers", async () => {
      const said = mira.page.getByRole("article").filter({ hasText: "The kettle is slow" });
      await expect(said).toHaveCount(1);
      await expect(said).toContainText(/Feedback · \/r\/\w+ · .* · Jonas Weber sees the replies/);
      await expect(
        said
          .getByRole("img")
          .or(said.getByRole("button", { name: /kettle/ }))
          .first(),
      ).toBeVisible();
      await workspace();
      await dialog(mira).getByRole("button", { name: "Feedback that was given" }).click();
      await expect(dialog(mira).getByRole("listitem")).toHaveText(/Jonas Weber.*Open · no replies.*The kettle is/s);
      await passes(mira.page, "the feedback that was given");
      await dialog(mira)
        .getByRole("link", { name: /The kettle/ })
        .click();
      await expect(dialog(mira)).toHaveCount(0);
      await said.hover();
      await said.getByRole("button", { name: "Reply in thread" }).click();
      const answer = mira.page.getByLabel("Reply", { exact: true });
      await answer.fill("A new one is ordered");
      await answer.press("Enter");
      await expect(mira.page.getByRole("article").filter({ hasText: "A new one is ordered" })).toBeVisible();
    });

    await test.step("he reads the answer, and sees nothing else of the room", async () => {
      await dialog(jonas).getByRole("button", { name: "Close" }).click();
      await expect(jonas.box).toBeFocused(); // it takes the focus back a moment after the dialog is gone
      await jonas.box.blur();
      await jonas.page.keyboard.press("?");
      await dialog(jonas).getByRole("button", { name: "Give feedback" }).click();
      const own = dialog(jonas).getByRole("region", { name: "Your feedback" });
      await expect(own).toContainText(/The kettle is.*Mira Novak.*A new one is ordered/s);
      await passes(jonas.page, "an answer to feedback");
      const room = new URL(mira.page.url()).pathname.split("/")[2]!;
      await dialog(jonas).getByRole("button", { name: "Close" }).click();
      // To close a dialog goes back in the history, which may still be under way.
      await expect(async () => void (await jonas.page.goto(`${server.url}/r/${room}`))).toPass();
      await expect(jonas.page.getByText("A new one is ordered")).toHaveCount(0);
      await expect(jonas.page.getByRole("navigation").getByRole("link", { name: /feedback/ })).toHaveCount(0);
      await workspace();
      await dialog(mira).getByRole("button", { name: "Feedback that was given" }).click();
      await expect(dialog(mira).getByRole("listitem")).toContainText("Answered · 1 reply");
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
