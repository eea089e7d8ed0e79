// The commands about bots. They are loaded with what shows them.
import type * as wire from "../wire/types";
import { get, query, send } from "./api";

/** The bots of a person. Only who administers may name somebody else. */
export const bots = async (owner: string) => (await get<wire.Bots>(`/bots?${query({ owner })}`)).bots;
export const make = (b: wire.NewBotBody) => send<wire.User>("POST", "/bots", b);
export const change = (id: string, b: wire.UpdateBotBody) => send<wire.User>("PATCH", `/bots/${id}`, b);
/** The rooms that a bot of one's own is in, without direct ones. */
export const rooms = async (id: string) => (await get<wire.BotRooms>(`/bots/${id}/rooms`)).rooms;
