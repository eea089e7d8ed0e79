// The audit log: what is searched for, and how a row reads.
import type { AuditDetail, AuditRow } from "../wire/types";

/** What the form holds. Empty fields want anything. */
export interface AuditForm {
  /** A handle, with or without @. */
  person: string;
  what: string;
  room: string;
  /** Days, as the field of a date has them. Both are included. */
  from: string;
  to: string;
}

export const NO_FILTER: AuditForm = { person: "", what: "", room: "", from: "", to: "" };

/** When a day begins, where the reader is; `after` days later. */
function begin(day: string, after = 0): string | undefined {
  const d = new Date(`${day}T00:00`);
  d.setDate(d.getDate() + after);
  return isNaN(d.getTime()) ? undefined : d.toISOString();
}

/** The parameters of a search; undefined where nobody has the handle. */
export function searchOf(
  f: AuditForm,
  people: ReadonlyMap<string, { readonly id: string }>,
): Record<string, string | undefined> | undefined {
  const handle = f.person.trim().replace(/^@/, "").toLowerCase();
  const user = people.get(handle)?.id;
  if (handle && !user) return undefined;
  return {
    user,
    what: f.what || undefined,
    room: f.room || undefined,
    from: f.from ? begin(f.from) : undefined,
    to: f.to ? begin(f.to, 1) : undefined,
  };
}

/** A detail in one line. The name is the server's, in words. */
export function detailLine({ name, from, to }: AuditDetail): string {
  const words = name.replaceAll("_", " ");
  if (from !== undefined) return `${words}: ${from} → ${to || "none"}`;
  return to === undefined ? `${words} changed` : `${words}: ${to}`;
}

/** Where a row came from, in one line. */
export const originLine = (r: Pick<AuditRow, "address" | "session" | "token">): string =>
  [r.address, r.session && `session ${r.session}`, r.token && `token ${r.token}`].filter(Boolean).join(" · ");
