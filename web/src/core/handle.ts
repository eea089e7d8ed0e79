// The handle that a sign-up form suggests.

const RESERVED = "here room all everyone channel system admin owner root support me canteen canteen-alarms".split(" ");
const LONGEST = 30;

/** Letters that Unicode does not take apart, and how they are written in Latin ones: each word holds a letter and its Latin form. */
const LATIN = new Map(
  (
    "ßss æae œoe øo đd ðd þth łl ħh ıi ŋng " +
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy эe юyu яya " +
    "єye іi ґg ђdj јj љlj њnj ћc џdz " +
    "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
  )
    .split(" ")
    .flatMap((pair): [string, string][] => {
      const [letter, ...rest] = pair;
      return letter ? [[letter, rest.join("")]] : [];
    }),
);

/** The words of a text in the letters of handles, joined by dots; what cannot be written in them is left out. */
function written(text: string): string {
  const bare = text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replaceAll("ου", "ou");
  const words = [...bare]
    .map((c) => LATIN.get(c) ?? c)
    .join("")
    .split(/[\s.]+/);
  return words
    .map((word) => word.replace(/[^a-z0-9_-]/g, "").replace(/^[_-]+|[_-]+$/g, ""))
    .filter(Boolean)
    .join(".");
}

const cut = (handle: string, length: number): string => handle.slice(0, length).replace(/[._-]+$/, "");

/** The next handle to try after one that is taken: mira, mira2, mira3. */
function nextHandle(handle: string): string {
  const [, word = "", number] = /^(.*?)([0-9]*)$/.exec(handle) ?? [];
  const next = String(Number(number || 1) + 1);
  return cut(word, LONGEST - next.length) + next;
}

/** What a name suggests, or else the e-mail address; "" as long as there is neither. */
function suggested(name: string, email: string): string {
  const local = email.split("@", 1)[0] ?? "";
  const found = [written(name), written(local)].map((h) => cut(h, LONGEST)).find((h) => h.length >= 2);
  if (found) return found;
  const letters = [...(name.trim() || local)];
  if (letters.length === 0) return "";
  return `user-${letters.reduce((sum, c) => (sum * 31 + (c.codePointAt(0) ?? 0)) % 9000, 0) + 1000}`;
}

/** The handle to suggest: one that is not reserved, and not among those that the server refused. */
export function handleFor(name: string, email = "", refused: readonly string[] = []): string {
  let handle = suggested(name, email);
  while (RESERVED.includes(handle) || refused.includes(handle)) handle = nextHandle(handle);
  return handle;
}
