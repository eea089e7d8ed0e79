// The end of `make test`: what each step did, what could not run here, and one closing line "N passed, N failed".
// A check without tests of its own (format, vet, …) counts as one test. Exits 1 unless everything ran and passed;
// away from CI a step that cannot run is named and forgiven.
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
    // A runner that failed without a failed test (it crashed, a page did not compile) has still failed.
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
  console.log("\nIn CI every step has to run.");
  total.failed += missed.length;
}
if (process.argv[2] !== "0" && total.failed === 0) total.failed = 1; // make stopped outside of the steps
console.log(`\n${total.passed} passed, ${total.failed} failed${missed.length ? `, ${missed.length} not run` : ""}`);
process.exitCode = total.failed > 0 ? 1 : 0;
