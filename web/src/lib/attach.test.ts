import { describe, expect, test } from "vitest";
import { bringsFiles, dropped, pastedFiles } from "./attach";

const file = (name: string) => new File(["x"], name);
const clipboard = (text: string, ...names: string[]) => ({
  files: names.map(file) as unknown as FileList,
  getData: () => text,
});

describe("what is pasted", () => {
  test.each([
    ["a picture", "", ["image.png"], ["image.png"]],
    ["a file, whose name is a text beside it", "minutes.pdf", ["minutes.pdf"], ["minutes.pdf"]],
    ["two files, with their paths", "/home/mira/a.pdf\n/home/mira/b.pdf", ["a.pdf", "b.pdf"], ["a.pdf", "b.pdf"]],
    ["a table with a picture of it", "1\t2\n3\t4", ["image.png"], []],
    ["a text", "Lunch?", [], []],
  ])("%s", (_, text, names, taken) => expect(pastedFiles(clipboard(text, ...names)).map((f) => f.name)).toEqual(taken));
});

test("a drag brings files, or something else", () => {
  expect([bringsFiles({ types: ["Files"] }), bringsFiles({ types: ["text/plain"] }), bringsFiles(null)]).toEqual([
    true,
    false,
    false,
  ]);
});

describe("what is dropped", () => {
  const item = (name: string, isDirectory = false) => ({
    kind: "file",
    webkitGetAsEntry: () => ({ isDirectory }),
    getAsFile: () => file(name),
  });
  const drop = (items: object[], files: File[] = []) =>
    dropped({ files: files as unknown as FileList, items: items as unknown as DataTransferItemList });

  test("are files, and of folders nothing", () => {
    const { files, folders } = drop([item("a.pdf"), item("photos", true), { kind: "string" }]);
    expect([files.map((f) => f.name), folders]).toEqual([["a.pdf"], true]);
  });

  test("also where the browser does not tell what it is", () => {
    expect(drop([], [file("a.pdf")])).toMatchObject({ folders: false, files: [{ name: "a.pdf" }] });
  });
});
