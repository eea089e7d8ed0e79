import { expect, test } from "vitest";
import { serverOf, type Server } from "../../testing/server";
import { problem } from "../core/testing";
import type * as Api from "../net/access";
import { ApiError } from "../net/api";
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

test("a token is made and ended, or the field is named that is to blame", async () => {
  const no = new ApiError(403, problem(403, "Enter your password again.", { field: "password" }));
  const answers = [Promise.reject(no), Promise.resolve({ secret: "s3cret", token: { id: "t1" } })];
  const h = house({ tokens: async () => [{ id: "t1" }], addToken: () => answers.shift(), endToken: async () => {} });
  const b = { name: "ci", scopes: ["read" as const] };
  expect(await h.access.addToken(b)).toEqual({ field: "password", text: "Enter your password again." });
  expect(await h.access.addToken(b)).toEqual({ secret: "s3cret" });
  expect(await h.access.tokens()).toEqual([{ id: "t1" }]);
  await h.access.endToken("t1");
  expect(h.asked.map(([what]) => what)).toEqual(["addToken", "addToken", "tokens", "endToken"]);
});
