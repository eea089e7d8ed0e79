// Colours for code: comments, strings, numbers and the words that most languages share. One pass, no parser.
export interface Piece {
  kind: "" | "comment" | "string" | "number" | "word";
  text: string;
}

const words =
  "abstract and as async await bool boolean break case catch char class const continue def default defer del do " +
  "double elif else end enum except export extends extern false finally float fn for foreach from func function " +
  "go goto if impl implements import in instanceof int interface is lambda let loop map match mod module mut " +
  "namespace new nil not null or package pass private protected pub public raise range return select self set " +
  "static string struct super switch then this throw throws trait true try type typeof undefined union unsafe " +
  "use var void when where while with yield None True False SELECT FROM WHERE INSERT UPDATE DELETE CREATE TABLE " +
  "INTO VALUES AND OR NOT NULL JOIN ON GROUP BY ORDER LIMIT";
const known = new Set(words.split(" "));
const hashes = new Set("py python sh bash yaml yml toml ruby rb make dockerfile conf".split(" "));

export function highlight(text: string, language: string): Piece[] {
  if (!language || ["text", "txt", "plain", "log"].includes(language.toLowerCase())) return [{ kind: "", text }];
  const line = hashes.has(language.toLowerCase()) ? "#" : language.toLowerCase() === "sql" ? "--" : "//";
  const comment = `${line}[^\\n]*|/\\*[^]*?(?:\\*/|$)`;
  const string = `"(?:[^"\\\\\\n]|\\\\.)*"?|'(?:[^'\\\\\\n]|\\\\.)*'?|\`[^\`]*\`?`;
  const token = new RegExp(`(${comment})|(${string})|(\\b\\d[\\w.]*)|([A-Za-z_]\\w*)`, "g");
  const out: Piece[] = [];
  const add = (kind: Piece["kind"], part: string) => {
    const last = out.at(-1);
    if (last?.kind === kind) last.text += part;
    else if (part) out.push({ kind, text: part });
  };
  let from = 0;
  for (const m of text.matchAll(token)) {
    add("", text.slice(from, m.index));
    from = m.index + m[0].length;
    add(m[1] ? "comment" : m[2] ? "string" : m[3] ? "number" : known.has(m[0]) ? "word" : "", m[0]);
  }
  add("", text.slice(from));
  return out;
}
