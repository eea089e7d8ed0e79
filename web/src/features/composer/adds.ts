// The entries of the menu "+" of a box, in their order.
import BadgeCheck from "@lucide/svelte/icons/badge-check";
import ChartBarDecreasing from "@lucide/svelte/icons/chart-bar-decreasing";
import Eye from "@lucide/svelte/icons/eye";
import Type from "@lucide/svelte/icons/type";
import { draftPlace } from "../../core/drafts";
import type { Writing } from "../../lib/writing";
import type { App } from "../../store/app";
import type { Overlay } from "../../store/overlay.svelte";

/** What an entry may use. */
export interface Around {
  readonly w: Writing;
  readonly app: App;
  readonly overlay: Overlay;
  /** Shows the toolbar, or hides it. */
  readonly toggleTools: () => void;
  /** Shows how the message will look, or hides it. */
  readonly toggleSample: () => void;
}

export interface Add {
  readonly label: string;
  /** What it does, or how it is done without the menu. */
  readonly hint: string;
  readonly icon: typeof Type;
  /** Whether it stands in the menu of this box; in each, if absent. */
  readonly shown?: (a: Around) => boolean;
  readonly go: (a: Around) => void;
}

export const adds: readonly Add[] = [
  { label: "Formatting", hint: "Bold, lists, links…", icon: Type, go: (a) => a.toggleTools() },
  {
    label: "Poll",
    hint: "Ask, and let people vote",
    icon: ChartBarDecreasing,
    shown: (a) => !a.w.edits,
    go: (a) => a.overlay.ask({ thread: a.w.thread }),
  },
  {
    label: "Ask to confirm",
    hint: "Members say that they have read it",
    icon: BadgeCheck,
    shown: ({ w }) => !w.edits && !w.thread && w.r.room.kind !== "direct" && w.r.room.role === "owner",
    go: ({ w, app }) => app.outgoing.asking.add(draftPlace(w.r.room.id)),
  },
  { label: "Preview", hint: "See how your message will look", icon: Eye, go: (a) => a.toggleSample() },
];
