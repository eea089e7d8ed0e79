// Storages that are full or denied: nothing is lost, and what is kept only in this tab is known.
import { expect, test } from "vitest";
import { Memory, Shelves } from "./shelf";

/** A storage that holds so many values. */
class Store extends Memory {
  constructor(public room = Infinity) {
    super();
  }
  get length(): number {
    return this.keys("").length;
  }
  key(i: number): string | null {
    return this.keys("")[i] ?? null;
  }
  clear(): void {}
  override setItem(key: string, value: string): void {
    if (this.getItem(key) === null && this.length >= this.room) throw new DOMException("full", "QuotaExceededError");
    super.setItem(key, value);
  }
}
const OUT = "canteen.outbox.mira.1",
  DRAFT = "canteen.draft.mira.general";
const denied = () => {
  throw new DOMException("no", "SecurityError");
};

test("what fits stands on the device, and only there", () => {
  const device = new Store(),
    tab = new Store(),
    s = new Shelves(
      () => device,
      () => tab,
    );
  s.setItem(OUT, "hi");
  expect([device.getItem(OUT), tab.length, s.keeping]).toEqual(["hi", 0, "device"]);
  s.removeItem(OUT);
  expect([s.getItem(OUT), device.length]).toEqual([null, 0]);
});

test.each([
  ["full", () => new Store(0)],
  ["denied", denied],
] as const)("a device that is %s: what was written is kept in the tab, and known to be", (how, device) => {
  const tab = new Store(1),
    s = new Shelves(device, () => tab);
  s.setItem("canteen.room.mira", "general");
  expect(s.keeping, "only what one wrote matters").toBe("device");
  s.setItem(OUT, "hi");
  s.setItem(DRAFT, "there");
  expect([s.getItem(OUT), s.getItem(DRAFT), s.keeping]).toEqual(["hi", "there", how]);
  expect(s.keys("canteen.").toSorted()).toEqual([DRAFT, OUT, "canteen.room.mira"]);
  s.removeItem(OUT);
  s.removeItem(DRAFT);
  expect([s.getItem(OUT), s.keys("canteen.draft"), s.keeping]).toEqual([null, [], "device"]);
});

test("with no storage at all everything works while the page is open", () => {
  const s = new Shelves(denied, denied);
  s.setItem(OUT, "hi");
  expect([s.getItem(OUT), s.keys("canteen.outbox")]).toEqual(["hi", [OUT]]);
});

test("what the device refuses to change is read as it was changed", () => {
  const device = new Store();
  const s = new Shelves(() => device);
  s.setItem(DRAFT, "half");
  device.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  s.setItem(DRAFT, "half a thought");
  expect([s.getItem(DRAFT), device.getItem(DRAFT)], "the older text is better than none").toEqual([
    "half a thought",
    "half",
  ]);
});

test("as soon as there is space, everything goes to the device", () => {
  const device = new Store(1),
    s = new Shelves(() => device);
  s.setItem("canteen.room.mira", "general");
  s.setItem(OUT, "hi");
  expect([device.getItem(OUT), s.keeping]).toEqual([null, "full"]);
  s.removeItem("canteen.room.mira");
  expect([device.getItem(OUT), s.keeping]).toEqual(["hi", "device"]);
});

test("what a tab kept for itself goes to the device when the tab is loaded again", () => {
  const tab = new Store(),
    device = new Store(),
    open = (room: number) => {
      device.room = room;
      return new Shelves(
        () => device,
        () => tab,
      );
    };
  open(0).setItem(OUT, "hi");
  const again = open(1);
  expect([again.getItem(OUT), again.keeping]).toEqual(["hi", "full"]);
  again.settle();
  expect([device.getItem(OUT), tab.length, again.keeping]).toEqual(["hi", 0, "device"]);
});

test("what another tab put on the device is newer than what this one kept for itself", () => {
  const device = new Store(0),
    s = new Shelves(() => device);
  s.setItem(DRAFT, "mine");
  device.room = 1;
  device.setItem(DRAFT, "the other tab's");
  s.heard(DRAFT);
  expect(s.getItem(DRAFT)).toBe("the other tab's");
});

test("an error of the program is not taken for a full storage", () => {
  const device = new Store();
  device.setItem = () => {
    throw new TypeError("odd");
  };
  expect(() => new Shelves(() => device).setItem(OUT, "hi")).toThrow("odd");
});
