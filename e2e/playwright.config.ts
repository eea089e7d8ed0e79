// The browser journeys: bin/canteen as people start it, Chromium as people use it. Run by `make test`, or here with
// `npx playwright test [journeys/talk.spec.ts]` after `make build`.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  // Each test has a server and browsers of its own, so they may run beside each other; two cores carry two.
  fullyParallel: true,
  workers: 2,
  timeout: 90_000,
  use: { actionTimeout: 15_000 },
  expect: { timeout: 10_000 },
  // A journey that passes at the second try has found something; nothing is repeated.
  retries: 0,
  forbidOnly: true,
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
});
