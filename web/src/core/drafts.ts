// Drafts: one for each room, kept on the device.
import { keys, type Shelf } from "./shelf";

export class Drafts {
  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(room = ""): string {
    return `canteen.draft.${this.user}.${room}`;
  }

  get(room: string): string {
    return this.shelf.getItem(this.key(room)) ?? "";
  }

  set(room: string, text: string): void {
    if (text) this.shelf.setItem(this.key(room), text);
    else this.shelf.removeItem(this.key(room));
  }

  /** The rooms for which there is a draft. */
  rooms(): string[] {
    return keys(this.shelf, this.key()).map((k) => k.slice(this.key().length));
  }
}
