// What the composer suggests: people after @, rooms after #, emoji after :.
import { best } from "../../lib/fuzzy";
import type { App, RoomState } from "../../store/app.svelte";

export interface Choice {
  insert: string;
  replaces: number;
  label: string;
  hint: string;
  emoji?: string;
}

const LIMIT = 7;

export async function complete(app: App, text: string, caret: number, r: RoomState): Promise<Choice[]> {
  const m = /(?:^|[\s(])([@#:])([\p{L}\p{N}_+.-]{0,30})$/u.exec(text.slice(0, caret));
  if (!m) return [];
  const q = m[2]!,
    replaces = q.length + 1;
  if (m[1] === "@") {
    const people = [...app.chat.users.values()].filter(
      (u) => !u.deactivated && (!r.room.members || r.room.members.includes(u.id)),
    );
    return best(q, people, (u) => `${u.handle} ${u.name}`, LIMIT).map((u) => ({
      insert: `@${u.handle} `,
      replaces,
      label: u.name,
      hint: `@${u.handle}`,
    }));
  }
  if (m[1] === "#") {
    const rooms = [...app.chat.rooms.values()].filter((s) => s.room.kind === "public");
    return best(q, rooms, (s) => s.room.name ?? "", LIMIT).map((s) => ({
      insert: `#${s.room.name} `,
      replaces,
      label: `#${s.room.name}`,
      hint: s.room.topic ?? "",
    }));
  }
  if (q.length < 2) return [];
  const { load, search, toned } = await import("../../lib/emoji");
  const tone = app.me?.settings.skin_tone ?? 0;
  return search(await load(), q, LIMIT).map((e) => ({
    insert: `${toned(e, tone)} `,
    replaces,
    label: `:${e.codes[0] ?? e.name}:`,
    hint: e.name,
    emoji: toned(e, tone),
  }));
}

/** The text as it is sent: :shortcodes: become emoji. */
export async function finish(app: App, text: string): Promise<string> {
  if (!/:[a-z0-9_+-]{2,40}:/.test(text)) return text;
  try {
    const { load, convert } = await import("../../lib/emoji");
    return convert(await load(), text, app.me?.settings.skin_tone ?? 0);
  } catch {
    return text; // offline before the data came: the code stays as typed
  }
}
