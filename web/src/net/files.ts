// The commands about files. They are loaded with what uploads and lists them.
import type { File, Parts, Problem, RoomFiles, Upload } from "../wire/types";
import { ApiError, get, query, send } from "./api";

/** What the server does not find out itself. */
export interface Told {
  /** How loud the parts of a voice message are: 64 bytes in base64. */
  waveform?: string;
  /** How long a sound or a video is, ms. */
  duration?: number;
  /** The picture that stands for a video until it is played, in base64. */
  poster?: string;
}

/** Begins an upload. */
export const begin = (b: { name: string; size: number; type?: string }) => send<Upload>("POST", "/files", b);
/** Says where parts go, each with its SHA-256, and which have arrived. */
export const places = (id: string, parts: readonly { n: number; sha256?: string }[]) =>
  send<Parts>("POST", `/files/${id}/parts`, { parts });
/** All parts have arrived: the server looks at them. */
export const done = (id: string, b: Told = {}) => send<File>("POST", `/files/${id}/done`, b);
/** Drops an upload, or a file that is in no message. */
export const drop = (id: string) => send<void>("DELETE", `/files/${id}`);
/** Whether the server still has a file; true when it does not answer. */
export async function exists(id: string): Promise<boolean> {
  try {
    return (await fetch(`/api/v1/files/${id}`, { method: "HEAD", redirect: "manual" })).status !== 404;
  } catch {
    return true;
  }
}

/** After so long without a byte that goes, an upload of a part is given up, ms. */
const STALLED = 60_000;

/** Sends bytes to where the server said, which may be another server. `sent` hears how many have gone. */
export function put(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: Blob,
  sent: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((yes, no) => {
    const request = new XMLHttpRequest(); // fetch does not tell how far it is
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const wait = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED);
    };
    const stop = () => request.abort();
    const over = (e?: unknown) => {
      clearTimeout(stalled);
      signal?.removeEventListener("abort", stop);
      if (e) no(e);
      else yes();
    };
    request.upload.onprogress = (e) => {
      wait();
      sent(e.loaded);
    };
    request.onload = () => over(refusal(request, url));
    request.onerror = () => over(new ApiError(0));
    request.onabort = () => over(signal?.aborted ? signal.reason : new ApiError(0));
    request.open("PUT", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    signal?.addEventListener("abort", stop);
    wait();
    request.send(body);
  });
}

function refusal(request: XMLHttpRequest, url: string): ApiError | undefined {
  const { status } = request;
  if (status >= 200 && status < 300) return undefined;
  // Another server says nothing that people can read. What it forbids was allowed too long ago: another place is asked for.
  if (!url.startsWith("/")) return new ApiError(status === 400 || status >= 500 ? status : 0);
  try {
    const problem = JSON.parse(request.responseText) as Problem;
    return new ApiError(status, problem, Number(request.getResponseHeader("Retry-After") ?? 0));
  } catch {
    return new ApiError(status);
  }
}

/** A page of the files of a room, newest first. */
export const ofRoom = (room: string, kind: string | undefined, before?: number) =>
  get<RoomFiles>(`/rooms/${room}/files?${query({ kind, before })}`);
