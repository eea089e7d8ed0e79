import type { Refusal } from "../core/refusal";
import { ApiError } from "./api";

/** Gives the command of a form; returns its answer, or why the server refused it, for the form to show. */
export async function answered<T>(f: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await f();
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    return { field: e.problem?.field ?? "", text: e.message };
  }
}

/** The same for a command whose answer the form does not need. */
export const refused = (f: () => Promise<unknown>): Promise<Refusal | undefined> =>
  answered(async () => void (await f()));
