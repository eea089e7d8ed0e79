// Feedback: what one is writing, and the lists of what was given. It is loaded with the dialogs that show it.
import { FEEDBACK, FeedbackShelf } from "../core/feedback";
import type { Refusal } from "../core/refusal";
import { newId } from "../lib/insecure";
import { ApiError } from "../net/api";
import * as Api from "../net/feedback";
import { refused } from "../net/refused";
import type { GivenFeedback } from "../wire/types";
import type { App } from "./app";

type With = Pick<App, "chat" | "router" | "session" | "shelf" | "uploads">;

/** The piece that one is writing. */
export class Writing {
  text = $state("");
  private client_id: string;
  private shelf: FeedbackShelf;

  /** `more` is added to what one wrote before and did not send. */
  constructor(
    private app: With,
    more = "",
  ) {
    this.shelf = new FeedbackShelf(app.shelf, app.chat.me);
    const kept = this.shelf.get();
    this.text = [kept?.text, more].filter(Boolean).join("\n\n");
    this.client_id = kept?.client_id ?? newId();
    this.keep();
  }

  /** Keeps it on the device, where a reload does not lose it. */
  keep(): void {
    if (this.text) this.shelf.set({ text: this.text, client_id: this.client_id });
    else this.shelf.clear();
  }

  /** Sends it with the files that are ready; returns why that was refused. Then it stays as it is. */
  async send(): Promise<Refusal | undefined> {
    const uploads = this.app.uploads.now,
      files = (uploads?.in(FEEDBACK) ?? []).flatMap((u) => (u.state.is === "ready" ? u.state.file.id : []));
    const no = await refused(() =>
      Api.give({
        text: this.text,
        client_id: this.client_id,
        page: this.app.router.path,
        version: this.app.session.release,
        ...(files.length && { files }),
      }),
    );
    if (no) return no;
    uploads?.take(FEEDBACK, this.client_id);
    uploads?.sync();
    this.shelf.clear();
    [this.text, this.client_id] = ["", newId()];
    return undefined;
  }
}

/** A list of feedback, page by page. */
interface List {
  readonly rows: readonly GivenFeedback[];
  /** Where the next page begins. */
  readonly next?: string | undefined;
  readonly loaded: boolean;
  /** Why the last page could not be loaded. */
  readonly failed: string;
}

export class Given {
  list = $state.raw<List>({ rows: [], loaded: false, failed: "" });
  busy = $state(false);

  constructor(private of: "all" | "mine") {}

  /** Loads the list anew. What was there stays until then. */
  load(): Promise<void> {
    this.list = { rows: this.list.rows, loaded: false, failed: "" };
    return this.more();
  }

  /** Loads the next page. An answer for a list that was loaded anew in the meantime is left out. */
  async more(): Promise<void> {
    const of = this.list;
    this.busy = true;
    let now: List;
    try {
      const { feedback, next } = await Api[this.of](of.next ?? "");
      now = { rows: of.loaded ? [...of.rows, ...feedback] : feedback, next, loaded: true, failed: "" };
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      now = { ...of, failed: e.message };
    }
    if (this.list !== of) return;
    this.busy = false;
    this.list = now;
  }
}
