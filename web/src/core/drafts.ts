// Drafts: one for each room, kept on the device. The tabs of a browser share them: the last one that writes wins.
import type { Shelf } from "./shelf";

export class Drafts {
  /** What this tab last read or wrote, by room. */
  private known = new Map<string, string>();

  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(room = ""): string {
    return `canteen.draft.${this.user}.${room}`;
  }

  private stored(room: string): string {
    return this.shelf.getItem(this.key(room)) ?? "";
  }

  get(room: string): string {
    const text = this.stored(room);
    this.known.set(room, text);
    return text;
  }

  /** Keeps what stands in the box of a room. A box that is empty does not erase what another tab wrote since it was filled. */
  set(room: string, text: string): void {
    if (text) {
      this.known.set(room, text);
      this.shelf.setItem(this.key(room), text);
    } else if (this.known.get(room) === this.stored(room)) this.drop(room);
  }

  /** Deletes the draft of a room, whoever wrote it. */
  drop(room: string): void {
    this.known.delete(room);
    this.shelf.removeItem(this.key(room));
  }

  /** The rooms for which there is a draft. */
  rooms(): string[] {
    return this.shelf.keys(this.key()).map((k) => k.slice(this.key().length));
  }

  /** Whether a key is that of a draft; null stands for all keys. */
  isOne(key: string | null): boolean {
    return key === null || key.startsWith(this.key());
  }
}
