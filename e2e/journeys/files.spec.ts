// Files between two people: pictures, a video, a voice message and a file of many megabytes, over a network that breaks.
import { writeFile } from "node:fs/promises";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";
import { png } from "../house/picture.ts";

interface Sent {
  name: string;
  mimeType: string;
  buffer: Buffer;
}
const picture = (name: string, width: number, height: number, hue = 0): Sent => ({
  name,
  mimeType: "image/png",
  buffer: png(width, height, hue),
});

const tray = (page: Page) => page.locator("form.composer").getByRole("list", { name: "Files" }).getByRole("listitem");

/** Chooses files by the menu of the box. */
async function adds(box: Locator, ...files: Sent[] | [string]): Promise<void> {
  const page = box.page(),
    chooser = page.waitForEvent("filechooser");
  await box.locator("xpath=ancestor::form").getByRole("button", { name: "Add to the message" }).click();
  await page.getByRole("menuitem", { name: /^File/ }).click();
  await (await chooser).setFiles(typeof files[0] === "string" ? files[0] : (files as Sent[]));
}

/** A video or a sound as the browser itself records it. */
const records = (page: Page, type: string, ms: number): Promise<string> =>
  page.evaluate(
    async ([type, ms]) => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [320, 180];
      const draw = canvas.getContext("2d")!;
      const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: type });
      const parts: Blob[] = [];
      recorder.ondataavailable = (e) => parts.push(e.data);
      recorder.start();
      for (const end = performance.now() + ms; performance.now() < end;) {
        draw.fillStyle = `hsl(${performance.now() % 360} 80% 50%)`;
        draw.fillRect(0, 0, 320, 180);
        await new Promise(requestAnimationFrame);
      }
      const done = new Promise((yes) => (recorder.onstop = yes));
      recorder.stop();
      await done;
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    },
    [type, ms] as const,
  );

