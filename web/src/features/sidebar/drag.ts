// Drags a room to another section of the sidebar. The list of rooms loads this when something is dragged in it.
import { put } from "../../core/arrange";
import { spotOf } from "../../core/paths";
import type { Rooms } from "../../store/rooms";
import type { Settings } from "../../store/settings.svelte";

const STARRED = "Starred";

/** Follows the pointer until what is dragged is dropped. */
export function carry(list: HTMLElement, from: Element, settings: Settings, rooms: Rooms): void {
  const { room } = spotOf(from.closest("a")?.getAttribute("href") ?? ""),
    home = from.closest("section");
  if (!room || !home) return;
  const end = new AbortController();
  let over: HTMLElement | null = null;
  const mark = (to: HTMLElement | null) => {
    over?.classList.remove("target");
    to?.classList.add("target");
    over = to;
  };
  const find = (e: Event) => {
    const to = (e.target as Element).closest<HTMLElement>("section[data-section]");
    return to && to !== home && to.dataset["section"] !== "Unread" ? to : null;
  };
  const stop = () => {
    mark(null);
    end.abort();
  };
  const on = (what: "dragstart" | "dragover" | "drop" | "dragend", f: (e: DragEvent) => void) =>
    (what === "dragend" ? document : list).addEventListener(what, f as EventListener, { signal: end.signal });
  on("dragover", (e) => {
    mark(find(e));
    if (over) e.preventDefault(); // it may be dropped here
  });
  on("drop", (e) => {
    e.preventDefault();
    const to = find(e)?.dataset["section"];
    if (to) drop(room, home.dataset["section"]!, to, settings, rooms);
    stop();
  });
  on("dragend", stop);
  on("dragstart", stop); // nobody hears of the end when the row is not on the page any more
}

/** A starred room is listed under Starred alone: dragged from there it is starred no longer. */
function drop(room: string, from: string, to: string, settings: Settings, rooms: Rooms): void {
  if (to === STARRED) return void rooms.changeMine(room, "starred", true);
  if (from === STARRED) void rooms.changeMine(room, "starred", false);
  void settings.arrange((all) => put(all, room, to.startsWith("=") ? to.slice(1) : undefined));
}
