// The drafts, made reactive: a box shows what another tab of the browser writes for its place.
import { createSubscriber } from "svelte/reactivity";
import { Drafts } from "../core/drafts";

export class SharedDrafts extends Drafts {
  private subscribe = createSubscriber((update) => {
    const heard = (e: StorageEvent) => this.isOne(e.key) && update();
    addEventListener("storage", heard);
    return () => removeEventListener("storage", heard);
  });

  override get(place: string): string {
    this.subscribe();
    return super.get(place);
  }
}
