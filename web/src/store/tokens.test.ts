import { expect, test } from "vitest";
import { serverOf } from "../../testing/server";
import { problem } from "../core/testing";
import { ApiError } from "../net/api";
import type * as Api from "../net/tokens";
import { Tokens } from "./tokens";

test.each([
  ["one's own", "", ""],
  ["those of a bot", "ci", "/bots/ci"],
])("%s are listed, made and ended; a refusal names the field that is to blame", async (_, bot, of) => {
  const no = new ApiError(403, problem(403, "Enter your password again.", { field: "password" }));
  const made = { secret: "s3cret", token: { id: "t1" } };
  const answers = [Promise.reject(no), Promise.resolve(made)];
  const { api, asked } = serverOf<typeof Api>({
    tokens: async () => [{ id: "t1" }],
    add: () => answers.shift(),
    end: async () => {},
  });
  const tokens = new Tokens(bot, api);
  const b = { name: "ci", scopes: ["read" as const] };
  expect(await tokens.make(b)).toEqual({ field: "password", text: "Enter your password again." });
  expect(await tokens.make(b)).toEqual(made);
  expect(await tokens.all()).toEqual([{ id: "t1" }]);
  await tokens.end("t1");
  expect(asked).toEqual([
    ["add", of, b],
    ["add", of, b],
    ["tokens", of],
    ["end", of, "t1"],
  ]);
});
