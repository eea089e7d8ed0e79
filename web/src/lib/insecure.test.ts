// @vitest-environment happy-dom
// Over plain http a browser lacks the APIs of secure contexts. They stand in a few files, which do without them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { copyText, newId } from "./insecure";

afterEach(() => {
  vi.unstubAllGlobals();
  document.body.replaceChildren();
});

/** What browsers offer only in secure contexts (MDN, "Features restricted to secure contexts"). */
const OF_NAVIGATOR =
  "bluetooth|canShare|clearAppBadge|clipboard|credentials|deviceMemory|geolocation|getBattery|gpu|hid|keyboard|locks|" +
  "mediaDevices|mediaSession|permissions|requestMediaKeySystemAccess|requestMIDIAccess|serial|serviceWorker|setAppBadge|share|" +
  "storage|usb|userAgentData|virtualKeyboard|wakeLock|windowControlsOverlay|xr";
const OTHERS =
  "AudioWorklet|BackgroundFetch\\w*|caches|cookieStore|DeviceMotionEvent|DeviceOrientationEvent|documentPictureInPicture|" +
  "getScreenDetails|IdleDetector|ImageDecoder|launchQueue|Notification|PaymentRequest|PushManager|queryLocalFonts|randomUUID|" +
  "SharedArrayBuffer|show(?:Open|Save|Directory)(?:File)?Picker|speechSynthesis|subtle|VideoDecoder|VideoEncoder|WebTransport";
const SECURE = new RegExp(`\\bnavigator\\??\\.(${OF_NAVIGATOR})\\b|(?<![-"'/])\\b(${OTHERS})\\b(?![-"'])`);

test("no other file uses an API that is missing over plain http", () => {
  const src = join(import.meta.dirname, "..");
  const users = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((f) => {
    if (!/\.(ts|svelte)$/.test(f) || /\.test\.ts$|(^|\/)testing\.ts$/.test(f)) return false;
    const code = readFileSync(join(src, f), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*|<!--[^]*?-->/g, "");
    return SECURE.test(code);
  });
  expect(users.sort()).toEqual(["lib/digest.ts", "lib/insecure.ts", "lib/notification.ts", "lib/recorder.ts"]);
});

describe("without them", () => {
  test("an id is a random UUID", () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    const ids = Array.from({ length: 100 }, newId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(100);
  });

  /** A page whose browser copies what is selected; what it copied. */
  function page(html: string, copies = true): string[] {
    const copied: string[] = [];
    document.body.innerHTML = html;
    vi.stubGlobal("navigator", {});
    document.execCommand = () => {
      const box = document.activeElement as HTMLTextAreaElement;
      copied.push(`${box.parentElement!.tagName} ${box.value.slice(box.selectionStart, box.selectionEnd)}`);
      return copies;
    };
    return copied;
  }

  test("text is copied by selecting it, and the focus stays where it was", async () => {
    const copied = page("<button>Copy</button>");
    document.querySelector("button")!.focus();
    expect(await copyText("https://x\n two")).toBe(true);
    expect(copied).toEqual(["BODY https://x\n two"]);
    expect([document.activeElement?.tagName, document.querySelectorAll("textarea").length]).toEqual(["BUTTON", 0]);
  });

  test("in a dialog it is selected there, since the page behind it is inert", async () => {
    const copied = page("<dialog open><button>Copy</button></dialog>");
    document.querySelector("button")!.focus();
    await copyText("s3cret");
    expect(copied).toEqual(["DIALOG s3cret"]);
  });

  test("a browser that copies nothing says so", async () => {
    page("", false);
    expect(await copyText("x")).toBe(false);
  });
});
