// The shelf of the device, made reactive: components hear when what one wrote is kept only in this tab.
import { Shelves, type Keeping } from "../core/shelf";

export class DeviceShelf extends Shelves {
  /** Where what one has not sent is kept. */
  kept = $state<Keeping>("device");

  constructor() {
    super(
      () => localStorage,
      () => sessionStorage,
    );
    this.settle();
    this.kept = this.keeping;
  }

  override setItem(key: string, value: string): void {
    super.setItem(key, value);
    this.kept = this.keeping;
  }

  override removeItem(key: string): void {
    super.removeItem(key);
    this.kept = this.keeping;
  }

  override heard(key: string | null): void {
    super.heard(key);
    this.kept = this.keeping;
  }
}
