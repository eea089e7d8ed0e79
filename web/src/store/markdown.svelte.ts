// The tokenizer of Markdown, a part of the client of its own. It is loaded beside the first requests; until it is there, messages
// are drawn as they were written.
import type { Block } from "../lib/markdown";
import type { Notices } from "./notices.svelte";

export class Markdown {
  blocks = $state.raw<(source: string) => Block[]>();

  constructor(notices: Notices) {
    import("../lib/markdown").then(
      ({ blocks }) => (this.blocks = blocks),
      () =>
        notices.say(
          "Messages are shown without their formatting: a part of Canteen could not be loaded. Reload the page.",
        ),
    );
  }
}
