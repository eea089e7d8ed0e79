// The paths of the pages: the forms at the door, and /r/<room>[/<message>].

/** The three ways in. */
export type Door = "setup" | "signup" | "signin";

/** The form that a path shows to whoever is not signed in. */
export function doorOf(path: string): Door {
  if (path === "/setup") return "setup";
  return path === "/signup" ? "signup" : "signin";
}

/** The path of a room, or of a message in it. */
export const pathTo = (room: string, seq?: number): string => (seq ? `/r/${room}/${seq}` : `/r/${room}`);

/** The room that a path names. */
export const roomOf = (path: string): string | undefined => /^\/r\/([a-z2-7]{12})(?:\/|$)/.exec(path)?.[1];

/** The message that a path names, by its number in the room. */
export function seqOf(path: string): number | undefined {
  const n = /^\/r\/[a-z2-7]{12}\/(\d{1,15})$/.exec(path)?.[1];
  return n ? Number(n) : undefined;
}
