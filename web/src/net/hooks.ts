// The commands about the webhooks of a room. They are loaded with what shows them.
import type * as wire from "../wire/types";
import { get, send } from "./api";

export const hooks = async (room: string) => (await get<wire.Hooks>(`/rooms/${room}/hooks`)).hooks;
export const make = (room: string, b: wire.NewHookBody) => send<wire.MadeHook>("POST", `/rooms/${room}/hooks`, b);
export const revoke = (room: string, id: string) => send<void>("DELETE", `/rooms/${room}/hooks/${id}`);
/** Posts an example. */
export const test = (room: string, id: string) => send<wire.Message>("POST", `/rooms/${room}/hooks/${id}/test`);
