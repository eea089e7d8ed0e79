// The digest by e-mail: chosen in the settings, stopped by the link in one. The first digest comes after an hour: so the key of the link is
// put into the data here, where the server would put it.
import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";
import type { Server } from "../house/server.ts";

const KEY = "the key of a journey";
const KEEP = `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=10)
now = int(time.time() * 1000)
with db:
    n = db.execute("UPDATE digest SET key = ?, last = ?, since = ?, due = ? WHERE user = ?",
        (sys.argv[3], now, now, now + 3600000, sys.argv[2])).rowcount
sys.exit(n != 1)
`;

/** The secret of the link in the digests of a user. */
async function secretOf(user: string, dir: string): Promise<string> {
  await promisify(execFile)("python3", ["-c", KEEP, join(dir, "canteen.db"), user, KEY]);
  const digits = "abcdefghijklmnopqrstuvwxyz234567";
  const bits = [...createHmac("sha256", KEY).update(`unsubscribe ${user}`).digest()]
    .map((b) => b.toString(2).padStart(8, "0"))
    .join("");
  return user + [...Array(32).keys()].map((i) => digits[parseInt(bits.slice(5 * i, 5 * i + 5), 2)]).join("");
}

test("a digest is turned on in the settings, and stopped by its link without signing in", async () => {
  const server = (await home("--mail=smtp://127.0.0.1:1", "--mail-from=chat@example.com")) as Server;
  const mira = await Person.arrive("Mira Novak", server),
    phone = await Person.arrive("Somebody", server, {
      width: 360,
      height: 740,
    }),
    night = await Person.arrive("Somebody", server, { dark: true });
  const settings = mira.page.getByRole("dialog", { name: "Notifications" }),
    choice = settings.getByLabel("Digest of what waits for you");
  const kept = async () => (await mira.asks("GET", "/me")).settings.attention.digest;
  const question = "Stop getting digests of what waits for you in Canteen?",
    stopped = "You will get no more digests.";
  try {
    await mira.setUp(server.setupLink);
    const { id } = await mira.asks("GET", "/me");
    await mira.page.getByRole("button", { name: "Settings" }).click();
    await mira.page.getByRole("button", { name: "Notifications" }).click();
    await expect(choice).toHaveValue("off");
    await choice.selectOption("daily");
    await expect(settings).toContainText("To mira@example.com, while you are not here");
    await choice.scrollIntoViewIfNeeded();
    await passes(mira.page, "the choice of a digest");
    await expect.poll(kept).toBe("daily");
    const secret = await secretOf(id, server.dir);

    await test.step("the link asks first, and opening it changes nothing", async () => {
      for (const [p, path] of [
        [phone, `/unsubscribe#${secret}`],
        [night, `/api/v1/unsubscribe/${secret}`],
      ] as const) {
        await p.page.goto(server.url + path);
        await expect(p.page).toHaveURL(`${server.url}/unsubscribe#${secret}`);
        await expect(p.page.getByRole("status")).toHaveText(question);
      }
      await passes(phone.page, "the question whether to stop digests, on a phone");
      await passes(night.page, "the question whether to stop digests, in the dark");
      expect(await kept()).toBe("daily");
    });

    await test.step("one press stops the digest, a second one is no error", async () => {
      for (const p of [phone, night]) {
        await p.page.keyboard.press("Tab");
        await p.page.keyboard.press("Enter");
        await expect(p.page.getByRole("status")).toContainText(stopped);
        await expect(p.page.getByRole("button")).toHaveCount(0);
      }
      await passes(phone.page, "digests are stopped, on a phone");
      await passes(night.page, "digests are stopped, in the dark");
      expect(await kept()).toBe("off");
      await expect(choice).toHaveValue("off");
    });

    await test.step("once digests are turned on anew, the old link says that it no longer works", async () => {
      await choice.selectOption("hourly");
      await expect.poll(kept).toBe("hourly");
      await phone.page.reload();
      await phone.page.getByRole("button", { name: "Stop the digests" }).click();
      await expect(phone.page.getByRole("alert")).toContainText("This link no longer works.");
      await passes(phone.page, "an old link to stop digests, on a phone");
      expect(await kept()).toBe("hourly");
    });
    expect([mira, phone, night].flatMap((p) => p.complaints)).toEqual([]);
  } finally {
    await Promise.all([mira.leave(), phone.leave(), night.leave()]);
    await server.stop();
  }
});
