// Mira looks after the server: /ops shows her what fails, and that it is not there while it is not. Jonas, a member, has no such page.
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { broken } from "../house/broken.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";
import type { Server } from "../house/server.ts";

test("the health of the server", async () => {
  const server = (await home("--log-level=info")) as Server;
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740 });
  const { page } = mira;
  const main = page.getByRole("main"),
    card = (title: string) => main.getByRole("region", { name: title, exact: true }),
    errors = main.getByRole("list", { name: "Last errors" });
  try {
    await mira.setUp(server.setupLink);
    const general = new URL(page.url()).pathname.split("/")[2]!;
    await jonas.signUp(await mira.invites());

    await test.step("an admin finds it in the settings", async () => {
      await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("button", { name: "Health of the server" }).click();
      await expect(page).toHaveTitle("Health · Acme");
      await expect(main).toContainText("Healthy since");
      await expect(errors).toContainText("None since the server started");
    });

    await test.step("values come by themselves, as a line and as a table", async () => {
      await expect(card("Requests")).toContainText("a second", { timeout: 30_000 });
      await expect(card("Requests").locator("canvas")).toBeVisible();
      await expect(card("Requests").getByRole("img")).toHaveAccessibleName(/^Requests: .* No data for/);
      await card("Requests").getByRole("button", { name: "Table of Requests" }).focus();
      await page.keyboard.press("Enter");
      await expect(card("Requests").getByRole("row").nth(360)).toBeAttached({ timeout: 15_000 });
      await passes(page, "ops");
      await page.keyboard.press("Enter");
      await expect(card("Requests").locator("canvas")).toBeVisible();
    });

    await test.step("the server's own test messages, and what browsers measured, are among them", async () => {
      await expect(card("Test messages heard")).toContainText("100 % in the last hour", { timeout: 30_000 });
      await expect(card("Test message, p99")).toContainText(/\d m?s/);
      await expect(card("Script errors")).toContainText("0 in the last hour");
    });

    await test.step("all charts share one crosshair", async () => {
      const box = (await card("Requests").locator(".u-over").boundingBox())!;
      await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
      await expect(card("Memory").locator(".u-cursor-x")).not.toHaveClass(/u-off/);
      await expect(card("Memory")).not.toContainText("no data");
      await page.mouse.move(1, 1);
    });

    await test.step("a request that fails in the server is listed with its id", async () => {
      const failed = await broken(server.dir, () =>
        page.context().request.get(`${server.url}/api/v1/rooms/${general}/messages`),
      );
      expect(failed.status()).toBe(500);
      const { request_id } = await failed.json();
      await expect(errors).toContainText(request_id, { timeout: 30_000 });
      await expect(errors).toContainText("GET /rooms/{room}/messages");
      await expect(card("Server errors")).toContainText("1 in the last hour", { timeout: 30_000 });
    });

    await test.step("and raises an alarm, which can be silenced", async () => {
      const alarm = main.getByRole("region", { name: "Alarm: Server errors" });
      await expect(alarm).toBeVisible({ timeout: 30_000 });
      await alarm.getByRole("button", { name: "Silence 1 h" }).click();
      await expect(alarm).toContainText("Silenced until");
      await alarm.getByRole("button", { name: "End the silence" }).click();
      await expect(alarm).not.toContainText("Silenced until");
      await passes(page, "ops-alarm");
    });

    await test.step("other ranges, and the values as a file", async () => {
      for (const range of ["24 h", "30 d", "1 y", "1 h"]) {
        await main.getByRole("button", { name: range, exact: true }).click();
        await expect(card("Requests").getByRole("img")).toHaveAccessibleName(/^Requests: /);
      }
      const [file] = await Promise.all([
        page.waitForEvent("download"),
        main.getByRole("link", { name: "Download as CSV" }).click(),
      ]);
      const text = await readFile((await file.path())!, "utf8");
      expect(text).toMatch(/^time,requests,/);
    });

    await test.step("while the server is away, the last picture stays and says so", async () => {
      await server.kill();
      await expect(main).toContainText("This is how it was at", { timeout: 30_000 });
      await expect(errors).toContainText("GET /rooms/{room}/messages");
      await server.restart();
      await expect(main).not.toContainText("This is how it was at", { timeout: 30_000 });
    });

    await test.step("a member has no such page", async () => {
      await jonas.page.goto(`${server.url}/ops`);
      await expect(jonas.page.getByText("There is no such page.")).toBeVisible();
    });

    await test.step("it fits on a phone", async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      await expect(card("Requests").locator("canvas")).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await passes(page, "ops-phone");
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
