// What browsers report of how fast the page is, from a real browser to the metrics of the server.
import { expect, test } from "@playwright/test";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";

/** The value of a series of /metrics. */
async function value(server: Server, series: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const line = text.split("\n").find((l) => l.startsWith(`${series} `));
  return line ? Number(line.slice(series.length + 1)) : NaN;
}

test("a browser reports times, and a person can refuse that", async () => {
  const server = await Server.start("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const { page } = mira;
  const reports: string[] = [];
  page.on("request", (r) => r.url().endsWith("/api/v1/vitals") && reports.push(r.postData() ?? ""));
  const hide = () =>
    page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
      Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
    });
  try {
    await page.addInitScript(() => (Math.random = () => 0.05)); // one of the tabs that measure
    await mira.setUp(server.setupLink);
    await mira.asks("POST", "/rooms", { kind: "public", name: "lunch" });
    await page.goto(server.url);
    await mira.goes("general");
    await mira.says("Soup or salad?");
    await expect(mira.sees("Soup")).toBeVisible();
    await mira.goes("lunch");
    await expect(async () => {
      await hide();
      expect(await value(server, "canteen_browser_first_render_seconds_count")).toBeGreaterThan(0);
      expect(await value(server, "canteen_browser_room_switch_seconds_count")).toBeGreaterThan(0);
      expect(await value(server, "canteen_browser_echo_seconds_count")).toBe(1);
    }).toPass({ timeout: 15_000 });
    for (const name of ["first_render", "room_switch", "echo"])
      expect(await value(server, `canteen_browser_${name}_seconds_sum`)).toBeLessThan(30);
    expect(await value(server, "canteen_browser_script_errors_total")).toBe(0);
    expect(reports.join()).not.toMatch(/Soup|lunch|mira/i);

    const before = await value(server, "canteen_browser_reports_total");
    await page.addInitScript(() =>
      Object.defineProperty(navigator, "globalPrivacyControl", { configurable: true, get: () => true }),
    );
    await page.goto(server.url);
    await mira.goes("general");
    await mira.goes("lunch");
    await page.waitForTimeout(1500);
    await hide();
    await page.waitForTimeout(500);
    expect(await value(server, "canteen_browser_reports_total")).toBe(before);
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
