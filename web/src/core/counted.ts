/** A number and what it counts: "1 reply", "2 replies". Every plural is made here. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
