// The pictures of docs/img, made from the real thing: npm run shots, after make build.
import { defineConfig } from "@playwright/test";

export default defineConfig({ testDir: "shots", outputDir: "results", workers: 1, timeout: 120_000, use: { actionTimeout: 15_000 } });
