// Custom emoji: added, used by others at once, named, deleted, exported and imported.
import { expect, type Page, test } from "@playwright/test";
import { crc32, deflateSync } from "node:zlib";
import { passes } from "../house/axe.ts";
import { home } from "../house/home.ts";
import { Person } from "../house/person.ts";

/** A PNG of one colour. */
function png(r: number, g: number, b: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]),
      length = Buffer.alloc(4),
      sum = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13),
    line = Buffer.from([0, ...Array.from({ length: 200 }, () => [r, g, b]).flat()]);
  head.writeUInt32BE(200, 0);
  head.writeUInt32BE(200, 4);
  head.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: 200 }, () => line)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

const file = (name: string, buffer: Buffer) => ({ name, mimeType: "image/png", buffer });

async function openGallery(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await page.getByRole("button", { name: "Custom emoji" }).click();
  await expect(page.getByRole("dialog", { name: "Custom emoji" })).toBeVisible();
}

async function closeGallery(page: Page): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Custom emoji" });
  // What a form did is often shown before the form has its answer, and Escape then closes the form alone.
  await expect(dialog.getByRole("button", { name: "Cancel" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
}

test("people bring their own emoji, and others use them at once", async () => {
  const server = await home();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const page = mira.page,
    dialog = page.getByRole("dialog", { name: "Custom emoji" });
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());
    const general: string = (await mira.asks("GET", "/rooms")).rooms[0].id;
    for (const p of [mira, jonas]) await p.page.goto(`${server.url}/r/${general}`);
    await mira.posts(general, "soup is ready");
    await expect(jonas.sees("soup is ready")).toBeVisible();

    await test.step("a picture and a name make one", async () => {
      await openGallery(page);
      await dialog.getByLabel("Picture", { exact: true }).setInputFiles(file("Party Parrot.png", png(220, 60, 60)));
      await expect(dialog.getByLabel("Name")).toHaveValue("party_parrot");
      await dialog.getByLabel("Name").fill("tada");
      await dialog.getByRole("button", { name: "Add", exact: true }).click();
      await expect(dialog.getByRole("alert")).toContainText("A standard emoji has this name");
      await dialog.getByLabel("Name").fill("partyparrot");
      await dialog.getByRole("button", { name: "Add", exact: true }).click();
      await expect(dialog.getByText(":partyparrot:", { exact: true })).toBeVisible();
      await passes(page, "custom emoji");
      await closeGallery(page);
    });

    await test.step("others are offered it while they type, and see it", async () => {
      await jonas.box.focus();
      await expect(async () => {
        await jonas.box.fill("");
        await jonas.box.pressSequentially("hello :partyp");
        await expect(jonas.page.getByRole("option", { name: /partyparrot/ })).toBeVisible({ timeout: 1000 });
      }).toPass();
      await jonas.page.keyboard.press("Tab");
      await jonas.page.keyboard.press("Enter");
      for (const p of [jonas, mira]) {
        const picture = p.page.locator("article img.emoji[alt=':partyparrot:']").first();
        await expect(picture).toBeVisible();
        // The message that was on its way gives place to the one that the server has.
        await expect(async () => {
          expect(await picture.evaluate((i: HTMLImageElement) => [i.naturalWidth, i.width, i.height])).toEqual([
            128, 21, 21,
          ]);
        }).toPass();
      }
    });

    await test.step("alone it is large", async () => {
      await mira.says(":partyparrot:");
      const lone = jonas.page.locator("article .jumbo img.emoji");
      await expect(lone).toBeVisible();
      expect((await lone.boundingBox())!.height).toBeGreaterThan(30);
    });

    await test.step("it is found in the picker, and is a reaction that others join", async () => {
      const row = jonas.sees("soup is ready");
      await row.hover();
      await row.getByRole("button", { name: "React with another emoji" }).click();
      const picker = jonas.page.getByRole("dialog", { name: "Emoji" });
      await picker.getByRole("searchbox").fill("parrot");
      await picker.getByRole("button", { name: ":partyparrot:" }).click();
      const chip = mira.sees("soup is ready").getByRole("button", { name: /^:partyparrot:, 1/ });
      await expect(chip.locator("img")).toBeVisible();
      await chip.click();
      await expect(jonas.sees("soup is ready").getByRole("button", { name: /^:partyparrot:, 2/ })).toBeVisible();
    });

    await test.step("another name and a new name change nothing that was written", async () => {
      await openGallery(jonas.page);
      const his = jonas.page.getByRole("dialog", { name: "Custom emoji" });
      await expect(his.getByRole("button", { name: "Delete", exact: true }), "it is not his").toHaveCount(0);
      await his.getByRole("button", { name: "Add a name" }).click();
      await his.getByLabel("Another name of partyparrot").fill("birdie");
      await jonas.page.keyboard.press("Enter");
      await expect(his.getByText(":birdie:")).toBeVisible();
      await closeGallery(jonas.page);
      await openGallery(page);
      await dialog.getByRole("button", { name: "Rename" }).click();
      await dialog.getByLabel("New name of partyparrot").fill("dancer2");
      await page.keyboard.press("Enter");
      await expect(dialog.getByText(":dancer2:", { exact: true })).toBeVisible();
      await closeGallery(page);
      await jonas.page.reload();
      await expect(jonas.page.locator("article img.emoji[alt=':partyparrot:']").first()).toBeVisible();
    });

    const exported = test.info().outputPath("emoji.zip");
    await test.step("export, and deletion: the name stands where it was used", async () => {
      await openGallery(page);
      const download = page.waitForEvent("download");
      await dialog.getByRole("button", { name: "Export" }).click();
      await (await download).saveAs(exported);
      await dialog.getByRole("button", { name: "Delete", exact: true }).click();
      await dialog.getByRole("button", { name: "Delete :dancer2:" }).click();
      await expect(dialog.getByText("There are none yet")).toBeVisible();
      await closeGallery(page);
      for (const p of [mira, jonas]) {
        await expect(p.page.locator("article img.emoji")).toHaveCount(0);
        await expect(p.sees("hello :partyparrot:")).toBeVisible();
      }
    });

    await test.step("many at once, from a zip and from pictures", async () => {
      await openGallery(page);
      await dialog.getByLabel("Pictures, or a zip of pictures").setInputFiles(exported);
      await expect(dialog.getByText("3 of 3 pictures and names: 3 added, 0 refused.")).toBeVisible();
      await dialog
        .getByLabel("Pictures, or a zip of pictures")
        .setInputFiles([
          file("blob-cat.png", png(60, 160, 60)),
          file("birdie.png", png(1, 2, 3)),
          file("bad.png", Buffer.from("x")),
        ]);
      await expect(dialog.getByText("3 of 3 pictures and names: 1 added, 2 refused.")).toBeVisible();
      await dialog.getByText("Why some were refused").click();
      await expect(dialog.getByText("There is an emoji of this name already")).toBeVisible();
      await closeGallery(page);
      await expect(jonas.page.locator("article img.emoji[alt=':partyparrot:']").first()).toBeVisible();
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await mira.leave();
    await jonas.leave();
    await server.stop();
  }
});
