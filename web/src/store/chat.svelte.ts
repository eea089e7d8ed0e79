// The core's state, made reactive: every map is one whose readers hear of each change.
import { untrack } from "svelte";
import { SvelteMap } from "svelte/reactivity";
import type { MemberList } from "../core/members";
import { called, type Called } from "../core/names";
import { sameFrame, type Frame, type RoomState } from "../core/room";
import { calledOf, titleOf } from "../core/sections";
import type { State } from "../core/state";
import type { Thread } from "../core/threads";
import { nameOf } from "../core/users";
import type { Presence } from "../wire/live";
import type { User } from "../wire/types";
import type { Clock } from "./clock.svelte";

/** The rooms. `frames` holds them without their counters, so that a message does not redraw those who show no counter. */
class Rooms extends SvelteMap<string, RoomState> {
  readonly frames = new SvelteMap<string, Frame>();

  constructor(private lost: (r: RoomState) => void) {
    super();
  }

  override set(id: string, r: RoomState): this {
    const old = untrack(() => this.frames.get(id));
    if (!old || !sameFrame(old, r)) this.frames.set(id, r);
    return super.set(id, r);
  }

  override delete(id: string): boolean {
    const r = untrack(() => this.get(id));
    this.frames.delete(id);
    if (r) this.lost(r);
    return super.delete(id);
  }
}

export class Chat implements State {
  me = "";
  readonly rooms = new Rooms((r) => this.lost(r));
  readonly users = new SvelteMap<string, User>();
  readonly presence = new SvelteMap<string, Presence>();
  /** How many places wait for one, as the title and the icon of the page say. */
  badge = $state(0);
  /** Those for whom do not disturb is on (see alerts.svelte.ts). */
  readonly quiet = new SvelteMap<string, true>();
  readonly typing = new SvelteMap<string, ReadonlyMap<string, number>>();
  readonly threads = new SvelteMap<string, Thread>();
  readonly members = new SvelteMap<string, MemberList>();
  readonly turns = new Map<string, number>();
  /** Everybody by handle, as mentions name them. */
  readonly people = $derived(new Map([...this.users.values()].map((u) => [u.handle, u])));

  /** `lost` hears of each room that one is no longer in. */
  constructor(
    private lost: (r: RoomState) => void = () => {},
    private clock: Pick<Clock, "passed"> = { passed: (iso) => Date.parse(iso) <= Date.now() },
  ) {}

  /** The status of a person, until it ends. */
  status(of: Pick<User, "status"> | undefined): User["status"] {
    const s = of?.status;
    return s?.until && this.clock.passed(s.until) ? undefined : s;
  }

  called(id: string): Called {
    return called(this.users.get(id));
  }

  /** A person in one line of text. */
  name(id: string): string {
    return nameOf(this.users, id);
  }

  /** What a room is called. */
  titled(r: Frame): Called[] {
    return calledOf(this.users, this.me, r);
  }

  /** The same in one line of text. */
  title(r: Frame | undefined): string {
    return titleOf(this.users, this.me, r);
  }
}
