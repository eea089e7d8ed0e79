// Why the server refused what a form sent, and where the form says so.

export interface Refusal {
  /** The field that is to blame, if there is one. */
  readonly field: string;
  readonly text: string;
}

export const ALL_IS_WELL: Refusal = { field: "", text: "" };

/** What is said beside a field. */
export const beside = (r: Refusal, field: string): string => (r.field === field ? r.text : "");

/** What is said below a form with these fields: a refusal for which none of them is to blame. */
export const below = (r: Refusal, fields: readonly string[]): string => (fields.includes(r.field) ? "" : r.text);
