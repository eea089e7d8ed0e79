// The last step of `make test`: prints the result of each step, the steps that could not run here, and a last line "N passed, N
// failed". A check without tests (format, vet, …) counts as one test. It exits with 1 unless everything ran and passed; outside CI a
// step that cannot run is listed but does not count as a failure.
import { existsSync, readFileSync } from "node:fs";

const steps = readFileSync(".test/steps", "utf8").trim().split("\n").map((row) => {
  const [name, state, seconds] = row.split(" ");
  return { name, state, seconds };
});

const readers = {
  go: (report) => report,
  contract: (report) => report,
  vitest: (report) => ({ passed: report.numPassedTests, failed: report.numFailedTests, skipped: report.numPendingTests }),
  playwright: ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped }),
};

function counts({ name, state }) {
  for (const [kind, read] of Object.entries(readers)) {
    const file = `.test/${name}.${kind}.json`;
    if (!existsSync(file)) continue;
    const found = read(JSON.parse(readFileSync(file, "utf8")));
    // A runner may fail without a failed test, for example because it crashed. That counts as one failure.
    if (state === "FAILED" && found.failed === 0) found.failed = 1;
    return found;
  }
  return { passed: state === "ok" ? 1 : 0, failed: state === "FAILED" ? 1 : 0, skipped: 0 };
}

const total = { passed: 0, failed: 0 };
console.log("\n══ make test");
for (const step of steps) {
  const { passed, failed, skipped, note } = counts(step);
  total.passed += passed;
  total.failed += failed;
  const detail = passed + failed > 1 ? `${passed} passed${failed ? `, ${failed} failed` : ""}${skipped ? `, ${skipped} skipped` : ""}${note ? `, ${note}` : ""}` : "";
  console.log(`${step.state.padEnd(8)} ${step.name.padEnd(16)} ${`${step.seconds} s`.padStart(6)}  ${detail}`.trimEnd());
}

const missed = steps.filter((step) => step.state === "skipped");
for (const { name } of missed) {
  console.log(`\n!! NOT RUN: ${name}`);
  console.log(readFileSync(`.test/${name}.log`, "utf8").trimEnd());
}
if (missed.length > 0 && process.env.CI) {
  console.log("\nIn CI every step must run.");
  total.failed += missed.length;
}
if (process.argv[2] !== "0" && total.failed === 0) total.failed = 1; // make failed outside of the steps
console.log(`\n${total.passed} passed, ${total.failed} failed${missed.length ? `, ${missed.length} not run` : ""}`);
process.exitCode = total.failed > 0 ? 1 : 0;
