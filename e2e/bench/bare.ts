// A reporter that leaves stdout to what the tests print, so that it is a Markdown table and nothing else.
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class Bare implements Reporter {
  printsToStdio(): boolean {
    return true;
  }
  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }
  onStdErr(chunk: string | Buffer): void {
    process.stderr.write(chunk);
  }
  onTestEnd(test: TestCase, result: TestResult): void {
    for (const e of result.errors) process.stderr.write(`${test.title}: ${e.stack ?? e.message}\n`);
  }
}
