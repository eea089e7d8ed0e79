import { svelte } from "@sveltejs/vite-plugin-svelte";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Puts early.ts into the page as a script of its own, before the client: as one of the client's modules it would wait for all. */
const early: Plugin = {
  name: "early",
  apply: "build",
  transformIndexHtml: {
    order: "post",
    handler: (_, { bundle }) => {
      const script = Object.values(bundle ?? {}).find((f) => f.type === "chunk" && f.isEntry && f.name === "early");
      if (!script) throw new Error("src/early.ts is not among the scripts");
      const attrs = { type: "module", crossorigin: true, src: `/${script.fileName}` };
      return [{ tag: "script", attrs, injectTo: "head-prepend" as const }];
    },
  },
};

/**
 * For each piece that is asked for, the preloader of Vite searches the page for this element, even if the piece is there already. Where
 * it stands first, the search ends there; without it, it goes through every message.
 */
const nonce: Plugin = {
  name: "nonce",
  apply: "build",
  transformIndexHtml: () => [{ tag: "meta", attrs: { property: "csp-nonce" }, injectTo: "head-prepend" as const }],
};

/**
 * Pieces that are loaded at the same time, each with what it imports, are one script: `formatted` and `parts` beside the first requests
 * (store/formatting.svelte.ts), and `soon` after the first messages (pages/Over.svelte). Icons are too small for a script each.
 */
const TOGETHER = {
  icons: /\/@lucide\/svelte\/dist\/icons\//,
  formatted: /\/src\/features\/room\/Formatted\.svelte$/,
  parts: /\/src\/pages\/Parts\.svelte$/,
  soon: /\/src\/(features\/(switcher\/Switcher|room\/(Menu|Ways)|composer\/(Complete|Edit|Extras))\.svelte|pages\/((Alerts|Thread)\.svelte|dialogs\.ts)|store\/(followed|gallery|inbox|uploads)\.svelte\.ts)$/,
};

/** What Svelte does for a <select>. The first page has none; the script that has it is loaded with the first piece that does. */
const SELECT = /\/svelte\/src\/internal\/client\/dom\/elements\/bindings\/select\.js$/;

const slim = new URL("src/lib/slim.ts", import.meta.url).pathname;

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), early, nonce],
  build: {
    outDir: "dist/app",
    target: "es2022",
    assetsInlineLimit: 0, // the policy of the server allows no data: scripts or styles
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600, // the data of the emoji picker; scripts/budget.mjs bounds what a first load needs
    rolldownOptions: {
      checks: { bundlerTimings: false }, // a slow machine is no fault of the build
      input: ["index.html", "src/early.ts"],
      treeshake: { moduleSideEffects: [{ test: SELECT, sideEffects: false }] },
      // What the first page needs is one script: by itself it would be cut by what the later ones share, and compress worse.
      output: {
        codeSplitting: {
          groups: [
            { name: "early", test: /\/src\/(early|lib\/trust|net\/ahead)\.ts$/, priority: 1 },
            { name: "select", test: SELECT, priority: 1, includeDependenciesRecursively: false },
            { name: "index", tags: ["$initial"] },
            ...Object.entries(TOGETHER).map(([name, test]) => ({ name, test })),
          ],
        },
      },
    },
  },
  worker: { format: "es" },
  resolve: { alias: { entities: slim, "uc.micro": slim }, ...(mode === "test" && { conditions: ["browser"] }) },
  test: { server: { deps: { inline: ["markdown-it"] } } }, // so that the aliases hold in it
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/ws": { target: "ws://127.0.0.1:8080", ws: true } } },
}));
