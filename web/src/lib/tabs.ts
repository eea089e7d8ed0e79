// What the tabs of one browser tell each other.

export interface Tabs<T> {
  tell(what: T): void;
  close(): void;
}

/** A channel to the other tabs. Where the browser has none, or refuses one, nobody is told, and each tab acts for itself. */
export function tabs<T>(name: string, hears: (what: T) => void): Tabs<T> {
  let channel: BroadcastChannel;
  try {
    channel = new BroadcastChannel(name);
  } catch {
    return { tell: () => {}, close: () => {} };
  }
  channel.onmessage = ({ data }: MessageEvent<T>) => hears(data);
  return { tell: (what) => channel.postMessage(what), close: () => channel.close() };
}
