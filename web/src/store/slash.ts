// Does what a command of the box says. It is loaded when the first one is given.
import { called, inLine } from "../core/names";
import type { RoomState } from "../core/room";
import type { Deed } from "../lib/commands";
import { finish } from "../lib/finish";
import { emoji as runs } from "../lib/runs";
import type { Message } from "../wire/types";
import type { App } from "./app";
import type { Overlay } from "./overlay.svelte";

type Place = Pick<App, "chat" | "messages" | "notices" | "rooms" | "settings">;

/** Does it; returns why it was not done, or "" where that was said already. undefined: it is done. */
export async function give(
  d: Exclude<Deed, { is: "send" | "refuse" }>,
  app: Place,
  overlay: Overlay,
  r: RoomState,
  thread: number | undefined,
): Promise<string | undefined> {
  const said = async (done: Promise<boolean>, line = "") => {
    if (!(await done)) return "";
    if (line) app.notices.say(line);
    return undefined;
  };
  switch (d.is) {
    case "topic":
      return said(app.rooms.change(r.room.id, { topic: d.topic }));
    case "invite":
      return invite(d.handles, app, r);
    case "poll":
      overlay.ask({ thread, text: d.text });
      return undefined;
    case "feedback":
      overlay.giveFeedback(d.text);
      return undefined;
    case "chooseStatus":
      overlay.dialog = "status";
      return undefined;
    case "status": {
      const emoji = await one(d.emoji, app.settings.skinTone);
      if (d.emoji && !emoji) return `There is no emoji ${d.emoji}`;
      const status = { ...(emoji && { emoji }), ...(d.text && { text: d.text }) };
      const no = await app.settings.saveProfile({ status });
      if (!no) app.notices.say("Your status is set.");
      return no?.text;
    }
    case "react": {
      const emoji = await one(d.emoji, app.settings.skinTone),
        last = lastOf(app.chat, r, thread);
      if (!emoji) return `There is no emoji ${d.emoji}`;
      return last ? said(app.messages.toggle(last, emoji)) : "There is no message to react to.";
    }
  }
}

/** The emoji of a shortcode, or what is one; "" if there is none. */
async function one(code: string, tone: number): Promise<string> {
  const found = await finish(code, tone),
    [run, ...more] = runs(found);
  return run?.t === "emoji" && !more.length ? found : "";
}

/** The last message that one sees in the room, or in the thread, which at least has its root. */
function lastOf({ threads }: App["chat"], r: RoomState, thread: number | undefined): Message | undefined {
  const alive = (m: Message) => !m.deleted_at && !m.system;
  if (!thread) return r.messages.findLast(alive);
  const t = threads.get(r.room.id);
  if (t?.root !== thread) return undefined;
  return t.messages.findLast(alive) ?? (t.first && alive(t.first) ? t.first : undefined);
}

async function invite(handles: readonly string[], { chat, notices, rooms }: Place, r: RoomState) {
  const found = handles.map((h) => [h, chat.people.get(h)] as const);
  const unknown = found.filter(([, u]) => !u || u.deactivated).map(([h]) => `@${h}`);
  if (unknown.length) return `Nobody has the handle ${unknown.join(", ")}`;
  for (const [, u] of found) if (!(await rooms.putMember(r.room.id, u!.id))) return "";
  const names = found.map(([, u]) => inLine(called(u)));
  notices.say(`Added: ${new Intl.ListFormat("en").format(names)}`);
  return undefined;
}
