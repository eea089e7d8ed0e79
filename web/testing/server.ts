// For tests of the store: a server whose answers the test chooses. A command that the test does not expect fails it.
import type * as Api from "../src/net/api";

export type Server<A = typeof Api> = { [K in keyof A]?: unknown };

/** The API with these commands, and a log of what was asked. */
export function serverOf<A = typeof Api>(commands: Server<NoInfer<A>>): { api: A; asked: [string, ...unknown[]][] } {
  const asked: [string, ...unknown[]][] = [];
  const api = new Proxy(commands as Record<string, unknown>, {
    get(all, name: string) {
      const f = all[name];
      return (...args: unknown[]) => {
        if (typeof f !== "function") throw new Error(`the test expects no ${name}`);
        asked.push([name, ...args]);
        return (f as (...a: unknown[]) => unknown)(...args);
      };
    },
  });
  return { api: api as A, asked };
}
