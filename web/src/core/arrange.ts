// Changes of the sections of the sidebar that one made. Each gives new ones.
import type { Section } from "../wire/types";

/** Puts a room into the section with this name, out of the one in which it stands; into none for undefined. */
export const put = (sections: readonly Section[], room: string, name: string | undefined): Section[] =>
  sections.map((s) => {
    const others = s.rooms.filter((id) => id !== room);
    return { ...s, rooms: s.name === name ? [...others, room] : others };
  });

/** The section in which a room stands. */
export function sectionOf(sections: readonly Section[], room: string): string | undefined {
  const found = sections.find((s) => s.rooms.includes(room));
  return found?.name;
}

/** Moves a section up or down. */
export function moved(sections: readonly Section[], name: string, by: 1 | -1): Section[] {
  const all = [...sections],
    at = all.findIndex((s) => s.name === name);
  if (at < 0 || !all[at + by]) return all;
  [all[at], all[at + by]] = [all[at + by]!, all[at]!];
  return all;
}

/** Changes one section. */
export const changed = (sections: readonly Section[], name: string, to: Partial<Section>): Section[] =>
  sections.map((s) => (s.name === name ? { ...s, ...to } : s));

/** Why a section cannot have this name; undefined when it can. */
export function misnamed(sections: readonly Section[], name: string, before = ""): string | undefined {
  const plain = (s: string) => s.trim().toLocaleLowerCase();
  if (!name.trim()) return "Enter a name.";
  if (plain(name) !== plain(before) && sections.some((s) => plain(s.name) === plain(name)))
    return "You have a section with this name.";
  return undefined;
}
