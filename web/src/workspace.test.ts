// @vitest-environment happy-dom
// The settings of the workspace, which an admin changes for everybody.
import { afterEach, beforeEach, expect, test } from "vitest";
import { GENERAL, me } from "./core/testing";
import { $, field, House, named } from "../testing/house";

let house: House;
beforeEach(() => {
  house = new House();
  house.who = me({ role: "admin" });
});
afterEach(() => house.leave());

async function settings() {
  await house.open(`/r/${GENERAL}`);
  named("Settings").click();
  await house.wait();
  named("Workspace").click();
  await house.wait();
  return $<HTMLInputElement>("dialog input[type='checkbox']");
}

test("an admin turns previews of links on", async () => {
  house.instead.set("PATCH /workspace", () => ({ body: { ...house.who!.workspace, previews: true } }));
  const box = await settings();
  expect([box.checked, box.disabled]).toEqual([false, false]);
  box.click();
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("PATCH /workspace")).toEqual([{ call_url: "", previews: true }]);
});

test("where the operator has turned them off, they stay off, and the dialog says so", async () => {
  house.who!.workspace.can_preview = false;
  const box = await settings();
  expect([box.checked, box.disabled]).toEqual([false, true]);
  expect($("dialog").textContent).toContain("Whoever operates this server has turned them off.");
  expect(field("Address of calls")).toBeTruthy();
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("PATCH /workspace")).toEqual([{ call_url: "" }]);
});
