// The public rooms that I am not in, for messages that name one.
import { browse } from "../net/api";
import type { Formatting } from "./formatting.svelte";

/** Asks once for them. Until they come, and if they do not, their names are text. */
export function look(of: Formatting): void {
  if (of.looked) return;
  of.looked = true;
  browse("").then(
    ({ rooms }) => (of.outside = rooms),
    () => (of.looked = false),
  );
}
