// Somebody at a browser of their own: a real Chromium with a fresh profile, behind a network that can be cut.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type Locator, type Page, chromium, expect } from "@playwright/test";
import { Tunnel } from "./tunnel.ts";

/** A server as a browser needs it. */
export interface House { port: number; url: string }

export interface Look { width?: number; height?: number; dark?: boolean; touch?: boolean }

export class Person {
  /** What the browser complained of: errors of scripts, and of the content security policy. */
  readonly complaints: string[] = [];

  private constructor(readonly name: string, readonly page: Page, readonly network: Tunnel, private context: BrowserContext, private profile: string) {
    page.on("pageerror", (e) => this.complaints.push(`${name}: ${e.message}`));
    page.on("console", (m) => {
      if (m.type() === "error" && /Content.Security.Policy|TrustedHTML|TrustedScript/i.test(m.text())) this.complaints.push(`${name}: ${m.text()}`);
    });
  }

  static async arrive(name: string, server: House, look: Look = {}): Promise<Person> {
    const profile = await mkdtemp(join(tmpdir(), "canteen-profile-"));
    const network = await Tunnel.to(server.port);
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
      colorScheme: look.dark ? "dark" : "light",
      hasTouch: look.touch ?? false,
      locale: "en-GB",
      timezoneId: "Europe/Berlin",
      permissions: ["clipboard-read", "clipboard-write"],
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", `--host-resolver-rules=MAP localhost:${server.port} 127.0.0.1:${network.port}`],
    });
    return new Person(name, context.pages()[0] ?? (await context.newPage()), network, context, profile);
  }

  async leave(): Promise<void> {
    await this.context.close();
    await this.network.close();
    await rm(this.profile, { recursive: true, force: true });
  }

  async setUp(link: string): Promise<void> {
    await this.page.goto(link);
    await this.page.getByLabel("Company").fill("Acme");
    await this.introduce();
    await this.page.getByRole("button", { name: "Set up" }).click();
    await expect(this.box).toBeVisible();
  }

  async signUp(link: string): Promise<void> {
    await this.page.goto(link);
    await this.introduce();
    await this.page.getByRole("button", { name: "Join" }).click();
    await expect(this.box).toBeVisible();
  }

  async signIn(email: string, house: House & { password: string }): Promise<void> {
    await this.page.goto(`${house.url}/signin`);
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(house.password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.page.getByRole("navigation", { name: "Rooms" })).toBeVisible();
  }

  private async introduce(): Promise<void> {
    const handle = this.name.toLowerCase().split(" ")[0]!;
    await this.page.getByLabel("Your name").fill(this.name);
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

  get box(): Locator { return this.page.locator("form.composer textarea"); }

  async says(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press("Enter");
  }

  /** The row of a message with this text. */
  sees(text: string): Locator { return this.page.getByRole("log").getByRole("article").filter({ hasText: text }); }

  async chooses(action: string, of: string): Promise<void> {
    const row = this.sees(of);
    await row.hover();
    await row.getByRole("button", { name: "More" }).click();
    await row.getByRole("menuitem", { name: action }).click();
  }

  async goes(room: string): Promise<void> {
    await this.page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: room }).click();
  }

  /** All that the timeline shows, for comparing with what a fresh load shows. */
  async timeline(): Promise<string[]> {
    return await this.page.getByRole("log").getByRole("article").evaluateAll((rows) =>
      rows.map((r) => `${r.getAttribute("data-seq")} ${r.querySelector(".body, .text")?.textContent?.replace(/\s+/g, " ").trim()}`));
  }
}
