// Where the journeys are run: at bin/canteen, started for each of them; or, with CANTEEN_E2E_URL, at a home that is there
// already, such as the one that scripts/aws-local serves. There CANTEEN_E2E_FRESH is a command that empties the home and
// prints the link of the first run, CANTEEN_E2E_RATE_LIMITS=off says that the home was deployed without rate limits, and
// CANTEEN_E2E_REACHING=on that its previews may come from hosts on this machine.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "@playwright/test";
import type { House, Person } from "./person.ts";
import { Server } from "./server.ts";

export interface Home extends House {
  /** The one-time link of the first run. */
  readonly setupLink: string;
  /** The worst that can happen to such a home, while `meanwhile` is done. Those who are there are named. */
  outage(there: Person[], meanwhile: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const elsewhere = process.env.CANTEEN_E2E_URL;
const OUTAGE = 5000,
  FRESH_WITHIN = 300_000;

/** A home with nobody in it. A journey that needs flags which a home elsewhere was not made with is skipped there. */
export async function home(...flags: string[]): Promise<Home> {
  if (!elsewhere) return await Server.start(...flags);
  const made = process.env.CANTEEN_E2E_RATE_LIMITS === "off" ? ["--rate-limits=off"] : [];
  const lacks = flags.filter((f) => !made.includes(f));
  test.skip(lacks.length > 0, `it does more at once than people do, and needs a home with ${lacks.join(" ")}`);
  return new Elsewhere(await fresh(new URL(elsewhere).origin));
}

async function fresh(origin: string): Promise<string> {
  const command = process.env.CANTEEN_E2E_FRESH;
  if (!command)
    throw new Error(
      "CANTEEN_E2E_FRESH is needed with CANTEEN_E2E_URL: a command that empties that home and prints its setup link",
    );
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { timeout: FRESH_WITHIN });
  const link = /https?:\/\/\S+\/setup#\S+/.exec(stdout)?.[0];
  if (!link || new URL(link).origin !== origin)
    throw new Error(`CANTEEN_E2E_FRESH printed no setup link of ${origin}:\n${stdout}`);
  return link;
}

/** A home that a test can neither start nor kill. What its people may lose is the way to it. */
class Elsewhere implements Home {
  readonly url: string;
  readonly host: string;
  readonly port: number;

  constructor(readonly setupLink: string) {
    const at = new URL(setupLink);
    this.url = at.origin;
    this.host = at.hostname;
    this.port = Number(at.port) || (at.protocol === "https:" ? 443 : 80);
  }

  async outage(there: Person[], meanwhile: () => Promise<void>): Promise<void> {
    for (const p of there) p.network.cut();
    await meanwhile();
    await new Promise((r) => setTimeout(r, OUTAGE));
    for (const p of there) p.network.mend();
  }

  async stop(): Promise<void> {} // the next journey empties it
}
