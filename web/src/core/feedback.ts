// Feedback about Canteen: who is offered to give it, and what is told of where it was given.
import type { Feedback, GivenFeedback, Me } from "../wire/types";
import { counted } from "./counted";
import { isAdmin } from "./may";
import type { Shelf } from "./shelf";

/** The place of the files of a piece that is being written, among the places of drafts. */
export const FEEDBACK = "feedback";

/** Whether somebody is offered to give feedback. While there is no room for it, only those are who can choose one. */
export const offersFeedback = (me: Pick<Me, "role" | "workspace">): boolean => me.workspace.feedback || isAdmin(me);

/** Where a piece was given, in one line. */
export const aboutLine = (f: Feedback): string =>
  ["Feedback", f.page, f.version, f.server && `server ${f.server}`].filter(Boolean).join(" · ");

/** How far a piece is, for those who read all of it. */
export const standing = (g: Pick<GivenFeedback, "answered" | "replies">): string =>
  `${g.answered ? "Answered" : "Open"} · ${g.replies ? counted(g.replies, "reply", "replies") : "no replies"}`;

/** What is being written, kept on the device until it was sent. The same client_id at each attempt makes it one post. */
export interface FeedbackDraft {
  readonly text: string;
  readonly client_id: string;
}

export class FeedbackShelf {
  private key: string;

  constructor(
    private shelf: Shelf,
    user: string,
  ) {
    this.key = `canteen.feedback.${user}`;
  }

  /** What was kept. A value that nobody here wrote is none. */
  get(): FeedbackDraft | undefined {
    try {
      const kept = JSON.parse(this.shelf.getItem(this.key) ?? "") as FeedbackDraft;
      return typeof kept.text === "string" && typeof kept.client_id === "string" ? kept : undefined;
    } catch {
      return undefined;
    }
  }

  set(d: FeedbackDraft): void {
    this.shelf.setItem(this.key, JSON.stringify(d));
  }

  clear(): void {
    this.shelf.removeItem(this.key);
  }
}
