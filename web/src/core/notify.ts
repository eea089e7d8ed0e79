// Notifications of the system: what they say, when one is not shown, and when it is closed.
import { saidBy } from "./part";
import type { Message, MyRoom, NotifyEvent, User } from "../wire/types";
import { inTimeline, type Frame } from "./room";
import { othersIn } from "./sections";
import { nameOf } from "./users";

/** One notification. The tab that hears of it hands it to the tab that shows it. */
export interface Alert {
  readonly room: string;
  readonly seq: number;
  /** The root of the thread that the message belongs to. */
  readonly thread?: number | undefined;
  /** The message stands in its thread and not in the room. */
  readonly aside: boolean;
  readonly title: string;
  readonly body: string;
}

/** How much of a message is shown, in characters as people count them. */
const SHOWN = 160;

/** The start of a text. No emoji is cut. */
function start(text: string): string {
  const head = text.slice(0, 8 * SHOWN),
    parts = [...new Intl.Segmenter("en").segment(head)].slice(0, SHOWN).map((s) => s.segment);
  const shown = parts.join("");
  return shown.length < text.length ? `${shown.trimEnd()}…` : text;
}

/** Where a message was written, as it follows the name of its author. */
function where(users: ReadonlyMap<string, User>, me: string, r: Frame, m: Message): string {
  const others = othersIn(r, me),
    thread = inTimeline(m) ? "" : " in a thread";
  if (!others) return thread ? ` in a thread in #${r.room.name}` : ` in #${r.room.name}`;
  const rest = others.filter((id) => id !== m.author).map((id) => nameOf(users, id));
  return `${rest.length ? ` to you and ${new Intl.ListFormat("en").format(rest)}` : ""}${thread}`;
}

/** Says who wrote where, the start of the text, and why one is notified, which a direct message says by itself. */
export function alertOf(
  { room, seq, cause, reason }: Omit<NotifyEvent, "type">,
  m: Message | undefined,
  r: Frame,
  users: ReadonlyMap<string, User>,
  me: string,
  title: string,
): Alert {
  const why = cause === "direct" ? "" : reason;
  const says = (text: string) => [text, why].filter(Boolean).join("\n");
  if (!m) return { room, seq, aside: false, title: r.room.name ? `#${title}` : title, body: says("New message") };
  return {
    room,
    seq,
    thread: m.thread,
    aside: !inTimeline(m),
    title: nameOf(users, m.author) + where(users, me, r, m),
    body: says(start(m.text || saidBy(m))),
  };
}

/** Whether the message stands in what one looks at: a room, and the thread that is open beside it. */
export const inView = (a: Alert, room: string | undefined, thread: number | undefined): boolean =>
  a.room === room && (!a.aside || a.thread === thread);

/** Whether it was read: in the room or in its thread, on any device. Nothing waits in a room that one is not in. */
export const isRead = (a: Alert, room: Pick<MyRoom, "read_seq"> | undefined, readInThread: number): boolean =>
  !room || (!a.aside && room.read_seq >= a.seq) || readInThread >= a.seq;

/** What is said where the browser blocks notifications. */
export const BLOCKED =
  "Your browser blocks notifications of Canteen. Open the site settings beside the address, and allow notifications there.";
