// All that the client knows of the workspace, in parts, and the one place where live events change it.
import type { LiveEvent } from "../wire/live";
import { counted } from "./counts";
import type { MemberLists } from "./members";
import { presenceChanged, type Present } from "./presence";
import { merge } from "./room";
import { changed, polled, reactedTo } from "./stretch";
import { joined, left, membersChanged, mineChanged, pointerMoved, revised, roomChanged, type Rooms } from "./rooms";
import { changedInThread, mergeReply, type Threads } from "./threads";
import type { Turns } from "./turns";
import { startTyping, stopTyping, type Typing } from "./typing";
import { userChanged } from "./users";
import type { Message, User } from "../wire/types";

export interface State {
  /** The id of who is signed in. */
  me: string;
  readonly rooms: Rooms;
  readonly users: Map<string, User>;
  readonly presence: Present;
  readonly typing: Typing;
  /** The threads that are open. */
  readonly threads: Threads;
  /** The member lists that are on screen. */
  readonly members: MemberLists;
  readonly turns: Turns;
}

/** What has to be fetched, since an event or an answer alone does not tell it. */
export type Need =
  | { what: "changes"; room: string } // there is a gap in the stretch of messages
  | { what: "room"; room: string } // the counts or the latest message are unknown
  | { what: "rooms" }
  | { what: "users" };

/** The state of one who has just signed in. */
export const emptyState = (me: string): State => ({
  me,
  rooms: new Map(),
  users: new Map(),
  presence: new Map(),
  typing: new Map(),
  threads: new Map(),
  members: new Map(),
  turns: new Map(),
});

/** One message changed by an event, and no count. */
const changedIn = (s: State, e: { room: string; rev: number; seq: number }, change: (m: Message) => Message): Need[] =>
  revised(s, e.room, e.rev, {
    timeline: (r) => changed(r, e.seq, change),
    thread: (t) => changedInThread(t, e.seq, change),
    counts: (r) => [r, []],
  });

/** Applies one event; returns what has to be fetched because of it. `now` in ms. */
export function apply(s: State, e: LiveEvent, now: number): Need[] {
  switch (e.type) {
    case "message": {
      const m = e.message;
      if (!m) return revised(s, e.room, e.rev);
      stopTyping(s.typing, e.room, m.author);
      return revised(s, e.room, e.rev, {
        timeline: (r) => merge(r, m, s.me),
        thread: (t) => mergeReply(t, m, s.me),
        counts: (r) => counted(r, m, s.me),
      });
    }
    case "reaction":
      return changedIn(s, e, (m) => reactedTo(m, e, s.me));
    case "poll":
      return changedIn(s, e, (m) => polled(m, e));
    case "room":
      return roomChanged(s, e.room);
    case "my_room":
      return mineChanged(s, e.room);
    case "joined":
      return joined(s, e.room);
    case "left":
      return left(s, e);
    case "members":
      return membersChanged(s, e.room, e.member_count);
    case "read":
      return pointerMoved(s, e);
    case "user":
      return userChanged(s, e.user);
    case "typing":
      startTyping(s.typing, e.room, e.user, now);
      return [];
    case "presence":
      presenceChanged(s.presence, e.users);
      return [];
    case "resync":
      return [{ what: "rooms" }, { what: "users" }];
    case "thread":
      return []; // nothing is held of the threads that are followed
    case "emoji":
      return []; // store/gallery.svelte.ts holds the custom emoji
    case "workspace":
      return []; // net/sync.ts fetches oneself, with the workspace
    case "confirmed":
      return []; // whoever shows who has confirmed a message fetches it
    case "notify":
      return []; // whoever shows notifications reads it; no state changes
    case "hello":
    case "pong":
    case "bye":
      return []; // these concern the connection alone
    default:
      e satisfies never; // the compiler names an event that is missing above
      return []; // an event of a newer server
  }
}
