// @vitest-environment happy-dom
// Calls: the link of a room, the command, the button, and who sets the address.
import { afterEach, beforeEach, expect, test } from "vitest";
import { callLink, callText } from "./core/call";
import { GENERAL, me, room } from "./core/testing";
import { freshRoom } from "./core/room";
import { deed } from "./lib/commands";
import { $, all, field, House, named, type } from "../testing/house";

const TEMPLATE = "https://meet.example.com/{room}";
let house: House;
beforeEach(() => {
  house = new House();
  house.who = me({ role: "admin" });
});
afterEach(() => house.leave());

const withCalls = () => {
  house.who!.workspace = { ...house.who!.workspace, call_url: TEMPLATE };
  return house.who!;
};

test.each([
  ["general", `https://meet.example.com/general-${GENERAL}`],
  ["köche & gäste", `https://meet.example.com/ko-che-ga-ste-${GENERAL}`],
  ["日本", `https://meet.example.com/${GENERAL}`],
  [undefined, `https://meet.example.com/${GENERAL}`],
])("the link of %s", (name, link) => expect(callLink(TEMPLATE, { id: GENERAL, ...(name ? { name } : {}) })).toBe(link));

test("/call posts the link, or says that there are no calls", () => {
  const r = freshRoom(room(GENERAL));
  expect(deed("/call", r, me())).toMatchObject({ is: "refuse", title: "There are no calls here" });
  expect(deed("/call", r, withCalls())).toEqual({
    is: "send",
    text: `📞 [Join the call](https://meet.example.com/general-${GENERAL})`,
  });
});

test("the button posts the link", async () => {
  withCalls();
  await house.open(`/r/${GENERAL}`);
  named("Call").click();
  await house.wait();
  expect($<HTMLAnchorElement>("dialog p a").href).toBe(`https://meet.example.com/general-${GENERAL}`);
  const stay = (e: Event) => e.preventDefault(); // the link leads to another site
  document.addEventListener("click", stay);
  named("Post the link, and join").click();
  document.removeEventListener("click", stay);
  await house.wait();
  const [posted] = house.commands(`POST /rooms/${GENERAL}/messages`) as { text: string }[];
  expect(posted!.text).toBe(callText(`https://meet.example.com/general-${GENERAL}`));
});

test("there is no button without an address; an admin sets it", async () => {
  house.instead.set("PATCH /workspace", () => ({ body: { ...house.who!.workspace, call_url: TEMPLATE } }));
  await house.open(`/r/${GENERAL}`);
  expect(all("main header button").map((b) => b.getAttribute("aria-label"))).not.toContain("Call");
  named("Settings").click();
  await house.wait();
  named("Workspace").click();
  await house.wait();
  type(field("Address of calls"), TEMPLATE);
  $("dialog form").dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
  await house.wait();
  expect(house.commands("PATCH /workspace")).toEqual([{ call_url: TEMPLATE, previews: false }]);
  named("Call");
});
