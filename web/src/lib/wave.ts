// How loud the parts of a recording are, in the form in which the server keeps it.

/** So many parts a recording has. */
const PARTS = 64;

/** 64 bytes in base64, one for each part: its loudest moment, as a share of the loudest of all. */
export function waveform(levels: readonly number[]): string {
  const most = Math.max(...levels, 0.01); // silence stays low
  const bytes = Array.from({ length: PARTS }, (_, i) => {
    const from = Math.floor((i * levels.length) / PARTS),
      to = Math.max(from + 1, Math.floor(((i + 1) * levels.length) / PARTS));
    return Math.round((Math.max(0, ...levels.slice(from, to)) / most) * 255);
  });
  return btoa(String.fromCharCode(...bytes));
}
