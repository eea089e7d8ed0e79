/** The words that go with a number that is not said: "is" or "are". Every plural is made in this file. */
export const agreeing = (n: number, one: string, many: string): string => (n === 1 ? one : many);

/** A number and what it counts: "1 reply", "2 replies". */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${agreeing(n, one, many)}`;
