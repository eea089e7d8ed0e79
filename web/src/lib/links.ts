// Addresses in text: where one begins and ends, and whether the text of a link claims another place than it leads to.

/** A link as it is drawn. `to` is said after it, because the text does not say it. */
export interface Link {
  readonly href: string;
  readonly to?: string;
}

/** The address that a link may lead to: a page or a mailbox. */
export function address(s: string): URL | undefined {
  const url = URL.canParse(s) ? new URL(s) : undefined;
  if (url?.protocol === "mailto:") return url.pathname.includes("@") ? url : undefined;
  return url?.host && /^https?:$/.test(url.protocol) ? url : undefined;
}

/** The link to an address, by what its text says. */
export function link(url: URL, text: string): Link {
  const to = unsaid(url, text);
  return to ? { href: url.href, to } : { href: url.href };
}

// ASCII but spaces, quotes, < > and backticks; of the rest all but spaces, controls, what is invisible, emoji, brackets, quotes and stops.
const run = /(?:[!#-;=?-_a-z{-~]|(?![\p{Z}\p{C}\p{DI}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\p{ExtPict}])[^\0-\x7f]){1,2000}/uy;
// Scripts that are written without spaces may follow a host directly: no name ends in letters of both.
const glued =
  /^([a-z]+:\/\/(?:[^/?#]*@)?(?:[^/?#:]*\.)?[a-z\d-]+)[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\p{sc=Thai}](?![^/?#:]*\.[a-z])/iu;
const closers: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** The text of the address that begins with http://, https:// or www. at `at`. */
export function bare(s: string, at: number): { text: string; url: URL } | undefined {
  run.lastIndex = at;
  const all = run.exec(s)?.[0] ?? "";
  const found = /^(?:https?:\/\/)?[^/?#([{]+(?=[([{])/i.exec(all)?.[0] ?? all; // no host holds a bracket
  const scheme = /^www\./i.test(found) ? "https://" : "";
  let whole = scheme + balanced(found);
  whole = glued.exec(whole)?.[1] ?? whole;
  whole = whole.replace(/(?:[.,;:!?'*_~]|(?![\0-\x7f])\p{P})+$/u, "");
  const url = address(whole);
  if (!url || (scheme && url.hostname.split(".").length < 3)) return undefined;
  return { text: whole.slice(scheme.length), url };
}

/** The text up to a bracket that closes none of its own. */
function balanced(s: string): string {
  const open: Record<string, number> = {};
  for (let i = 0; i < s.length; i++) {
    const c = s[i]!,
      opener = closers[c];
    if ("([{".includes(c)) open[c] = (open[c] ?? 0) + 1;
    else if (opener && !open[opener]) return s.slice(0, i);
    else if (opener) open[opener]!--;
  }
  return s;
}

// A host: after //, or a name with a dot and a last part of letters, or four numbers. What follows it up to a space belongs to it.
const claim =
  /(?:\/\/|\\\\)([^\s/?#\\]*)\S*|((?:[\p{L}\p{M}\p{N}_-]+\.)+\p{L}[\p{L}\p{M}\p{N}-]+|\d{1,3}(?:\.\d{1,3}){3})(?:[:/?#]\S*)?/gu;

/** A path without its escapes; as it is where they stand for no text. */
function readable(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** Where a link leads, if its text names another host. Hosts are compared letter by letter: look-alikes differ. */
function unsaid(url: URL, text: string): string | undefined {
  const seen = text
    .normalize("NFKC")
    .replace(/\p{DI}/gu, "")
    .replace(/[。‧・]/gu, ".")
    .trim()
    .toLowerCase();
  const claims = [...seen.matchAll(claim)].map((m) => m[1] ?? m[2]!);
  if (url.protocol === "mailto:") {
    const to = readable(url.pathname);
    return (seen.includes("@") || claims.length) && seen !== to.toLowerCase() ? to : undefined;
  }
  const name = (host: string) => host.replace(/:\d*$/, "").replace(/^www\./, "");
  return claims.some((c) => name(c) !== name(url.hostname)) ? url.host : undefined;
}
