// Something that a dialog fetches: not there yet, there, or refused. Why it was refused is said as a notice.
import type { Notices } from "./notices.svelte";

export class Fetched<T> {
  value = $state.raw<T | undefined>();
  failed = $state(false);

  constructor(
    private notices: Notices,
    private fetch: () => Promise<T>,
  ) {}

  /** Fetches it, also again. What was there stays until then. */
  readonly load = async (): Promise<void> => {
    this.failed = false;
    this.failed = !(await this.notices.attempt(async () => (this.value = await this.fetch())));
  };
}
