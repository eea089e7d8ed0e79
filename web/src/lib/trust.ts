// The server's content security policy allows one Trusted Types policy, which Svelte makes for its compiled templates. The
// worker that keeps time needs a trusted URL too, so that policy is made with one more rule: scripts of this origin's
// /assets, nothing else. To be imported before Svelte.
interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}
interface Rules {
  createHTML?(s: string): string;
  createScriptURL?(s: string): string;
}
interface Types {
  createPolicy(name: string, rules: Rules): Policy;
}

const NAME = "svelte-trusted-html";
const types = (globalThis as { trustedTypes?: Types }).trustedTypes;
let policy: Policy | undefined;

function own(url: string): string {
  const at = new URL(url, location.href);
  if (at.origin !== location.origin || !/^\/(assets|src)\//.test(at.pathname))
    throw new TypeError("not a script of ours");
  return at.href;
}

if (types) {
  const create = types.createPolicy.bind(types);
  types.createPolicy = (name, rules) =>
    name === NAME ? (policy ??= create(name, { ...rules, createScriptURL: own })) : create(name, rules);
}

/** A URL that a worker may be made of. */
export const scriptURL = (url: string): string => policy?.createScriptURL(url) ?? url;

/** A document of this HTML that is not shown: nothing in it runs, and nothing is loaded. */
export const inert = (html: string): Document =>
  new DOMParser().parseFromString(policy?.createHTML(html) ?? html, "text/html");
