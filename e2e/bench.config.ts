// How fast the client is in a browser: npm run bench, after make build. Prints a table and asserts no number.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "bench",
  outputDir: "results",
  workers: 1,
  timeout: 600_000,
  reporter: "./bench/bare.ts",
});
