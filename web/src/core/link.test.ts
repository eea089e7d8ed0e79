import { expect, test } from "vitest";
import { linkOf } from "./link";
import { pathTo } from "./paths";
import { GENERAL } from "./testing";

test.each([
  ["/setup", "", "setup", ""],
  ["/signup", "mfrgg2", "signup", "mfrgg2"],
  ["/reset", "mfrgg2.", "reset", "mfrgg2"],
  ["/signin", "", "signin", ""],
  [pathTo(GENERAL), "", "signin", ""],
  ["/signup", "mfrgg2.", "signup", "mfrgg2"],
  ["/signup", "mfrgg2,", "signup", "mfrgg2"],
  ["/signup", "mfrgg2)", "signup", "mfrgg2"],
  ["/signup", "mfrgg2%3E", "signup", "mfrgg2"],
  ["/signup", "mfrgg2%3E,%20Mira", "signup", "mfrgg2"],
  ["/signup", "%20mfrgg2%20", "signup", "mfrgg2"],
  ["/signup", "mfr%E2%80%8Bgg2%C2%A0", "signup", "mfrgg2"],
  ["/signup", "%22mfrgg2%E2%80%9D", "signup", "mfrgg2"],
  ["/SIGNUP", "MFRGG2", "signup", "mfrgg2"],
  ["/signup/", "mfrgg2", "signup", "mfrgg2"],
  ["//signup", "mfrgg2", "signup", "mfrgg2"],
  ["/signup%23mfrgg2.", "", "signup", "mfrgg2"],
  ["/setup%23MFRGG2", "", "setup", "mfrgg2"],
  ["/signup", "mfrgg2%E0%A4%A", "signup", "mfrgg2"],
  ["/signupsoon", "mfrgg2", "signin", ""],
])("%s#%s leads to the form %s with the secret %s", (path, hash, door, secret) =>
  expect(linkOf(path, hash)).toEqual({ door, secret }),
);
