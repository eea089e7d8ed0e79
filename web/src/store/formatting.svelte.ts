// What formats messages and what draws their other parts: pieces of the client of their own, loaded beside the first requests.
import type { Component, Snippet } from "svelte";
import type { OutboxMessage } from "../core/outbox";
import type { Colours } from "../lib/colours";
import type { Message, Rooms } from "../wire/types";
import type { Notices } from "./notices.svelte";

export type Formatted = Component<{
  text: string;
  mentions: readonly string[] | undefined;
  broadcast?: Message["broadcast"];
  end?: Snippet;
}>;

/** It draws a message, or one that is on its way. */
export type Parts = Component<{ m?: Message; text?: Snippet; o?: OutboxMessage }>;

/** How a piece is loaded. */
type Load<T> = () => Promise<{ default: T }>;
export type Pieces = [formatted: Load<Formatted>, parts: Load<Parts>];

export class Formatting {
  piece = $state.raw<Formatted>();
  parts = $state.raw<Parts>();
  /** Public rooms that I am not in, once a message may name one. */
  outside = $state.raw<Rooms["rooms"]>([]);
  looked = false;
  /** What colours code, once there is any. */
  colours: Promise<Colours> | undefined;

  constructor(notices: Notices, ...[load, parts]: Pieces) {
    parts().then(
      (piece) => (this.parts = piece.default),
      () => notices.say("Files and polls are not shown: a part of Canteen could not be loaded. Reload the page."),
    );
    load().then(
      (piece) => (this.piece = piece.default),
      () =>
        notices.say(
          "Messages are shown without their formatting: a part of Canteen could not be loaded. Reload the page.",
        ),
    );
  }
}
