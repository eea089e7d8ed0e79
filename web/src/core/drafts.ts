// Drafts: one for each room and each thread, kept on the device. The tabs of a browser share them: the last one that writes wins.
import type { Shelf } from "./shelf";

/** The place of a draft: a room, or a thread of it. */
export const draftPlace = (room: string, thread?: number): string => (thread ? `${room}.${thread}` : room);
/** The place in which a message is edited. */
export const editPlace = (m: { room: string; seq: number }): string => `${m.room}/${m.seq}`;
/** The room of a place. */
export const roomOf = (place: string): string => place.split(".", 1)[0]!;

export class Drafts {
  /** What this tab last read or wrote, by place. */
  private known = new Map<string, string>();

  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(place = ""): string {
    return `canteen.draft.${this.user}.${place}`;
  }

  private stored(place: string): string {
    return this.shelf.getItem(this.key(place)) ?? "";
  }

  get(place: string): string {
    const text = this.stored(place);
    this.known.set(place, text);
    return text;
  }

  /** Keeps what stands in the box of a place. A box that is empty does not erase what another tab wrote since it was filled. */
  set(place: string, text: string): void {
    if (text) {
      this.known.set(place, text);
      this.shelf.setItem(this.key(place), text);
    } else if (this.known.get(place) === this.stored(place)) this.erase(place);
  }

  private erase(place: string): void {
    this.known.delete(place);
    this.shelf.removeItem(this.key(place));
  }

  /** Deletes the drafts of a room and of its threads, whoever wrote them. */
  drop(room: string): void {
    for (const place of this.places()) if (roomOf(place) === room) this.erase(place);
  }

  /** The places for which there is a draft. */
  places(): string[] {
    return this.shelf.keys(this.key()).map((k) => k.slice(this.key().length));
  }

  /** The rooms with a draft, their own or of a thread. */
  rooms(): Set<string> {
    return new Set(this.places().map(roomOf));
  }

  /** Whether a key is that of a draft; null stands for all keys. */
  isOne(key: string | null): boolean {
    return key === null || key.startsWith(this.key());
  }
}
