// The commands about the health of the server. They are loaded with its page.
import type * as wire from "../wire/types";
import { get, query, send } from "./api";

export const ops = () => get<wire.Ops>("/ops");

interface Asked {
  from: string;
  to: string;
  step: number;
}

const asked = (names: readonly string[], q: Asked) =>
  `/ops/series?${query({ name: names.join(","), from: q.from, to: q.to, step: q.step })}`;
export const series = (names: readonly string[], q: Asked) => get<wire.OpsSeries>(asked(names, q));
/** Where the same is downloaded as a table. */
export const pathOfTable = (names: readonly string[], q: Asked): string => `/api/v1${asked(names, q)}&format=csv`;

/** Nobody is told of an alarm until then; without a time that ends. */
export const silence = (alarm: string, b: wire.SilenceAlarm) => send<void>("PUT", `/ops/silences/${alarm}`, b);
/** What a job did in vain is tried at once, or given up. */
export const again = (job: string, how: "retry" | "discard") => send<void>("POST", `/ops/jobs/${job}/${how}`);
/** Sends a test by each way that alarms go. */
export const test = () => send<wire.TestedAlarms>("POST", "/ops/test");
