// @vitest-environment happy-dom
// Cards of other systems in messages.
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { folded, placed } from "./core/cards";
import { hasParts } from "./core/part";
import { at, GENERAL, message, user } from "./core/testing";
import { $, all, House, named, words } from "../testing/house";
import type { Card, Message } from "./wire/types";

describe("what is folded", () => {
  const fields = (n: number) => Array.from({ length: n }, (_, i) => ({ title: `f${i}`, value: "x" }));
  test.each<[string, Card[], number, number]>([
    ["one card", [{ title: "a" }], 1, 0],
    ["three with ten fields", [{ fields: fields(10) }, { title: "b" }, { title: "c" }], 3, 10],
    ["a fourth", [{ fields: fields(10) }, {}, {}, {}], 3, 10],
    ["an eleventh field", [{ fields: fields(11) }], 1, 10],
    ["twenty with a hundred fields", Array.from({ length: 20 }, () => ({ fields: fields(100) })), 3, 10],
  ])("of %s", (name, cards, many, first) => {
    const shown = folded(cards);
    expect([shown.length, shown[0]!.fields?.length ?? 0]).toEqual([many, first]);
    expect(shown === cards).toBe(!/fourth|eleventh|twenty/.test(name));
  });
});

describe("where fields stand", () => {
  const short = (title: string, value: string) => ({ title, value, short: true });
  const url = "https://gitlab.example/shop/api/-/commit/4f1c2a";
  test.each<[string, ReturnType<typeof placed>, Card["fields"] & object]>([
    ["two short ones", ["pair", "pair"], [short("Branch", "main"), short("Commit", `[Fix rounding](${url})`)]],
    ["three short ones", ["pair", "pair", "row"], [short("a", "1"), short("b", "2"), short("c", "3")]],
    [
      "short between long",
      ["row", "row", "row"],
      [{ title: "a", value: "1" }, short("b", "2"), { title: "c", value: "3" }],
    ],
    ["a long value", ["row", "row"], [short("Message", "connect ECONNREFUSED 192.0.2.7:443"), short("b", "2")]],
    ["a long name", ["row", "block"], [short("a", "1"), short("Time (Europe/Berlin)", "10:00")]],
    ["several lines", ["block"], [{ title: "Details", value: "one\ntwo" }]],
    ["a paragraph", ["block"], [{ title: "Details", value: "word ".repeat(20) }]],
    ["no names", ["pair", "pair", "block"], [{ value: "a", short: true }, { value: "b", short: true }, { value: "c" }]],
    ["a name alone", ["row"], [{ title: "Level", short: true }]],
  ])("of %s", (_, want, fields) => expect(placed(fields)).toEqual(want));
});

let house: House;
beforeAll(async () => {
  await import("./App.svelte");
  await Promise.all([import("./pages/Parts.svelte"), import("./features/room/Formatted.svelte")]);
}, 120_000); // a test waits for no transformation
beforeEach(() => {
  house = new House();
  house.users.push(user("grafana", { name: "Grafana bot", bot: true }));
});
afterEach(() => house.leave());

const show = async (cards: Card[], more: Partial<Message> = {}) => {
  house.post(GENERAL, "grafana", { text: "What the cards say", fallback: true, cards, ...more });
  await house.open(`/r/${GENERAL}`);
  await house.wait();
};
const links = () => all(".card a").map((a) => [words(a), a.getAttribute("href")]);

test("a card shows what it has, in the order in which it is read, and not its text once more", async () => {
  await show([
    {
      color: "#a30200",
      author: { name: "Ops" },
      title: "Disk full",
      url: "https://grafana.example/d/7",
      text: "**db1** has 2 % left",
      fields: [
        { title: "Severity", value: "page", short: true },
        { title: "Host", value: "db1" },
      ],
      image: {
        url: "https://grafana.example/graph.png",
        alt: "Free space",
        copy: { id: "p1", width: 840, height: 420, color: "#336699" },
      },
      footer: "Grafana",
      at: at(20),
      buttons: [{ text: "Runbook", url: "https://wiki.example/disk" }],
    },
  ]);
  expect(words($(".card"))).toMatch(/^Ops Disk full db1 has 2 % left Severity page Host db1 Grafana · .*20.* Runbook$/);
  expect($(".card").style.getPropertyValue("--edge")).toBe("#a30200");
  expect(all("article .text")).toEqual([]);
  expect($("article[data-seq]").getAttribute("aria-label")).toMatch(/: What the cards say$/);
  const img = $<HTMLImageElement>(".card img");
  expect([img.getAttribute("src"), img.alt, img.width, img.height]).toEqual([
    "/api/v1/files/p1",
    "Free space",
    420,
    210,
  ]);
  expect(links()).toEqual([
    ["Disk full", "https://grafana.example/d/7"],
    ["Runbook", "https://wiki.example/disk"],
  ]);
  for (const a of all(".card a"))
    expect(["target", "rel"].map((n) => a.getAttribute(n))).toEqual(["_blank", "noopener noreferrer nofollow"]);
});

test("a text of its own stands above the cards", async () => {
  await show([{ title: "Disk full" }], { fallback: false, text: "Look at this" });
  expect(words($(".body .text"))).toBe("Look at this");
});

test("no link leads elsewhere than it says, none runs anything, and no picture is loaded from elsewhere", async () => {
  await show([
    {
      title: "https://bank.example/login",
      url: "https://evil.example/",
      thumb: { url: "https://evil.example/pixel.gif", alt: "bank.example" },
      author: { name: "Click", url: "javascript:alert(1)" },
      color: "red;background:url(https://evil.example)",
      buttons: [
        { text: "bank.example", url: "https://evil.example/b" },
        { text: "Go", url: "data:text/html,x" },
      ],
    },
  ]);
  expect(links()).toEqual([
    ["bank.example", "https://evil.example/pixel.gif"],
    ["https://bank.example/login", "https://evil.example/"],
    ["bank.example", "https://evil.example/b"],
  ]);
  expect(all(".card small").map((e) => words(e))).toEqual(["(evil.example)", "(evil.example)", "(evil.example)"]);
  expect([all(".card img").length, $(".card").getAttribute("style")]).toEqual([0, null]);
});

test("many cards are folded, and shown when one asks", async () => {
  await show(Array.from({ length: 20 }, (_, i) => ({ title: `Card ${i}` })));
  expect(all(".card").length).toBe(3);
  named("Show all").click();
  await house.wait(20);
  expect(all(".card").length).toBe(20);
  named("Show less").click();
  await house.wait(20);
  expect(all(".card").length).toBe(3);
});

test("a name in a card is nobody's", async () => {
  await show([{ title: "x", text: "@jonas did it, @room" }]);
  expect(all(".card button, .card .at")).toEqual([]);
});

test("a webhook is named as it calls itself, beside the mark of a bot", async () => {
  house.post(GENERAL, "grafana", { text: "Before", sender: { name: "Prometheus" } });
  await show([{ title: "x" }], { sender: { name: "Jonas Weber", icon: "🔥" } });
  expect(words(all("article[data-seq] header")[1]!)).toMatch(/^Jonas Weber Bot 🔥/);
  expect(all("article[data-seq] header strong").map((e) => words(e))).toEqual(["Prometheus", "Jonas Weber"]);
  expect(all("article[data-seq] .face > .face").map(words), "its face").toEqual(["P", "JW"]);
});

test("cards are parts of a message", () => {
  expect([hasParts(message(1)), hasParts(message(1, { cards: [{ title: "x" }] }))]).toEqual([false, true]);
});
