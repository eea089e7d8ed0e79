// The pictures of docs/img, taken of the demo: npm run shots, which builds what it needs.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "shots",
  outputDir: "results",
  workers: 1,
  timeout: 300_000,
  use: { actionTimeout: 15_000 },
});
