// The server's API: one function for each command. A failure is an ApiError; if there was no answer, its status is 0.
import type * as wire from "../wire/types";

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem?: wire.Problem,
    readonly retryAfter = 0,
  ) {
    super(problem?.detail ?? "The server cannot be reached. Check the connection.");
  }
  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** The answers to the first requests, which left before this script arrived (early.ts), by path. Each is taken once, and soon. */
let ahead = new Map<string, Promise<Response>>();
const SOON = 30_000;

export function startWith(answers: Map<string, Promise<Response>>): void {
  ahead = answers;
  setTimeout(() => ahead.clear(), SOON);
}

function take(path: string): Promise<Response> | undefined {
  const answer = ahead.get(path);
  ahead.delete(path);
  return answer;
}

async function call<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ value: T; etag: string }> {
  let r: Response;
  try {
    const early = method === "GET" ? take(path) : undefined;
    r = await (early ??
      fetch(`/api/v1${path}`, {
        method,
        credentials: "same-origin",
        signal: AbortSignal.timeout(30_000),
        keepalive: method === "PUT", // what was read or cleared is so, also for whoever closes the page at once
        headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
        body: body === undefined ? null : JSON.stringify(body),
      }));
    if (r.ok) return { value: (r.status === 204 ? undefined : await r.json()) as T, etag: r.headers.get("ETag") ?? "" };
  } catch {
    throw new ApiError(0);
  }
  const problem = (await r.json().catch(() => undefined)) as wire.Problem | undefined;
  throw new ApiError(r.status, problem, Number(r.headers.get("Retry-After") ?? 0));
}

export const get = async <T>(path: string): Promise<T> => (await call<T>("GET", path)).value;
export const send = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
  (await call<T>(method, path, body)).value;
/** A resource and its ETag; undefined when it has not changed since `etag`. */
async function fresh<T>(path: string, etag: string): Promise<(T & { etag: string }) | undefined> {
  try {
    const r = await call<T>("GET", path, undefined, etag ? { "If-None-Match": etag } : {});
    return { ...r.value, etag: r.etag };
  } catch (e) {
    if (e instanceof ApiError && e.status === 304) return undefined;
    throw e;
  }
}
export const query = (q: Record<string, string | number | undefined>): string =>
  new URLSearchParams(Object.entries(q).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]]))).toString();

export const workspace = () => get<wire.Workspace>("/workspace");
export const unsubscribe = (token: string) => send<void>("POST", `/unsubscribe/${token}`);
export const signOut = () => send<void>("DELETE", "/session");
export const invite = (b: wire.NewInviteBody) => send<wire.MadeInvite>("POST", "/invites", b);

export const updateWorkspace = (b: wire.UpdateWorkspace) => send<wire.MyWorkspace>("PATCH", "/workspace", b);
export const me = () => get<wire.Me>("/me");
export const updateMe = (b: wire.UpdateMe) => send<wire.Me>("PATCH", "/me", b);
export const frequentEmoji = async () => (await get<wire.Emoji>("/me/emoji")).emoji;
/** The directory; undefined when nothing changed since `etag`. */
export const users = (etag = "") => fresh<wire.Users>("/users", etag);

/** One's rooms; undefined when nothing changed since `etag`. */
export const rooms = (etag = "") => fresh<wire.MyRooms>("/rooms", etag);
export const browse = (q: string, after?: string) =>
  get<wire.Rooms>(`/rooms?${query({ browse: "true", q: q || undefined, after })}`);
export const room = (id: string) => get<wire.MyRoom>(`/rooms/${id}`);
export const addRoom = (b: wire.NewRoomBody) => send<wire.MyRoom>("POST", "/rooms", b);
export const updateRoom = (id: string, b: wire.UpdateRoom) => send<wire.MyRoom>("PATCH", `/rooms/${id}`, b);
export const join = (id: string) => send<wire.MyRoom>("POST", `/rooms/${id}/join`);
export const members = async (id: string) => (await get<wire.Members>(`/rooms/${id}/members`)).members;
export const putMember = (id: string, user: string, role?: wire.Member["role"]) =>
  send<wire.Member>("PUT", `/rooms/${id}/members/${user}`, (role ? { role } : {}) satisfies wire.PutMember);
export const removeMember = (id: string, user: string) => send<void>("DELETE", `/rooms/${id}/members/${user}`);
export const updateMyRoom = (id: string, b: wire.UpdateMyRoom) => send<wire.MyRoom>("PATCH", `/rooms/${id}/me`, b);
export const setRead = (id: string, seq: number) =>
  send<wire.MyRoom>("PUT", `/rooms/${id}/read`, { seq } satisfies wire.SetRead);

/** A page of the timeline, or of the replies to `thread`: before or after a message, around it, or the latest. */
export const page = (
  id: string,
  q: {
    before?: number;
    after?: number;
    around?: number | undefined;
    at?: string;
    thread?: number;
    limit?: number;
  } = {},
) => get<wire.Page>(`/rooms/${id}/messages?${query(q)}`);
export const message = (id: string, seq: number) => get<wire.Message>(`/rooms/${id}/messages/${seq}`);
export const changes = (id: string, since: number) => get<wire.Changes>(`/rooms/${id}/changes?${query({ since })}`);
export const post = (id: string, b: wire.PostMessage) => send<wire.Message>("POST", `/rooms/${id}/messages`, b);
export const edit = (id: string, seq: number, b: wire.EditMessage) =>
  send<wire.Message>("PATCH", `/rooms/${id}/messages/${seq}`, b);
export const remove = (id: string, seq: number) => send<void>("DELETE", `/rooms/${id}/messages/${seq}`);
/** Adds one's reaction, or removes it. */
export const react = (id: string, seq: number, emoji: string, on: boolean) =>
  send<wire.Message>(on ? "PUT" : "DELETE", `/rooms/${id}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`);
export const reactions = async (id: string, seq: number) =>
  (await get<wire.Reactions>(`/rooms/${id}/messages/${seq}/reactions`)).reactions;
