// A bot writes a message while people watch.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { passes } from "../house/axe.ts";
import { Person } from "../house/person.ts";
import { Server } from "../house/server.ts";

const program = process.env.CANTEEN ?? fileURLToPath(new URL("../../bin/canteen", import.meta.url));
const answer = Array.from(
  { length: 12 },
  (_, i) => `${i + 1}. Step ${i + 1} of the answer, with **something** to read`,
);

test("the text of a bot grows at the end of the room, and is then like any other", async () => {
  test.skip(!!process.env.CANTEEN_E2E_URL, "the bot is made on the machine of the server");
  const server = await Server.start();
  const mira = await Person.arrive("Mira Novak", server);
  const row = mira.page.locator("article.msg").last();
  const command = async (...args: string[]) => (await promisify(execFile)(program, args)).stdout.trim();
  try {
    await mira.setUp(server.setupLink);
    await mira.page.getByRole("link", { name: /general/ }).click();
    const at = ["--data", server.dir];
    await command("user", "add", ...at, "--bot", "--name", "Builds", "--handle", "builds", "--role", "member");
    const token = await command("token", "add", ...at, "--user", "builds", "--name", "e2e");
    const ask = async (method: string, path: string, body?: object) => {
      const r = await fetch(`${server.url}/api/v1/rooms/%23general/messages${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        ...(body && { body: JSON.stringify(body) }),
      });
      return [r.status, await r.json()] as [number, { seq: number; text: string }];
    };
    const [, { seq }] = await ask("POST", "", { stream: true });
    await expect(row).toHaveText(/Builds.*…/);
    await expect(row).toHaveClass(/writing/);

    await test.step("each text takes the place of the one before, and stays in sight", async () => {
      for (let n = 1; n <= answer.length; n += 4) {
        const text = `Here is how:\n\n${answer.slice(0, n).join("\n")}`;
        await ask("PATCH", `/${seq}`, { text, done: false }); // stored now, or by the server when the second is over
        await expect(row.locator("li")).toHaveCount(n);
        await expect(row.locator("li").last()).toBeInViewport();
      }
      await ask("PATCH", `/${seq}`, { text: "Here is how:\n\n```go\nfunc main() {", done: false });
      await expect(row.locator("pre")).toHaveText("func main() {");
      await passes(mira.page, "a message that is being written");
    });

    await test.step("done is not edited", async () => {
      const [status] = await ask("PATCH", `/${seq}`, { text: `Here is how:\n\n${answer.join("\n")}`, done: true });
      expect(status).toBe(200);
      await expect(row.locator("li")).toHaveCount(answer.length);
      await expect(row).not.toHaveClass(/writing/);
      await expect(row).not.toContainText("edited");
      await expect(row.locator("li").last()).toBeInViewport();
    });
    expect(mira.complaints).toEqual([]);
  } finally {
    await mira.leave();
    await server.stop();
  }
});
