import { expect, test } from "vitest";
import { blocks } from "./markdown";
import { inBlock, marked, markKey, type Mark } from "./marks";

/** A text with its selection between | and |; with one | the caret is there. */
function parsed(s: string): [text: string, from: number, to: number] {
  const from = s.indexOf("|"),
    to = s.lastIndexOf("|");
  return [s.replaceAll("|", ""), from, to === from ? from : to - 1];
}
function become(mark: Mark, s: string): string {
  const [text, from, to] = parsed(s),
    e = marked(text, from, to, mark),
    now = text.slice(0, e.from) + e.insert + text.slice(e.to),
    [a, b] = e.select;
  return now.slice(0, a) + "|" + now.slice(a, b) + (b > a ? "|" : "") + now.slice(b);
}

test.each<[Mark, string, string]>([
  ["bold", "a |word| b", "a **|word|** b"],
  ["bold", "a **|word|** b", "a |word| b"],
  ["bold", "a |**word**| b", "a |word| b"],
  ["bold", "a| word |b", "a **|word|** b"],
  ["bold", "|", "**|**"],
  ["bold", "*|word|*", "***|word|***"],
  ["italic", "__|word|__", "___|word|___"],
  ["italic", "|word|", "_|word|_"],
  ["italic", "_|word|_", "|word|"],
  ["strike", "|word|", "~~|word|~~"],
  ["code", "|a*b*|", "`|a*b*|`"],
  ["bold", "|one\n\n two |", "|**one**\n\n **two** |"],
  ["bold", "|**one**\n**two**|", "|one\ntwo|"],
  ["link", "see |docs|", "see [docs](|https://|)"],
  ["link", "|", "[|](https://)"],
  ["link", "|https://acme.example/a_(b)|", "[|](https://acme.example/a_%28b%29)"],
  ["link", "|a [b]|", "[a \\[b\\]](|https://|)"],
  ["link", "|[docs](https://a.example)|", "|docs|"],
  ["quote", "one\ntw|o", "one\n> tw|o"],
  ["quote", "|one\n\ntwo|", "|> one\n>\n> two|"],
  ["quote", "|> one\n> two|", "|one\ntwo|"],
  ["list", "|one\n\ntwo|", "|- one\n\n- two|"],
  ["list", "|- one\n- two|", "|one\ntwo|"],
  ["list", "|", "- |"],
  ["numbers", "|one\ntwo|", "|1. one\n2. two|"],
  ["numbers", "|- one\n- two|", "|1. one\n2. two|"],
  ["tasks", "|one\ntwo|", "|- [ ] one\n- [ ] two|"],
  ["tasks", "|- [x] one\n- [ ] two|", "|one\ntwo|"],
  ["list", "|- [x] one|", "|- one|"],
  ["tasks", "- o|ne", "- [ ] o|ne"],
  ["block", "see |code| there", "see \n```\n|code|\n```\n there"],
  ["block", "|```\na\n```|", "|a|"],
  ["block", "a\n|x\n```\ny|", "a\n````\n|x\n```\ny|\n````"],
  ["block", "|", "```\n|\n```"],
])("%s makes %j into %j", (mark, from, to) => expect(become(mark, from)).toBe(to));

test("what a mark makes of selected words is drawn with that mark", () => {
  const drawn = (mark: Mark, s: string) => JSON.stringify(blocks(become(mark, s).replaceAll("|", "")));
  expect(drawn("bold", "a |b c| d")).toContain('{"t":"strong","of":[{"t":"text","text":"b c"}]}');
  expect(drawn("italic", "a |b c| d")).toContain('{"t":"em","of":[{"t":"text","text":"b c"}]}');
  expect(drawn("strike", "a |b c| d")).toContain('{"t":"del","of":[{"t":"text","text":"b c"}]}');
  expect(drawn("block", "a |b c| d")).toContain('"t":"code","text":"b c"');
  expect(drawn("numbers", "|a\nb|")).toContain('"value":2');
});

const key = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, code: "", shiftKey: false, altKey: false, ctrlKey: true, metaKey: false, ...more }) as KeyboardEvent;
test.each([
  ["Ctrl B", key("b"), false, false, "bold"],
  ["Ctrl B with Caps Lock", key("B"), false, false, "bold"],
  ["Ctrl I", key("i"), false, false, "italic"],
  ["Ctrl E", key("e"), false, false, "code"],
  ["Ctrl Shift E, which is for emoji", key("E", { code: "KeyE", shiftKey: true }), false, false, undefined],
  ["Ctrl K with selected words", key("k"), false, true, "link"],
  ["Ctrl K without", key("k"), false, false, undefined],
  ["Ctrl Shift X", key("X", { code: "KeyX", shiftKey: true }), false, false, "strike"],
  ["Ctrl Shift 8 on any layout", key("(", { code: "Digit8", shiftKey: true }), false, false, "list"],
  ["Ctrl Alt B", key("b", { altKey: true }), false, false, undefined],
  ["B", key("b", { ctrlKey: false }), false, false, undefined],
  ["Ctrl B on a Mac", key("b"), true, false, undefined],
  ["⌘ B on a Mac", key("b", { ctrlKey: false, metaKey: true }), true, false, "bold"],
])("%s", (_, e, mac, selects, mark) => expect(markKey(e, mac, selects)).toBe(mark));

test.each([
  ["", false],
  ["```\na", true],
  ["```\na\n```\n", false],
  ["````\n```\n", true],
  ["~~~\n```\n", true],
  ["a ``` b", false],
])("%j ends in a block of code: %s", (text, want) => expect(inBlock(text)).toBe(want));
