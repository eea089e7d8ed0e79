// What markdown-it takes from two packages that would be half of its size. Messages have no HTML entities, and the browser knows
// Unicode's classes. vite.config.ts puts this file in the place of `entities` and `uc.micro`.
export const decodeHTML = (s: string): string => s;
export const decodeHTMLStrict = decodeHTML;
export const P = /\p{P}/u;
export const S = /\p{S}/u;
