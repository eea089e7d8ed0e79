import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  build: {
    outDir: "dist/app",
    target: "es2022",
    assetsInlineLimit: 0, // the policy of the server allows no data: scripts or styles
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // A chunk of its own, which is run first: in that of the page it would be run after a chunk that holds Svelte.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "trust", test: /lib\/trust/ }] } } },
  },
  worker: { format: "es" },
  resolve: mode === "test" ? { conditions: ["browser"] } : {},
  server: { proxy: { "/api": "http://127.0.0.1:8080", "/ws": { target: "ws://127.0.0.1:8080", ws: true } } },
}));
