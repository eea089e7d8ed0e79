// Drafts: one for each room, kept on the device.
import type { Shelf } from "./outbox";

export class Drafts {
  constructor(
    private shelf: Pick<Shelf, "getItem" | "setItem" | "removeItem">,
    private user: string,
  ) {}

  private key(room: string): string {
    return `canteen.draft.${this.user}.${room}`;
  }

  get(room: string): string {
    return this.shelf.getItem(this.key(room)) ?? "";
  }

  set(room: string, text: string): void {
    if (text) this.shelf.setItem(this.key(room), text);
    else this.shelf.removeItem(this.key(room));
  }
}
