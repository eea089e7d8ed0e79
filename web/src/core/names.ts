// What one types into a form, brought into the form that the server takes.

/** The handle that a name suggests: its first word, in lower-case Latin letters. */
export function handleFor(name: string): string {
  const word = name.normalize("NFKD").toLowerCase().split(/\s+/)[0] ?? "";
  return word.replace(/[^a-z0-9._-]/g, "");
}

/** A room's name while it is typed: lower case, and no spaces. */
export const roomName = (typed: string): string => typed.toLowerCase().replaceAll(" ", "-");

/** An object without the fields that are undefined. */
export function only<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as T;
}
