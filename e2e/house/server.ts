// The real binary on a free port of the loopback, with a data directory of its own that is removed at the end.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Home } from "./home.ts";
import type { Person } from "./person.ts";

const binary = process.env.CANTEEN ?? fileURLToPath(new URL("../../bin/canteen", import.meta.url));
const patience = 20_000;
const password = "a quiet place to eat"; // of the people in journeys; no log may hold it

export class Server implements Home {
  /** The public URL that the server printed. */
  url = "";
  /** The one-time link of the first run. */
  setupLink = "";
  private child: ChildProcess | undefined;
  private printed = "";

  private constructor(
    readonly dir: string,
    private readonly flags: string[],
    private readonly program: string,
  ) {}

  static async start(...flags: string[]): Promise<Server> {
    return await Server.run(binary, ...flags);
  }

  /** Starts another program that serves as this one does. */
  static async run(program: string, ...flags: string[]): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "canteen-e2e-")), flags, program);
    try {
      await server.launch("127.0.0.1:0");
      server.setupLink = await server.says(/\bhttp:\/\/\S+\/setup#[^\s"]+/);
      server.url = new URL(server.setupLink).origin;
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** What it wrote so far, both streams. */
  get log(): string {
    return this.printed;
  }

  /** Ends the process as a power cut would: no handler runs. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Starts it again with the same port and data. */
  async restart(): Promise<void> {
    await this.launch(`127.0.0.1:${this.port}`);
    await this.ready();
  }

  async outage(_: Person[], meanwhile: () => Promise<void>): Promise<void> {
    await this.kill();
    await meanwhile();
    await this.restart();
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
    await rm(this.dir, { recursive: true, force: true });
    if (this.printed.includes(password))
      throw new Error(`${binary} logs the password of the journeys:\n${this.printed}`);
  }

  private async launch(addr: string): Promise<void> {
    this.printed = "";
    const child = spawn(this.program, ["serve", "--addr", addr, "--data", this.dir, ...this.flags], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.printed += text));
    }
    await new Promise<void>((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  }

  private async says(what: RegExp): Promise<string> {
    return await this.until(`printed ${what}`, async () => what.exec(this.printed)?.[0]);
  }

  private async ready(): Promise<void> {
    await this.until("ready", async () => {
      const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined);
      return answer?.ok || undefined;
    });
  }

  private async until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = Date.now() + patience; Date.now() < deadline;) {
      const found = await probe();
      if (found !== undefined) return found;
      if (this.child?.exitCode != null) break;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`${binary} was never ${what}; it wrote:\n${this.printed}`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), 15_000);
    await ended;
    clearTimeout(force);
  }
}
