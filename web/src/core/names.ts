// Names: as one types them into a form, brought into the form that the server takes, and as people are shown by them.
import type { User } from "../wire/types";

/** A room's name while it is typed: lower case, and no spaces. */
export const roomName = (typed: string): string => typed.toLowerCase().replaceAll(" ", "-");

/** An object without the fields that are undefined. */
export function only<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as T;
}

/** How a person is shown: by name, and by handle too where the name could be taken for another's. */
export interface Called {
  readonly name: string;
  readonly handle?: string;
}

export function called(u: User | undefined): Called {
  if (!u) return { name: "Somebody" };
  return u.ambiguous ? { name: u.name, handle: u.handle } : { name: u.name };
}

/** The same in one line. */
export const inLine = ({ name, handle }: Called): string => (handle ? `${name} (@${handle})` : name);

/** The texts by which a person is found. */
export const wordsOf = (u: User): string[] => [u.name, u.handle];
