// The rooms of the last visits: see core/visits.
import { untrack } from "svelte";
import { marked, moved, resumed, visited, type Visit } from "../core/visits";
import type { Chat } from "./chat.svelte";

export class Visits {
  all = $state.raw<readonly Visit[]>([]);
  /** When the room on screen was chosen, in the time of the page, ms. */
  since = 0;

  constructor(private chat: Chat) {}

  /** Another room is shown, or none. */
  go(room: string | undefined): void {
    untrack(() => {
      if (room === this.all[0]?.room) return;
      this.since = performance.now();
      this.all = visited(this.all, this.chat.rooms, room);
    });
  }

  /** One came back to the tab. */
  resume(room: string): void {
    this.all = resumed(this.all, this.chat.rooms, room);
  }

  /** The "New" line goes before a message. */
  mark(room: string, seq: number): void {
    this.all = marked(this.all, room, seq);
  }

  /** The read pointer of the room on screen moved. */
  moved(room: string, from: number, to: number): void {
    this.all = moved(this.all, room, from, to);
  }
}
