// The browser journeys: bin/canteen as people start it, Chromium as people use it. Run by `make test`, or here with
// `npx playwright test [journeys/talk.spec.ts]` after `make build`.
import { defineConfig } from "@playwright/test";

const elsewhere = process.env.CANTEEN_E2E_URL; // house/home.ts says how

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  // Each test has a server and browsers of its own, so they may run beside each other; two cores carry two.
  fullyParallel: true,
  workers: elsewhere ? 1 : 2, // there is one home for all
  timeout: elsewhere ? 600_000 : 90_000, // an emulator of AWS takes its time
  use: { actionTimeout: 15_000 },
  expect: { timeout: elsewhere ? 30_000 : 10_000 },
  // A journey that passes at the second try has found something; nothing is repeated.
  retries: 0,
  forbidOnly: true,
  // Journeys compare words, not pixels: what is drawn of a webhook's body lies beside it.
  snapshotPathTemplate: "../hook/testdata/{arg}{ext}",
  updateSnapshots: "none",
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
});
