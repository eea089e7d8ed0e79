// What browsers offer only in secure contexts, as uploads need it. Each does without where it is missing.

/** The SHA-256 of bytes in hexadecimal digits; undefined over plain http, where the browser has none. */
export async function sha256(bytes: Blob): Promise<string | undefined> {
  const body = await bytes.arrayBuffer();
  if (!globalThis.crypto.subtle) return undefined;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Runs f while no other tab of this browser runs something of the same name. Where there are no locks, both run. */
export async function alone(name: string, signal: AbortSignal, f: () => Promise<void>): Promise<void> {
  if (navigator.locks) await navigator.locks.request(name, { signal }, f);
  else await f();
}
