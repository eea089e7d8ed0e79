// @vitest-environment happy-dom
// Previews of links: while one writes, and in messages.
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { GENERAL, me, message, problem } from "./core/testing";
import { $, all, House, key, named, words } from "../testing/house";
import type { MadePreview, Preview } from "./wire/types";

let house: House;
beforeAll(
  () =>
    import("./App.svelte")
      .then(() => import("./pages/Parts.svelte"))
      .then(() => import("./features/composer/Links.svelte")),
  60_000,
); // a test waits for no transformation
beforeEach(() => {
  house = new House();
  const who = me();
  house.who = { ...who, workspace: { ...who.workspace, previews: true } };
});
afterEach(() => house.leave());

const LINK = "https://acme.example/travel-2027";
const travel: Preview = { url: LINK, title: "Travel policy 2027", description: "What changes for trains." };
const made: MadePreview = { id: "p1", preview: travel };
const box = () => $<HTMLTextAreaElement>(".composer textarea");
const previews = () => all(".preview").map((p) => words(p));

async function write(text: string) {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
  await house.wait(1000);
}

const asked = () => house.asked.filter(([what]) => what === "POST /previews").map(([, body]) => body);
const posted = () => house.asked.filter(([what]) => what === `POST /rooms/${GENERAL}/messages`).map(([, body]) => body);

async function open() {
  house.instead.set("POST /previews", () => ({ body: made }));
  await house.open(`/r/${GENERAL}`);
  await house.wait();
}

test("who writes a link sees its preview, and sends it along", async () => {
  await open();
  await write(`Read this: ${LINK}`);
  expect(asked()).toEqual([{ url: LINK }]);
  expect(previews()).toEqual(["acme.example Travel policy 2027 What changes for trains."]);
  key(box(), "Enter");
  await house.wait(100);
  expect(posted()).toMatchObject([{ text: `Read this: ${LINK}`, preview: "p1" }]);
  await write("No link");
  key(box(), "Enter");
  await house.wait(100);
  expect((posted()[1] as { preview?: string }).preview).toBeUndefined();
});

test("a preview that is dismissed is not sent", async () => {
  await open();
  await write(LINK);
  named("Remove the preview").click();
  await house.wait(2000);
  expect(previews()).toEqual([]);
  expect(document.activeElement).toBe(box());
  await write(`${LINK} !`);
  expect([previews(), asked().length]).toEqual([[], 1]);
  key(box(), "Enter");
  await house.wait(100);
  expect((posted()[0] as { preview?: string }).preview).toBeUndefined();
});

test("a link that is taken out takes its preview along", async () => {
  await open();
  await write(LINK);
  await write("Never mind");
  expect(previews()).toEqual([]);
  key(box(), "Enter");
  await house.wait(100);
  expect((posted()[0] as { preview?: string }).preview).toBeUndefined();
});

async function edit(text?: string) {
  key(box(), "ArrowUp");
  await house.wait(1000);
  if (text === undefined) return;
  const area = $<HTMLTextAreaElement>("form.edit textarea");
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  await house.wait(1000);
}
async function save(seq: number) {
  $("form.edit").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait(100);
  return house.asked.filter(([what]) => what === `PATCH /rooms/${GENERAL}/messages/${seq}`).map(([, body]) => body);
}

test("who adds a link to a message by an edit sees its preview, and saves it", async () => {
  const { seq } = house.post(GENERAL, "mira", { text: "Read this" });
  await open();
  await edit(`Read this: ${LINK}`);
  expect(previews()).toEqual(["acme.example Travel policy 2027 What changes for trains."]);
  expect(await save(seq)).toEqual([{ text: `Read this: ${LINK}`, preview: "p1" }]);
});

test("an edit keeps the message's own preview, and asks for none", async () => {
  const { seq } = house.post(GENERAL, "mira", { text: LINK, preview: travel });
  await open();
  await edit(`Now: ${LINK}`);
  expect(all("form.edit .preview")).toHaveLength(1);
  expect([await save(seq), asked()]).toEqual([[{ text: `Now: ${LINK}` }], []]);
});

test("a message's own preview can be removed without changing its text", async () => {
  const { seq } = house.post(GENERAL, "mira", { text: LINK, preview: travel });
  await open();
  await edit();
  named("Remove the preview").click();
  await house.wait(1000);
  expect(all("form.edit .preview")).toEqual([]);
  expect(await save(seq)).toEqual([{ text: LINK, preview: "" }]);
});

test("nothing is asked about a link to a message", async () => {
  await open();
  await write(`${location.origin}/r/${GENERAL}/1`);
  expect(asked()).toEqual([]);
});

test("nothing is asked where previews are off", async () => {
  house.who = me();
  await open();
  await write(LINK);
  expect(asked()).toEqual([]);
});

test("a link to a message is shown to who may see it, and to nobody else", async () => {
  const path = (seq: number) => `/rooms/abcdefghijkl/messages/${seq}`;
  house.instead.set(`GET ${path(3)}`, () => ({
    body: message(3, { room: "abcdefghijkl", author: "jonas", text: "Soup 🍲" }),
  }));
  house.instead.set(`GET ${path(4)}`, () => ({ status: 404, body: problem(404, "There is nothing here.") }));
  house.post(GENERAL, "jonas", { text: `${location.origin}/r/abcdefghijkl/3` });
  house.post(GENERAL, "jonas", { text: `${location.origin}/r/abcdefghijkl/4` });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  const cards = all("a.linked");
  expect(cards.map((c) => c.getAttribute("href"))).toEqual(["/r/abcdefghijkl/3"]);
  expect(words(cards[0]!)).toMatch(/Jonas Weber .*Soup 🍲$/);
});

test("a message shows its preview, as text", async () => {
  const evil = { url: LINK, title: "<img src=x onerror=alert(1)>", description: "a\u202eb" };
  house.post(GENERAL, "jonas", { text: LINK, preview: evil });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  const card = $<HTMLAnchorElement>("article .preview a");
  expect([words(card), card.getAttribute("href"), card.rel, card.target]).toEqual([
    "acme.example <img src=x onerror=alert(1)> a\u202eb",
    LINK,
    "noopener noreferrer",
    "_blank",
  ]);
  expect(all(".preview img")).toEqual([]);
});

test("a preview shows the picture of its page, which comes from here and takes its place at once", async () => {
  const picture = { id: "fffffffffff1", width: 360, height: 189, color: "#b08040" };
  house.post(GENERAL, "jonas", { text: LINK, preview: { ...travel, picture } });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
  const img = $<HTMLImageElement>("article .preview img");
  expect([img.getAttribute("src"), img.alt, img.width, img.height]).toEqual(["/api/v1/files/fffffffffff1", "", 80, 80]);
  expect(img.style.background).toBeTruthy();
});
