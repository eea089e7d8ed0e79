// What is heard on the page: one thing at a time.

/** Pauses everything else that plays. */
export function pauseOthers(but: HTMLMediaElement): void {
  for (const other of document.querySelectorAll<HTMLMediaElement>("audio, video")) if (other !== but) other.pause();
}

const RATES = [1, 1.5, 2] as const;

/** How fast a voice message can be played. */
export const SPEEDS = {
  next: (now: number): number => RATES.find((r) => r > now) ?? RATES[0],
  name: (now: number): string => `${now}×`,
};
