import { expect, test } from "vitest";
import { shortcuts } from "./keys";

test("the list names each shortcut once", () => {
  const names = shortcuts.map(([k]) => k);
  expect(new Set(names).size).toBe(names.length);
});
