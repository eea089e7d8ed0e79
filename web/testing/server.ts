// For tests of the store: a server whose answers the test chooses. A command that the test does not expect fails it.
import type * as Api from "../src/net/api";

export type Server = { [K in keyof typeof Api]?: unknown };

/** The API with these commands, and a log of what was asked. */
export function serverOf(commands: Server): { api: typeof Api; asked: [string, ...unknown[]][] } {
  const asked: [string, ...unknown[]][] = [];
  const api = new Proxy(commands, {
    get(all, name: keyof typeof Api) {
      const f = all[name];
      return (...args: unknown[]) => {
        if (typeof f !== "function") throw new Error(`the test expects no ${name}`);
        asked.push([name, ...args]);
        return (f as (...a: unknown[]) => unknown)(...args);
      };
    },
  });
  return { api: api as typeof Api, asked };
}
