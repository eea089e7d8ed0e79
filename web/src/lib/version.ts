// Whether the server has another build of this page than the one that runs.

/** The script with which a page begins. Its name changes with each build, since it names all other pieces. */
const BEGIN = /\/assets\/index-[\w-]+\.js/;

/** What the server has: this build, another one, or no answer. */
export type Build = "same" | "new" | "unknown";

export async function look(
  own = [...document.scripts].map((s) => s.src).find((src) => BEGIN.test(src)),
): Promise<Build> {
  try {
    const r = await fetch("/", { cache: "no-cache", signal: AbortSignal.timeout(10_000) });
    const there = r.ok && BEGIN.exec(await r.text())?.[0];
    const here = BEGIN.exec(own ?? "")?.[0];
    return there && here ? (there === here ? "same" : "new") : "unknown";
  } catch {
    return "unknown"; // no connection
  }
}
