import type { Choice } from "./complete";
import { once } from "./once";
import type { suggest } from "./suggest";

const load = once(() => import("./suggest"));

/** What a box suggests; nothing when it cannot be loaded: the next letter asks again. */
export const suggestions = (...of: Parameters<typeof suggest>): Promise<Choice[]> =>
  load().then(
    (piece) => piece.suggest(...of),
    () => [],
  );
