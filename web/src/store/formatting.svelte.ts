// What formats messages, a piece of the client of its own. It is loaded beside the first requests.
import type { Component, Snippet } from "svelte";
import type { Message, Rooms } from "../wire/types";
import type { Notices } from "./notices.svelte";

export type Formatted = Component<{
  text: string;
  mentions: readonly string[] | undefined;
  broadcast?: Message["broadcast"];
  end?: Snippet;
}>;

export class Formatting {
  piece = $state.raw<Formatted>();
  /** Public rooms that I am not in, once a message may name one. */
  outside = $state.raw<Rooms["rooms"]>([]);
  looked = false;

  constructor(load: () => Promise<{ default: Formatted }>, notices: Notices) {
    load().then(
      (piece) => (this.piece = piece.default),
      () =>
        notices.say(
          "Messages are shown without their formatting: a part of Canteen could not be loaded. Reload the page.",
        ),
    );
  }
}
