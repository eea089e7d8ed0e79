// What a text means that begins with a slash, or is +:emoji: and nothing else.
import { callLink, callText } from "../core/call";
import { mayAddMembers, mayManage } from "../core/may";
import type { RoomState } from "../core/room";
import type { Me } from "../wire/types";
import { emoji } from "./runs";

export interface Command {
  readonly name: string;
  /** What follows it. */
  readonly args: string;
  readonly hint: string;
  /** Whether it can be given in this room; always, if absent. */
  readonly may?: (r: RoomState, me: Me) => boolean;
}

export const commands: readonly Command[] = [
  { name: "me", args: "text", hint: "Say what you do, in italics" },
  { name: "shrug", args: "text", hint: "Put ¯\\_(ツ)_/¯ after your text" },
  { name: "topic", args: "text", hint: "Change the topic of this room", may: mayManage },
  { name: "invite", args: "@name", hint: "Add people to this room", may: mayAddMembers },
  { name: "poll", args: "Question | one | two", hint: "Ask, and let people vote" },
  { name: "status", args: ":emoji: text", hint: "Say what you are up to; without a text, choose it" },
  { name: "call", args: "", hint: "Post a link to a call", may: (_, me) => !!me.workspace.call_url },
  { name: "feedback", args: "text", hint: "Say what you think of Canteen", may: (_, me) => me.workspace.feedback },
];

/** Those that can be given in a room. */
export const mine = (r: RoomState, me: Me): Command[] => commands.filter((c) => c.may?.(r, me) ?? true);

/** What a command does. */
export type Deed =
  | { readonly is: "send"; readonly text: string }
  | { readonly is: "topic"; readonly topic: string }
  | { readonly is: "invite"; readonly handles: readonly string[] }
  | { readonly is: "status"; readonly emoji: string; readonly text: string }
  | { readonly is: "chooseStatus" }
  | { readonly is: "poll" | "feedback"; readonly text: string }
  | { readonly is: "react"; readonly emoji: string }
  /** Nothing is done, for this reason. `text` can be sent as a message all the same. */
  | { readonly is: "refuse"; readonly title: string; readonly why: string; readonly text?: string };

/** Whether a text is one emoji, or a shortcode. */
function isOne(s: string): boolean {
  const [run, ...more] = emoji(s);
  return /^:[\p{L}\p{N}_+-]{1,60}:$/u.test(s) || (run?.t === "emoji" && !more.length && segments(s) === 1);
}
const segments = (s: string): number => [...new Intl.Segmenter().segment(s)].length;

const refuse = (title: string, why: string): Deed => ({ is: "refuse", title, why });
const needs = (c: string, args: string): Deed => refuse(`/${c} needs more`, `Write it as: /${c} ${args}`);

/** What a text means; undefined when it is a message like any other. Two slashes at its beginning are one. */
export function deed(text: string, r: RoomState, me: Me): Deed | undefined {
  const s = text.trim();
  if (s.startsWith("//")) return { is: "send", text: s.slice(1) };
  if (s.startsWith("+") && isOne(s.slice(1))) return { is: "react", emoji: s.slice(1) };
  // A path such as /usr/bin is no command.
  const m = /^\/([a-z][a-z0-9_-]{0,30})(?:\s+([^]*))?$/i.exec(s);
  if (!m) return undefined;
  const name = m[1]!.toLowerCase(),
    rest = m[2] ?? "";
  const command = commands.find((c) => c.name === name);
  if (!command) {
    const known = mine(r, me)
      .map((c) => `/${c.name}`)
      .join(", ");
    const why = `The commands are ${known}. To begin a message with a slash, write two of them.`;
    return { is: "refuse", title: `There is no command /${name}`, why, text: s };
  }
  if (name === "call") {
    const template = me.workspace.call_url;
    return template
      ? { is: "send", text: callText(callLink(template, r.room)) }
      : refuse("There are no calls here", "An admin can set the address of calls in the settings of the workspace.");
  }
  if (name === "feedback" && !me.workspace.feedback)
    return refuse(
      "There is no room for feedback",
      "Nobody has chosen a room for feedback yet. An admin can, in the settings of the workspace.",
    );
  if (command.may && !command.may(r, me))
    return refuse(`You cannot use /${name} here`, r.room.kind === "direct" ? DIRECT : REFUSED);
  return done(name, rest, command.args);
}

const DIRECT = "A conversation has no topic, and its people stay the same.";
const REFUSED = "Owners of this room can.";

function done(name: string, rest: string, args: string): Deed {
  switch (name) {
    case "me":
      return rest ? { is: "send", text: `*${rest}*` } : needs(name, args);
    case "shrug":
      return { is: "send", text: `${rest} ¯\\_(ツ)_/¯`.trim() };
    case "topic":
      return rest ? { is: "topic", topic: rest } : needs(name, args);
    case "poll":
    case "feedback":
      return { is: name, text: rest };
    case "invite": {
      const handles = rest.split(/[\s,]+/).map((h) => h.replace(/^@/, "").toLowerCase());
      return rest ? { is: "invite", handles: [...new Set(handles.filter(Boolean))] } : needs(name, args);
    }
    default: {
      const [first = ""] = rest.split(/\s/, 1),
        of = isOne(first) ? first : "";
      return rest ? { is: "status", emoji: of, text: rest.slice(of.length).trim() } : { is: "chooseStatus" };
    }
  }
}
