// Reads `go test -json` on stdin. Prints the output of plain `go test` (a line for each package, the output of failed tests), and
// writes the counts for tally.mjs to the file named by the first argument.
import { createInterface } from "node:readline";
import { writeFileSync } from "node:fs";

const counts = { passed: 0, failed: 0, skipped: 0 };
const output = new Map();

for await (const line of createInterface({ input: process.stdin })) {
  if (!line.startsWith("{")) {
    console.log(line);
    continue;
  }
  const event = JSON.parse(line);
  const key = `${event.Package ?? event.ImportPath} ${event.Test ?? ""}`;
  switch (event.Action) {
    case "output":
    case "build-output":
      output.set(key, (output.get(key) ?? "") + event.Output);
      break;
    case "pass":
    case "fail":
    case "skip":
      settle(event, output.get(key) ?? "");
      output.delete(key);
      break;
    case "build-fail":
      process.stdout.write(output.get(key) ?? "");
      break;
  }
}
writeFileSync(process.argv[2], JSON.stringify(counts));

function settle(event, text) {
  if (event.Test) {
    counts[{ pass: "passed", fail: "failed", skip: "skipped" }[event.Action]]++;
    if (event.Action === "fail") process.stdout.write(text);
    return;
  }
  // A package that does not compile has no tests to count; it counts as one failure.
  if (event.FailedBuild) counts.failed++;
  const closing = text.split("\n").filter((row) => /^(ok|FAIL|\?|panic|---|\s)/.test(row) && row !== "FAIL");
  process.stdout.write(event.Action === "fail" ? text : closing.join("\n") + "\n");
}
