// What is drawn of a message, as lines that a test can compare and a person can read: who sends it, its text with marks like those of
// Markdown, and of each card the colour of its edge, the title, fields as they stand in rows, pictures, footer and buttons with where they
// lead.
import type { Locator } from "@playwright/test";

/** The lines of a row of the timeline. Fields that stand beside each other are in one line, with a bar between them. */
export async function drawn(row: Locator): Promise<string[]> {
  return await row.evaluate((row) => {
    const MARKS: Record<string, string> = { STRONG: "**", B: "**", EM: "_", I: "_", DEL: "~~", S: "~~", CODE: "`" };
    const BLOCKS = new Set(["P", "DIV", "LI", "UL", "OL", "BLOCKQUOTE", "PRE", "DD"]);

    function inline(of: Node): string {
      if (of instanceof Text) return of.data;
      if (!(of instanceof Element) || getComputedStyle(of).display === "none") return "";
      if (of instanceof HTMLImageElement) return of.alt;
      if (of.tagName === "BR") return "\n";
      const text = [...of.childNodes].map(inline).join("");
      if (of instanceof HTMLAnchorElement) return `${text.trim()} <${of.getAttribute("href")}>`;
      const mark = text && !of.querySelector("pre") && !of.closest("pre") ? (MARKS[of.tagName] ?? "") : "";
      return mark + text + mark;
    }

    /** The lines of a formatted text; what is quoted, listed or code begins with a sign of that. */
    function lines(of: Element, sign = ""): string[] {
      if (of.matches(".hidden")) return [];
      if (of.tagName === "PRE")
        return ["```", ...(of.textContent ?? "").trimEnd().split("\n"), "```"].map((l) => sign + l);
      const mine = of.tagName === "BLOCKQUOTE" ? `${sign}> ` : of.tagName === "LI" ? `${sign}- ` : sign;
      if (![...of.children].some((c) => BLOCKS.has(c.tagName)))
        return inline(of).trim() === ""
          ? []
          : inline(of)
              .trim()
              .split("\n")
              .map((l) => (mine + l).trimEnd());
      const out: string[] = [];
      let loose = "";
      const flush = () => {
        if (loose.trim())
          out.push(
            ...loose
              .trim()
              .split("\n")
              .map((l) => (mine + l).trimEnd()),
          );
        loose = "";
      };
      for (const c of of.childNodes) {
        if (c instanceof Element && BLOCKS.has(c.tagName)) {
          flush();
          out.push(...lines(c, mine));
        } else loose += inline(c);
      }
      flush();
      return out;
    }

    const hex = (color: string) =>
      `#${(color.match(/[\d.]+/g) ?? [])
        .slice(0, 3)
        .map((n) => Math.round(Number(n)).toString(16).padStart(2, "0"))
        .join("")}`;
    const words = (e: Element) => inline(e).replace(/\s+/g, " ").trim();

    function fieldRows(list: Element): string[] {
      const out: { top: number; of: string[] }[] = [];
      for (const f of list.children) {
        const [first] = f.children;
        const title = f.querySelector("dt"),
          value = f.querySelector("dd");
        const says = [title && words(title), value && lines(value).join(" / ")].filter(Boolean).join(": ");
        const top = Math.round(first?.getBoundingClientRect().top ?? 0),
          last = out.at(-1);
        if (last && Math.abs(last.top - top) < 6) last.of.push(says);
        else out.push({ top, of: [says] });
      }
      return out.map((r) => `  field ${r.of.join(" | ")}`);
    }

    function picture(img: HTMLImageElement): string {
      const { width, height } = img.getBoundingClientRect(),
        there = img.complete && img.naturalWidth > 0;
      const kind = img.classList.contains("small") ? "small picture" : "picture";
      return `  ${kind} ${Math.round(width)}×${Math.round(height)} "${img.alt}"${there ? "" : " is missing"}`;
    }

    function part(e: Element): string[] {
      const time = e.querySelector("time");
      if (e instanceof HTMLImageElement) return [picture(e)];
      if (e.tagName === "DL") return fieldRows(e);
      if (e.tagName === "UL") return [...e.children].map((b) => `  button ${words(b)}`);
      if (e.matches(".said")) return lines(e).map((l) => `  | ${l}`);
      const says = time ? words(e).replace(words(time), time.dateTime) : words(e);
      return [`  ${e.matches(".title") ? "title" : e.matches(".about") ? "about" : "link"} ${says}`];
    }

    const header = row.querySelector("header")!;
    const who = [...header.children]
      .filter((e) => !e.querySelector("time"))
      .map((e) =>
        inline(e)
          .trim()
          .replace(/^\*\*|\*\*$/g, ""),
      );
    const out = [who.join(" · ")];
    for (const text of row.querySelectorAll(":scope > .body > .text")) out.push(...lines(text).map((l) => `| ${l}`));
    for (const card of row.querySelectorAll(".cards > .card")) {
      const style = getComputedStyle(card);
      out.push(card.getAttribute("style")?.includes("--edge") ? `card ${hex(style.borderInlineStartColor)}` : "card");
      for (const e of card.children) out.push(...part(e));
    }
    return out;
  });
}

/** What of a row sticks out of the page or of its card. */
export async function sticksOut(row: Locator): Promise<string[]> {
  return await row.evaluate((row) => {
    const out: string[] = [],
      wide = document.documentElement.clientWidth;
    for (const card of row.querySelectorAll(".cards > .card")) {
      const of = card.getBoundingClientRect();
      if (of.right > wide || of.left < 0) out.push(`a card of ${Math.round(of.left)} to ${Math.round(of.right)}`);
      for (const e of card.querySelectorAll("p, dt, dd, li, img, .said")) {
        const at = e.getBoundingClientRect();
        if (at.right > of.right + 0.5 || at.left < of.left - 0.5)
          out.push(`${e.tagName} "${e.textContent?.slice(0, 40)}"`);
      }
    }
    return out;
  });
}
