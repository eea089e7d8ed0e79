// The commands about tokens: one's own, or those of a bot. They are loaded with what shows them.
import type * as wire from "../wire/types";
import { get, send } from "./api";

/** `of` is the path of whom they are of: "" for oneself. */
export const tokens = async (of: string) => (await get<wire.Tokens>(`${of}/tokens`)).tokens;
/** The answer is the only one that holds the secret. The password is needed when it was not entered lately. */
export const add = (of: string, b: wire.NewTokenBody) => send<wire.MadeToken>("POST", `${of}/tokens`, b);
export const end = (of: string, id: string) => send<void>("DELETE", `${of}/tokens/${id}`);
