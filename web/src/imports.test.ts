// Who may import whom, with the reasons. A file of src/ belongs to the part that its first folder names.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = import.meta.dirname;

interface Rule {
  readonly may: readonly string[];
  /** Packages whose names begin so may be imported too. */
  readonly packages?: readonly string[];
  readonly why: string;
}

const rules: Record<string, Rule> = {
  wire: { may: ["wire"], why: "the shapes of the API are generated and depend on nothing" },
  core: { may: ["core", "wire"], why: "state and rules run without a browser, a network or a framework" },
  lib: {
    may: ["lib", "core", "wire"],
    packages: ["emojibase", "markdown-it", "@speed-highlight", "uplot"],
    why: "plain functions know no framework and no server",
  },
  net: { may: ["net", "core", "wire", "lib/trust"], why: "the network feeds the core, and is drawn by nobody" },
  store: {
    may: ["store", "net", "core", "lib", "wire"],
    packages: ["svelte"],
    why: "thin reactive shells: the one place that joins the network, the core and the framework",
  },
  ui: {
    may: ["ui", "lib", "wire"],
    packages: ["svelte", "@lucide"],
    why: "widgets know no product words and no store",
  },
  features: {
    may: ["ui", "store", "core", "lib", "wire"],
    packages: ["svelte", "@lucide"],
    why: "a component gives commands to the store, and no component calls the network",
  },
  pages: {
    may: ["pages", "features", "ui", "store", "core", "lib", "wire"],
    packages: ["svelte"],
    why: "pages put features together; they call the network as little as these do",
  },
};

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((f) => /\.(ts|svelte)$/.test(f) && !/\.test\.ts$|(^|\/)testing\.ts$/.test(f))
  .sort();

const text = (f: string): string => readFileSync(join(SRC, f), "utf8");

/** What a file imports, as paths within src/ or as names of packages. */
function imports(f: string): string[] {
  const found = text(f).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)["']([^"']+)["']/g);
  return [...found].map(([, what]) =>
    what!.startsWith(".") ? relative(SRC, resolve(SRC, dirname(f), what!)).replace(/\?.*$/, "") : what!,
  );
}

const part = (f: string): string => f.split("/")[0]!;
const within = (f: string, folder: string): boolean => f === folder || f.startsWith(`${folder}/`);

test("there are files, and their imports are seen", () => {
  expect(files.length).toBeGreaterThan(60);
  expect(imports("store/connection.svelte.ts")).toContain("net/live");
  expect(imports("pages/dialogs.ts")).toContain("features/me/Me.svelte"); // imported when it is needed
  expect(imports("net/socket.ts")).toContain("net/timer.worker.ts");
});

test.each(files.filter((f) => f.includes("/")))("%s imports what its part may", (f) => {
  const rule = rules[part(f)];
  if (!rule) return expect(part(f)).toBe("styles"); // a new part needs a rule
  for (const i of imports(f)) {
    const feature = part(f) === "features" && within(i, f.split("/").slice(0, 2).join("/"));
    const may = feature || rule.may.some((m) => within(i, m)) || rule.packages?.some((p) => i.startsWith(p));
    expect(may, `${f} imports ${i}: ${rule.why}`).toBe(true);
  }
});

test("runes stand in components and in .svelte.ts files of the store alone", () => {
  const rune = /\$(state|derived|effect|props|bindable)\b/;
  for (const f of files.filter((f) => f.endsWith(".ts"))) {
    if (rune.test(text(f))) expect(f, "only the store is reactive").toMatch(/^store\/.*\.svelte\.ts$/);
    if (f.endsWith(".svelte.ts")) expect(f, "only the store is reactive").toMatch(/^store\//);
  }
});

test("the network and other globals of the browser stay out of the core", () => {
  const browser = /\b(fetch\(|document\.|window\.|localStorage|WebSocket|setTimeout|navigator)/;
  for (const f of files.filter((f) => within(f, "core"))) {
    const code = text(f).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    expect(browser.exec(code)?.[0], `${f}: the core is tested without a browser`).toBeUndefined();
  }
});

const components = files.filter((f) => f.endsWith(".svelte"));

test.each(components)("%s is small, fetches nothing, and has one effect at most", (f) => {
  const source = text(f);
  expect(source.split("\n").length, "a longer component is split").toBeLessThanOrEqual(201);
  expect(source).not.toMatch(/\bfetch\(|XMLHttpRequest|new WebSocket/);
  expect(
    source.match(/\$effect\b/g)?.length ?? 0,
    "effects talk to the DOM; they are no control flow",
  ).toBeLessThanOrEqual(1);
});

/** The text from `(` at `from` to its `)`. */
function argument(source: string, from: number): string {
  for (let depth = 0, i = from; i < source.length; i++) {
    if (source[i] === "(") depth++;
    else if (source[i] === ")" && --depth === 0) return source.slice(from, i + 1);
  }
  throw new Error("no end");
}

test("no $derived assigns to anything", () => {
  for (const f of files) {
    const source = text(f);
    for (const m of source.matchAll(/\$derived(\.by)?(<[^(]*>)?\(/g)) {
      const body = argument(source, m.index + m[0].length - 1).replace(/"[^"]*"|`[^`]*`|'[^']*'/g, "");
      const assigns = /(?<!\b(?:const|let) [\w$]+ )(?<![=!<>])=(?![=>])|\+\+|--/.exec(
        body.replace(/\b(const|let)\b[^=;]*=/g, ""),
      );
      expect(assigns?.[0], `${f}: ${body.slice(0, 200)}`).toBeUndefined();
    }
  }
});
