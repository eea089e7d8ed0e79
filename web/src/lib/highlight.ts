// Finds what is coloured in code: the words of speed-highlight, without its HTML. Some texts keep its expressions busy for minutes, so it
// runs in a worker, which can be stopped (lib/colours.ts).
import {
  asm, bash, c, css, diff, docker, git, go, html, http, ini, java, jsdoc, js, json, log, lua, make, md, pl, py, regex, rs, sql, todo, toml,
  ts, uri, xml, yaml,
} from "@speed-highlight/core/languages"; // prettier-ignore
import { tokenizeWith, type ShjLanguageData } from "@speed-highlight/core/tokenize";
import { KINDS, names, type Kind } from "./languages";

/** Operators are plain: they would double the number of elements. */
const kinds: Record<string, Kind> = {
  cmnt: "comment",
  str: "string",
  esc: "string",
  num: "number",
  bool: "number",
  kwd: "word",
  class: "name",
  func: "name",
  section: "name",
  type: "name",
  var: "name",
  insert: "good",
  deleted: "bad",
  err: "bad",
};

const grammars: Record<string, ShjLanguageData> = {
  asm, bash, c, css, diff, docker, git, go, html, http, ini, java, jsdoc, js, json, log, lua, make, md, pl, py, regex, rs, sql, todo, toml,
  ts, uri, xml, yaml,
}; // prettier-ignore
/** With the other names: a block within Markdown has an info string too. */
const languages: Record<string, ShjLanguageData> = Object.assign(
  Object.create(null),
  grammars,
  Object.fromEntries([...names].map(([name, grammar]) => [name, grammars[grammar]])),
);

/** The text, stretch by stretch: the number of a kind and a length, and so on. Neighbours of one kind are one stretch. */
export function highlight(text: string, language: string): number[] {
  const out: number[] = [];
  tokenizeWith(
    text,
    language,
    (part, token) => {
      const kind = KINDS.indexOf(/\S/.test(part) ? (kinds[token ?? ""] ?? "") : "");
      if (!part) return;
      if (out.at(-2) === kind) out[out.length - 1]! += part.length;
      else out.push(kind, part.length);
    },
    { languages },
  );
  return out;
}
