// Who is here: only of those who are watched.
import type { Presence } from "../wire/live";

export type Present = Map<string, Presence>;

export function presenceChanged(present: Present, users: Record<string, Presence>): void {
  for (const [id, p] of Object.entries(users)) present.set(id, p);
}
