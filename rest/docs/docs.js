// The page behind /api/docs: reads the description and lists it. Text goes in by textContent alone.
const el = (tag, text, ...children) => {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  e.append(...children);
  return e;
};
const find = document.getElementById("find");
const list = document.getElementById("operations");

const name = (s) => s?.$ref?.split("/").pop();
const shape = (s) => {
  if (!s) return "";
  if (s.$ref) return name(s);
  const type = Array.isArray(s.type) ? s.type.join(" | ") : s.type;
  if (type === "array") return `[${shape(s.items)}]`;
  return s.enum ? s.enum.map((v) => JSON.stringify(v)).join(" | ") : (type ?? "any");
};
const table = (rows) => el("table", "", ...rows.map((r) => el("tr", "", ...r.map((c) => el("td", "", el("code", c))))));

function fields(api, schema) {
  const s = schema?.$ref ? api.components.schemas[name(schema)] : schema;
  if (!s?.properties) return el("p", shape(schema) || "nothing");
  const rows = Object.entries(s.properties).map(([k, v]) => [
    k + (s.required?.includes(k) ? "" : "?"), shape(v), v.description ?? "",
  ]);
  return table(rows);
}

function operation(api, method, path, op) {
  const details = el("details", "", el("summary", "", el("b", method.toUpperCase()), el("code", path), op.summary ?? ""));
  details.addEventListener("toggle", () => {
    if (details.childElementCount > 1) return;
    const inside = el("div");
    if (op.parameters?.length) {
      inside.append(el("h4", "Parameters"), table(op.parameters.map((p) => [p.name, p.in, shape(p.schema), p.description ?? ""])));
    }
    const body = op.requestBody?.content?.["application/json"]?.schema;
    if (body) inside.append(el("h4", `Body ${name(body) ?? ""}`), fields(api, body));
    for (const [status, r] of Object.entries(op.responses ?? {}).filter(([s]) => s < "300")) {
      const out = r.content?.["application/json"]?.schema;
      inside.append(el("h4", `${status} ${name(out) ?? ""}`), out ? fields(api, out) : el("p", r.description ?? ""));
    }
    details.append(inside);
  });
  details.dataset.find = `${method} ${path} ${op.summary}`.toLowerCase();
  return details;
}

function show(api) {
  document.getElementById("about").textContent = api.info.description.replace(/([^\n])\n(?!\n)/g, "$1 ");
  list.replaceChildren();
  const groups = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags?.[0] ?? "other";
      if (!groups.has(tag)) groups.set(tag, el("section", "", el("h2", tag)));
      groups.get(tag).append(operation(api, method, path, op));
    }
  }
  const shapes = el("section", "", el("h2", "Shapes"));
  for (const [k, s] of Object.entries(api.components.schemas)) {
    const d = el("details", "", el("summary", "", el("code", k), s.description ?? ""), el("div", "", fields(api, s)));
    d.dataset.find = k.toLowerCase();
    shapes.append(d);
  }
  list.append(...groups.values(), shapes);
}

find.addEventListener("input", () => {
  for (const d of list.querySelectorAll("details")) d.hidden = !d.dataset.find.includes(find.value.toLowerCase());
});

fetch("/api/openapi.json").then((r) => r.json()).then(show).catch(() => { list.textContent = "The description could not be loaded. Reload the page."; });
