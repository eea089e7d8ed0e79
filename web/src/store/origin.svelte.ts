// The message that another one forwards, as one may see it now, and the command that forwards.
import { only } from "../core/names";
import type { Entry } from "../core/jump";
import { finish } from "../lib/finish";
import * as Api from "../net/api";
import type { Message, Origin as Place, PostMessage } from "../wire/types";
import type { App } from "./app";

export class Origin {
  is = $state<"loading" | "there" | "unseen" | "failed">("loading");
  private fetched = $state.raw<Message | undefined>();

  constructor(
    private connection: App["connection"],
    private of: Place,
  ) {}

  /** Its newest state that is known. */
  get message(): Message | undefined {
    return this.fetched && this.connection.newest(this.fetched);
  }

  /** Asks for it, also again: after a failure, and when one came into its room or lost it. */
  async load(): Promise<void> {
    try {
      this.fetched = await Api.message(this.of.room, this.of.seq);
      this.is = "there";
    } catch (e) {
      if (!(e instanceof Api.ApiError)) throw e;
      this.is = e.status === 404 || e.status === 403 ? "unseen" : "failed";
      if (this.is === "unseen") this.fetched = undefined;
    }
  }
}

/** What is forwarded of a message: what it forwards itself, if it says nothing of its own. */
export const originOf = (m: Message): Place => (m.origin && !m.text ? m.origin : { room: m.room, seq: m.seq });

/** Forwards a message to a room or a person. Once more with the same client_id posts nothing twice. */
export function forward(
  { connection, notices, settings }: Pick<App, "connection" | "notices" | "settings">,
  m: Message,
  to: Pick<Entry, "is" | "key">,
  text: string,
  client_id: string,
): Promise<boolean> {
  return notices.attempt(async () => {
    const direct = () => Api.addRoom({ kind: "direct", members: [to.key] });
    const room = to.is === "person" ? (await connection.command(direct)).id : to.key;
    const finished = text.trim() ? await finish(text, settings.skinTone) : undefined;
    connection.took(await Api.post(room, only<PostMessage>({ client_id, text: finished, forward: originOf(m) })));
    notices.say("The message is forwarded.");
  });
}
