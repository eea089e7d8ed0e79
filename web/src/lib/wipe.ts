// The end of the database that holds the bytes of files that are not uploaded yet (lib/bodies). Signing out loads no more of it.

/** Each user has one. */
export const bodiesOf = (user: string): string => `canteen.bodies.${user}`;

/** Deletes it. Where the browser denies databases there is none. */
export function wipe(user: string): void {
  try {
    indexedDB.deleteDatabase(bodiesOf(user));
  } catch (e) {
    if (!(e instanceof DOMException || e instanceof ReferenceError)) throw e;
  }
}
