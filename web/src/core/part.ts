// What a message may hold beside its text. Only what every row asks stands here.
import type { Me, Message } from "../wire/types";

/** What a link to a message looks like; whether it leads to this workspace is found out later. */
const TO_MESSAGE = /:\/\/[^\s/]+\/r\/[a-z2-7]{12}\/(?:t\/)?\d/;

/** Whether a message holds, or shows, more than its text. */
export const hasParts = (
  m: Pick<Message, "text" | "files" | "poll" | "preview" | "origin" | "confirm" | "feedback" | "cards">,
): boolean =>
  !!(m.files?.length || m.poll || m.preview || m.origin || m.confirm || m.feedback || m.cards) ||
  TO_MESSAGE.test(m.text);

/** Whether the text of a message is the question of its poll, which is drawn with the options. */
export const isQuestion = (m: Pick<Message, "poll">): boolean => !!m.poll && !m.poll.question;

/** Whether the other parts of a message say what its text says. */
export const isSaid = (m: Pick<Message, "poll" | "fallback">): boolean => isQuestion(m) || !!m.fallback;

/** What a message says, in one line for those who do not see it: its words, the names of its files, or that it forwards. */
export const saidBy = (m: Pick<Message, "text" | "files" | "origin">): string =>
  m.text.slice(0, 300) || (m.files ?? []).map((f) => f.name).join(", ") || (m.origin ? "Forwarded a message" : "");

/** After so long a silence of its bot, a message that is streamed is shown as done, ms. */
export const SILENCE = 600_000;

/** Whether the home of this workspace takes files: it says how large they can be. */
export const takesFiles = (me: Pick<Me, "workspace"> | null | undefined): boolean => !!me?.workspace.limits.file_bytes;
