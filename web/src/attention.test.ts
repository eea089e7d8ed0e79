// @vitest-environment happy-dom
// What one wants to hear of, as the page shows it: do not disturb, of oneself and of others, and the settings.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { at, direct, GENERAL, me, problem, room, user } from "./core/testing";
import type { Me, UpdateMe } from "./wire/types";
import { $, all, field, House, key, named, type, words } from "../testing/house";

const JONAS = "cccccccccccc";
let house: House;
beforeEach(() => {
  process.env["TZ"] = "Europe/Berlin"; // 9:30 UTC is 10:30 there
  house = new House();
  house.rooms = [room(), direct(JONAS, ["mira", "jonas"])];
  house.instead.set("PATCH /me", (body) => ({ body: (house.who = changed(house.who!, body as UpdateMe)) }));
});
afterEach(async () => {
  await house.leave();
  delete process.env["TZ"];
});

/** What the server makes of a change. */
function changed(who: Me, { settings, ...rest }: UpdateMe): Me {
  const attention = { ...who.settings.attention, ...settings?.attention };
  return { ...who, ...(rest as Partial<Me>), settings: { ...who.settings, attention } };
}
const sent = () => house.commands("PATCH /me");
const row = (id: string) => $(`nav a[href="/r/${id}"]`);
const isQuiet = (id: string) => !!row(id).querySelector("i.quiet") && words(row(id)).includes(", do not disturb");
const press = async (name: string | RegExp) => {
  named(name).click();
  await house.wait();
};
const open = async () => {
  await house.open(`/r/${GENERAL}`);
  await press("Settings");
  await press("Notifications");
};
const choose = async (e: HTMLInputElement | HTMLSelectElement, value: string | boolean) => {
  if (typeof value === "boolean") (e as HTMLInputElement).checked = value;
  else e.value = value;
  e.dispatchEvent(new Event("change", { bubbles: true }));
  await house.wait();
};
const select = (label: string) => {
  const found = all("label").find((l) => words(l).startsWith(label))!;
  return found.querySelector("select")!;
};

describe("a moon beside a face", () => {
  test("stands as long as do not disturb is on", async () => {
    house.users[1] = user("jonas", { quiet: { until: at(31) } });
    await house.open(`/r/${GENERAL}`);
    expect(isQuiet(JONAS)).toBe(true);
    await house.wait(61_000);
    expect(isQuiet(JONAS)).toBe(false);
  });

  test("comes and goes with a schedule, to the minute, where that person lives", async () => {
    const schedule = { days: ["tue" as const], from: "18:32", to: "18:33" }; // Tuesday, 9:32 UTC
    house.users[1] = user("jonas", { time_zone: "Asia/Tokyo", quiet: { schedule } });
    await house.open(`/r/${GENERAL}`);
    expect(isQuiet(JONAS)).toBe(false);
    vi.setSystemTime(at(31));
    await house.wait(60_000);
    expect(isQuiet(JONAS)).toBe(true);
    await house.wait(60_000);
    expect(isQuiet(JONAS)).toBe(false);
  });

  test("comes and goes with the events of a person", async () => {
    await house.open(`/r/${GENERAL}`);
    await house.say({ type: "user", user: user("jonas", { quiet: { until: at(59) } }) });
    expect(isQuiet(JONAS)).toBe(true);
    await house.say({ type: "user", user: user("jonas", { quiet: { until: at(59) }, deactivated: true }) });
    expect(isQuiet(JONAS)).toBe(false);
  });

  test("says on the card until when", async () => {
    house.users[0] = user("mira", { quiet: { until: at(59) } });
    await house.open(`/r/${GENERAL}`);
    expect($("nav footer i").className).toContain("quiet");
    $("nav footer .wide").click();
    await house.wait();
    expect(words($("dialog"))).toMatch(/Do not disturb until 10:59/);
  });
});

