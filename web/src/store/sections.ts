// The rooms in the order in which the sidebar shows them and the keyboard goes through them, by their ids.
import type { Frame } from "../core/room";
import type { App } from "./app.svelte";

export interface Sections {
  starred: string[];
  named: string[];
  direct: string[];
}

/**
 * Starred and named rooms by name, direct ones by their latest message; archived ones only while they are shown. Where a room
 * stands does not hang on its messages, those of direct rooms apart.
 */
export function sections(app: App, current: string | undefined): Sections {
  const rooms = [...app.chat.rooms.frames.values()].filter((r) => !r.room.archived || r.room.id === current);
  const byName = (a: Frame, b: Frame) => app.title(a).localeCompare(app.title(b));
  const latest = (r: Frame) => app.chat.rooms.get(r.room.id)?.room.last_message?.created_at ?? r.room.created_at;
  const ids = (of: Frame[]) => of.map((r) => r.room.id);
  return {
    starred: ids(rooms.filter((r) => r.room.starred).sort(byName)),
    named: ids(rooms.filter((r) => !r.room.starred && r.room.kind !== "direct").sort(byName)),
    direct: ids(
      rooms
        .filter((r) => !r.room.starred && r.room.kind === "direct")
        .sort((a, b) => latest(b).localeCompare(latest(a))),
    ),
  };
}
