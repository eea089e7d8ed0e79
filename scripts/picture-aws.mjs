// Draws docs/img/aws.svg, the architecture on AWS: node scripts/picture-aws.mjs [--check]. With --check it fails if the file differs
// from its drawing. The positions of the boxes are given here; those of the arrows are computed.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../docs/img/aws.svg", import.meta.url);

const boxes = {
  browser: { x: 20, y: 168, w: 120, name: "Browser", says: "one origin for all" },
  cdn: { x: 200, y: 168, w: 150, name: "CloudFront", says: "pages, API, socket" },
  bucket: { x: 410, y: 40, w: 150, name: "S3", says: "the web client" },
  files: { x: 620, y: 40, w: 150, name: "S3", says: "files" },
  http: { x: 410, y: 140, w: 150, name: "HTTP API", says: "/api/*" },
  socket: { x: 410, y: 240, w: 150, name: "WebSocket API", says: "/ws" },
  rest: { x: 620, y: 140, w: 150, name: "Lambda rest", says: "commands, reads" },
  socketfn: { x: 620, y: 240, w: 150, name: "Lambda socket", says: "connect, open, ping" },
  fanout: { x: 620, y: 340, w: 150, name: "Lambda fan-out", says: "to whom it concerns" },
  tables: { x: 840, y: 140, w: 160, h: 152, name: "DynamoDB", says: "11 tables" },
  dlq: { x: 840, y: 400, w: 160, name: "SQS", says: "what failed 3 times" },
  clock: { x: 20, y: 440, w: 120, name: "EventBridge", says: "every minute" },
  jobs: { x: 200, y: 440, w: 150, name: "Lambda jobs", says: "probe, deletion" },
  watch: { x: 410, y: 440, w: 150, name: "CloudWatch", says: "logs, alarms, board" },
  topic: { x: 620, y: 440, w: 150, name: "SNS", says: "e-mail, webhook" },
};

// From, to, label, and the intermediate points if the arrow is not straight.
const arrows = [
  ["browser", "cdn", ""],
  ["cdn", "bucket", "", [[380, 188], [380, 66]]],
  ["cdn", "files", "/bodies/*, by signed URLs", [[275, 20], [695, 20]]],
  ["rest", "files", "", [[695, 116]]],
  ["cdn", "http", "", [[380, 188], [380, 166]]],
  ["cdn", "socket", "", [[380, 200], [380, 266]]],
  ["http", "rest", ""],
  ["socket", "socketfn", ""],
  ["rest", "tables", ""],
  ["socketfn", "tables", ""],
  ["tables", "fanout", "stream of messages", [[920, 366]]],
  ["fanout", "socket", "@connections", [[485, 366]]],
  ["fanout", "dlq", "", [[800, 374], [800, 426]]],
  ["clock", "jobs", ""],
  ["jobs", "cdn", "through the public URL", [[275, 440]]],
  ["jobs", "watch", ""],
  ["watch", "topic", ""],
];

const height = (b) => b.h ?? 52;
const middle = (b) => [b.x + b.w / 2, b.y + height(b) / 2];

// The point on a box's edge that faces another point.
function edge(b, [px, py]) {
  const [cx, cy] = middle(b);
  if (px >= b.x && px <= b.x + b.w) return [px, py < cy ? b.y : b.y + height(b)];
  if (py >= b.y && py <= b.y + height(b)) return [px < cx ? b.x : b.x + b.w, py];
  return [px < cx ? b.x : b.x + b.w, cy];
}

function arrow([from, to, label, via = []]) {
  const a = boxes[from], b = boxes[to];
  const straight = via.length === 0;
  let first = via[0] ?? middle(b), last = via.at(-1) ?? middle(a);
  if (straight) {
    const y = Math.max(a.y, b.y) + 26; // horizontal, within the height of both
    first = [b.x, y];
    last = [a.x + a.w, y];
  }
  const points = [edge(a, first), ...via, edge(b, last)];
  const path = points.map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join(" ");
  const longest = points.slice(1).map((p, i) => [points[i], p]).sort((s, t) => length(t) - length(s))[0];
  const flat = longest[0][1] === longest[1][1];
  const [x, y] = [(longest[0][0] + longest[1][0]) / 2, (longest[0][1] + longest[1][1]) / 2];
  const text = label && `<text class="small" x="${flat ? x : x + 8}" y="${flat ? y - 7 : y + 4}" text-anchor="${flat ? "middle" : "start"}">${label}</text>`;
  return `<path class="arrow" d="${path}" marker-end="url(#tip)"/>${text}`;
}

const length = ([[ax, ay], [bx, by]]) => Math.hypot(ax - bx, ay - by);

function box([id, b]) {
  const [x, y] = [b.x + b.w / 2, b.y + height(b) / 2];
  return `<rect class="${id === "browser" ? "outside" : "box"}" x="${b.x}" y="${b.y}" width="${b.w}" height="${height(b)}" rx="8"/>` +
    `<text x="${x}" y="${y - 3}" text-anchor="middle">${b.name}</text><text class="small" x="${x}" y="${y + 15}" text-anchor="middle">${b.says}</text>`;
}

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1020 512" role="img" aria-labelledby="t">
<title id="t">Canteen on AWS: CloudFront serves pages and files from S3 and passes the API and sockets on to Lambda, which keeps everything in DynamoDB, whose stream is announced to the sockets</title>
<style>
  text { font: 600 15px system-ui, sans-serif; fill: #1c2430 }
  .small { font-weight: 400; font-size: 12.5px; fill: #4a5566 }
  .box { fill: #eef3fb; stroke: #5b7db1; stroke-width: 1.5 }
  .outside { fill: #fff7e8; stroke: #b98a2f; stroke-width: 1.5 }
  .arrow { fill: none; stroke: #5a6678; stroke-width: 1.6 }
  #tip path { fill: #5a6678 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6ebf3 }
    .small { fill: #a9b4c4 }
    .box { fill: #1d2a3d; stroke: #7f9fd0 }
    .outside { fill: #33291a; stroke: #d0a557 }
    .arrow { stroke: #93a0b4 }
    #tip path { fill: #93a0b4 }
  }
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z"/></marker></defs>
${arrows.map(arrow).join("\n")}
${Object.entries(boxes).map(box).join("\n")}
</svg>
`;

if (process.argv.includes("--check")) {
  if (readFileSync(file, "utf8") !== svg) {
    console.error("docs/img/aws.svg is out of date: run node scripts/picture-aws.mjs");
    process.exit(1);
  }
} else {
  writeFileSync(file, svg);
}