describe("do not disturb", () => {
  test("is set for a while, said, and ended", async () => {
    await open();
    await press("1 hour");
    const [{ settings }] = sent() as [UpdateMe];
    expect(settings).toEqual({ attention: { quiet: { until: expect.stringMatching(/^2026-11-24T10:3/) } } });
    expect(words($("dialog .says"))).toMatch(/^On until 11:3\d.*\.$/);
    await press("End now");
    expect(sent().at(-1)).toEqual({ settings: { attention: { quiet: {} } } });
    expect(words($("dialog .says"))).toBe("");
  });

  test("is set until a moment, which lies ahead", async () => {
    await open();
    await press("Until…");
    const box = $<HTMLInputElement>("dialog input[type=datetime-local]");
    type(box, "2026-11-24T10:00");
    await house.wait();
    expect(words($("dialog [role=alert]"))).toBe("This time is over. Choose a later one.");
    box.form!.requestSubmit();
    await house.wait();
    expect(sent()).toEqual([]);
    type(box, "2026-11-25T08:00");
    await house.wait();
    box.form!.requestSubmit();
    await house.wait();
    expect(sent()).toEqual([{ settings: { attention: { quiet: { until: "2026-11-25T07:00:00.000Z" } } } }]);
  });

  test("on a schedule takes the time zone of the device first, if none is known", async () => {
    await open();
    await choose(field("On a schedule"), true);
    const schedule = { days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], from: "22:00", to: "08:00" };
    expect(sent()).toEqual([{ time_zone: "Europe/Berlin" }, { settings: { attention: { quiet: { schedule } } } }]);
    expect([select("Your time zone").value, words($("dialog"))]).toEqual([
      "Europe/Berlin",
      expect.stringContaining("It ends on the next day."),
    ]);
    await press("Sunday");
    await choose(field("From"), "09:00");
    await choose(field("To"), "");
    await choose(field("To"), "12:00");
    expect(sent().at(-1)).toEqual({
      settings: { attention: { quiet: { schedule: { days: schedule.days.slice(0, 6), from: "09:00", to: "12:00" } } } },
    });
    expect(words($("dialog .says")), "it is Tuesday, 10:30").toMatch(/^On until 12:00.*, by your schedule.$/);
    await choose(field("On a schedule"), false);
    expect(sent().at(-1)).toEqual({ settings: { attention: { quiet: {} } } });
  });

  test("keeps its schedule when it is set for a while, and is not what it was when it is refused", async () => {
    const schedule = { days: ["sun" as const], from: "09:00", to: "12:00" };
    const who = me({ time_zone: "Asia/Tokyo" });
    house.who = {
      ...who,
      settings: { ...who.settings, attention: { ...who.settings.attention, quiet: { schedule } } },
    };
    await open();
    await press("30 minutes");
    expect(sent()).toEqual([{ settings: { attention: { quiet: { until: expect.any(String), schedule } } } }]);
    expect(select("Your time zone").value).toBe("Asia/Tokyo");
    house.instead.set("PATCH /me", () => ({ status: 400, body: problem(400, "Not so.") }));
    await press("End now");
    expect([words($("dialog .says")), words($("dialog"))]).toEqual([
      expect.stringMatching(/^On until 11:0/),
      expect.stringContaining("Not so."),
    ]);
  });
});

describe("what one hears of", () => {
  const kept = () => house.who!.settings.attention;
  const keeps = (keywords: string[]) => (house.who = changed(me(), { settings: { attention: { keywords } } }));
  const chips = () => all("dialog .chips li").map(words);

  test("new rooms notify one of what one has chosen", async () => {
    await open();
    await choose(select("New rooms notify you about"), "nothing");
    expect(sent()).toEqual([{ settings: { attention: { default_notify: "nothing" } } }]);
  });

  test("replies in threads notify one if one likes", async () => {
    await open();
    await choose(field("Replies in threads that you follow"), true);
    expect(sent()).toEqual([{ settings: { attention: { thread_alert: true } } }]);
  });

  test("e-mail is a choice where the server can send it", async () => {
    const { workspace } = me();
    house.who = me({ workspace: { ...workspace, mail: false } });
    await open();
    expect(all("dialog h3").map(words)).toEqual(["This device", "What you hear of", "Do not disturb"]);
    house.who = me();
    await house.say({ type: "user", user: user("mira") }); // the settings are fetched
    await choose(select("Digest of what waits for you"), "hourly");
    expect(sent()).toEqual([{ settings: { attention: { digest: "hourly" } } }]);
    await choose(select("Digest of what waits for you"), "daily");
    expect(sent().slice(1), "8:00 is that of the device").toEqual([
      { time_zone: "Europe/Berlin" },
      { settings: { attention: { digest: "daily" } } },
    ]);
    expect(words($("dialog"))).toContain("To mira@example.com, while you are not here, if something is unread.");
    expect(words($("dialog"))).toContain("The time is that of Europe/Berlin.");
  });

  test("keywords are added and removed, one by one", async () => {
    keeps(["soup"]);
    await open();
    type(field("Keywords"), " pea soup ");
    key(field("Keywords"), "Enter");
    await house.wait();
    expect([chips(), field("Keywords").value, kept().keywords]).toEqual([
      ["Remove soup", "Remove pea soup"],
      "",
      ["soup", "pea soup"],
    ]);
    await press(/^Remove\s*soup$/);
    expect([chips(), document.activeElement === field("Keywords")]).toEqual([["Remove pea soup"], true]);
    expect(words($("dialog [role=status].hidden"))).toBe("soup removed");
  });

  test("a keyword that is refused stays in the field, which says why", async () => {
    await open();
    house.instead.set("PATCH /me", () => ({ status: 400, body: problem(400, "A keyword has 2 to 40 characters.") }));
    type(field("Keywords"), "x");
    await press("Add");
    expect([words($("dialog .wrong")), field("Keywords").value, chips()]).toEqual([
      "A keyword has 2 to 40 characters.",
      "x",
      [],
    ]);
    expect(field("Keywords").getAttribute("aria-invalid")).toBe("true");
  });

  test("twenty keywords are the most", async () => {
    keeps(Array.from({ length: 20 }, (_, i) => `word ${i}`));
    await open();
    expect(words($("dialog"))).toContain("You have 20 keywords, which is the most.");
    await press(/^Remove\s*word 0$/);
    expect(field("Keywords").value).toBe("");
  });
});

