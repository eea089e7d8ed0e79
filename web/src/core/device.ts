// What this device keeps for who is signed in, and whose turn it is.
import { counted } from "./counted";
import { Drafts } from "./drafts";
import { Outbox } from "./outbox";
import { WHO, type Shelf } from "./shelf";

/** What was written and not sent. */
export interface Unsent {
  readonly drafts: number;
  readonly messages: number;
  /** Files of drafts. */
  readonly files: number;
}

export class Device {
  private user = "";

  constructor(private shelf: Shelf) {}

  /** Whether another tab of this browser has signed out, or has signed another person in. */
  isOver(e: Pick<StorageEvent, "key" | "newValue">): boolean {
    return !!this.user && e.key === WHO && e.newValue !== this.user;
  }

  /** Somebody is signed in: tabs that show another person hear of it. */
  enter(user: string): void {
    this.user = user;
    this.shelf.setItem(WHO, user);
  }

  /** Who was signed in has signed out: nothing of theirs stays. */
  forget(): void {
    const owner = /^canteen\.\w+\.([^.]+)/;
    for (const k of this.shelf.keys("canteen.")) if (owner.exec(k)?.[1] === this.user) this.shelf.removeItem(k);
    if (this.shelf.getItem(WHO) === this.user) this.shelf.removeItem(WHO);
  }

  private get drafts(): Drafts {
    return new Drafts(this.shelf, this.user);
  }

  private get outbox(): Outbox {
    return new Outbox(this.shelf, this.user);
  }

  unsent(): Unsent {
    const uploads = this.shelf.keys(`canteen.upload.${this.user}.`);
    const files = uploads.filter((k) => !this.shelf.getItem(k)?.includes('"message":')).length;
    return { drafts: this.drafts.places().length, messages: this.outbox.all().length, files };
  }

  /** The rooms in which something is not sent. */
  rooms(): Set<string> {
    return new Set([...this.drafts.rooms(), ...this.outbox.all().map((o) => o.room)]);
  }

  /** Deletes what was not sent in these rooms. */
  drop(rooms: ReadonlySet<string>): void {
    for (const room of rooms) this.drafts.drop(room);
    this.outbox.drop(rooms);
  }
}

/** The question before one signs out; "" when nothing would be lost. */
export function signOutQuestion({ drafts, messages, files }: Unsent): string {
  const kinds = [
    drafts && counted(drafts, "draft"),
    messages && counted(messages, "unsent message"),
    files && counted(files, "unsent file"),
  ].filter(Boolean);
  const what = [kinds.slice(0, -1).join(", "), ...kinds.slice(-1)].filter(Boolean).join(" and ");
  return what && `You have ${what}. Sign out and delete ${drafts + messages + files === 1 ? "it" : "them"}?`;
}
