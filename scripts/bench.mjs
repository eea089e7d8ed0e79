// Reads the output of `go test -bench ./internal/bench` on stdin and prints it as Markdown, each figure with its ratio to a baseline.
import { createInterface } from "node:readline";

// Benchmark, description, unit, and the benchmark that is the baseline. CPU is the process's time on all processors.
const figures = [
  ["Commit", "bare commit of one row, sequential", "per-s"],
  ["StorePost/in-flight=1", "durable post to the store, 1 in flight", "per-s", "Commit"],
  ["StorePost/in-flight=8", "… 8 in flight", "per-s", "Commit"],
  ["StorePost/in-flight=64", "… 64 in flight", "per-s", "Commit"],
  ["Post/in-flight=1", "durable post by HTTP, 1 in flight", "per-s", "Commit"],
  ["Post/in-flight=8", "… 8 in flight", "per-s", "Commit"],
  ["Post/in-flight=64", "… 64 in flight", "per-s", "Commit"],
  ["Unmeasured/in-flight=64", "… 64 in flight, without metrics", "per-s", "Post/in-flight=64"],
  ["ShippedPost/in-flight=1", "the same with changes shipped, 1 in flight", "per-s", "Post/in-flight=1"],
  ["ShippedPost/in-flight=8", "… 8 in flight", "per-s", "Post/in-flight=8"],
  ["ShippedPost/in-flight=64", "… 64 in flight", "per-s", "Post/in-flight=64"],
  ["Write/sockets=100", "bare write(2) to 100 sockets", "cpu-µs/delivery"],
  ["Fanout/sockets=100", "fan-out of a post to 100 sockets", "cpu-µs/delivery", "Write/sockets=100"],
  ["Write/sockets=1000", "bare write(2) to 1,000 sockets", "cpu-µs/delivery"],
  ["Fanout/sockets=1000", "fan-out of a post to 1,000 sockets", "cpu-µs/delivery", "Write/sockets=1000"],
  ["Idle", "memory of an idle connection, of 5,000", "kB/connection"],
  ["Page/floor=workspace", "HTTP request that reads one row", "ns/op"],
  ["Page/page=latest", "latest 50 of 100,000 messages by HTTP", "ns/op", "Page/floor=workspace"],
  ["Page/page=middle", "50 around the middle", "ns/op", "Page/page=latest"],
  ["Page/page=before", "50 before the middle", "ns/op", "Page/page=latest"],
  ["Rooms/rooms=20", "room list of a user in 20 rooms", "ns/op"],
  ["Rooms/rooms=3000", "room list of a user in 3,000 rooms", "ns/op", "Rooms/rooms=20"],
  ["Threads", "list of 10,000 followed threads, 1,000 of them unread", "ns/op"],
  ["Start/floor=version", "`canteen version`", "ns/op"],
  ["Start/messages=100000", "start to first answer, 100,000 messages", "ns/op", "Start/floor=version"],
];

const runs = new Map(); // name → unit → values
for await (const line of createInterface({ input: process.stdin })) {
  const [, name, rest] = /^Benchmark(\S+?)-\d+\s+\d+\s+(.*)$/.exec(line) ?? [];
  if (!name) {
    if (/^(---|FAIL|panic|\s)/.test(line)) console.error(line);
    if (line === "FAIL") process.exitCode = 1;
    continue;
  }
  const of = runs.get(name) ?? runs.set(name, new Map()).get(name);
  for (const [, value, unit] of rest.matchAll(/(\S+) (\S+)/g)) of.set(unit, [...(of.get(unit) ?? []), Number(value)]);
}

function median(name, unit) {
  const values = [...(runs.get(name)?.get(unit) ?? [])].sort((a, b) => a - b);
  if (values.length === 0) throw new Error(`no ${unit} of ${name}`);
  return values[Math.floor(values.length / 2)];
}

function format(value, unit) {
  switch (unit) {
    case "per-s": return `${Math.round(value).toLocaleString("en")}/s`;
    case "ns/op": return `${(value / 1e6).toFixed(2)} ms`;
    case "kB/connection": return `${value.toFixed(1)} kB`;
    default: return `${value.toFixed(1)} µs`;
  }
}

console.log("| | figure | CPU per operation | ratio to baseline |\n|---|--:|--:|--:|");
for (const [name, what, unit, baseline] of figures) {
  const value = median(name, unit);
  const cpu = runs.get(name).has("cpu-µs/op") ? `${median(name, "cpu-µs/op").toFixed(0)} µs` : "";
  const ratio = baseline ? `${(value / median(baseline, unit)).toFixed(2)} ×` : "";
  console.log(`| ${what} | ${format(value, unit)} | ${cpu} | ${ratio} |`);
}
