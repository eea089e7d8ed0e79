// What the card of a person says and where it stands.

const clock: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
const moment: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long", ...clock };

/** The time of day in a time zone, by its IANA name; undefined where the browser does not know the zone. */
export function timeIn(zone: string, now: number): string | undefined {
  try {
    return new Intl.DateTimeFormat(undefined, { ...clock, timeZone: zone }).format(now);
  } catch {
    return undefined; // a RangeError is the answer for a name that is unknown
  }
}

/** When something ends, as short as it is clear: today by the time alone. */
export function endsAt(iso: string, now: number): string {
  const end = new Date(iso),
    today = end.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(undefined, today ? clock : moment).format(end);
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}

/** Away from every edge of the window, px. */
const EDGE = 8;

/** A card stands below what opened it, above where there is no space below, and always inside the window. */
export function cardPlace(opener: Box, card: Size, window: Size): { left: number; top: number } {
  const below = opener.bottom + 6,
    above = opener.top - 6 - card.height;
  const fits = below + card.height <= window.height - EDGE;
  const within = (at: number, most: number) => Math.max(EDGE, Math.min(at, most - EDGE));
  return {
    left: within(opener.left, window.width - card.width),
    top: within(fits || above < EDGE ? below : above, window.height - card.height),
  };
}
