// @vitest-environment happy-dom
// Who is marked in a message is who was notified of it, whatever they are called by now.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { $, all, House, named, words } from "../testing/house";
import { GENERAL, user } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

const marks = () =>
  all("article[data-seq] .at")
    .map(words)
    .filter((w) => w.startsWith("@"));

test("a mark stays its person's after a rename, and opens who they are; nobody else is marked", async () => {
  house.post(GENERAL, "mira", { text: "@jonas and @kim, lunch? `@jonas`", mentions: ["jonas"] });
  await house.open(`/r/${GENERAL}`);
  await vi.waitFor(() => expect(marks()).toEqual(["@Jonas Weber"]), 4000);
  await house.say({ type: "user", user: user("jonas", { name: "Jo Weber", handle: "jo" }) });
  expect(marks()).toEqual(["@Jo Weber"]);
  expect(words($("article[data-seq] .text"))).toContain("@Jo Weber and @kim, lunch? @jonas");
  named("@Jo Weber", "button").click();
  await vi.waitFor(() => expect(words($(".card, [role=dialog], dialog"))).toContain("@jo"), 4000);
});
