// The entries of the menu "+" of a box, in their order.
import BadgeCheck from "@lucide/svelte/icons/badge-check";
import Camera from "@lucide/svelte/icons/camera";
import ChartBarDecreasing from "@lucide/svelte/icons/chart-bar-decreasing";
import Eye from "@lucide/svelte/icons/eye";
import Image from "@lucide/svelte/icons/image";
import Mic from "@lucide/svelte/icons/mic";
import Paperclip from "@lucide/svelte/icons/paperclip";
import Type from "@lucide/svelte/icons/type";
import { draftPlace } from "../../core/drafts";
import { takesFiles } from "../../core/part";
import { chosen, PICTURES, type Asked } from "../../lib/choose";
import { canRecord } from "../../lib/recorder";
import { isTouch } from "../../lib/touch";
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

/** Files come with a new message. A message that was sent keeps those that it has. */
const isNew = ({ w, app }: Around): boolean => !w.edits && takesFiles(app.session.me);
const placeOf = ({ w }: Around): string => draftPlace(w.r.room.id, w.thread);

/** Asks for files, which has to happen at once, and adds them. */
function choose(a: Around, what: Asked): void {
  const files = chosen(what),
    place = placeOf(a);
  void a.app.notices.attempt(async () => {
    const added = (await files).map((body) => ({ body, name: body.name }));
    if (added.length) (await a.app.uploads.load()).add(place, added);
    a.w.area.focus();
  });
}

async function record(a: Around): Promise<void> {
  const place = placeOf(a);
  await a.app.notices.attempt(async () => ((await a.app.uploads.load()).recording = place));
}

export const adds: readonly Add[] = [
  {
    label: "File",
    hint: "Or drop or paste it",
    icon: Paperclip,
    shown: isNew,
    go: (a) => choose(a, { multiple: true }),
  },
  {
    label: "Photo or video",
    hint: "From this phone",
    icon: Image,
    shown: (a) => isNew(a) && isTouch(),
    go: (a) => choose(a, { multiple: true, accept: PICTURES }),
  },
  {
    label: "Camera",
    hint: "Take a photo",
    icon: Camera,
    shown: (a) => isNew(a) && isTouch(),
    go: (a) => choose(a, { accept: "image/jpeg", camera: true }),
  },
  {
    label: "Voice message",
    hint: "Record it",
    icon: Mic,
    shown: (a) => isNew(a) && canRecord(),
    go: (a) => void record(a),
  },
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
