// @vitest-environment happy-dom
// Files of messages: how they are shown, and the pictures over the whole page.
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { aFile, at, GENERAL, problem } from "./core/testing";
import type { File as Sent } from "./core/file";
import { $, all, House, key, named, type, words } from "../testing/house";

let house: House;
beforeAll(async () => {
  // A test waits for no transformation of what is loaded on demand.
  await import("./App.svelte");
  await Promise.all([
    import("./pages/Parts.svelte"),
    import("./pages/Alerts.svelte"),
    import("./features/composer/Extras.svelte"),
    import("./features/room/Formatted.svelte"),
    import("./store/uploads.svelte"),
  ]);
}, 120_000);
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const picture = (id: string, more: Partial<Sent> = {}): Sent =>
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

const show = async (files: Sent[], text = "") => {
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
    "Download q4-budget.xlsx 212 kB · XLSX",
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

describe("adding files", () => {
  const BEGIN = "POST /files",
    POST = `POST /rooms/${GENERAL}/messages`;
  let go: () => void; // lets the bytes arrive

  beforeEach(async () => {
    const arrived = new Promise<void>((yes) => (go = yes));
    class Request {
      upload: { onprogress?: (e: { loaded: number }) => void } = {};
      status = 204;
      onload = () => {};
      open() {}
      setRequestHeader() {}
      abort() {}
      send(body: Blob) {
        this.upload.onprogress?.({ loaded: Math.floor(body.size / 2) });
        void arrived.then(() => this.onload());
      }
    }
    vi.stubGlobal("XMLHttpRequest", Request);
    vi.stubGlobal("navigator", { maxTouchPoints: 0, platform: "Linux", userAgent: "" });
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) }); // as over plain http
    let n = 0;
    house.instead.set(BEGIN, (b) => ({ body: { file: aFile({ ...(b as Sent), id: `f${++n}` }), part_size: 8 << 20 } }));
    for (const id of ["f1", "f2"]) {
      house.instead.set(`POST /files/${id}/parts`, () => ({
        body: { parts: [{ n: 1, url: `/api/v1/files/${id}/parts/1`, headers: {} }], have: [] },
      }));
      house.instead.set(`POST /files/${id}/done`, () => ({ body: aFile({ id, name: `${id}.txt` }) }));
      house.instead.set(`DELETE /files/${id}`, () => ({ status: 204 }));
    }
  });

  const box = () => $<HTMLTextAreaElement>("form.composer textarea");
  const file = (name: string, text = "12345678") => new File([text], name, { type: "text/plain" });
  const transfer = (files: File[], text = "") => ({
    files,
    items: [],
    types: files.length ? ["Files"] : ["text/plain"],
    getData: () => text,
  });
  async function paste(files: ReturnType<typeof file>[], text = ""): Promise<Event> {
    const e = Object.assign(new Event("paste", { bubbles: true, cancelable: true }), {
      clipboardData: transfer(files as never, text),
    });
    box().dispatchEvent(e);
    await house.wait();
    return e;
  }
  const tray = () => all("form.composer ul[aria-label=Files] li").map((li) => words(li));

  test("a pasted file is uploaded, and goes with the message", async () => {
    await house.open(`/r/${GENERAL}`);
    expect(named("Send").hasAttribute("disabled")).toBe(true);
    expect((await paste([file("minutes.txt")])).defaultPrevented).toBe(true);
    expect([tray(), house.commands(BEGIN)]).toEqual([
      ["minutes.txt 4 of 8 B"],
      [{ name: "minutes.txt", size: 8, type: "text/plain" }],
    ]);
    go();
    await house.wait();
    expect(words($(".box > [role=status]"))).toBe("1 of 1 uploaded");
    key(box(), "Enter");
    await house.wait();
    expect([house.commands(POST), tray()]).toEqual([[{ client_id: expect.anything(), text: "", files: ["f1"] }], []]);
    expect(Object.keys(localStorage).filter((k) => k.includes(".upload."))).toEqual([]);
  });

  test("a message that is sent before waits for its files, others do not", async () => {
    await house.open(`/r/${GENERAL}`);
    await paste([file("minutes.txt")]);
    type(box(), "Here they are");
    key(box(), "Enter");
    await house.wait();
    expect([house.commands(POST), words($("[data-sending]"))]).toEqual([
      [],
      expect.stringMatching(/Here they are.*minutes\.txt 4 of 8 B.*Waiting for its files…/),
    ]);
    type(box(), "Coming");
    key(box(), "Enter");
    await house.wait();
    expect(house.commands(POST)).toEqual([{ client_id: expect.anything(), text: "Coming" }]);
    go();
    await house.wait();
    expect(house.commands(POST)[1]).toEqual({ client_id: expect.anything(), text: "Here they are", files: ["f1"] });
  });

  test("a file can be taken back, in the box and on its way", async () => {
    await house.open(`/r/${GENERAL}`);
    await paste([file("a.txt"), file("b.txt")]);
    named("Remove a.txt").click();
    await house.wait();
    expect([tray().length, house.commands("DELETE /files/f1").length]).toEqual([1, 1]);
    key(box(), "Enter");
    await house.wait();
    named("Remove b.txt").click();
    await house.wait();
    expect([all("[data-sending]"), house.commands(POST)]).toEqual([[], []]);
  });

  test("who is removed from a room hears that the files are gone that were not sent, also without words", async () => {
    await house.open(`/r/${GENERAL}`);
    await paste([file("a.txt")]);
    await house.say({ type: "left", room: GENERAL, reason: "removed", by: "jonas" });
    expect(all("[role=status]").map(words).join(" ")).toContain("What you had written there and not sent is deleted.");
    expect([
      house.commands("DELETE /files/f1").length,
      Object.keys(localStorage).filter((k) => k.includes(".upload.")),
    ]).toEqual([1, []]);
  });

  test("a file that is refused says why, and can be tried again", async () => {
    house.instead.set(BEGIN, () => ({ status: 413, body: problem(413, "Your files of today are too many.") }));
    await house.open(`/r/${GENERAL}`);
    await paste([file("a.txt")]);
    expect(tray()).toEqual(["a.txt Your files of today are too many."]);
    expect(words($(".box > [role=status]"))).toBe("a.txt: Your files of today are too many.");
    expect(named("Send").hasAttribute("disabled")).toBe(true);
    house.instead.delete(BEGIN);
    house.instead.set(BEGIN, () => ({ body: { file: aFile({ id: "f1" }), part_size: 8 << 20 } }));
    named("Try a.txt again").click();
    await house.wait();
    expect(tray()).toEqual(["a.txt 4 of 8 B"]);
  });

  test("files are dropped anywhere on the room, which says so", async () => {
    await house.open(`/r/${GENERAL}`);
    const drag = async (what: string) => {
      const e = Object.assign(new Event(what, { bubbles: true, cancelable: true }), {
        dataTransfer: transfer([file("a.txt")] as never),
      });
      $("#room .line").dispatchEvent(e);
      await house.wait();
      return e.defaultPrevented;
    };
    expect([await drag("dragover"), words($(".drop"))]).toEqual([true, "Drop to send to general"]);
    expect([await drag("drop"), all(".drop"), tray()]).toEqual([true, [], ["a.txt 4 of 8 B"]]);
  });

  test("a long paste can become a file, and a short one is text", async () => {
    await house.open(`/r/${GENERAL}`);
    const text = "long ".repeat(900);
    const insert = async (s: string) => {
      await paste([], s);
      box().setRangeText(s, box().selectionStart, box().selectionEnd, "end");
      box().dispatchEvent(new InputEvent("input", { bubbles: true }));
      await house.wait();
    };
    await insert("Before. ");
    expect(all(".long")).toEqual([]);
    await insert(text);
    expect(words($(".long"))).toMatch(/^You pasted 4.500 characters\. Make it a file$/);
    named("Make it a file").click();
    await house.wait();
    expect([box().value, all(".long"), house.commands(BEGIN)]).toEqual([
      "Before. ",
      [],
      [{ name: "Pasted text.txt", size: 4500, type: "text/plain" }],
    ]);
  });

  test("an edit takes no files, and keeps those of the message", async () => {
    house.post(GENERAL, "mira", { text: "Look", files: [picture("p1")] as never });
    await house.open(`/r/${GENERAL}`);
    key(box(), "ArrowUp");
    await house.wait();
    expect([all("form.edit").length, all("article button.picture").length]).toEqual([1, 1]);
  });
});

