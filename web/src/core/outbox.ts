// Messages on their way. Each is a row of its own on the device, so that neither a reload nor another tab loses one; the
// client_id makes a repeated sending harmless.

export interface Outgoing {
  client_id: string;
  room: string;
  text: string;
  at: number;
  /** Why it stopped; absent while it waits or is sent. */
  failed?: string;
}

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  readonly length: number;
  key(i: number): string | null;
}

export class Outbox {
  constructor(
    private shelf: Shelf,
    private user: string,
  ) {}

  private key(id = ""): string {
    return `canteen.outbox.${this.user}.${id}`;
  }

  /** Rows by the time of writing. */
  all(): Outgoing[] {
    const rows: Outgoing[] = [];
    for (let i = 0; i < this.shelf.length; i++) {
      const k = this.shelf.key(i);
      if (!k?.startsWith(this.key())) continue;
      try {
        rows.push(JSON.parse(this.shelf.getItem(k) ?? "") as Outgoing);
      } catch {
        /* a row of something else: not ours to send */
      }
    }
    return rows.sort((a, b) => a.at - b.at);
  }

  put(row: Outgoing): void {
    this.shelf.setItem(this.key(row.client_id), JSON.stringify(row));
  }
  remove(id: string): void {
    this.shelf.removeItem(this.key(id));
  }
}
