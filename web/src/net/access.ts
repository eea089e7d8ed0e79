// The commands about the ways in that one has. They are loaded with the settings.
import type * as wire from "../wire/types";
import { get, send } from "./api";

export const sessions = async () => (await get<wire.Sessions>("/sessions")).sessions;
export const endSession = (id: string) => send<void>("DELETE", `/sessions/${id}`);
export const endAll = () => send<void>("DELETE", "/sessions");
export const changePassword = (current: string, next: string) =>
  send<void>("POST", "/me/password", { current, new: next } satisfies wire.ChangePassword);
