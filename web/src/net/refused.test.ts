import { expect, test } from "vitest";
import { problem } from "../core/testing";
import { ApiError } from "./api";
import { answered, refused } from "./refused";

test("a form hears which field is to blame", async () => {
  const no = (why: ApiError) => refused(() => Promise.reject(why));
  expect(await refused(async () => 1)).toBeUndefined();
  expect(await no(new ApiError(400, problem(400, "It is taken.", { field: "handle" })))).toEqual({
    field: "handle",
    text: "It is taken.",
  });
  expect(await no(new ApiError(429, problem(429, "Too fast.")))).toEqual({ field: "", text: "Too fast." });
  await expect(refused(() => Promise.reject(new TypeError("a bug")))).rejects.toThrow("a bug");
});

test("a form gets the answer, or the refusal", async () => {
  expect(await answered(async () => ({ url: "/i" }))).toEqual({ url: "/i" });
  expect(await answered(() => Promise.reject(new ApiError(429, problem(429, "Too fast."))))).toEqual({
    field: "",
    text: "Too fast.",
  });
});
