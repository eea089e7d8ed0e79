// The line that says what was done, or why it was not.

import { copyText } from "../lib/insecure";

/** How long a line is shown, ms. */
const SHOWN = 6000;

export class Notices {
  text = $state("");
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a line for a while. */
  say(text: string): void {
    this.text = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.clear(), SHOWN);
  }

  clear(): void {
    this.text = "";
  }

  /** Gives a command, and shows why when it fails; true when it was done. */
  async attempt(f: () => Promise<unknown>): Promise<boolean> {
    try {
      await f();
      return true;
    } catch (e) {
      this.say(e instanceof Error ? e.message : String(e));
      return false;
    }
  }

  /** Copies text to the clipboard, and says so. */
  copy(text: string, done: string): Promise<boolean> {
    return this.attempt(async () => {
      if (!(await copyText(text))) throw new Error(`The browser did not allow copying. Copy this yourself: ${text}`);
      this.say(done);
    });
  }
}
