// What other systems say in messages: how much of it is shown at first.
import type { Card } from "../wire/types";

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