describe("this device", () => {
  const says = () => words($("dialog section"));
  const show = () => field("Show notifications");
  /** A browser with notifications; what was shown. */
  function browser(permission: string, answer = permission, throws = false): string[] {
    const shown: string[] = [];
    class Notification {
      static permission = permission;
      static async requestPermission() {
        Notification.permission = answer;
      }
      constructor(title: string) {
        if (throws) throw new TypeError("Illegal constructor");
        if (Notification.permission === "granted") shown.push(title);
      }
      close() {}
    }
    vi.stubGlobal("Notification", Notification);
    return shown;
  }

  test("is asked for permission by the switch, and turned off and on", async () => {
    const shown = browser("default", "granted");
    await open();
    expect(show().checked).toBe(false);
    await choose(show(), true);
    expect(show().checked).toBe(true);
    await press("Send a test");
    expect([shown, says()]).toEqual([
      ["Canteen"],
      expect.stringContaining("A test was sent. If you do not see it, check"),
    ]);
    await choose(show(), false);
    expect([show().checked, localStorage.getItem("canteen.notify.mira")]).toEqual([false, "off"]);
    expect(() => named("Send a test")).toThrow();
  });

  test("says how to allow what the browser blocks", async () => {
    browser("default", "denied");
    await open();
    await choose(show(), true);
    expect([show().checked, show().disabled, says()]).toEqual([
      false,
      true,
      expect.stringContaining("Your browser blocks notifications of Canteen."),
    ]);
    browser("granted");
    dispatchEvent(new Event("focus"));
    await house.wait();
    expect([show().checked, show().disabled]).toEqual([true, false]);
  });

  test("says why it cannot show any", async () => {
    vi.stubGlobal("Notification", undefined);
    vi.stubGlobal("isSecureContext", true);
    await open();
    expect(says()).toContain("This browser does not let a page show notifications.");
    await house.leave();
    house = new House();
    vi.stubGlobal("Notification", undefined);
    vi.stubGlobal("isSecureContext", false);
    await open();
    expect(says()).toContain("only if its address begins with https.");
  });

  test("of a phone says so when the first one cannot be made", async () => {
    browser("granted", "granted", true);
    await open();
    vi.stubGlobal("isSecureContext", true);
    await press("Send a test");
    expect(says()).toContain("This browser does not let a page show notifications.");
  });

  test("plays the tone that one chooses", async () => {
    let tones = 0;
    const node = new Proxy(() => node, { get: (_, k) => (k === "then" ? undefined : node), set: () => true }) as object;
    vi.stubGlobal("AudioContext", function () {
      tones++;
      return { currentTime: 0, createOscillator: () => node, createGain: () => node, close: async () => {} };
    });
    await open();
    await choose(select("Sound"), "quiet");
    expect([tones, sent()]).toEqual([1, [{ settings: { attention: { sound: "quiet" } } }]]);
    await choose(select("Sound"), "off");
    expect(tones).toBe(1);
  });
});
