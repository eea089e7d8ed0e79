import { expect, test } from "vitest";
import { firstLink, linkedMessage } from "./preview";

const OWN = "https://chat.acme.example";

test.each([
  ["Read https://example.com/travel.", "https://example.com/travel"],
  ["HTTPS://Example.com/A and https://b.example", "HTTPS://Example.com/A"],
  ["https://münchen.example/ä", "https://münchen.example/ä"],
  ["www.example.com/x", "https://www.example.com/x"],
  ["[the policy](https://example.com/travel)", "https://example.com/travel"],
  ["[home](https://example.com)", "https://example.com"],
  ["<https://example.com/x>", "https://example.com/x"],
  ["**https://example.com/x**", "https://example.com/x"],
  ["- one\n- https://example.com/x", "https://example.com/x"],
  ["| a |\n| - |\n| https://example.com/x |", "https://example.com/x"],
  [`${OWN}/r/abc/3 and https://example.com/`, "https://example.com/"],
  [`${OWN}/r/abc/3`, undefined],
  ["`https://example.com`", undefined],
  ["```\nhttps://example.com\n```", undefined],
  ["> https://example.com", undefined],
  ["mailto:a@example.com ftp://example.com example.com", undefined],
  ["", undefined],
])("of %j it is %j", (text, link) => expect(firstLink(text, OWN)).toBe(link));

test.each([
  [`See ${OWN}/r/abcdefghijkl/3.`, { room: "abcdefghijkl", seq: 3, path: "/r/abcdefghijkl/3" }],
  [`[this](${OWN}/r/abcdefghijkl/t/3/7)`, { room: "abcdefghijkl", seq: 7, path: "/r/abcdefghijkl/t/3/7" }],
  [`${OWN}/r/abcdefghijkl/t/3`, { room: "abcdefghijkl", seq: 3, path: "/r/abcdefghijkl/t/3" }],
  [`${OWN}/inbox ${OWN}/r/abcdefghijkl/4`, { room: "abcdefghijkl", seq: 4, path: "/r/abcdefghijkl/4" }],
  [`${OWN}/r/abcdefghijkl`, undefined],
  ["https://evil.example/r/abcdefghijkl/3", undefined],
  [`> ${OWN}/r/abcdefghijkl/3`, undefined],
])("of %j the message is %j", (text, to) => expect(linkedMessage(text, OWN)).toEqual(to));