test("the files of a room are listed, of all kinds or of one, and lead to where they were sent", async () => {
  const listed = [
    { file: picture("p1"), seq: 3, author: "jonas", created_at: at(3) },
    { file: aFile({ id: "d1", name: "minutes.pdf" }), seq: 2, author: "kim", created_at: at(2) },
  ];
  house.instead.set(`GET /rooms/${GENERAL}/files?`, () => ({ body: { files: listed, next: 2 } }));
  house.instead.set(`GET /rooms/${GENERAL}/files?before=2`, () => ({
    status: 503,
    body: problem(503, "Busy."),
  }));
  house.instead.set(`GET /rooms/${GENERAL}/files?kind=file`, () => ({ body: { files: listed.slice(1) } }));
  await house.open(`/r/${GENERAL}`);
  named("Files").click();
  await house.wait();
  const rows = () => all("dialog li").map((li) => words(li));
  expect([$("dialog").getAttribute("aria-label"), rows()]).toEqual([
    "Files in general",
    [expect.stringMatching(/^p1.jpg 2 MB · Jonas Weber · /), expect.stringMatching(/^minutes.pdf 4.1 MB · Kim · /)],
  ]);
  named("Earlier files").click();
  await house.wait();
  expect(words($("dialog .state"))).toContain("Busy.");
  named("Other").click();
  await house.wait();
  expect([rows().length, named("Other").getAttribute("aria-checked")]).toEqual([1, "true"]);
  named(/^minutes.pdf/).click();
  await house.wait();
  expect([location.pathname, all("dialog")]).toEqual([`/r/${GENERAL}/2`, []]);
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
    expect(all("dialog.viewer header bdi").map(words), "whose letters may run the other way").toEqual([
      "b.jpg",
      "Jonas Weber",
    ]);
    expect(document.activeElement, "Enter magnifies nothing").toBe(named("Close"));
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
