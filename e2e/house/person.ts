// Somebody at a browser of their own: a real Chromium with a fresh profile, behind a network that can be cut.
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Locator, type Page, chromium, expect } from "@playwright/test";
import { Tunnel } from "./tunnel.ts";

/** A server as a browser needs it: on this machine unless a host is named. */
export interface House {
  port: number;
  url: string;
  host?: string;
}

export interface Look {
  width?: number;
  height?: number;
  dark?: boolean;
  touch?: boolean;
  still?: boolean;
  /** The time zone; Berlin's unless said. */
  zone?: string;
  /** How many pixels of the screen one of CSS takes. */
  scale?: number;
  /** Tabs behind another one are hidden and slowed down, as they are for people and never for tests. */
  tabs?: boolean;
}

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream", // a microphone that beeps
  "--autoplay-policy=no-user-gesture-required",
];

/** What the console may warn of, each with the reason. Everything else fails a journey. */
const expected: [RegExp, string][] = [
  [/net::ERR_|WebSocket connection to/, "journeys cut the network and kill the server"],
  [/status of (400|403|404|409|410|429)\b/, "journeys ask for what is refused, and the page says why"],
  [/status of 401 .*\/session$/, "journeys sign in with a wrong password"],
];

export class Person {
  /** What the browser complained of: errors of scripts, and all that its console warns of but for what is expected. */
  readonly complaints: string[] = [];

  private constructor(
    readonly name: string,
    readonly page: Page,
    readonly network: Tunnel,
    private close: () => Promise<void>,
  ) {
    page.on("pageerror", (e) => this.complaints.push(`${name}: ${e.message}`));
    page.on("console", (m) => {
      const said = `${m.text()} ${m.location().url}`;
      if (["error", "warning"].includes(m.type()) && !expected.some(([what]) => what.test(said)))
        this.complaints.push(`${name}: ${said}`);
    });
  }

  static async arrive(name: string, server: House, look: Look = {}): Promise<Person> {
    const host = server.host ?? "localhost",
      network = await Tunnel.to(server.port, host);
    const args = [...quiet, `--host-resolver-rules=MAP ${host}:${server.port} 127.0.0.1:${network.port}`];
    const [context, end] = look.tabs ? await withTabs(args) : await withProfile(args, look);
    return new Person(name, context.pages()[0] ?? (await context.newPage()), network, end);
  }

  async leave(): Promise<void> {
    await this.close();
    await this.network.close();
  }

  async setUp(link: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Company").fill("Acme");
    await this.introduces();
    await this.page.getByRole("button", { name: "Set up" }).click();
    await this.isIn();
  }

  async signUp(link: string): Promise<void> {
    await this.page.goto(link);
    await this.introduces();
    await this.page.getByRole("button", { name: "Join" }).click();
    await this.isIn();
  }

  /** The chat is there: its list of rooms, where a room does not fit beside. */
  private async isIn(): Promise<void> {
    await expect(this.page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
  }

  async signIn(email: string, house: House & { password: string }): Promise<void> {
    await this.page.goto(`${house.url}/signin`);
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(house.password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await this.isIn();
  }

  async introduces(): Promise<void> {
    const handle = this.name.toLowerCase().split(" ")[0]!;
    await this.page.getByLabel("Your name").fill(this.name);
    await this.page.getByLabel("Handle").fill(handle);
    await this.page.getByLabel("E-mail").fill(`${handle}@example.com`);
    await this.page.getByLabel("Password").fill("a quiet place to eat");
  }

  /** Makes an invite link, as people do. */
  async invites(): Promise<string> {
    await this.page.getByRole("button", { name: "Invite people" }).click();
    await this.page.getByRole("button", { name: "Make a link" }).click();
    const link = await this.page.getByLabel("Invite link").inputValue();
    await this.page.keyboard.press("Escape");
    return link;
  }

  get box(): Locator {
    return this.page.locator("form.composer textarea");
  }

  async says(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  /** The row of a message with this text. */
  sees(text: string): Locator {
    return this.page.getByRole("log").getByRole("article").filter({ hasText: text });
  }

  async chooses(action: string, of: string): Promise<void> {
    const row = this.sees(of);
    await row.hover();
    await row.getByRole("button", { name: "More" }).click();
    await row.getByRole("menuitem", { name: action }).click();
  }

  async goes(room: string): Promise<void> {
    await this.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room }).click();
  }

  /** A request with the cookie of this browser, for what a test is not about. Whoever asks too fast waits, as clients do. */
  async asks<T = any>(method: string, path: string, body?: object): Promise<T> {
    return await this.page.evaluate(
      async ([method, path, body]) => {
        const send = () =>
          fetch(`/api/v1${path}`, {
            method,
            body: body ? JSON.stringify(body) : null,
            headers: body ? { "Content-Type": "application/json" } : {},
          });
        let r = await send();
        while (r.status === 429) {
          const seconds = Number(r.headers.get("Retry-After"));
          await new Promise((done) => setTimeout(done, seconds * 1000));
          r = await send();
        }
        if (!r.ok) throw new Error(`${method} ${path}: ${r.status} ${await r.text()}`);
        return r.status === 204 ? undefined : await r.json();
      },
      [method, path, body] as const,
    );
  }

  /** Posts without the composer; the number of the message. */
  async posts(room: string, text: string, more: object = {}): Promise<number> {
    return (await this.asks("POST", `/rooms/${room}/messages`, { client_id: crypto.randomUUID(), text, ...more })).seq;
  }

  /** All that the timeline shows, for comparing with what a fresh load shows. */
  async timeline(): Promise<string[]> {
    return await this.page
      .getByRole("log")
      .getByRole("article")
      .evaluateAll((rows) =>
        rows.map(
          (r) =>
            `${r.getAttribute("data-seq")} ${r.querySelector(".body, .text")?.textContent?.replace(/\s+/g, " ").trim()}`,
        ),
      );
  }
}

type Opened = [BrowserContext, () => Promise<void>];

async function withProfile(args: string[], look: Look): Promise<Opened> {
  const profile = await mkdtemp(join(tmpdir(), "canteen-profile-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    args,
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    deviceScaleFactor: look.scale ?? 1,
    colorScheme: look.dark ? "dark" : "light",
    reducedMotion: look.still ? "reduce" : "no-preference",
    hasTouch: look.touch ?? false,
    locale: "en-GB",
    timezoneId: look.zone ?? "Europe/Berlin",
    permissions: ["clipboard-read", "clipboard-write", "microphone"],
  });
  return [
    context,
    async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  ];
}

/** Playwright keeps each page it made visible and focused; one who joins by the debugging port need not. */
async function withTabs(args: string[]): Promise<Opened> {
  const port = await free();
  const browser = await chromium.launch({
    executablePath,
    args: [...args, `--remote-debugging-port=${port}`, "--window-size=1280,860"],
    ignoreDefaultArgs: [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
  });
  const joined = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  return [joined.contexts()[0]!, () => browser.close()];
}

async function free(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((r) => probe.listen(0, "127.0.0.1", r));
  const { port } = probe.address() as AddressInfo;
  await new Promise((r) => probe.close(r));
  return port;
}
