// What two programs cost in turn, in one run and one browser: BEFORE is the other binary. Machines drift within minutes by more than the
// difference that is looked for, but hardly between two rounds.
import { expect, test } from "@playwright/test";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";
import { appendOne, loadAll, many, sum, switchOne, SEEN } from "./moves.ts";
import { Gauge, report, table } from "./gauge.ts";
import { fill, type House } from "./house.ts";

const before = process.env.BEFORE;

interface Side {
  name: string;
  server: Server;
  mira: Person;
  gauge: Gauge;
  house: House;
  costs: Record<string, number[]>;
}

async function side(name: string, program?: string): Promise<Side> {
  const server = await (program ? Server.run(program, "--rate-limits=off") : Server.start("--rate-limits=off")),
    mira = await Person.arrive("Mira Novak", server),
    house = await fill(server),
    [cookie, value] = house.mira.cookie.split("=") as [string, string];
  await mira.page.context().addCookies([{ name: cookie, value, url: server.url }]);
  const gauge = await Gauge.on(mira.page);
  await mira.page.goto(`${server.url}/r/${house.rooms[0]}`);
  await loadAll(mira.page);
  for (const room of ["design-review", "small", "releases"]) {
    await mira.page.getByRole("link", { name: room }).click();
    await loadAll(mira.page);
  }
  return { name, server, mira, gauge, house, costs: {} };
}

test("before and now, in turn", async () => {
  test.skip(!before, "BEFORE is the program to compare with");
  const sides = [await side("before", before), await side("now")];
  try {
    for (let round = 0; round < many(20); round++) {
      // Who goes second may find the machine warmer.
      for (const s of round % 2 ? sides.toReversed() : sides) {
        await s.mira.page.bringToFront();
        await s.mira.page.waitForTimeout(300);
        const note = (what: string, ms: number) => round > 1 && (s.costs[what] ??= []).push(ms);
        for (let i = 0; i < 6; i++)
          note("switch, 300 rows", sum(await switchOne(s.gauge, i % 2 ? "releases" : "design-review")));
        for (let i = 0; i < 6; i++)
          note("switch, 50 and 300 rows", sum(await switchOne(s.gauge, i % 2 ? "releases" : "small")));
        for (let i = 0; i < 12; i++) {
          note("append", sum(await s.gauge.costs(() => appendOne(s.gauge, s.house, s.house.rooms[0], i))));
          await s.mira.page.waitForTimeout(SEEN);
        }
      }
    }
    for (const what of Object.keys(sides[0]!.costs))
      for (const s of sides) report(`${what}, ${s.name}: script + style + layout`, "ms CPU", s.costs[what]!);
    expect(sides.flatMap((s) => s.mira.complaints)).toEqual([]);
    table();
  } finally {
    for (const s of sides) {
      await s.mira.leave();
      await s.server.stop();
    }
  }
});
