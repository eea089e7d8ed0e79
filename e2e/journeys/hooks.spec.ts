// Webhooks: the owner of a room makes one, tries it, and an alert that is resolved takes the place of the one that fired.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

const sent = (name: string) => readFile(fileURLToPath(new URL(`../../hook/testdata/${name}`, import.meta.url)), "utf8");

test("what another system sends is readable in the room, and what it sends again takes its place", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, {
    width: 360,
    height: 740,
    dark: true,
  });
  const dialog = mira.page.getByRole("dialog");
  let url = "";
  const post = async (body: string, query = "") => {
    const answer = await fetch(url + query, {
      method: "POST",
      body,
      headers: { "Content-Type": "application/json" },
    });
    expect(await answer.text()).toBe("ok");
  };
  const webhooks = async () => {
    await mira.page.getByRole("button", { name: "Room details" }).click();
    await dialog.getByRole("button", { name: "Webhooks" }).click();
  };
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    await mira.page.getByRole("link", { name: /general/ }).click();
    await jonas.page.getByRole("link", { name: /general/ }).click();

    await test.step("she makes a webhook, and is shown its address once", async () => {
      await webhooks();
      await expect(dialog).toContainText("This room has no webhooks.");
      await dialog.getByRole("button", { name: "Make a webhook" }).click();
      await dialog.getByLabel("Name").fill("Grafana");
      await passes(mira.page, "making a webhook");
      await dialog.getByRole("button", { name: "Make the webhook" }).click();
      url = await dialog.getByLabel("Address of the webhook").inputValue();
      expect(url).toMatch(/\/hooks\/[a-z2-7]{12}\/[a-z2-7]{52}$/);
      await expect(dialog.locator("pre")).toContainText(`curl -d`);
      await passes(mira.page, "the address of a webhook");
      await dialog.getByRole("button", { name: "Done" }).click();
      await expect(dialog.getByLabel("Address of the webhook")).toHaveCount(0);
    });

    await test.step("a test is posted in the room", async () => {
      await dialog.getByRole("button", { name: "Send a test by Grafana" }).click();
      await expect(dialog.getByText("The test is posted in the room.")).toBeVisible();
      await expect(jonas.page.getByText("This webhook works.").first()).toBeVisible();
    });

    await test.step("an alert is readable, by its sender with the mark of a bot", async () => {
      await mira.page.keyboard.press("Escape");
      await post(await sent("alertmanager.json"), "?key=1");
      const row = jonas.page.getByRole("article").filter({ hasText: "[FIRING:1] InstanceDown" }).last();
      await expect(row).toBeVisible();
      await expect(row).toContainText("Alertmanager");
      await passes(jonas.page, "an alert");
    });

    await test.step("what is resolved takes its place, and the thread says so", async () => {
      await post(
        (await sent("alertmanager.json")).replaceAll("FIRING:1", "RESOLVED").replace("danger", "good"),
        "?key=1",
      );
      await expect(jonas.page.getByText("[RESOLVED] InstanceDown").first()).toBeVisible();
      await expect(jonas.page.getByText("[FIRING:1] InstanceDown")).toHaveCount(0);
      await expect(jonas.page.getByRole("button", { name: /1 reply/ })).toBeVisible();
    });

    await test.step("a revoked address is good for nothing", async () => {
      await webhooks();
      await dialog.getByRole("button", { name: "Revoke Grafana" }).click();
      await dialog.getByRole("button", { name: "Really revoke Grafana?" }).click();
      await expect(dialog).toContainText("This room has no webhooks.");
      const answer = await fetch(url, {
        method: "POST",
        body: '{"text": "hello"}',
      });
      expect([answer.status, await answer.text()]).toEqual([404, "no_service"]);
    });
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
