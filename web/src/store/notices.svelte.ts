// The line that says what was done, or why it was not.
import { ApiError } from "../net/api";

/** Why the server refused something, and the field of the form that is to blame, if there is one. */
export interface Refusal {
  readonly field: string;
  readonly text: string;
}

export const ALL_IS_WELL: Refusal = { field: "", text: "" };

/** How long a line is shown, ms. */
const SHOWN = 6000;

export class Notices {
  text = $state("");

  /** Shows a line for a while. */
  say(text: string): void {
    this.text = text;
    setTimeout(() => this.text === text && (this.text = ""), SHOWN);
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
      await navigator.clipboard.writeText(text);
      this.say(done);
    });
  }
}

/** Gives the command of a form; returns why the server refused it, for the form to show. */
export async function refused(f: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await f();
    return undefined;
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    return { field: e.problem?.field ?? "", text: e.message };
  }
}
