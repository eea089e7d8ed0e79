// The commands about custom emoji. They are loaded after the first messages.
import type * as wire from "../wire/types";
import { ApiError, send } from "./api";

/** The list; undefined when nothing changed since `etag`. */
export async function list(etag: string): Promise<{ emoji: wire.CustomEmoji[]; etag: string } | undefined> {
  const r = await request("/emoji", etag ? { headers: { "If-None-Match": etag } } : {});
  if (r.status === 304) return undefined;
  return { ...((await r.json()) as wire.CustomEmojiList), etag: r.headers.get("ETag") ?? "" };
}

/** Adds an emoji; of `file` its picture, of a string the name of the emoji that gets another one. */
export async function add(name: string, of: Blob | string): Promise<wire.CustomEmoji> {
  const body = new FormData();
  body.set("name", name);
  if (typeof of === "string") body.set("alias_of", of);
  else body.set("file", of);
  return (await (await request("/emoji", { method: "POST", body })).json()) as wire.CustomEmoji;
}

export const rename = (name: string, to: string) =>
  send<wire.CustomEmoji>("PATCH", `/emoji/${name}`, { name: to } satisfies wire.RenameEmoji);
export const remove = (name: string) => send<void>("DELETE", `/emoji/${name}`);

/** The address of a picture. */
export const pictureAt = (id: string): string => `/api/v1/emoji/pictures/${id}`;
export const picture = async (id: string): Promise<Blob> => (await request(`/emoji/pictures/${id}`, {})).blob();

/** A request whose body or answer is not JSON. A refusal is an ApiError. */
async function request(path: string, init: RequestInit): Promise<Response> {
  let r: Response;
  try {
    r = await fetch(`/api/v1${path}`, { credentials: "same-origin", signal: AbortSignal.timeout(60_000), ...init });
  } catch {
    throw new ApiError(0);
  }
  if (r.ok || r.status === 304) return r;
  const problem = (await r.json().catch(() => undefined)) as wire.Problem | undefined;
  throw new ApiError(r.status, problem, Number(r.headers.get("Retry-After") ?? 0));
}
