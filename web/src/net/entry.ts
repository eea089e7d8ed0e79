// The commands of those who come in. They are loaded with the forms at the door.
import type * as wire from "../wire/types";
import { send } from "./api";

export const checkSetup = (token: string) => send<void>("POST", "/setup/check", { token } satisfies wire.CheckSetup);
export const checkInvite = (invite: string) =>
  send<void>("POST", "/signup/check", { invite } satisfies wire.CheckInvite);
export const setup = (b: wire.Setup) => send<wire.Me>("POST", "/setup", b);
export const signIn = (email: string, password: string) => send<wire.Me>("POST", "/session", { email, password });
export const signUp = (b: wire.SignUp) => send<wire.Me>("POST", "/signup", b);
export const checkReset = (token: string) => send<void>("POST", "/reset/check", { token } satisfies wire.CheckReset);
export const resetPassword = (b: wire.ResetPassword) => send<wire.Me>("POST", "/reset", b);
