// The audit log. It is loaded with the dialog that shows it.
import type * as wire from "../wire/types";
import { get, query } from "./api";

type Search = Record<string, string | undefined>;

export const audit = (s: Search, cursor?: string) => get<wire.AuditLog>(`/audit?${query({ ...s, limit: 50, cursor })}`);

/** Where the file of a search is. */
export const exported = (s: Search, format: "csv" | "jsonl") => `/api/v1/audit/export?${query({ ...s, format })}`;
