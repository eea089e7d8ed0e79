// @vitest-environment happy-dom
// Files of messages: how they are shown, and the pictures over the whole page.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aFile, GENERAL } from "./core/testing";
import type { File } from "./core/file";
import { $, all, House, key, named, words } from "../testing/house";

let house: House;
beforeAll(() => import("./App.svelte").then(() => import("./pages/Parts.svelte")), 60_000); // a test waits for no transformation
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const picture = (id: string, more: Partial<File> = {}): File =>
  aFile({
    id,
    name: `${id}.jpg`,
    kind: "image",
    type: "image/jpeg",
    size: 2_000_000,
    width: 4000,
    height: 3000,
    color: "#336699",
    thumbs: [360, 960],
    ...more,
  });

const show = async (files: File[], text = "") => {
  house.post(GENERAL, "jonas", { text, files: files as never });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
};
const row = () => $("article[data-seq]");

test("a picture has its place and its colour before it is there", async () => {
  await show([picture("p1")], "Terrace is open");
  const place = $("button.picture");
  expect([place.style.width, place.style.aspectRatio, place.style.backgroundColor]).toEqual([
    "420px",
    "420 / 315",
    "#336699",
  ]);
  expect(place.querySelector("img")!.getAttribute("src")).toBe("/api/v1/files/p1/thumb?size=960");
  expect(words($(".text"))).toBe("Terrace is open");
});

test("a message without words shows its files, and is said by their names", async () => {
  await show([aFile({ name: "q4-budget.xlsx", size: 212_000 })]);
  expect(all("article .text")).toEqual([]);
  expect(row().getAttribute("aria-label")).toMatch(/: q4-budget\.xlsx$/);
  const link = $<HTMLAnchorElement>("a.file");
  expect([words(link), link.getAttribute("href"), link.download]).toEqual([
    "q4-budget.xlsx 212 kBXLSX",
    "/api/v1/files/ffffffffffff?download=true",
    "q4-budget.xlsx",
  ]);
});

test("of five pictures three tiles are shown, and the last stands for the others", async () => {
  await show(["a", "b", "c", "d", "e"].map((id) => picture(id)));
  expect(all("button.picture").map((b) => b.getAttribute("aria-label"))).toEqual([
    "Open a.jpg",
    "Open b.jpg",
    "Open c.jpg and 2 more",
  ]);
  expect(words($(".picture .more"))).toBe("+3");
});

test("a picture that cannot be fetched says its name", async () => {
  await show([picture("p1")]);
  $("button.picture img").dispatchEvent(new Event("error"));
  await house.wait(20);
  expect([words($("button.picture")), all("button.picture img").length]).toEqual(["p1.jpg", 0]);
});

test("each kind is shown in its way, and one that does not play can be downloaded", async () => {
  await show([
    aFile({ id: "v", name: "clip.mp4", kind: "video", type: "video/mp4", width: 640, height: 360, thumbs: [360] }),
    aFile({ id: "s", name: "song.mp3", kind: "audio", type: "audio/mpeg" }),
    aFile({
      id: "w",
      name: "voice.webm",
      kind: "audio",
      type: "audio/webm",
      waveform: btoa("\x10\xff"),
      duration: 7000,
    }),
  ]);
  const video = $<HTMLVideoElement>("video");
  expect([video.getAttribute("poster"), video.getAttribute("preload"), video.style.aspectRatio]).toEqual([
    "/api/v1/files/v/thumb?size=360",
    "none",
    "480 / 270",
  ]);
  expect(words($(".voice"))).toBe("0:07 1×");
  named("Speed 1×").click();
  await house.wait(20);
  expect(words($(".voice"))).toBe("0:07 1.5×");
  for (const media of all("video, audio")) media.dispatchEvent(new Event("error"));
  await house.wait(20);
  expect(all("a.file").map((a) => a.getAttribute("download"))).toEqual(["clip.mp4", "song.mp3", "voice.webm"]);
  expect(all("video, audio")).toEqual([]);
});

test("a deleted message shows no files", async () => {
  house.post(GENERAL, "jonas", { text: "", files: [picture("p1")] as never, deleted_at: "2026-11-24T09:02:00.000Z" });
  await house.open(`/r/${GENERAL}`);
  expect([words($("article .gone")), all("button.picture")]).toEqual(["This message was deleted.", []]);
});

describe("a picture over the whole page", () => {
  const open = async () => {
    await show(["a", "b", "c"].map((id) => picture(id)));
    named("Open b.jpg").click();
    await house.wait();
  };
  const shown = () => words($("dialog.viewer header p"));
  const press = async (name: string) => {
    key($("dialog.viewer"), name);
    await house.wait(20);
  };

  test("opens at the one that was chosen, and says which it is", async () => {
    await open();
    expect(shown()).toBe("2 of 3b.jpg · 2 MB · Jonas Weber");
    expect($(".look img:last-child").getAttribute("src")).toBe("/api/v1/files/b");
    expect(named("Download b.jpg").getAttribute("href")).toBe("/api/v1/files/b?download=true");
  });

  test("arrow keys lead to the others, no further than to the ends", async () => {
    await open();
    const seen = [];
    for (const k of ["ArrowRight", "ArrowRight", "Home", "ArrowLeft", "End"]) {
      await press(k);
      seen.push(shown().slice(0, 6));
    }
    expect(seen).toEqual(["3 of 3", "3 of 3", "1 of 3", "1 of 3", "3 of 3"]);
    expect(all("dialog.viewer .right")).toEqual([]);
  });

  test("plus and minus magnify it, and another picture is seen whole again", async () => {
    await open();
    const scale = () => /scale\((.*)\)/.exec($(".look").style.transform)![1];
    expect([scale(), named("Zoom out").hasAttribute("disabled")]).toEqual(["1", true]);
    await press("+");
    expect([scale(), named("Zoom out").hasAttribute("disabled")]).toEqual(["1.4", false]);
    await press("0");
    expect(scale()).toBe("1");
    await press("+");
    await press("ArrowRight");
    expect(scale()).toBe("1");
  });

  test("Back closes it, and so does its button", async () => {
    await open();
    history.back();
    await house.wait();
    expect(all("dialog.viewer")).toEqual([]);
    named("Open b.jpg").click();
    await house.wait();
    named("Close").click();
    await house.wait();
    expect(all("dialog.viewer")).toEqual([]);
  });

  test("one that cannot be fetched says what to do", async () => {
    await open();
    $(".look img:last-child").dispatchEvent(new Event("error"));
    await house.wait(20);
    expect(words($(".look [role=alert]"))).toBe("Only a small picture can be shown. Try to download it.");
  });
});
