// Checks the bundle budget: the script that a browser loads before the first page can be used has at most 68 KiB of gzip.
// It counts the module scripts of index.html, its modulepreloads, and their static imports. It does not count dynamic imports
// (import()). Usage: node budget.mjs DIST [LIMIT in bytes]
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { gzipSync } from "node:zlib";

const [dist, limit = 68 * 1024] = process.argv.slice(2);
const page = readFileSync(join(dist, "index.html"), "utf8");

const entries = [];
for (const [tag] of page.matchAll(/<(?:script|link)\b[^>]*>/g)) {
  const isScript = tag.startsWith("<script");
  if (!isScript && !/rel="?modulepreload/.test(tag)) continue;
  const address = /(?:src|href)="?([^"\s>]+)/.exec(tag)?.[1];
  if (isScript && !address) throw new Error(`inline script in index.html, which the CSP refuses: ${tag}`);
  entries.push(posix.normalize(posix.join("/", address)));
}
if (entries.length === 0) throw new Error(`${dist}/index.html loads no script: is this a build?`);

// Static imports and re-exports as bundlers print them: import"./a.js", import{b}from"./a.js", export*from"./a.js".
// Minified code has no other string directly after `from` or `import`, and no comments.
const staticImport = /(?:\bimport|\bfrom|[}*]from)\s*["']((?:\.{0,2}\/)[^"']+\.js)["']/g;

const sizes = new Map();
function load(address) {
  if (sizes.has(address)) return;
  const file = join(dist, address);
  if (!existsSync(file)) throw new Error(`${address} is imported, but ${file} does not exist`);
  const code = readFileSync(file);
  sizes.set(address, gzipSync(code, { level: 9 }).length);
  for (const [, next] of code.toString().matchAll(staticImport)) {
    load(next.startsWith("/") ? next : posix.join(posix.dirname(address), next));
  }
}
entries.forEach(load);

let total = 0;
for (const [address, size] of sizes) {
  total += size;
  console.log(`${String(size).padStart(7)}  ${address}`);
}
const share = `${(total / 1000).toFixed(1)} kB gzip of script at first load, of ${limit / 1000} kB allowed`;
console.log(share);
if (total > Number(limit)) {
  console.error(`over the budget: ${share}`);
  process.exitCode = 1;
}
