// A workspace as a company has it after some months, filled through REST.
import { randomUUID } from "node:crypto";
import type { Server } from "../house/server.ts";

const names = [
  "Mira Novak",
  "Jonas Weber",
  "Ada Okafor",
  "Kim Tanaka",
  "Lea Brandt",
  "Sam Lindqvist",
  "Zoë Martin",
  "Omar Haddad",
  "Ines Costa",
  "Tom Baker",
  "Yuki Sato",
  "Eva Král",
];
const emoji = ["👍", "🎉", "❤️", "👀", "🚀", "😂", "👋🏽", "🧑‍💻"];

/** What people write, from a word to a fence. */
const texts = [
  "Lunch at 12:15? The place on the corner has ramen today",
  "ok",
  "🎉🎉",
  "Smooth. Which migration took the longest?",
  "The search index, 41 s, online. Nobody noticed.",
  "@mira can you have a look before *noon*?",
  "I noticed. It got **faster** 🚀",
  "Version **2.1** is live. Rollout took four minutes, error rate flat at 0.00 %.\nDashboard: https://acme.example/ops",
  'Since this morning exports carry the time zone. One line if you read them in a script:\n```python\nat = datetime.fromisoformat(row["created_at"])\nprint(at.tzinfo)  # never None\n```\nPing me if something breaks.',
  "What is missing:\n- the letter to the tenants\n- the `keys` of room 4\n- somebody who waters the plants 🌱",
  "> Can we move the review to Thursday?\nFine with me. @jonas @ada?",
  "Thanks! 😀",
  "Right, then I close the ticket and write to support.",
];

/** One who speaks to the API. */
export class Voice {
  constructor(
    readonly url: string,
    readonly cookie: string,
  ) {}

  async call<T = { id: string; seq: number }>(method: string, path: string, body?: object): Promise<T> {
    const r = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Cookie: this.cookie, "Content-Type": "application/json" },
      body: body ? JSON.stringify(body) : null,
    });
    if (!r.ok) throw new Error(`${method} ${path} ${r.status} ${await r.text()}`);
    return (r.status === 204 ? undefined : await r.json()) as T;
  }
  post(room: string, text: string, more: object = {}) {
    return this.call("POST", `/rooms/${room}/messages`, { client_id: randomUUID(), text, ...more });
  }
}

export async function enter(url: string, path: string, body: object): Promise<Voice> {
  const r = await fetch(`${url}/api/v1${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!r.ok) throw new Error(`${path} ${r.status} ${await r.text()}`);
  return new Voice(url, r.headers.get("Set-Cookie")!.split(";")[0]!);
}

export interface House {
  mira: Voice;
  others: Voice[];
  rooms: [string, string];
  small: string;
}

/** The text of message `i`. */
export const text = (i: number): string => `${texts[i % texts.length]}${i % texts.length === 2 ? "" : ` (${i})`}`;

export async function fill(server: Server): Promise<House> {
  const url = server.url.replace("localhost", "127.0.0.1");
  const person = (name: string) => {
    const handle = name.toLowerCase().replace("ë", "e").split(" ")[0]!;
    return { name, handle, email: `${handle}@example.com`, password: "a quiet place to eat" };
  };
  const mira = await enter(url, "/setup", {
    token: server.setupLink.split("#")[1],
    workspace: "Acme",
    ...person(names[0]!),
  });
  const rooms: string[] = [];
  for (const name of ["releases", "design-review", "small", ...Array.from({ length: 37 }, (_, i) => `team-${i + 1}`)]) {
    rooms.push((await mira.call("POST", "/rooms", { kind: "public", name, topic: "What we ship, and when" })).id);
  }
  const { secret } = await mira.call<{ secret: string }>("POST", "/invites", {});
  const others: Voice[] = [];
  for (const name of names.slice(1)) {
    const p = await enter(url, "/signup", { invite: secret, ...person(name) });
    others.push(p);
    for (const id of rooms.slice(0, 3)) await p.call("POST", `/rooms/${id}/join`);
    const direct = await mira.call("POST", "/rooms", { kind: "direct", members: [(await p.call("GET", "/me")).id] });
    await p.post(direct.id, "Coffee?");
  }
  const [releases, design, small] = rooms as [string, string, string];
  for (const [room, count] of [
    [releases, 340],
    [design, 340],
    [small, 50],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const by = others[Math.floor(i / 3) % others.length]!,
        { seq } = await by.post(room, text(i));
      const on = `/rooms/${room}/messages/${seq}`;
      for (let r = 0; i % 4 === 0 && r <= i % 3; r++) {
        for (const v of others.slice(0, 1 + ((i + r) % 4)))
          await v.call("PUT", `${on}/reactions/${encodeURIComponent(emoji[(i + r) % emoji.length]!)}`);
      }
      if (i % 9 === 0) await by.call("PATCH", on, { text: `${text(i)} Edited.` });
      if (i % 17 === 0) for (const v of others.slice(0, 3)) await v.post(room, "In the thread: yes.", { thread: seq });
    }
  }
  for (const room of rooms)
    await mira.call("PUT", `/rooms/${room}/read`, {
      seq: (await mira.call<{ last_seq: number }>("GET", `/rooms/${room}`)).last_seq,
    });
  return { mira, others, rooms: [releases, design], small };
}
