import type { Refusal } from "../core/refusal";
import { ApiError } from "./api";

/** Gives the command of a form; returns why the server refused it, for the form to show. */
export async function refused(f: () => Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await f();
    return undefined;
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    return { field: e.problem?.field ?? "", text: e.message };
  }
}
