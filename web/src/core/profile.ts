// One's name, handle and status, as the form in the settings holds them.
import type { Me, UpdateMe } from "../wire/types";
import { only } from "./names";

export interface Profile {
  name: string;
  handle: string;
  /** Of the status; "" when there is none. */
  emoji: string;
  text: string;
}

type Shown = Pick<Me, "name" | "handle"> & { status?: Me["status"] | undefined };

export const profileOf = ({ name, handle, status }: Shown): Profile => ({
  name,
  handle,
  emoji: status?.emoji ?? "",
  text: status?.text ?? "",
});

/**
 * What is sent of a form. What was not changed in it is left out: another device may have changed it, and a status may have an end,
 * which the form does not show.
 */
export function changesIn(form: Profile, before: Profile): UpdateMe {
  const changed = (what: "name" | "handle") => (form[what] === before[what] ? undefined : form[what]);
  const status = only<{ emoji?: string; text?: string }>({
    emoji: form.emoji || undefined,
    text: form.text || undefined,
  });
  const same = form.emoji === before.emoji && form.text === before.text;
  return only<UpdateMe>({ name: changed("name"), handle: changed("handle"), status: same ? undefined : status });
}
