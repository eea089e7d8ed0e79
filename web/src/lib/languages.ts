// The languages of code that have colours, by what people write after the ``` of a block. A language that is not here has none, except
// those whose comments, words and quotes are those of another.
const NAMES = `
asm nasm
bash sh shell zsh console
c h cc cpp cxx c++ hpp arduino cuda glsl objc
css scss less
diff patch
docker dockerfile containerfile
git
go golang
html htm svelte vue
http rest
ini cfg conf dotenv editorconfig env properties
java cs csharp c# dart groovy kotlin kt kts scala
js cjs javascript jsx mjs node
json geojson json5 jsonc jsonl
log
lua
make makefile mk
md markdown
pl perl
py python python3
regex regexp
rs rust
sql mysql pgsql plsql postgres postgresql psql sqlite
toml
ts cts mts tsx typescript
uri url
xml plist rss svg xsd xsl
yaml yml`;

const LANGUAGES = new Map(
  NAMES.trim()
    .split("\n")
    .flatMap((line) => line.split(" ").map((name, _, [language]) => [name, language!] as const)),
);

/** All the names, each with the name of its grammar. */
export const names: ReadonlyMap<string, string> = LANGUAGES;

/** The grammar for the info string of a fence, such as `ts {1,3}` or `Python title=x`; undefined if there is none. */
export const languageOf = (info: string): string | undefined =>
  LANGUAGES.get(/^[\w+#-]+/.exec(info)?.[0].toLowerCase() ?? "");

/** What is coloured, as classes of Code.css, by number; the first is plain text. */
export const KINDS = ["", "comment", "string", "number", "word", "name", "good", "bad"] as const;
export type Kind = (typeof KINDS)[number];
