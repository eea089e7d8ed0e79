import { expect, test } from "vitest";
import { firstLink } from "./preview";

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
