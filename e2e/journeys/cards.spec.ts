// The picture of the conformance kit: what each sender of hook/testdata posts is drawn as the file beside its body says (NAME.drawn), on a
// wide screen and, in the dark, on a phone. After a change that should be seen: npx playwright test journeys/cards --update-snapshots, and
// read the differences. CARDS=/some/dir keeps a picture of each message, for who wants to look.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { drawn, sticksOut } from "../house/drawn.ts";
import { Person } from "../house/person.ts";
import { png } from "../house/picture.ts";
import { pages, reaching } from "../house/reaching.ts";

const kit = fileURLToPath(new URL("../../hook/testdata/", import.meta.url));
const FORM = "application/x-www-form-urlencoded";
const PICTURE = /https:\/\/[a-z.]+\.example\/[^\s"]*\.png/g;
const NOWHERE = "https://pictures.example"; // stands in the files for the host of the pictures, whose port is another one each time

test("what each sender posts is drawn as its file says", async () => {
  test.setTimeout(180_000); // it builds a server, and draws each body twice
  const picture = { type: "image/png", body: png(640, 320, 120) };
  const bodies = (await readdir(kit)).filter((name) => /\.(json|form|curl)$/.test(name)).sort();
  expect(bodies.length).toBeGreaterThanOrEqual(30);
  const web = await pages(await shownBy(bodies, picture));
  const server = await reaching();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, dark: true });
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    await mira.goes("general");
    await jonas.goes("general");
    for (const { page } of [mira, jonas]) await page.mouse.move(1, 1); // rows have no tools then
    const room = new URL(mira.page.url()).pathname.split("/")[2]!;
    const hooks = new Map<string, string>();
    for (const name of bodies) {
      const [sender] = name.split(/[-.]/) as [string];
      if (!hooks.has(sender))
        hooks.set(sender, (await mira.asks("POST", `/rooms/${room}/hooks`, { name: sender })).url);
      await test.step(name, async () => {
        await mira.posts(room, `What \`${name}\` becomes:`); // so that each message has a header
        await posted(hooks.get(sender)!, name, await bodyOf(name, web.url));
        const { messages } = await mira.asks("GET", `/rooms/${room}/messages?limit=1`);
        const seen = async (by: Person) => {
          const row = by.page.locator(`article[data-seq="${messages[0].seq}"]`);
          await row.scrollIntoViewIfNeeded();
          const more = row.getByRole("button", { name: "Show all" });
          if (await more.count()) await more.click();
          for (const img of await row.locator("img:not(.emoji)").all())
            await expect
              .poll(() => img.evaluate((i: HTMLImageElement) => i.complete && i.naturalWidth))
              .toBeGreaterThan(0);
          if (process.env.CARDS)
            await row.screenshot({ path: `${process.env.CARDS}/${name}-${by === mira ? "wide" : "phone"}.png` });
          expect(await sticksOut(row), name).toEqual([]);
          return (await drawn(row)).map((l) => l.replaceAll(web.url, NOWHERE).replaceAll(room, "ROOM"));
        };
        const wide = await seen(mira);
        expect.soft(`${wide.join("\n")}\n`).toMatchSnapshot([`${name}.drawn`]);
        expect.soft(onPhone(await seen(jonas)), `${name} on a phone`).toEqual(onPhone(wide.flatMap(oneInARow)));
      });
    }
    await passes(mira.page, "cards");
    await passes(jonas.page, "cards-phone");
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
    web.close();
  }
});

/** The pages with the pictures that bodies name. One name leads to no picture. */
async function shownBy(bodies: string[], picture: { type: string; body: Buffer }) {
  const texts = await Promise.all(bodies.map((name) => bodyOf(name, "")));
  const paths = texts.flatMap((t) => payload(t).match(/(?<=")\/[^\s"]*\.png/g) ?? []);
  return Object.fromEntries(paths.map((p) => [p, p.includes("lost") ? { type: "text/plain", body: "gone" } : picture]));
}

/** A body, with its pictures on another host. */
async function bodyOf(name: string, host: string): Promise<string> {
  const body = await readFile(kit + name, "utf8"),
    moved = payload(body).replace(PICTURE, (at) => host + new URL(at).pathname);
  return name.endsWith(".form") ? `payload=${encodeURIComponent(moved)}` : moved;
}

const payload = (body: string) =>
  body.startsWith("payload=") ? (new URLSearchParams(body).get("payload") ?? "") : body;

async function posted(url: string, name: string, body: string): Promise<void> {
  const answer = () =>
    fetch(url, {
      method: "POST",
      body,
      headers: { "Content-Type": name.endsWith(".json") ? "application/json" : FORM },
    });
  let a = await answer();
  while (a.status === 429) {
    await new Promise((done) => setTimeout(done, 1000 * Number(a.headers.get("Retry-After"))));
    a = await answer();
  }
  expect([a.status, a.headers.get("Content-Type"), await a.text()], name).toEqual([
    200,
    "text/plain; charset=utf-8",
    "ok",
  ]);
}

/** On a phone each field has a row of its own. */
function oneInARow(line: string): string[] {
  const [first, ...others] = line.startsWith("  field ") ? line.split(" | ") : [line];
  return [first!, ...others.map((f) => `  field ${f}`)];
}

/** Pictures are as wide as there is room, and in the dark edges are lighter. */
const onPhone = (lines: string[]) => lines.map((l) => l.replace(/^(  picture) \d+×\d+|^(card) #.*/, "$1$2"));
