// What this device keeps for who is signed in, and whose turn it is.
import { forget, WHO, type Unsent } from "../core/device";
import { Drafts } from "../core/drafts";
import { Outbox } from "../core/outbox";

export class Device {
  private user = "";

  /** Whether another tab of this browser has signed out, or has signed another person in. */
  isOver(e: Pick<StorageEvent, "key" | "newValue">): boolean {
    return !!this.user && e.key === WHO && e.newValue !== this.user;
  }

  /** Somebody is signed in: tabs that show another person hear of it. */
  enter(user: string): void {
    this.user = user;
    localStorage.setItem(WHO, user);
  }

  /** Who was signed in has signed out: nothing of theirs stays. */
  forget(): void {
    forget(localStorage, this.user);
  }

  private get drafts(): Drafts {
    return new Drafts(localStorage, this.user);
  }

  private get outbox(): Outbox {
    return new Outbox(localStorage, this.user);
  }

  unsent(): Unsent {
    return { drafts: this.drafts.rooms().length, messages: this.outbox.all().length };
  }

  /** The rooms in which something is not sent. */
  rooms(): Set<string> {
    return new Set([...this.drafts.rooms(), ...this.outbox.all().map((o) => o.room)]);
  }

  /** Deletes what was not sent in a room. */
  drop(room: string): void {
    this.drafts.set(room, "");
    this.outbox.drop(room);
  }
}
