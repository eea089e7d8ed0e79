// The company of bin/canteen-demo, made anew in a directory of its own, on a free port of the loopback.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = process.env.CANTEEN_DEMO ?? fileURLToPath(new URL("../../bin/canteen-demo", import.meta.url));
const patience = 300_000; // it needs some two seconds on an idle machine, and ten for a large company

/** A time zone in which it is after six in the evening: there the whole of today is in the demo, at the hours of an office. */
function evening(): string {
  const east = ((18 - new Date().getUTCHours() + 36) % 24) - 12;
  return `Etc/GMT${east > 0 ? "-" : "+"}${Math.abs(east)}`; // the sign of these names is turned round
}

export class Demo {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dir: string | undefined,
    /** The data directory. */
    readonly data: string,
    readonly url: string,
    readonly password: string,
    readonly zone: string,
  ) {}

  /** `kept` is a directory for the data, which stays and is served again the next time. */
  static async start(flags: string[] = [], kept?: string): Promise<Demo> {
    const zone = evening(),
      dir = kept ? undefined : await mkdtemp(join(tmpdir(), "canteen-demo-")),
      data = kept ?? join(dir!, "data");
    const child = spawn(binary, ["--data", data, "--addr", "127.0.0.1:0", ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TZ: zone },
    });
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
    for (
      const end = Date.now() + patience;
      Date.now() < end && child.exitCode === null;
      await new Promise((r) => setTimeout(r, 100))
    ) {
      const at = /http:\/\/\S+/.exec(printed),
        password = /password +(.+)/.exec(printed);
      if (at && password && printed.includes("Ctrl-C")) return new Demo(child, dir, data, at[0], password[1]!, zone);
    }
    child.kill();
    throw new Error(`${binary} never served; it wrote:\n${printed}`);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
    if (this.dir) await rm(this.dir, { recursive: true, force: true });
  }
}
