// A home whose previews may come from hosts on this machine, and a page on such a host.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test } from "@playwright/test";
import { type Home, home } from "./home.ts";
import { Server } from "./server.ts";

/**
 * Builds internal/reaching and starts it. A home elsewhere reaches no host on this machine, and there the journey is skipped, unless
 * CANTEEN_E2E_REACHING=on says that it was built to: scripts/journeys-aws builds functions that may.
 */
export async function reaching(): Promise<Home> {
  if (process.env.CANTEEN_E2E_URL) {
    test.skip(process.env.CANTEEN_E2E_REACHING !== "on", "it needs a server that may ask hosts on this machine");
    return await home();
  }
  const dir = await mkdtemp(join(tmpdir(), "canteen-reaching-")),
    program = join(dir, "reaching");
  const root = fileURLToPath(new URL("../..", import.meta.url));
  await promisify(execFile)("go", ["build", "-o", program, "./internal/reaching"], { cwd: root });
  try {
    return await Server.run(program);
  } finally {
    await rm(dir, { recursive: true, force: true }); // the program that runs stays
  }
}

export interface Pages {
  readonly url: string;
  /** The paths that were asked. */
  readonly asked: string[];
  close(): void;
}

/** A host on this machine with pages by path. A path without one never answers. */
export async function pages(of: Record<string, { type: string; body: string | Buffer }>): Promise<Pages> {
  const asked: string[] = [];
  const host = createServer((request, answer) => {
    const path = request.url ?? "";
    asked.push(path);
    const page = of[path];
    if (page) answer.setHeader("Content-Type", page.type).end(page.body);
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  const close = () => {
    host.closeAllConnections();
    host.close();
  };
  return { url: `http://127.0.0.1:${(host.address() as AddressInfo).port}`, asked, close };
}
