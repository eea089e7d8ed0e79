// Bots that people made. A bot may do what its tokens and its rooms allow, and is in no room without its owner.
import type { Me, Member, NewBotBody, Room, UpdateBotBody, User } from "../wire/types";
import { agreeing } from "./counted";
import { isAdmin } from "./may";
import { byName } from "./users";

/** Guests and bots make no bots. */
export const mayMakeBots = (me: Pick<Me, "role" | "bot">): boolean => me.role !== "guest" && !me.bot;

/** Who became a guest keeps the bots that they have. */
export function seesBots(me: Pick<Me, "id" | "role" | "bot">, users: ReadonlyMap<string, User>): boolean {
  return mayMakeBots(me) || [...users.values()].some((u) => u.owner === me.id);
}

/** Deactivate a bot, and bring it back. */
export const mayActivate = (bot: Pick<User, "owner">, me: Pick<Me, "id" | "role">): boolean =>
  !!bot.owner && (bot.owner === me.id || isAdmin(me));

/** What is said after that. */
export const activated = (active: boolean): string =>
  active ? "The bot is back. It needs a new token." : "The bot is deactivated. Its tokens are revoked.";

/** All bots that somebody made, from A to Z. */
export const ownedBots = (users: ReadonlyMap<string, User>): User[] =>
  [...users.values()].filter((u) => u.owner).sort(byName);

/** How many bots of a member leave a room with them. */
export const botsOf = (owner: string, members: readonly Member[], users: ReadonlyMap<string, User>): number =>
  members.filter((m) => users.get(m.user)?.owner === owner).length;

/** Whether a bot that is in a room can post there: somebody's bot owns no room. */
export const botPosts = (room: Pick<Room, "archived" | "posting">): boolean =>
  !room.archived && room.posting === "everyone";

/** "bot", "2 bots". */
export const withBots = (n: number): string => agreeing(n, "bot", `${n} bots`);

/** What is asked before one leaves a room in which one has so many bots. */
export function leaveQuestion(kind: string, bots: number): string {
  const leave = bots ? `Leave with your ${withBots(bots)}?` : kind === "private" ? "Leave?" : "Really leave?";
  return kind === "private" ? `${leave} Somebody will have to add you again` : leave;
}

/** What is sent of a form that changes a bot. What was not changed in it is left out: somebody else may have changed it. */
export function changesOf(form: NewBotBody, bot: User): UpdateBotBody {
  const was = { name: bot.name, handle: bot.handle, title: bot.title ?? "" };
  const keys = (["name", "handle", "title"] as const).filter((k) => (form[k] ?? "") !== was[k]);
  return Object.fromEntries(keys.map((k) => [k, form[k]]));
}
