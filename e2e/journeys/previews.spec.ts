// Previews of links: while one writes, in messages, and of pages that give none.
import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { Person } from "../house/person.ts";
import { pages, reaching } from "../house/reaching.ts";

test("a link shows what its page says, unless its sender does not want that", async () => {
  test.setTimeout(120_000); // it builds a server
  const page = (body: string) => ({ type: "text/html; charset=utf-8", body });
  const web = await pages({
    "/travel": page(
      `<title>Travel policy 2027</title><meta name="description" content="What changes for trains."><meta property="og:image" content="/train.png">`,
    ),
    "/train.png": { type: "image/png", body: await readFile(new URL("../../docs/img/thread.png", import.meta.url)) },
    "/evil": page(`<title>&lt;img src=x onerror="document.title='gone'"&gt;</title>`),
    "/silent": page("<p>nothing"),
  });
  const server = await reaching();
  const mira = await Person.arrive("Mira Novak", server);
  const jonas = await Person.arrive("Jonas Weber", server);
  const box = mira.page.getByRole("textbox", { name: "Message general" });
  const card = mira.page.locator("form.composer .preview");
  try {
    await mira.setUp(server.setupLink);
    await jonas.signUp(await mira.invites());

    await test.step("its sender sees the preview, and sends it", async () => {
      await box.fill(`Read this before Thursday: ${web.url}/travel`);
      await expect(card).toContainText("Travel policy 2027");
      await expect(card).toContainText("What changes for trains.");
      await box.press("Enter");
      await expect(card).toBeHidden();
      const sent = jonas.page.locator("article .preview");
      await expect(sent).toContainText("Travel policy 2027");
      await expect(sent.getByRole("link")).toHaveAttribute("href", `${web.url}/travel`);
      const drawn = (img: Element) => (img as HTMLImageElement).naturalWidth;
      await expect.poll(() => sent.locator("img").evaluate(drawn)).toBeGreaterThan(100); // from this server: the policy allows no other
    });

    await test.step("dismissed it is not sent, and the page is asked once", async () => {
      await box.fill(`${web.url}/travel`);
      await mira.page.getByRole("button", { name: "Remove the preview" }).click();
      await expect(box).toBeFocused();
      await box.press("Enter");
      await expect(jonas.page.locator("article")).toHaveCount((await mira.page.locator("article").count()) || 2);
      await expect(jonas.page.locator("article .preview")).toHaveCount(1);
      expect(web.asked.filter((p) => p === "/travel").length).toBe(1);
    });

    await test.step("what a page says is text", async () => {
      await box.fill(`${web.url}/evil`);
      await expect(card).toContainText("<img src=x");
      await box.press("Enter");
      await expect(jonas.page.locator("article .preview").last()).toContainText("<img src=x");
      expect(await jonas.page.title()).not.toContain("gone");
    });

    await test.step("an edit without the link takes the preview along", async () => {
      await box.press("ArrowUp");
      const edit = mira.page.getByRole("textbox", { name: "Edit the message" });
      await edit.fill("Never mind");
      await edit.press("Enter");
      await expect(jonas.page.locator("article .preview")).toHaveCount(1);
    });

    await test.step("a page without a title, and a host that never answers, show nothing and hold nobody up", async () => {
      for (const path of ["/silent", "/never"]) {
        await box.fill(`${web.url}${path}`);
        await expect.poll(() => web.asked).toContain(path);
        await expect(card).toBeHidden();
        await box.press("Enter");
        await expect(jonas.page.getByText(`${web.url}${path}`)).toBeVisible();
      }
      await expect(jonas.page.locator("article .preview")).toHaveCount(1);
    });

    await test.step("a link to a message is shown to who may see it, and to nobody else", async () => {
      const make = async (kind: string, name: string) =>
        (await mira.asks("POST", "/rooms", { kind, name })).id as string;
      const lunch = await make("public", "lunch"),
        leads = await make("private", "leads");
      const soup = await mira.posts(lunch, "Soup is ready"),
        secret = await mira.posts(leads, "The canary sings");
      await box.fill(`${server.url}/r/${lunch}/${soup}`);
      await box.press("Enter");
      await box.fill(`${server.url}/r/${leads}/${secret}`);
      await box.press("Enter");
      await expect(mira.page.locator("article a.linked")).toHaveCount(2);
      await expect(jonas.page.locator("article a.linked")).toContainText("Soup is ready");
      await expect(jonas.page.locator("article").last()).toContainText(leads);
      await expect(jonas.page.getByText("canary")).toHaveCount(0);
    });
    expect([...mira.complaints, ...jonas.complaints]).toEqual([]);
  } finally {
    await Promise.all([mira.leave(), jonas.leave()]);
    await server.stop();
    web.close();
  }
});
