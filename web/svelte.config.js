import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/** `<style src="./Name.css">`: the style stands in a file beside its component, and Svelte scopes it as if it stood inside. */
const styleFile = {
  name: "style-file",
  async style({ attributes, filename }) {
    if (typeof attributes.src !== "string") return undefined;
    const file = join(dirname(filename), attributes.src);
    const { src: _, ...rest } = attributes;
    return { code: await readFile(file, "utf8"), attributes: rest, dependencies: [file] };
  },
};

/** Lucide's icons as fixed drawings of a size and a fill: their own component builds each at run time, of anything one could pass. */
const icon = {
  name: "icon",
  markup({ content, filename }) {
    if (!/@lucide\/svelte\/dist\/icons\/[^/]+\.svelte$/.test(filename)) return undefined;
    const { node } = JSON.parse(/const iconData = (.*);/.exec(content)[1]);
    const attributes = (all) => Object.entries(all).map(([name, value]) => ` ${name}="${value}"`);
    // Its lines are one path, since each element costs time in a page of three hundred messages. In it a line that starts with a relative
    // place would start from the end of the one before.
    const joins = ([tag, { key: _, d, ...more }]) => tag === "path" && !Object.keys(more).length && d;
    const d = node
      .map(joins)
      .filter(Boolean)
      .map((d) => d.replace(/^m/, "M0 0m"))
      .join("");
    const others = node.filter((n) => !joins(n));
    const lines = [...others, ...(d ? [["path", { d }]] : [])]
      .map(([tag, all]) => `<${tag}${attributes(all).join("")} />`)
      .join("");
    const stroke = `stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"`;
    return {
      code: `<script>let { size = 24, fill = "none" } = $props();</script>
        <svg viewBox="0 0 24 24" width={size} height={size} {fill} ${stroke} aria-hidden="true">${lines}</svg>`,
    };
  },
};

export default { compilerOptions: { runes: true }, preprocess: [icon, styleFile, vitePreprocess()] };
