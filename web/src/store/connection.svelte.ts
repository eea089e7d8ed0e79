// The live connection, made reactive: components hear when it is lost and when it is back.
import { untrack } from "svelte";
import { Live } from "../net/live";

export class Connection extends Live {
  /** Since when there is no connection, in the time of the page, ms; 0 while there is one. */
  offlineSince = $state(0);

  /** Is called while rows are drawn, which must not depend on what it reads. */
  override reading(room: string, away: boolean): void {
    untrack(() => super.reading(room, away));
  }
}
