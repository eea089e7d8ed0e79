// @vitest-environment happy-dom
// The door: signing in, setting up, and coming by an invitation.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { $, all, field, House, named, submit, type, words } from "../testing/house";
import { GENERAL, me, problem } from "./core/testing";

let house: House;
beforeEach(() => void (house = new House()));
afterEach(() => house.leave());

describe("the door", () => {
  beforeEach(() => (house.who = undefined));

  test("signs in, forgets the path that led to it, and shows the room", async () => {
    house.instead.set("POST /session", () => ({ status: 201, body: (house.who = me()) }));
    await house.open("/signin");
    expect(words($("main"))).toContain("Sign in to talk with your colleagues.");
    type($("input[type=email]"), "mira@example.com");
    type($("input[type=password]"), "a quiet place");
    await submit(house);
    await house.wait();
    expect(house.commands("POST /session")).toEqual([{ email: "mira@example.com", password: "a quiet place" }]);
    expect([location.pathname, document.title]).toEqual([`/r/${GENERAL}`, "general · Acme"]);
  });

  test("says beside a field why it was refused, and elsewhere what concerns none", async () => {
    const answers = [
      problem(400, "That is no address.", { field: "email" }),
      problem(429, "Too many failures. Wait a minute."),
    ];
    house.instead.set("POST /session", () => ({ status: answers[0]!.status, body: answers.shift() }));
    await house.open();
    await submit(house);
    expect(words($(".field [role=alert]"))).toBe("That is no address.");
    expect($("input[type=email]").getAttribute("aria-invalid")).toBe("true");
    await submit(house);
    expect(all(".field [role=alert]")).toEqual([]);
    expect(words($("form > [role=alert]"))).toBe("Too many failures. Wait a minute.");
  });

  test("suggests a handle from the name until one is typed", async () => {
    house.instead.set("POST /setup", () => ({ status: 201, body: (house.who = me()) }));
    house.instead.set("GET /workspace", () => ({ body: { name: "", setup: true } }));
    await house.open("/setup#t0ken");
    const [company, name, handle, email, password] = all("form input") as HTMLInputElement[];
    type(name!, "Élise Dupont");
    await house.wait(20);
    expect([handle!.value, words($("small"))]).toEqual(["elise.dupont", "Others mention you as @elise.dupont."]);
    type(handle!, "LiZ");
    type(name!, "Somebody Else");
    await house.wait(20);
    expect(handle!.value).toBe("liz");
    type(company!, "Acme");
    type(email!, "e@example.com");
    type(password!, "a quiet place");
    await submit(house);
    expect(house.commands("POST /setup")).toEqual([
      {
        token: "t0ken",
        workspace: "Acme",
        name: "Somebody Else",
        handle: "liz",
        email: "e@example.com",
        password: "a quiet place",
      },
    ]);
  });

  test("an invitation whose link was cut says so", async () => {
    await house.open("/signup");
    expect(words($("main"))).toContain("The link is incomplete");
    expect(all("form")).toEqual([]);
  });

  test("a server that is not set up says what to do", async () => {
    house.instead.set("GET /workspace", () => ({ body: { name: "", setup: true } }));
    await house.open();
    expect(words($("main"))).toContain("Open the setup link that the server printed");
  });

  test.each([
    ["/signup#s3cret", "POST /signup/check", { invite: "s3cret" }],
    ["/signup#S3CRET.", "POST /signup/check", { invite: "s3cret" }],
    ["/setup#s3cret%3E", "POST /setup/check", { token: "s3cret" }],
    ["/reset#s3cret.", "POST /reset/check", { token: "s3cret" }],
  ])("%s that does not work says so in place of the form", async (path, check, body) => {
    const setup = path.startsWith("/setup");
    house.instead.set("GET /workspace", () => ({ body: { name: "Acme", setup } }));
    house.instead.set(check, () => ({ status: 404, body: problem(404, "This link no longer works.") }));
    await house.open(path);
    expect([words($("main [role=alert]")), all("form").length]).toEqual(["This link no longer works.", 0]);
    expect(house.commands(check)).toEqual([body]);
  });

  test("a link is checked before a form is shown; if that cannot be done, the form is", async () => {
    let answer = (_: { status: number; body?: unknown }) => {};
    house.instead.set("POST /signup/check", () => new Promise((yes) => (answer = yes)));
    await house.open("/signup#s3cret");
    expect([words($("main [role=status]")), all("form").length]).toEqual(["Checking the link…", 0]);
    answer({ status: 503, body: problem(503, "Not now.") });
    await house.wait();
    expect(named("Join")).toBeTruthy();
  });

  test("a setup link to a workspace that is set up leads to the form to sign in", async () => {
    await house.open("/setup#s3cret");
    expect([words($("main [role=alert]")), house.commands("POST /setup/check")]).toEqual([
      "Canteen is already set up.",
      [],
    ]);
    named("Sign in", "a").click();
    await house.wait();
    expect([location.pathname, words($("form button.primary"))]).toEqual(["/signin", "Sign in"]);
  });

  test("a link for a new password asks for nothing else, and leads in", async () => {
    house.instead.set("POST /reset/check", () => ({ status: 204 }));
    const answers = [problem(400, "Too easy.", { field: "password" })];
    house.instead.set("POST /reset", () =>
      answers.length ? { status: 400, body: answers.pop() } : { status: 201, body: (house.who = me()) },
    );
    await house.open("/reset#s3cret");
    expect(words($("main"))).toContain("Choose a new password.");
    expect(all("form input")).toEqual([field("New password")]);
    expect([field("New password").autocomplete, field("New password").minLength]).toEqual(["new-password", 8]);
    type(field("New password"), "a quiet place");
    await submit(house);
    expect(words($(".field [role=alert]"))).toBe("Too easy.");
    await submit(house);
    await house.wait();
    expect(house.commands("POST /reset")).toEqual(Array(2).fill({ token: "s3cret", password: "a quiet place" }));
    expect([location.pathname, location.hash]).toEqual([`/r/${GENERAL}`, ""]);
  });

  test("who is here already signs in from an invitation", async () => {
    await house.open("/signup#s3cret");
    expect(words($("main"))).toContain("Already here? Sign in");
    named("Sign in", "a").click();
    await house.wait();
    expect([location.pathname, words($("form button.primary"))]).toEqual(["/signin", "Sign in"]);
    expect(words($("main"))).toContain("Forgot your password? Ask whoever runs this Canteen for a link.");
  });

  test("a password can be shown, which sends nothing", async () => {
    await house.open();
    const show = named("Show password");
    expect([field("Password").type, show.getAttribute("aria-pressed"), show.getAttribute("type")]).toEqual([
      "password",
      "false",
      "button",
    ]);
    type(field("Password"), "a quiet place");
    show.click();
    await house.wait(20);
    expect([field("Password").type, field("Password").value]).toEqual(["text", "a quiet place"]);
    expect([named("Show password").getAttribute("aria-pressed"), house.commands("POST /session")]).toEqual([
      "true",
      [],
    ]);
  });

  test("required fields are marked, and what is wrong with one is said of it", async () => {
    await house.open("/signup#s3cret");
    const marked = () => all("label").map((l) => [words(l).replace(/ \*$/, ""), words(l).endsWith("*")]);
    expect(marked()).toEqual([
      ["Your name", true],
      ["Handle", true],
      ["E-mail", false],
      ["Password", true],
    ]);
    for (const l of ["Your name", "Handle", "E-mail", "Password"]) expect(field(l).required).toBe(l !== "E-mail");
    house.instead.set("POST /signup", () => ({ status: 400, body: problem(400, "Too easy.", { field: "password" }) }));
    await submit(house);
    const about = field("Password").getAttribute("aria-describedby")!.split(" ");
    expect(about.map((id) => words(document.getElementById(id)!))).toEqual([
      "At least 8 characters. A few words make a good one.",
      "Too easy.",
    ]);
  });

  test("a password that is changed says beside its field what is wrong", async () => {
    house.who = me();
    const answers = [{ status: 400, body: problem(400, "That is not it.", { field: "current" }) }, { status: 204 }];
    house.instead.set("POST /me/password", () => answers.shift()!);
    await house.open(`/r/${GENERAL}`);
    named("Settings").click();
    await house.wait();
    type(field("Current password"), "a guess");
    type(field("New password"), "another quiet place");
    const change = async () => {
      named("Change password")
        .closest("form")!
        .dispatchEvent(new SubmitEvent("submit", { bubbles: true, cancelable: true }));
      await house.wait();
    };
    await change();
    expect(words(field("Current password").closest(".field")!)).toContain("That is not it.");
    await change();
    expect(words($("dialog"))).toContain("Your password is changed. You are signed out on all other devices.");
  });
});
