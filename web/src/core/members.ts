// The members of a room, while somebody looks at them.
import type { Member } from "../wire/types";
import type { RoomState } from "./room";

export interface MemberList {
  readonly members: readonly Member[];
  /** The room's membersVersion at the last fetch; undefined before the first. */
  readonly version?: number;
}

/** By room. */
export type MemberLists = Map<string, MemberList>;

export const membersStale = (l: MemberList, r: RoomState | undefined): boolean => !!r && l.version !== r.membersVersion;
