// A stretch of messages in memory: of the timeline of a room, or of the replies in a thread. Everything is plain and immutable: a
// change makes a new value.
import type { Message, Page, PollEvent, Reaction } from "../wire/types";

/** It has no gap between its ends. */
export interface Stretch {
  /** Every change of the room up to this revision is applied to the stretch. */
  readonly held: number;
  readonly loaded: boolean;
  readonly messages: readonly Message[];
  readonly moreBefore: boolean;
  readonly moreAfter: boolean;
  /** The reader has scrolled away from the end: the rows in sight stay in memory. */
  readonly reading?: boolean;
}

/** Rows kept in memory while messages come. A reader who scrolls may have twice as many before the far end is dropped. */
export const WINDOW = 300;
/** Rows dropped at once, so that not every new message drops one. */
const CUT = 30;

export const EMPTY: Stretch = { held: 0, loaded: false, messages: [], moreBefore: false, moreAfter: false };

export function lowerBound(messages: readonly { readonly seq: number }[], seq: number): number {
  let low = 0,
    high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (messages[middle]!.seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A message of the stretch, if it is in memory. */
export function found(messages: readonly Message[], seq: number): Message | undefined {
  const m = messages[lowerBound(messages, seq)];
  return m?.seq === seq ? m : undefined;
}

/** `m` with what it says of oneself: live events leave that out, since they are the same for everybody. */
export function mine(m: Message, old: Message | undefined, me: string): Message {
  if (m.poll && !m.poll.mine) m = { ...m, poll: { ...m.poll, mine: old?.poll?.mine ?? [] } };
  if (m.reactions.every((r) => r.me !== undefined)) return m;
  const before = new Map(old?.reactions.map((r) => [r.emoji, !!r.me]));
  return {
    ...m,
    reactions: m.reactions.map((r) => ({
      ...r,
      me: r.users.includes(me) || (r.count > r.users.length && !!before.get(r.emoji)),
    })),
  };
}

/** Puts a message into the stretch: it replaces an older state of itself, or follows the last row. One outside is left out. */
export function put<S extends Stretch>(s: S, m: Message, me: string): S {
  const i = lowerBound(s.messages, m.seq);
  const old = s.messages[i];
  if (old?.seq === m.seq) {
    if (old.rev >= m.rev) return s;
    return { ...s, messages: s.messages.with(i, mine(m, old, me)) };
  }
  if (i === s.messages.length ? s.moreAfter : i === 0 && s.moreBefore) return s;
  return trim({ ...s, messages: s.messages.toSpliced(i, 0, mine(m, undefined, me)) });
}

/** Drops the oldest rows while the end is in sight, and the newest ones while somebody reads far above the end. */
function trim<S extends Stretch>(s: S): S {
  if (s.messages.length <= (s.reading ? 2 * WINDOW : WINDOW) || s.moreAfter) return s;
  if (s.reading) return { ...s, messages: s.messages.slice(0, 2 * WINDOW - CUT), moreAfter: true };
  return { ...s, messages: s.messages.slice(CUT - WINDOW), moreBefore: true };
}

/** One user added or removed one reaction. */
export interface Reacted {
  readonly seq: number;
  readonly rev: number;
  readonly user: string;
  readonly added: boolean;
  readonly reaction: Reaction;
}

export function reactedTo(m: Message, e: Reacted, me: string): Message {
  const r = e.reaction;
  if (m.seq !== e.seq || m.rev >= e.rev) return m;
  const at = m.reactions.findIndex((o) => o.emoji === r.emoji);
  const before = m.reactions[at];
  const now: Reaction = { ...r, me: e.user === me ? e.added : (before?.me ?? r.users.includes(me)) };
  const reactions =
    r.count === 0
      ? m.reactions.filter((o) => o.emoji !== r.emoji)
      : at < 0
        ? [...m.reactions, now]
        : m.reactions.with(at, now);
  return { ...m, rev: e.rev, reactions };
}

/** The message after somebody voted in its poll, or closed it. Only the voter's own event has `mine`. */
export function polled(m: Message, e: PollEvent): Message {
  if (m.seq !== e.seq || m.rev >= e.rev) return m;
  const { poll } = m,
    options = poll?.options.map((o, n) => ({ ...o, ...e.poll.options[n] }));
  return { ...m, rev: e.rev, ...(poll && { poll: { ...poll, ...e.poll, options: options! } }) };
}

/** The stretch after one of its messages changed. */
export function changed<S extends Stretch>(s: S, seq: number, change: (m: Message) => Message): S {
  const i = lowerBound(s.messages, seq);
  const m = s.messages[i],
    now = m && change(m);
  return now === m ? s : { ...s, messages: s.messages.with(i, now!) };
}

/** The stretch after an event of revision `rev`; undefined when what came before it, or what it changed, has to be fetched. */
export function next<S extends Stretch>(s: S, rev: number, change: ((s: S) => S) | undefined): S | undefined {
  if (!s.loaded || rev <= s.held) return s;
  return change && rev === s.held + 1 ? { ...change(s), held: rev } : undefined;
}

/** A page that replaces the stretch. */
export const show = <S extends Stretch>(s: S, p: Page): S => ({
  ...s,
  held: p.head,
  loaded: true,
  messages: p.messages,
  moreBefore: p.more_before,
  moreAfter: p.more_after,
});

/** The seq at one end of the stretch. */
export const edgeOf = (s: Stretch | undefined, older: boolean): number | undefined =>
  s?.loaded ? (older ? s.messages[0] : s.messages.at(-1))?.seq : undefined;

/** An older or newer page that continues the stretch. When there is too much, the far end is dropped. */
export function extend<S extends Stretch>(s: S, p: Page, older: boolean): S {
  const known = new Set(s.messages.map((m) => m.seq));
  const fresh = p.messages.filter((m) => !known.has(m.seq));
  const all = older ? [...fresh, ...s.messages] : [...s.messages, ...fresh];
  const most = WINDOW + fresh.length,
    cut = all.length > 2 * WINDOW;
  return {
    ...s,
    held: Math.min(s.held, p.head),
    messages: !cut ? all : older ? all.slice(0, most) : all.slice(-most),
    moreBefore: older ? p.more_before : s.moreBefore || cut,
    moreAfter: older ? s.moreAfter || cut : p.more_after,
  };
}
