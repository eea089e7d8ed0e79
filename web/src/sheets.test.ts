// The style sheets of components: each class in one is given by its component, or by what that imports. The compiler warns of an unused
// class only where it sees all the classes that an element can have.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const SRC = import.meta.dirname;
const source = (file: string) => readFileSync(join(SRC, file), "utf8");
const components = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((f) => f.endsWith(".svelte"));

const classesIn = (sheet: string): string[] =>
  [
    ...sheet
      .replace(/\/\*.*?\*\//gs, "")
      .replace(/:global\((?:[^()]|\([^()]*\))*\)/g, "")
      .matchAll(/\.([a-z][\w-]*)(?=[^{}]*\{)/g),
  ].map(([, name]) => name!);

/** The words in the strings of a component and of the modules that it imports, and its `class:` directives. */
function given(file: string): Set<string> {
  const code = source(file),
    modules = [...code.matchAll(/from "(\.[^"]+)"/g)].map(([, path]) => join(dirname(file), `${path}.ts`));
  const all = [code, ...modules.filter((m) => existsSync(join(SRC, m))).map(source)].join("\n");
  return new Set(
    [...all.matchAll(/"([^"\n]*)"|class:([\w-]+)/g)].flatMap(([, said, name]) => (said ?? name!).split(" ")),
  );
}

test("no style sheet has a class that nothing gives", () => {
  const sheets = components.flatMap((file) => {
    const sheet = /<style src="\.\/(.+?)"/.exec(source(file))?.[1];
    return sheet ? [[file, join(dirname(file), sheet)] as const] : [];
  });
  expect(sheets.length).toBeGreaterThan(50);
  const dead = sheets.flatMap(([file, sheet]) => {
    const names = given(file);
    return classesIn(source(sheet))
      .filter((name) => !names.has(name))
      .map((name) => `${sheet}: .${name}`);
  });
  expect(dead).toEqual([]);
});
