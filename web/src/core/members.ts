// The members of a room, while somebody looks at them.
import type { Member, User } from "../wire/types";
import type { RoomState } from "./room";
import { nameOf, order } from "./users";

export interface MemberList {
  readonly members: readonly Member[];
  /** The room's membersVersion at the last fetch; undefined before the first. */
  readonly version?: number;
  /** A fetch was refused. */
  readonly failed?: boolean;
}

/** By room. */
export type MemberLists = Map<string, MemberList>;

export const membersStale = (l: MemberList, r: RoomState | undefined): boolean => !!r && l.version !== r.membersVersion;

/** Oneself first, then the owners, then everybody else; each by name. */
export function sortedMembers(members: readonly Member[], users: ReadonlyMap<string, User>, me: string): Member[] {
  const rank = (m: Member) => (m.user === me ? 0 : m.role === "owner" ? 1 : 2);
  const name = (m: Member) => nameOf(users, m.user);
  return members.toSorted((a, b) => rank(a) - rank(b) || order.compare(name(a), name(b)));
}
