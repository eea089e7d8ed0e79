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

export const profileOf = ({ name, handle, status }: Pick<Me, "name" | "handle" | "status">): Profile => ({
  name,
  handle,
  emoji: status?.emoji ?? "",
  text: status?.text ?? "",
});

/** What is sent of a form: a name or handle that was not changed in it is left out, since another device may have changed it. */
export function changesIn(form: Profile, before: Profile): UpdateMe {
  const changed = (what: "name" | "handle") => (form[what] === before[what] ? undefined : form[what]);
  return only<UpdateMe>({
    name: changed("name"),
    handle: changed("handle"),
    status: only<{ emoji?: string; text?: string }>({ emoji: form.emoji || undefined, text: form.text || undefined }),
  });
}
