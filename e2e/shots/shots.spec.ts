import { test } from "@playwright/test";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";

const out = (name: string) => `../docs/img/${name}.png`;

test("pictures", async () => {
  const server = await Server.start("--rate-limits=off");
  const mira = await Person.arrive("Mira Novak", server);
  const people: Person[] = [];
  const api = async (p: Person, method: string, path: string, body?: object) => p.page.evaluate(async ([m, u, b]) => {
    const r = await fetch(`/api/v1${u}`, { method: m, headers: b ? { "Content-Type": "application/json" } : {}, body: b ? JSON.stringify(b) : null });
    if (!r.ok) throw new Error(`${m} ${u} ${r.status} ${await r.text()}`);
    return r.status === 204 ? null : r.json();
  }, [method, path, body] as const);
  try {
    await mira.page.goto(server.url + "/signin");
    await mira.setUp(server.setupLink);
    await mira.page.waitForTimeout(300);
    await mira.page.screenshot({ path: out("room-empty") });
    const invite = await mira.invites();
    for (const name of ["Ada Okafor", "Jonas Weber", "Kim Tanaka", "Lea Brandt", "Sam Lindqvist"]) {
      const p = await Person.arrive(name, server);
      await p.signUp(invite);
      people.push(p);
    }
    const [ada, jonas, kim, lea, sam] = people as [Person, Person, Person, Person, Person];
    const general = (await api(mira, "GET", "/rooms")).rooms[0].id as string;
    await api(mira, "PATCH", `/rooms/${general}`, { topic: "Everything that concerns everyone. Lunch included." });
    for (const [name, kind] of [["releases", "public"], ["design-review", "public"], ["kantine-münchen", "public"], ["leads", "private"], ["random", "public"]] as const) {
      const r = await api(mira, "POST", "/rooms", { kind, name });
      if (name === "releases") await api(ada, "POST", `/rooms/${r.id}/join`), await api(mira, "PATCH", `/rooms/${r.id}/me`, { starred: true });
      if (name === "releases") for (const t of ["2.1 is out", "2.1.1 follows today"]) await api(ada, "POST", `/rooms/${r.id}/messages`, { client_id: crypto.randomUUID(), text: t });
      if (name === "design-review") await api(lea, "POST", `/rooms/${r.id}/join`), await api(lea, "POST", `/rooms/${r.id}/messages`, { client_id: crypto.randomUUID(), text: "@mira have a look?" });
    }
    await api(mira, "PATCH", `/rooms/${general}/me`, { starred: true });
    await api(lea, "PATCH", "/me", { status: { emoji: "🌴", text: "Back on Monday" } });
    await api(mira, "PATCH", "/me", { status: { emoji: "🥐", text: "Back at 14:00" } });
    const post = async (p: Person, text: string, more: object = {}) => (await api(p, "POST", `/rooms/${general}/messages`, { client_id: crypto.randomUUID(), text, ...more })).seq as number;
    const react = async (seq: number, emoji: string, by: Person[]) => { for (const p of by) await api(p, "PUT", `/rooms/${general}/messages/${seq}/reactions/${encodeURIComponent(emoji)}`); };
    const version = await post(ada, "Version **2.1** is live. Rollout took four minutes, error rate flat at 0.00 %.\nDashboard: https://acme.example/ops");
    await react(version, "🚀", [mira, jonas, kim, lea, sam]);
    await react(version, "👏🏽", [jonas, kim]);
    await react(version, "🧑‍💻", [sam]);
    for (const [p, t] of [[jonas, "Smooth. Which migration took the longest?"], [ada, "The search index, 41 s, online. Nobody noticed."], [kim, "I noticed. It got *faster*."], [sam, "Changelog is on the wiki."]] as const) await post(p, t, { thread: version });
    await post(jonas, "Since this morning exports carry the time zone. One line if you read them in a script:\n```python\nat = datetime.fromisoformat(row[\"created_at\"])\n```\nPing me if something breaks. @lea you had a report on that, right?");
    const lunch = await post(kim, "Lunch at 12:15? The place on the corner has ramen today");
    await react(lunch, "🍜", [mira, ada, jonas, kim, lea, sam]);
    await react(lunch, "🎉", [jonas, sam]);
    await react(lunch, "👀", [lea]);
    await post(kim, "🍜🍜🍜");
    await post(sam, "@mira can you bring the projector keys? Room 4 is ours until one.");
    for (const name of ["Lea Brandt", "Jonas Weber"]) {
      const p = name.startsWith("Lea") ? lea : jonas, id = (await api(p, "GET", "/me")).id as string;
      const d = await api(mira, "POST", "/rooms", { kind: "direct", members: [id] });
      await api(p, "POST", `/rooms/${d.id}/messages`, { client_id: crypto.randomUUID(), text: "Coffee?" });
      if (name.startsWith("Lea")) await api(mira, "PUT", `/rooms/${d.id}/read`, { seq: 1 });
    }
    await mira.page.goto(`${server.url}/r/${general}`);
    await mira.sees("projector keys").waitFor();
    await jonas.box.pressSequentially("O");
    await mira.page.waitForTimeout(800);
    await mira.sees("Lunch at 12:15").hover();
    await mira.page.screenshot({ path: out("room") });
    await mira.page.getByRole("button", { name: /4 replies/ }).click();
    await mira.page.waitForTimeout(700);
    await mira.page.screenshot({ path: out("thread") });
    await mira.page.getByRole("button", { name: "Close the thread" }).click();
    await mira.page.locator("form.composer").getByRole("button", { name: "Emoji" }).click();
    await mira.page.getByLabel("Search emoji").fill("party");
    await mira.page.waitForTimeout(500);
    await mira.page.screenshot({ path: out("picker-search") });
    await mira.page.getByLabel("Search emoji").fill("");
    await mira.page.waitForTimeout(700);
    await mira.page.getByRole("button", { name: "waving hand" }).first().hover().catch(() => undefined);
    await mira.page.screenshot({ path: out("picker") });
    await mira.page.keyboard.press("Escape");
    await mira.page.emulateMedia({ colorScheme: "dark" });
    await mira.page.waitForTimeout(200);
    await mira.page.screenshot({ path: out("room-dark") });
    await mira.page.emulateMedia({ colorScheme: "light" });
    await mira.page.setViewportSize({ width: 360, height: 740 });
    await mira.page.waitForTimeout(400);
    await mira.page.screenshot({ path: out("phone-room") });
    await mira.page.getByRole("button", { name: "Back to the rooms" }).click();
    await mira.page.waitForTimeout(300);
    await mira.page.screenshot({ path: out("phone-rooms") });
    await mira.goes("general");
    await mira.page.locator("form.composer").getByRole("button", { name: "Emoji" }).click();
    await mira.page.waitForTimeout(900);
    await mira.page.screenshot({ path: out("phone-picker") });
    await mira.page.keyboard.press("Escape");
    await mira.page.setViewportSize({ width: 1280, height: 800 });
    mira.network.cut();
    await mira.says("On my way");
    await mira.page.waitForTimeout(6500);
    await mira.page.screenshot({ path: out("offline") });
    mira.network.mend();
    const door = await Person.arrive("Nobody", server);
    await door.page.goto(server.url + "/signin");
    await door.page.getByLabel("E-mail").fill("mira@example.com");
    await door.page.getByLabel("Password").fill("wrong one, sorry");
    await door.page.getByRole("button", { name: "Sign in" }).click();
    await door.page.getByRole("alert").waitFor();
    await door.page.screenshot({ path: out("signin") });
    await door.leave();
  } finally {
    for (const p of [mira, ...people]) await p.leave();
    await server.stop();
  }
});
