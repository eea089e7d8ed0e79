// Somebody without a mouse: keys alone, the focus asked after and never set.
import { expect, type Locator, type Page } from "@playwright/test";

export class Keys {
  constructor(private page: Page) {}

  /** Presses keys one after the other. */
  async press(...keys: string[]): Promise<void> {
    for (const k of keys) await this.page.keyboard.press(k);
  }

  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
  }

  /** Presses a key until what is meant has the focus. */
  async until(what: Locator, key = "Tab", most = 30): Promise<void> {
    const on = () => what.evaluateAll((all) => all.includes(document.activeElement as HTMLElement));
    for (let i = 0; i < most && !(await on()); i++) await this.press(key);
    await expect(what).toBeFocused();
  }

  /** The name of what has the focus, as axe and people see it. */
  async at(): Promise<string> {
    return await this.page.evaluate(() => {
      const e = document.activeElement;
      return e?.getAttribute("aria-label") ?? e?.textContent?.trim() ?? "";
    });
  }
}
