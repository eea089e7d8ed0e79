// What people do that is measured, once each.
import type { Page } from "@playwright/test";
import type { Costs, Gauge } from "./gauge.ts";
import { text, type House } from "./house.ts";

/** How many of something, always even: BENCH_SCALE=0.1 looks quickly. */
export const many = (n: number): number => 2 * Math.ceil((n * Number(process.env.BENCH_SCALE ?? 1)) / 2);

export const sum = (c: Costs): number => c.script + c.style + c.layout;

/** Messages that come no faster can be seen, ms: the end is followed. */
export const SEEN = 60;

/** Scrolls back until 300 rows are there, then to the end. */
export async function loadAll(page: Page): Promise<void> {
  await page.getByRole("log").getByRole("article").first().waitFor();
  await page.waitForTimeout(300);
  for (let i = 0; i < 80 && (await page.getByRole("log").getByRole("article").count()) < 300; i++) {
    await page.getByRole("log").evaluate((e) => e.scrollTo(0, 0));
    await page.waitForTimeout(200);
  }
  await page.getByRole("log").evaluate((e) => e.scrollTo(0, e.scrollHeight));
  await page.waitForTimeout(500);
}

/** Posts message i as one of the others, until its row is laid out. */
export const appendOne = (gauge: Gauge, house: House, room: string, i: number) =>
  gauge.row(async () => (await house.others[Math.floor(i / 3) % house.others.length]!.post(room, text(i))).seq);

/** Clicks on the room until its last row is laid out, and waits a moment. Returns what it cost. */
export async function switchOne(gauge: Gauge, room: string): Promise<Costs> {
  // To search the page for these takes about as long as the switch: it is not measured.
  await gauge.page.evaluate((name) => {
    window.gauge.logs = [...document.querySelectorAll("[role=log]")];
    window.gauge.link = [...document.querySelectorAll<HTMLElement>("nav a")].find(
      (a) => a.querySelector(".name")?.textContent?.trim() === name,
    );
  }, room);
  const costs = await gauge.costs(() =>
    gauge.page.evaluate(async () => {
      window.gauge.link!.click();
      for (let n = 0; n < 5; n++) await Promise.resolve();
      window.gauge.logs!.find((e) => e.checkVisibility())!.lastElementChild!.getBoundingClientRect();
    }),
  );
  await gauge.page.waitForTimeout(150);
  return costs;
}
