// Rules of markdown-it that its published types leave out.
declare module "markdown-it/lib/rules_inline/escape.mjs" {
  const rule: import("markdown-it/lib/parser_inline.mjs").RuleInline;
  export default rule;
}
declare module "markdown-it/lib/rules_block/table.mjs" {
  const rule: import("markdown-it/lib/parser_block.mjs").RuleBlock;
  export default rule;
}
declare module "markdown-it/lib/rules_block/paragraph.mjs" {
  const rule: import("markdown-it/lib/parser_block.mjs").RuleBlock;
  export default rule;
}