test("files go from one to another, whatever happens on the way", async () => {
  test.slow();
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server, { width: 360, height: 740, dark: true });
  const { page } = mira;
  const last = (p: Person) => p.page.getByRole("log").getByRole("article").last();
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const room = new URL(page.url()).pathname.split("/")[2]!;
    await jonas.page.goto(`${server.url}/r/${room}`);

    await test.step("two pictures and a file are chosen, and sent with a few words", async () => {
      await adds(mira.box, picture("terrace.png", 1600, 1200), picture("soup.png", 900, 1600, 200), {
        name: "q4-budget.xlsx",
        mimeType: "application/octet-stream",
        buffer: Buffer.alloc(212_000, "x"),
      });
      await expect(tray(page)).toHaveCount(3);
      await expect(page.getByText("3 of 3 uploaded")).toBeAttached();
      await passes(page, "files-tray");
      await mira.says("Terrace is open");
      await expect(tray(page)).toHaveCount(0);
      for (const p of [mira, jonas]) {
        await expect(p.sees("Terrace is open").getByRole("button", { name: /^Open / })).toHaveCount(2);
        await expect(p.sees("Terrace is open").getByRole("link", { name: /^Download q4-budget.xlsx/ })).toBeVisible();
      }
      await passes(page, "files-message");
      await passes(jonas.page, "files-message-phone");
    });

    await test.step("nothing moves when the pictures come", async () => {
      let go = () => {};
      const held = new Promise<void>((yes) => (go = yes));
      await jonas.page.route(/\/files\/\w+\/thumb/, async (r) => (await held, r.continue()));
      await jonas.page.reload();
      const place = jonas.sees("Terrace is open").getByRole("button", { name: "Open terrace.png" });
      await expect(place).toBeVisible();
      const before = await place.boundingBox();
      go();
      await expect
        .poll(() => place.locator("img").evaluate((i: HTMLImageElement) => i.complete && i.naturalWidth))
        .toBeGreaterThan(0);
      expect(await place.boundingBox()).toEqual(before);
      await jonas.page.unrouteAll({ behavior: "wait" });
    });

    await test.step("a picture is looked at closely, by keys alone", async () => {
      await mira.sees("Terrace is open").getByRole("button", { name: "Open terrace.png" }).click();
      const viewer = page.getByRole("dialog", { name: "Picture" });
      await expect(viewer).toContainText("1 of 2");
      await expect
        .poll(() =>
          viewer
            .locator("img")
            .last()
            .evaluate((i: HTMLImageElement) => i.complete && i.naturalWidth),
        )
        .toBe(1600);
      await passes(page, "files-viewer");
      await page.keyboard.press("ArrowRight");
      await expect(viewer).toContainText("2 of 2soup.png");
      await page.keyboard.press("+");
      await expect(viewer.getByRole("button", { name: "Zoom out" })).toBeEnabled();
      await page.goBack();
      await expect(viewer).toBeHidden();
      await expect(mira.sees("Terrace is open").getByRole("button", { name: "Open terrace.png" })).toBeFocused();
    });

    await test.step("a large file goes on where it was cut, also after a reload; other messages go before it", async () => {
      const puts: string[] = [];
      let cut = true;
      await page.route(/\/parts\/\d+$|\/bodies\//, async (r) => {
        if (r.request().method() !== "PUT") return r.continue();
        puts.push(r.request().url());
        if (cut && puts.length > 1) return r.abort();
        await r.continue();
      });
      const talk = test.info().outputPath("talk.bin"); // a browser takes it from there faster than from a test
      await writeFile(talk, Buffer.alloc(20_000_000, "talk "));
      await adds(mira.box, talk);
      await mira.says("The whole talk");
      await mira.says("It is on its way");
      await expect(jonas.sees("It is on its way")).toBeVisible();
      await expect(mira.sees("The whole talk")).toContainText("Waiting for its files…");
      await expect.poll(() => puts.length).toBeGreaterThan(2);
      await page.reload();
      await expect(mira.sees("The whole talk")).toContainText("talk.bin");
      const first = puts[0];
      puts.length = 0;
      cut = false;
      await expect(jonas.sees("The whole talk").getByRole("link", { name: /^Download talk.bin 20 MB/ })).toBeVisible({
        timeout: 60_000,
      });
      expect(puts, "the part that had arrived is not sent again").not.toContain(first);
      await page.unrouteAll({ behavior: "wait" });
      const [id] = await mira
        .sees("The whole talk")
        .getByRole("link", { name: /^Download talk/ })
        .evaluateAll((a: HTMLAnchorElement[]) => a.map((x) => x.pathname.split("/").at(-1)));
      const size = await jonas.page.evaluate(
        async (id) => (await (await fetch(`/api/v1/files/${id}`)).arrayBuffer()).byteLength,
        id,
      );
      expect(size).toBe(20_000_000);
    });

    await test.step("a video has a picture before it is played, and plays in its place", async () => {
      const video = await records(page, "video/webm;codecs=vp8", 1500);
      await adds(mira.box, { name: "clip.webm", mimeType: "video/webm", buffer: Buffer.from(video, "base64") });
      await expect(page.getByText("1 of 1 uploaded")).toBeAttached();
      await mira.box.press("Enter");
      const player = last(jonas).locator("video");
      await expect(player).toHaveAttribute("poster", /thumb\?size=\d+$/);
      await player.evaluate(async (v: HTMLVideoElement) => {
        v.muted = true;
        await v.play();
      });
      await expect.poll(() => player.evaluate((v: HTMLVideoElement) => v.currentTime)).toBeGreaterThan(0);
    });

    await test.step("a voice message is recorded, and heard", async () => {
      await page.locator("form.composer").getByRole("button", { name: "Add to the message" }).click();
      await page.getByRole("menuitem", { name: /^Voice message/ }).click();
      const recorder = page.getByRole("group", { name: "Voice message" });
      await expect(recorder.getByRole("timer")).toHaveText("0:02");
      await recorder.getByRole("button", { name: "Add" }).click();
      await expect(page.getByText("1 of 1 uploaded")).toBeAttached();
      await mira.box.press("Enter");
      const voice = last(jonas).getByRole("group", { name: "Voice message by Mira Novak" });
      await expect(voice).toContainText(/0:0[23]/);
      await voice.getByRole("button", { name: "Play" }).click();
      await expect(voice.getByRole("button", { name: "Pause" })).toBeVisible();
      await expect
        .poll(() => voice.locator("audio").evaluate((a: HTMLAudioElement) => a.currentTime))
        .toBeGreaterThan(0);
      await voice.getByRole("button", { name: /^Speed/ }).press("Enter");
      await expect(voice.getByRole("button", { name: "Speed 1.5×" })).toBeVisible();
      await passes(jonas.page, "files-voice-phone");
    });

    await test.step("what is pasted before the tools of the box are loaded waits for them", async () => {
      let load = () => {};
      const loaded = new Promise<void>((done) => (load = done));
      await jonas.page.route(/\/assets\/soon-.*\.js/, async (r) => (await loaded, r.continue()));
      await jonas.page.goto(`${server.url}/r/${room}`, { waitUntil: "commit" });
      await jonas.box.focus();
      await jonas.page.evaluate(() => navigator.clipboard.writeText("Minutes of the meeting. ".repeat(200)));
      await jonas.box.press("ControlOrMeta+v");
      await expect(jonas.box).toHaveValue("");
      load();
      await expect(jonas.page.getByText("You pasted 4,800 characters.")).toBeVisible();
      await jonas.box.fill("");
      await jonas.page.unrouteAll({ behavior: "wait" });
    });

    await test.step("a long paste becomes a file, and goes into a thread", async () => {
      const root = await mira.posts(room, "Minutes?");
      await jonas.page.goto(`${server.url}/r/${room}/t/${root}`);
      const thread = jonas.page.getByRole("complementary", { name: "Thread" }),
        box = thread.getByLabel("Reply", { exact: true });
      await box.focus();
      await jonas.page.evaluate(() => navigator.clipboard.writeText("Minutes of the meeting. ".repeat(200)));
      await box.press("ControlOrMeta+v");
      await expect(thread).toContainText("You pasted 4,800 characters.");
      await thread.getByRole("button", { name: "Make it a file" }).click();
      await expect(box).toHaveValue("");
      await expect(thread.getByText("1 of 1 uploaded")).toBeAttached();
      await box.press("Enter");
      await expect(thread.getByRole("link", { name: /^Download Pasted text.txt/ })).toBeVisible();
    });

    await test.step("what was sent to the room is found in its Files tab", async () => {
      await page.getByRole("button", { name: "Files", exact: true }).click();
      const tab = page.getByRole("dialog", { name: "Files in general" });
      await expect(tab.getByRole("listitem")).toHaveCount(7);
      await passes(page, "files-tab");
      await tab.getByRole("radio", { name: "Pictures" }).click();
      await expect(tab.getByRole("listitem")).toHaveCount(2);
      await tab.getByRole("button", { name: "Open soup.png" }).click();
      const viewer = page.getByRole("dialog", { name: "Picture" });
      await expect(viewer).toContainText("soup.png");
      await page.keyboard.press("Escape");
      await expect(viewer).toBeHidden();
      await expect(tab).toBeVisible();
      await page.keyboard.press("Escape");
    });

    await test.step("a deleted message takes its files along", async () => {
      const path = await mira
        .sees("Terrace is open")
        .getByRole("link", { name: /^Download q4/ })
        .evaluate((a: HTMLAnchorElement) => a.pathname);
      await mira.chooses("Delete", "Terrace is open");
      await mira.sees("Terrace is open").getByRole("menuitem", { name: "Delete for everyone?" }).click();
      await expect(mira.page.getByText("This message was deleted.")).toBeVisible();
      expect(await jonas.page.evaluate(async (path) => (await fetch(path)).status, path)).toBe(404);
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await Promise.all([mira.leave(), jonas.leave()]);
    await server.stop();
  }
});
