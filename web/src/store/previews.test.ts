import { expect, test } from "vitest";
import { ApiError } from "../net/api";
import type { MadePreview } from "../wire/types";
import { Previews } from "./previews";

const made = (url: string): MadePreview => ({ id: `id of ${url}`, preview: { url, title: url } });

function asking(answer: (url: string) => Promise<MadePreview>) {
  const asked: string[] = [],
    clock = { now: 0 };
  const previews = new Previews({ preview: (url) => (asked.push(url), answer(url)) }, () => clock.now);
  return { previews, asked, clock };
}

test("a link is asked once an hour", async () => {
  const { previews, asked, clock } = asking((url) => Promise.resolve(made(url)));
  expect((await previews.of("a"))?.id).toBe("id of a");
  await previews.of("a");
  expect(asked).toEqual(["a"]);
  clock.now = 3_600_000;
  await previews.of("a");
  expect(asked).toEqual(["a", "a"]);
});

test("a link without a preview is remembered, and trouble is not", async () => {
  let status = 404;
  const { previews, asked } = asking(() => Promise.reject(new ApiError(status)));
  expect(await previews.of("a")).toBeUndefined();
  await previews.of("a");
  status = 503;
  expect(await previews.of("b")).toBeUndefined();
  await previews.of("b");
  expect(asked).toEqual(["a", "b", "b"]);
});

test("fifty links are remembered", async () => {
  const { previews, asked } = asking((url) => Promise.resolve(made(url)));
  for (let i = 0; i < 51; i++) await previews.of(String(i));
  await previews.of("50");
  expect(asked.length).toBe(51);
  await previews.of("0");
  expect(asked.length).toBe(52);
});
