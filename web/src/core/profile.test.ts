import { expect, test } from "vitest";
import { changesIn, profileOf } from "./profile";
import { me } from "./testing";

const before = profileOf(me({ name: "Mira Novak", handle: "mira", status: { emoji: "🌴", text: "Away" } }));

test("a profile without a status has an empty one", () => {
  expect(profileOf(me({ name: "Mira", handle: "mira" }))).toEqual({
    name: "Mira",
    handle: "mira",
    emoji: "",
    text: "",
  });
});

test.each([
  [{}, {}],
  [{ name: "Mira N." }, { name: "Mira N." }],
  [
    { handle: "mn", emoji: "" },
    { handle: "mn", status: { text: "Away" } },
  ],
  [{ emoji: "", text: "" }, { status: {} }],
])("of a form with %j, %j is sent", (form, sent) => expect(changesIn({ ...before, ...form }, before)).toEqual(sent));
