// The audit log: an admin changes somebody's role and a room, finds both in the log, narrows it down and stores a file of it.
import { expect, test } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

test("an admin finds out who did what, and exports it", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, dark: true });
  const dialog = (p: Person) => p.page.getByRole("dialog");
  const rows = (p: Person) => dialog(p).getByRole("list", { name: "Audit log" }).getByRole("listitem");
  const open = async (p: Person) => {
    await p.page.getByRole("button", { name: "Settings" }).click();
    await dialog(p).getByRole("button", { name: "Workspace" }).click();
    await dialog(p).getByRole("button", { name: "Audit log" }).click();
  };
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const users = (await mira.asks("GET", "/users")).users as { id: string; handle: string }[];
    const id = users.find((u) => u.handle.startsWith("jonas"))!.id;
    await mira.asks("PATCH", `/users/${id}`, { role: "admin" });

    await test.step("she sees who did what, newest first", async () => {
      await open(mira);
      await expect(rows(mira).first()).toContainText("user changed");
      await expect(rows(mira).first()).toContainText("role: member → admin");
      await passes(mira.page, "the audit log");
    });

    await test.step("she narrows it down, and stores it", async () => {
      await dialog(mira).getByLabel("What").selectOption("signed up");
      await dialog(mira).getByRole("button", { name: "Search" }).click();
      await expect(rows(mira)).toHaveCount(1);
      const [download] = await Promise.all([
        mira.page.waitForEvent("download"),
        dialog(mira).getByRole("link", { name: "Export as CSV" }).click(),
      ]);
      const lines = (await readFile((await download.path())!, "utf8")).trim().split("\r\n");
      expect([download.suggestedFilename(), lines.length]).toEqual(["audit-log.csv", 2]);
      expect(lines[1]).toContain("signed up");
    });

    await test.step("he is an admin now, and reads it on his phone, with her export in it", async () => {
      await jonas.page.reload();
      await expect(async () => {
        await open(jonas);
        await expect(rows(jonas).first()).toContainText("audit log exported", { timeout: 2000 });
      }).toPass();
      await passes(jonas.page, "the audit log on a phone");
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
