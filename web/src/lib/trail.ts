// Where one was in each entry of the history of the tab. The tab keeps the latest ones while the page is loaded again.
import { read, write } from "./tab";

/** The row at which one reads, and how far it stands below the top of its timeline, px. */
export interface Place {
  readonly seq: number;
  readonly top: number;
}

const KEY = "canteen.places",
  KEPT = 50;

const isPlace = (p: Partial<Place> | null | undefined): p is Place =>
  typeof p?.seq === "number" && typeof p.top === "number";

/** What was kept. Whatever is no place is passed over: another version of the page may have put it there. */
function kept(): [string, Place][] {
  try {
    const all = JSON.parse(read(KEY)) as [string, Place][];
    return all.filter((entry) => isPlace(entry[1]));
  } catch {
    return [];
  }
}

export class Trail {
  private all = new Map(kept());

  of(entry: string): Place | undefined {
    return this.all.get(entry);
  }

  keep(entry: string, place: Place | undefined): void {
    this.all.delete(entry);
    if (place) this.all.set(entry, place);
  }

  /** The page goes, perhaps to be loaded again. */
  save(): void {
    write(KEY, JSON.stringify([...this.all].slice(-KEPT)));
  }
}
