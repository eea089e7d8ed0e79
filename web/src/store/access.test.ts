import { expect, test } from "vitest";
import { serverOf, type Server } from "../../testing/server";
import type * as Api from "../net/access";
import { Access } from "./access";

function house(commands: Server<typeof Api>) {
  const { api, asked } = serverOf<typeof Api>(commands);
  return { access: new Access(api), asked };
}

test("devices are listed and ended, and the password is changed", async () => {
  const done = async () => {};
  const h = house({ sessions: async () => [{ id: "s1" }], endSession: done, endAll: done, changePassword: done });
  expect(await h.access.devices()).toEqual([{ id: "s1" }]);
  await h.access.endDevice("s1");
  await h.access.changePassword("old", "new");
  await h.access.endAll();
  expect(h.asked).toEqual([["sessions"], ["endSession", "s1"], ["changePassword", "old", "new"], ["endAll"]]);
});
