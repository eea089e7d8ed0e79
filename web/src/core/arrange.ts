// Changes of the sections of the sidebar that one made. Each gives new ones, and changes only what it is about: on another device somebody
// may have changed something else, and the change is then made to those sections (store/settings.svelte.ts).
import type { Section } from "../wire/types";
import { idOf } from "./sections";

/** The id of a new section, made of a random UUID: 12 of a–z. */
export const idFrom = (uuid: string): string => uuid.slice(-12).replace(/\d/g, (d) => "ghijklmnop"[Number(d)]!);

/** Puts a room into a section, out of the one in which it stands; into none for undefined. If the section is gone, it stays. */
export function put(sections: readonly Section[], room: string, into: string | undefined): Section[] {
  if (into !== undefined && !sections.some((s) => idOf(s) === into)) return [...sections];
  return sections.map((s) => {
    const others = s.rooms.filter((id) => id !== room);
    return { ...s, rooms: idOf(s) === into ? [...others, room] : others };
  });
}

/** The section in which a room stands. */
export function sectionOf(sections: readonly Section[], room: string): string | undefined {
  const found = sections.find((s) => s.rooms.includes(room));
  return found && idOf(found);
}

/** Moves a section up or down. */
export function moved(sections: readonly Section[], id: string, by: 1 | -1): Section[] {
  const all = [...sections],
    at = all.findIndex((s) => idOf(s) === id);
  if (at < 0 || !all[at + by]) return all;
  [all[at], all[at + by]] = [all[at + by]!, all[at]!];
  return all;
}

/** Changes one section. */
export const changed = (sections: readonly Section[], id: string, to: Partial<Section>): Section[] =>
  sections.map((s) => (idOf(s) === id ? { ...s, ...to } : s));

/** Why a section cannot have this name; undefined when it can. */
export function misnamed(sections: readonly Section[], name: string, before = ""): string | undefined {
  const plain = (s: string) => s.trim().toLocaleLowerCase();
  if (!name.trim()) return "Enter a name.";
  if (plain(name) !== plain(before) && sections.some((s) => plain(s.name) === plain(name)))
    return "You have a section with this name.";
  return undefined;
}
