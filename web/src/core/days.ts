/** Whether two moments lie on the same day, where the reader is. */
export const sameDay = (a: string, b: string): boolean => new Date(a).toDateString() === new Date(b).toDateString();
