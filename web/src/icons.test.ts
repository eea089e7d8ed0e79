// @vitest-environment happy-dom
// The icons, which svelte.config.js makes of Lucide's lists: fixed drawings that take a size and a fill.
import Star from "@lucide/svelte/icons/star";
import Users from "@lucide/svelte/icons/users";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { flushSync, mount } from "svelte";
import { expect, test } from "vitest";

const drawn = (icon: typeof Star, props: { size?: number; fill?: string }) => {
  const target = document.createElement("div");
  flushSync(() => mount(icon, { target, props }));
  return target.querySelector("svg")!;
};

test("an icon is drawn with its lines, in its size and fill, and is not read out", () => {
  const svg = drawn(Users, { size: 17 });
  expect([...svg.children].map((line) => line.tagName)).toEqual(["circle", "path"]);
  expect(svg.querySelector("circle")!.outerHTML).toMatch(/cx="9" cy="7" r="4"/);
  const attributes = Object.fromEntries([...svg.attributes].map((a) => [a.name, a.value]));
  expect(attributes).toEqual({
    viewBox: "0 0 24 24",
    width: "17",
    height: "17",
    fill: "none",
    stroke: "currentColor",
    "stroke-width": "2",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
    "aria-hidden": "true",
  });
  expect(drawn(Star, { fill: "currentColor" }).getAttribute("fill")).toBe("currentColor");
});

test("no component gives an icon what its drawing does not take", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((f) => f.endsWith(".svelte"))) {
    const code = readFileSync(join(import.meta.dirname, file), "utf8");
    for (const [, name] of code.matchAll(/import (\w+) from "@lucide/g))
      for (const [, props] of code.matchAll(new RegExp(`<${name}\\b([^>]*)/>`, "g")))
        expect(props!.replace(/\b(size|fill)=(\{[^}]*\}|"[^"]*")/g, "").trim(), file).toBe("");
  }
});
