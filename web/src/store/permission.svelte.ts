// Whether this device shows notifications: the browser has a say in it, and so has the person, who may turn them off here.
import type { Shelf } from "../core/shelf";
import { askPermit, permit, watchPermit, type Permit } from "../lib/notification";

/** What the device keeps of it: notifications were turned on, or off, or the person was asked and did not want them now. */
type Choice = "on" | "off" | "later" | "";

export class Permission {
  permit = $state<Permit>(permit());
  private choice = $state<Choice>("");
  private key: string;
  private end: () => void;

  constructor(
    private shelf: Shelf,
    me: string,
  ) {
    this.key = `canteen.notify.${me}`;
    this.end = watchPermit(() => this.look());
    this.look();
  }

  /** Looks again: another tab, or the settings of the browser, may have changed it. */
  look(): void {
    this.permit = permit();
    this.choice = (this.shelf.getItem(this.key) ?? "") as Choice;
  }

  get on(): boolean {
    return this.permit === "granted" && this.choice !== "off";
  }

  /** What is said when there is something to notify of: a question, or once that the browser took the permission back. */
  get line(): "ask" | "blocked" | undefined {
    if (this.permit === "default" && this.choice !== "off" && this.choice !== "later") return "ask";
    return this.permit === "denied" && this.choice === "on" ? "blocked" : undefined;
  }

  /** Turns notifications on, after a click. The browser asks the person if it has not yet. */
  async turnOn(): Promise<void> {
    this.choose("on");
    await askPermit();
    this.look();
  }

  turnOff(): void {
    this.choose("off");
  }

  /** The person does not want to be asked again. */
  later(): void {
    this.choose("later");
  }

  private choose(c: Choice): void {
    this.shelf.setItem(this.key, c);
    this.look();
  }

  stop(): void {
    this.end();
  }
}
