// A server whose database is broken for a moment, so that what it is asked fails in it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const RENAME = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=10) as db:
    db.execute("ALTER TABLE %s RENAME TO %s" % (sys.argv[2], sys.argv[3]))
`;

/** Takes the messages out of the database in a data directory while something is done. */
export async function broken<T>(dir: string, meanwhile: () => Promise<T>): Promise<T> {
  const rename = (from: string, to: string) =>
    promisify(execFile)("python3", ["-c", RENAME, join(dir, "canteen.db"), from, to]);
  await rename("message", "hidden");
  try {
    return await meanwhile();
  } finally {
    await rename("hidden", "message");
  }
}
