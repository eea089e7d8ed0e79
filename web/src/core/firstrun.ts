// The first run: what there is to do in a new workspace before anybody talks. What is done follows from the state.
import type { Me } from "../wire/types";
import { isAdmin } from "./may";
import type { Frame } from "./room";
import type { State } from "./state";
import { others } from "./users";

export type Step = "invite" | "room" | "status";

/** What one may do, in this order, and whether that is done. `first` is the room that the setup made. */
export function firstSteps(
  { me, users, frames }: Pick<State, "me" | "users"> & { frames: ReadonlyMap<string, Frame> },
  { role, status }: Pick<Me, "role" | "status">,
  first: string,
): [Step, boolean][] {
  const steps: [Step, boolean][] = [];
  if (isAdmin({ role })) steps.push(["invite", others(users.values(), me).some((u) => !u.bot)]);
  if (role !== "guest")
    steps.push(["room", [...frames.values()].some(({ room }) => room.kind !== "direct" && room.id !== first)]);
  return [...steps, ["status", !!status]];
}
