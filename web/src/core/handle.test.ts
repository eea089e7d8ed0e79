import { expect, test } from "vitest";
import { handleFor } from "./handle";

test.each([
  ["Mira", "", "mira"],
  ["Jürgen Müller", "", "jurgen.muller"],
  ["Мира Новак", "", "mira.novak"],
  ["Щукина Юлия", "", "shchukina.yuliya"],
  ["Олексій Їжак", "", "oleksii.izhak"],
  ["Νίκος Παπαδόπουλος", "", "nikos.papadopoulos"],
  ["Søren Ærø", "", "soren.aero"],
  ["Łukasz Żółć", "", "lukasz.zolc"],
  ["İpek Yılmaz", "", "ipek.yilmaz"],
  ["Strauß  &  Söhne", "", "strauss.sohne"],
  ["O'Brien-Smith, J.", "", "obrien-smith.j"],
  ["渡辺", "ken.watanabe@example.com", "ken.watanabe"],
  ["渡辺 Ken", "", "ken"],
  ["ｋｅｎ", "", "ken"],
  ["محمد", "", "user-3234"],
  ["渡辺", "ñ@example.com", "user-2777"],
  ["X", "", "user-1088"],
  ["Admin", "", "admin2"],
  ["Me", "me@example.com", "me2"],
  ["_Mira_ ", "", "mira"],
  ["🎉", "party@example.com", "party"],
  ["", "", ""],
  ["  ", "", ""],
  ["Maximiliane Hohenfels-Wittelsbach", "", "maximiliane.hohenfels-wittelsb"],
  ["Maximiliane Hohenfelsschmidt. Abc", "", "maximiliane.hohenfelsschmidt.a"],
])("%j and %j suggest %j", (name, email, handle) => expect(handleFor(name, email)).toBe(handle));

test("every suggestion is a valid handle", () => {
  const names = [
    "Jürgen",
    "Щ".repeat(80),
    "ﷺ".repeat(9),
    "a. -b",
    "-",
    "..",
    "ß",
    "渡",
    "e\u0301",
    "1 2",
    "𝐌𝐢𝐫𝐚",
    "\u034f",
    "all",
  ];
  for (const name of names.flatMap((a) => [a, ...names.map((b) => `${a} ${b}`)])) {
    const handle = handleFor(name, "x@example.com");
    expect([name, handle]).toEqual([name, expect.stringMatching(/^[a-z0-9][a-z0-9._-]{1,29}$/)]);
    expect(handleFor(name, "x@example.com", [handle])).toMatch(/^[a-z0-9][a-z0-9._-]{1,29}$/);
    expect(["all", "me", "admin"]).not.toContain(handle);
  }
});

test.each([
  ["Mira", ["mira"], "mira2"],
  ["Mira", ["mira", "mira2"], "mira3"],
  ["Mira9", ["mira9"], "mira10"],
  ["Admin", ["admin2"], "admin3"],
  ["محمد", ["user-3234"], "user3235"],
  ["a".repeat(30), ["a".repeat(30)], "a".repeat(29) + "2"],
  ["Jonas", ["mira"], "jonas"],
])("%s, after %j were refused, suggests %s", (name, refused, next) => expect(handleFor(name, "", refused)).toBe(next));
