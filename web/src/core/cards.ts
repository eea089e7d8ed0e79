// What other systems say in messages: how much of it is shown at first, and how fields are laid out.
import type { Card, CardField } from "../wire/types";

/** A message shows so many cards, with so many fields each, until somebody asks for the rest. */
const CARDS = 3;
const FIELDS = 10;

/** The cards that are shown at first, with their first fields: the same list if those are all. */
export function folded(cards: readonly Card[]): readonly Card[] {
  const cut = cards
    .slice(0, CARDS)
    .map((c) => ((c.fields?.length ?? 0) > FIELDS ? { ...c, fields: c.fields!.slice(0, FIELDS) } : c));
  return cut.length === cards.length && cut.every((c, i) => c === cards[i]) ? cards : cut;
}

/** The longest name before its value, and the longest value beside another field or in a row of its own, characters. */
const NAME = 16;
const HALF = 30;
const ROW = 80;

/** A field is one of two in a row, has a row of its own, or has its name above its value. */
export type Place = "pair" | "row" | "block";

/** What of a value is seen: of a link its words. */
const seen = (value = ""): string => value.replace(/\]\([^)\s]*\)/g, "]");

/** Where the fields of a card stand. Two short ones that follow each other stand beside each other if both fit. */
export function placed(fields: readonly CardField[]): Place[] {
  const fits = (f: CardField | undefined, most: number): boolean =>
    !!f && (f.title ?? "").length <= NAME && seen(f.value).length <= most && !f.value?.includes("\n");
  const half = (f: CardField | undefined): boolean => !!f?.short && fits(f, HALF);
  const out: Place[] = [];
  for (let i = 0; i < fields.length; i++) {
    const f = fields[i]!;
    if (half(f) && half(fields[i + 1])) {
      out.push("pair", "pair");
      i++;
    } else out.push(f.title && fits(f, ROW) ? "row" : "block");
  }
  return out;
}
