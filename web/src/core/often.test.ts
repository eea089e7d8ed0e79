import { expect, test } from "vitest";
import { often } from "./often";
import { freshRoom } from "./room";
import { direct, GENERAL, loaded, message, room } from "./testing";

test("whom one writes to weighs more than who is about, and neither oneself nor what is gone counts", () => {
  const general = loaded(1, {
    room: room(GENERAL),
    messages: [
      message(1, { author: "kim" }),
      message(2, { author: "jonas", mentions: ["mira"] }),
      message(3, { author: "mira", mentions: ["sam", "mira"] }),
      message(4, { author: "ada", deleted_at: "x" }),
      message(5, { author: "ada", system: { what: "topic", value: "food" } }),
    ],
  });
  const talk = freshRoom(
    direct("d", ["mira", "ben"], { last_message: { seq: 9, author: "ben", text: "", created_at: "" } }),
  );
  const empty = freshRoom(direct("e", ["mira", "zoe"]));
  expect([...often([general, talk, empty], "mira")].sort()).toEqual([
    ["ben", 3],
    ["jonas", 3],
    ["kim", 1],
    ["sam", 3],
  ]);
});
