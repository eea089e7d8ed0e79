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

export default { preprocess: [styleFile, vitePreprocess()] };
