// What is asked before the client has arrived. It knows nothing of the client, so that it stays small.

/** How many messages of a room are loaded first. */
export const FIRST_PAGE = 60;

/** The first requests of a page. `who` was signed in here last, and was in the room `last`; "" when nobody was. */
export function firstRequests(path: string, who: string, last: string): string[] {
  if (!who) return ["/workspace"];
  const room = /^\/r\/([a-z2-7]{12})(?:\/t\/\d+)?$/.exec(path)?.[1] ?? (path === "/" ? last : "");
  return ["/workspace", "/me", "/rooms", "/users", ...(room ? [`/rooms/${room}/messages?limit=${FIRST_PAGE}`] : [])];
}
