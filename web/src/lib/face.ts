/** Up to two initials of a name. */
export function initials(name: string): string {
  const letters = name.split(/\s+/).flatMap((w) => /[\p{L}\p{N}]/u.exec(w)?.[0] ?? []);
  return (letters.length > 1 ? letters[0]! + letters.at(-1)! : (letters[0] ?? "?")).toLocaleUpperCase();
}

/** A hue that belongs to an id. */
export function hue(id: string): number {
  let h = 0;
  for (const c of id) h = (h * 31 + c.charCodeAt(0)) >>> 0;
  return h % 360;
}
