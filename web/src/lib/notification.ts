// Notifications of the system, and the lock that one tab of a browser holds. Browsers offer both only in secure contexts: over plain
// http nothing is shown, and each tab acts for itself.

/** Whether the browser shows notifications of the page: it may, it must not, it was not asked yet, or it cannot. */
export type Permit = "granted" | "denied" | "default" | "unsupported";

/** The browsers of phones have notifications, but do not let a page make one: they throw. Each is tried once. */
let tried: typeof Notification | undefined,
  refuses = false;

/** Whether a page can make one. Without permission nobody sees the one that is made here. */
function canMake(): boolean {
  if (Notification.permission === "default" && tried !== Notification) make("", {});
  return !(refuses && tried === Notification);
}

function make(title: string, how: object): Notification | undefined {
  tried = Notification;
  refuses = false;
  try {
    return new Notification(title, how);
  } catch (e) {
    if (!(e instanceof TypeError)) throw e;
    refuses = true;
    return undefined;
  }
}

export const permit = (): Permit =>
  typeof Notification === "undefined" || !canMake() ? "unsupported" : Notification.permission;

/** Whether the address of the page is one for which browsers offer them. */
export const isSecure = (): boolean => globalThis.isSecureContext;

/** Asks the person. Browsers allow this only after a click. */
export async function askPermit(): Promise<Permit> {
  if (permit() === "default") await Notification.requestPermission();
  return permit();
}

/** Calls `f` when the person has given or taken the permission in the settings of the browser; returns what ends that. */
export function watchPermit(f: () => void): () => void {
  const end = new AbortController();
  const { signal } = end;
  addEventListener("focus", f, { signal });
  document.addEventListener("visibilitychange", f, { signal });
  navigator.permissions?.query({ name: "notifications" }).then(
    (status) => status.addEventListener("change", f, { signal }),
    () => {}, // a browser that does not tell: the page looks when one comes back to it
  );
  return () => end.abort();
}

interface What {
  readonly title: string;
  readonly body: string;
  /** It takes the place of another one with the same tag. */
  readonly tag: string;
  onclick?: () => void;
  onclose?: () => void;
}

/** Shows a notification without a sound of the system; returns what closes it. Undefined when the browser refuses. */
export function notify({ title, body, tag, onclick, onclose }: What): (() => void) | undefined {
  const n = make(title, { body, tag, silent: true, renotify: true });
  if (!n) return undefined;
  n.onclick = () => {
    window.focus();
    n.close();
    onclick?.();
  };
  n.onclose = () => onclose?.();
  return () => n.close();
}

/** Waits for a lock that one tab of the browser holds at a time, calls `f` once it is held, and keeps it until the signal. */
export function hold(name: string, signal: AbortSignal, f: () => void): void {
  if (!navigator.locks) return f();
  const held = () => {
    f();
    return new Promise<void>((release) => signal.addEventListener("abort", () => release()));
  };
  navigator.locks.request(name, { signal }, held).catch((e: unknown) => {
    if (!signal.aborted) throw e; // one ceased to wait
  });
}
