// @vitest-environment happy-dom
import { mount, tick, unmount } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import Unsubscribe from "./features/unsubscribe/Unsubscribe.svelte";

const TOKEN = "k3x5mq2aa4te" + "a".repeat(32);
let page: Record<string, never> | undefined;

function open(token: string, answer: () => Promise<Response>) {
  const fetched = vi.fn(answer);
  vi.stubGlobal("fetch", fetched);
  page = mount(Unsubscribe, { target: document.body, props: { token } });
  return fetched;
}

const press = async () => {
  document.querySelector("button")!.click();
  await new Promise((done) => setTimeout(done));
  await tick();
};

afterEach(() => {
  if (page) void unmount(page);
  document.body.textContent = "";
  vi.unstubAllGlobals();
});

test("the page asks first, and then stops the digest", async () => {
  const fetched = open(TOKEN, async () => new Response(null, { status: 204 }));
  await tick();
  expect(fetched).not.toHaveBeenCalled();
  await press();
  expect(fetched).toHaveBeenCalledWith(`/api/v1/unsubscribe/${TOKEN}`, expect.objectContaining({ method: "POST" }));
  expect(document.body.textContent).toContain("You will get no more digests.");
  expect(document.querySelector("button")).toBeNull();
});

test("a link that no longer works says so, and an incomplete one asks nobody", async () => {
  open(TOKEN, async () => new Response(JSON.stringify({ detail: "This link no longer works." }), { status: 404 }));
  await press();
  expect(document.querySelector("[role=alert]")!.textContent).toBe("This link no longer works.");
  await unmount(page!);
  const fetched = open("abc", async () => new Response(null, { status: 204 }));
  await press();
  expect(fetched).not.toHaveBeenCalled();
  expect(document.body.textContent).toContain("The link is incomplete.");
});
