// The commands about rooms and their members.
import { only } from "../core/names";
import { pathTo } from "../core/paths";
import type { Refusal } from "../core/refusal";
import * as Api from "../net/api";
import { answered, refused } from "../net/refused";
import type { Role } from "../wire/live";
import type { MyRoom, Room, Rooms as Page } from "../wire/types";
import type { Chat } from "./chat.svelte";
import type { Connection } from "./connection.svelte";
import type { Notices } from "./notices.svelte";
import { Wishes } from "./wishes.svelte";

type Mine = Parameters<typeof Api.updateMyRoom>[1];

export class Rooms {
  private wishes: Wishes;

  constructor(
    private chat: Chat,
    private connection: Connection,
    private notices: Notices,
    /** Shows a room. */
    private show: (room: string) => void,
    private api: typeof Api = Api,
  ) {
    this.wishes = new Wishes(notices, () => connection.isOver());
  }

  /** A page of the public rooms that one is not in, after a room; undefined when they could not be fetched. */
  async browse(q: string, after?: string): Promise<Page | undefined> {
    let found: Page | undefined;
    await this.notices.attempt(async () => (found = await this.api.browse(q, after)));
    return found;
  }

  /** A room that one is not in; null when it is not there or not to be seen, and a text when it could not be fetched. */
  async outside(room: string): Promise<Room | null | string> {
    try {
      return await this.api.room(room);
    } catch (e) {
      if (!(e instanceof Api.ApiError)) throw e;
      return e.status === 404 || e.status === 400 ? null : e.message;
    }
  }

  /** The first message of a room since a moment, or else its last one; undefined when there is none, or it cannot be fetched. */
  async since(room: string, moment: Date): Promise<number | undefined> {
    let found: number | undefined;
    await this.notices.attempt(async () => {
      const { messages } = await this.api.page(room, { at: moment.toISOString(), limit: 1 });
      found = messages[0]?.seq;
      if (!found) this.notices.say("There are no messages yet.");
    });
    return found;
  }

  /**
   * Gives a command and shows the room that answers it. `done` closes the dialog that asked. The dialog closes and the room
   * opens in one step: the room's composer cannot take the focus while a dialog is open.
   */
  private async go(f: () => Promise<MyRoom>, done: () => void): Promise<void> {
    const room = await this.connection.command(f);
    done();
    this.show(room.id);
  }

  /** Joins a room and shows it. */
  join(room: string, done: () => void): Promise<boolean> {
    return this.notices.attempt(() => this.go(() => this.api.join(room), done));
  }

  /** Makes a room and shows it; returns why it was refused. */
  create(kind: "public" | "private", name: string, topic: string, done: () => void): Promise<Refusal | undefined> {
    const fields = only<{ topic?: string }>({ topic: topic || undefined });
    return refused(() => this.go(() => this.api.addRoom({ kind, name, ...fields }), done));
  }

  /** Shows the direct room with these people. */
  talkTo(members: readonly string[], done: () => void): Promise<boolean> {
    const add = () => this.api.addRoom({ kind: "direct", members: [...members] });
    return this.notices.attempt(() => this.go(add, done));
  }

  /** Changes a room for everybody. Its event brings the change. */
  change(room: string, b: Parameters<typeof Api.updateRoom>[1]): Promise<boolean> {
    return this.notices.attempt(() => this.api.updateRoom(room, b));
  }

  /** Changes one of one's own settings of a room. */
  changeMine<K extends keyof Mine>(room: string, what: K, value: Mine[K]): Promise<boolean> {
    return this.wishes.wish(`${room} ${what}`, value, (value) =>
      this.connection.command(() => this.api.updateMyRoom(room, { [what]: value })),
    );
  }

  /** A room with one's own settings of it as they are drawn. */
  drawn(room: MyRoom): MyRoom {
    const wishes = this.wishes.under(`${room.id} `);
    return wishes.length ? { ...room, ...Object.fromEntries(wishes) } : room;
  }

  copyLink(room: string): Promise<boolean> {
    return this.notices.copy(`${location.origin}${pathTo(room)}`, "The link is copied.");
  }

  /** Adds a member, or changes her role. */
  putMember(room: string, user: string, role?: "owner" | "member"): Promise<boolean> {
    return this.notices.attempt(() => this.api.putMember(room, user, role));
  }

  removeMember(room: string, user: string): Promise<boolean> {
    return this.notices.attempt(() => this.api.removeMember(room, user));
  }

  /** Leaves a room; whoever has it on screen is shown another. */
  leave(room: string, done: () => void): Promise<boolean> {
    return this.notices.attempt(async () => {
      await this.api.removeMember(room, this.chat.me);
      done();
      this.connection.left(room);
    });
  }

  /** Makes an invitation; returns its link, or why it was refused. A guest needs a room. */
  invite(email: string, role: Role, room: string | undefined): Promise<{ url: string } | Refusal> {
    const rooms = role === "guest" && room ? [room] : undefined;
    const fields = only<{ email?: string; rooms?: string[] }>({ email: email || undefined, rooms });
    return answered(() => this.api.invite({ role, ...fields }));
  }
}
