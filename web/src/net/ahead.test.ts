import { expect, test } from "vitest";
import { GENERAL, LUNCH } from "../core/testing";
import { firstRequests } from "./ahead";

const all = ["/workspace", "/me", "/rooms", "/users"];
const messages = (room: string) => `/rooms/${room}/messages?limit=60`;

test.each([
  ["nobody was signed in here", `/r/${GENERAL}`, "", "", ["/workspace"]],
  ["a room", `/r/${GENERAL}`, "mira", LUNCH, [...all, messages(GENERAL)]],
  ["a thread, beside its room", `/r/${GENERAL}/t/12`, "mira", LUNCH, [...all, messages(GENERAL)]],
  ["the beginning: the room of last time", "/", "mira", LUNCH, [...all, messages(LUNCH)]],
  ["the beginning, for the first time", "/", "mira", "", all],
  ["a message, around which is loaded", `/r/${GENERAL}/12`, "mira", LUNCH, all],
  ["a form", "/signin", "mira", LUNCH, all],
])("%s", (_, path, who, last, asked) => expect(firstRequests(path, who, last)).toEqual(asked));
