import { expect, test } from "vitest";
import { ALL_IS_WELL, below, beside } from "./refusal";

test("a refusal is said once: beside the field that is to blame, or else below the form", () => {
  const said = (field: string) => {
    const r = { field, text: "No." };
    return [beside(r, "name"), below(r, ["name", "handle"])];
  };
  expect([said("name"), said("handle"), said("email"), said("")]).toEqual([
    ["No.", ""],
    ["", ""],
    ["", "No."],
    ["", "No."],
  ]);
  expect([beside(ALL_IS_WELL, "name"), below(ALL_IS_WELL, ["name"])]).toEqual(["", ""]);
});
