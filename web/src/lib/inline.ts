// The words of a line of a message, as elements. They are made here, since the blocks and loops of a component leave nodes of their own for
// each piece of a line, and switching rooms costs time for each node of the page.
import type { Inline } from "./markdown";
import type { Run } from "./mentions";

/** What a line needs to know of the workspace. */
export interface Around {
  runs: (text: string) => readonly Run[];
  /** Somebody whom I see. */
  person: (id: string) => { name: readonly Run[]; handle: string; me: boolean } | undefined;
  onperson: (id: string, beside: Element) => void;
  pathTo: (room: string) => string;
  onroom: (e: MouseEvent, path: string) => void;
}

type Names = "a" | "bdi" | "button" | "code" | "del" | "em" | "img" | "small" | "span" | "strong";

function element<N extends Names>(
  name: N,
  props: Partial<HTMLElementTagNameMap[N]>,
  ...of: readonly (Node | string)[]
): HTMLElementTagNameMap[N] {
  const e = Object.assign(document.createElement(name), props);
  e.append(...of);
  return e;
}

/** Letters without a space are split where as many follow. */
const unbroken = /[!-~]{200}(?=[!-~]{200})/g,
  marks = /[()[\]{}<>,\\]/g;
/** Text of any kind is split after white space. */
const stretch = /[^]{300}\S*\s?/g;

/**
 * Where marks and letters are mixed for thousands of characters without a space, browsers take seconds to find where a line may end; in a
 * long text of emoji too, with spaces as well.
 */
function breakable(text: string, at = unbroken): (Node | string)[] {
  if (text.length < 400) return [text];
  const out: (Node | string)[] = [];
  let from = 0;
  for (const { index, 0: part } of text.matchAll(at)) {
    if (at === unbroken && (part.match(marks)?.length ?? 0) < part.length / 10) continue;
    if (index + part.length === text.length) break;
    out.push(text.slice(from, (from = index + part.length)), document.createElement("wbr"));
  }
  return [...out, text.slice(from)];
}

function drawn(r: Run, around: Around): Node | string {
  switch (r.t) {
    case "text":
      return r.text;
    case "emoji":
      return element("span", { className: "emoji" }, r.text);
    case "custom":
      return element("img", { className: "emoji", src: r.src, alt: r.text, title: r.text });
    case "broadcast":
      return element("span", { className: "inline at me" }, r.text);
    case "room": {
      const path = around.pathTo(r.id),
        a = element("a", { className: "inline at" }, "#", element("bdi", {}, r.text.slice(1)));
      a.setAttribute("href", path);
      a.onclick = (e) => around.onroom(e, path);
      return a;
    }
    case "mention": {
      const who = around.person(r.id);
      if (!who) return r.text;
      const name = element("bdi", {}, ...who.name.map((n) => drawn(n, around))),
        className = who.me ? "inline at me" : "inline at",
        b = element("button", { type: "button", className, title: `@${who.handle}` }, "@", name);
      b.setAttribute("aria-haspopup", "dialog");
      b.onclick = () => around.onperson(r.id, b);
      return b;
    }
  }
}

/** A line, element by element. An address inside a link stands as it was written. */
export function inline(of: readonly Inline[], around: Around): (Node | string)[] {
  return of.flatMap((t): (Node | string)[] => {
    switch (t.t) {
      case "text":
        return around.runs(t.text).flatMap((r) => (r.t === "text" ? breakable(r.text) : [drawn(r, around)]));
      case "url":
        return breakable(t.text, stretch).flatMap((p) => (typeof p === "string" ? breakable(p) : p));
      case "code":
        return [element("code", { className: "inline" }, ...breakable(t.text))];
      case "strong":
      case "em":
      case "del":
        return [element(t.t, { className: "inline" }, ...inline(t.of, around))];
      case "link": {
        const a = element("a", { target: "_blank", rel: "noopener noreferrer nofollow" }, ...inline(t.of, around));
        a.setAttribute("href", t.href);
        return t.to ? [a, element("small", {}, element("bdi", {}, `\u00A0(${t.to})`))] : [a];
      }
    }
  });
}

/** Where nodes are put in one by one, browsers look each time in which direction the text of the element runs. */
const MANY = 50;

/** Puts a line before what an element has; what it returns takes it away. */
export function put(e: Element, of: readonly Inline[], around: Around): () => void {
  const line = inline(of, around),
    nodes =
      line.length > MANY ? [element("span", {}, ...line)] : line.map((n) => (typeof n === "string" ? new Text(n) : n));
  e.prepend(...nodes);
  return () => nodes.forEach((n) => (n as ChildNode).remove());
}
