// What it costs to draw messages that try to keep the page busy: one of 20,000 characters, a page of 50 of them, and one of them unfolded.
// A text may not cost more because of what it holds, so ordinary messages stand beside it, and the same letters without the client.
import { expect, test } from "@playwright/test";
import { filled, texts } from "../../web/testing/hostile.ts";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";
import { Gauge, report, table } from "./gauge.ts";
import { enter, type Voice } from "./house.ts";

const LENGTH = 20_000,
  PAGE = 50;
/** A page of the server has no more bytes: of 50 longer messages it would hold fewer, of which as much is shown. */
const PAGE_BYTES = 500_000;
/** Nothing has changed in the page for so long, ms: it has been drawn, with its colours. */
const STILL = 400;
/** HOSTILE=unit measures only texts with that in their name. */
const chosen = texts.filter((t) => JSON.stringify(t).includes(process.env.HOSTILE ?? ""));

interface Cost {
  name: string;
  /** Script, style and layout, ms of CPU. */
  cpu: number;
  /** The longest task, ms. */
  longest: number;
}

test("hostile texts", async () => {
  const server = await Server.start("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  try {
    const voice = await enter(server.url.replace("localhost", "127.0.0.1"), "/setup", {
      token: server.setupLink.split("#")[1],
      workspace: "Acme",
      name: "Mira Novak",
      handle: "mira",
      email: "mira@example.com",
      password: "a quiet place to eat",
    });
    const { id: me } = await voice.call("GET", "/me");
    const [name, value] = voice.cookie.split("=") as [string, string];
    await mira.page.context().addCookies([{ name, value, url: server.url }]);
    const gauge = await Gauge.on(mira.page),
      one: Cost[] = [],
      page: Cost[] = [],
      all: Cost[] = [],
      floor: Cost[] = [];
    const plain = ["ordinary", "some words ".repeat(2000).slice(0, LENGTH)] as const;
    for (const [i, [what, text]] of [
      plain,
      ...chosen.map((t) => [t.join("…").slice(-40), filled(t, LENGTH)] as const),
    ].entries()) {
      const short = Buffer.from(text)
        .subarray(0, PAGE_BYTES / PAGE)
        .toString()
        .replace(/\uFFFD$/, "");
      const rooms = [await room(voice, `one-${i}`, text, 1), await room(voice, `page-${i}`, short, PAGE)];
      if (rooms.includes(undefined)) continue; // the server refuses it: nothing in it can be seen
      if (i % 20 === 0) await mira.page.goto(`${server.url}/r/${rooms[0]}`);
      const shown = (into: Cost[], does: () => Promise<unknown>) =>
        measure(gauge, what, does).then((c) => into.push(c));
      for (const name of ["general", `one-${i}`, `page-${i}`])
        await mira.page.getByRole("navigation").getByRole("link", { name, exact: true }).waitFor();
      await goes(mira, "general");
      await shown(one, () => goes(mira, `one-${i}`));
      const more = mira.page.getByRole("log").getByRole("button", { name: "Show all" });
      if (await more.count()) {
        await shown(all, () => more.evaluate((e) => (e as HTMLElement).click()));
        await mira.page
          .getByRole("log")
          .getByRole("button", { name: "Show less" })
          .evaluate((e) => (e as HTMLElement).click());
      }
      await shown(page, () => goes(mira, `page-${i}`));
      expect(await mira.page.getByRole("log").getByRole("article").count()).toBe(PAGE);
      await shown(floor, () => bare(mira));
      await goes(mira, "general"); // of a long list of rooms only some have a link in the page
      for (const id of rooms) await voice.call("DELETE", `/rooms/${id}/members/${me}`);
    }
    say("one message", one);
    say("a page of 50", page);
    say("floor: the letters of that page in 50 bare elements", floor);
    say("one message, unfolded", all);
    expect(mira.complaints).toEqual([]);
    table();
  } finally {
    await mira.leave();
    await server.stop();
  }
});

/** A room with so many messages; undefined if the server refuses the text. */
async function room(voice: Voice, name: string, text: string, count: number): Promise<string | undefined> {
  const { id } = await voice.call("POST", "/rooms", { kind: "public", name });
  try {
    for (let i = 0; i < count; i++) await voice.post(id, text);
  } catch (e) {
    if (/ 400 /.test(String(e))) return undefined;
    throw e;
  }
  const { last_seq: seq } = await voice.call<{ last_seq: number }>("GET", `/rooms/${id}`);
  await voice.call("PUT", `/rooms/${id}/read`, { seq });
  return id;
}

async function goes(mira: Person, room: string): Promise<void> {
  await mira.page.evaluate((room) => {
    const links = [...document.querySelectorAll<HTMLElement>("nav a")];
    links.find((a) => a.querySelector(".name")?.textContent?.trim() === room)!.click();
  }, room);
}

/** Puts what the page shows into bare elements: what the browser itself needs for these letters. */
async function bare(mira: Person): Promise<void> {
  await mira.page.evaluate(() => {
    const log = [...document.querySelectorAll<HTMLElement>("[role=log]")].find((e) => e.checkVisibility())!,
      box = document.createElement("div");
    box.style.cssText = `width: ${log.clientWidth}px; white-space: pre-wrap; overflow-wrap: anywhere`;
    for (const a of log.querySelectorAll("article .text")) {
      const p = document.createElement("p");
      p.textContent = a.textContent;
      box.append(p);
    }
    document.body.append(box);
    box.getBoundingClientRect();
    box.remove();
  });
}

/** What a deed costs until the page is still. */
async function measure(gauge: Gauge, name: string, does: () => Promise<unknown>): Promise<Cost> {
  const { page } = gauge;
  await page.evaluate(() => (window.gauge.long.length = 0));
  const c = await gauge.costs(async () => {
    await does();
    await page.evaluate(
      (still) =>
        new Promise<void>((done) => {
          const end = () => {
            watcher.disconnect();
            done();
          };
          let timer = setTimeout(end, still);
          const watcher = new MutationObserver(() => {
            clearTimeout(timer);
            timer = setTimeout(end, still);
          });
          watcher.observe(document.body, { childList: true, subtree: true });
        }),
      STILL,
    );
  });
  const longest = await page.evaluate(() => Math.max(0, ...window.gauge.long));
  if (process.env.PARTS) console.error(name, ...[c.script, c.style, c.layout].map(Math.round), longest);
  return { name, cpu: c.script + c.style + c.layout, longest };
}

/** Of all texts, and the slowest by themselves. */
function say(what: string, of: readonly Cost[]): void {
  const hostile = of.slice(1),
    quoted = (name: string) => JSON.stringify(name).replaceAll("|", "\\|").replaceAll("`", "'");
  report(`${what}: ordinary words`, "ms CPU", [of[0]!.cpu]);
  report(
    `${what}: hostile texts`,
    "ms CPU",
    hostile.map((c) => c.cpu),
  );
  for (const c of hostile.toSorted((a, b) => b.cpu - a.cpu).slice(0, 6))
    report(`— ${quoted(c.name)}`, "ms CPU", [c.cpu]);
  report(
    `${what}: the longest task of each (0: shorter than 50)`,
    "ms",
    hostile.map((c) => c.longest),
  );
}
