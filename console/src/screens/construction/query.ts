/** The search parameters of the lists, and the requests that follow from them. */
import type { Sort } from "../../ui/table";
import { isSeverity, isStatus } from "./words";

export type View = "sites" | "table" | "board";

export interface Filters {
  readonly site?: string;
  readonly status?: string;
  readonly severity?: string;
  readonly assignee?: string;
  readonly reporter?: string;
  readonly overdue?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly number?: number;
}

export interface Address extends Filters {
  readonly view?: string;
  readonly sort?: string;
  readonly order?: string;
  readonly page?: number;
  readonly size?: number;
}

export const SORTS = ["created_at", "updated_at", "due_date", "severity", "status"] as const;
export const SIZE = 20;

/** The filters of an address as the API names them; what it would not know is left out. */
export function filtersOf(given: Filters) {
  return {
    ...(given.site && { site_id: given.site }),
    ...(isStatus(given.status) && { status: given.status }),
    ...(isSeverity(given.severity) && { severity: given.severity }),
    ...(given.assignee && { assignee_id: given.assignee }),
    ...(given.reporter && { reporter_id: given.reporter }),
    ...(given.overdue && { overdue: true }),
    ...(given.from && { due_from: given.from }),
    ...(given.to && { due_to: given.to }),
    ...(given.number && { number: given.number }),
  };
}

/** The sort of an address; newest first without one. */
export function sortOf(given: Address): Sort & { readonly field: (typeof SORTS)[number] } {
  const field = SORTS.find((one) => one === given.sort) ?? "created_at";
  return { field, direction: given.order === "asc" ? "asc" : "desc" };
}

/** The query of the page that an address names. */
export function pageOf(given: Address) {
  const { field, direction } = sortOf(given);
  const size = Math.min(Math.max(given.size ?? SIZE, 1), 100);
  return {
    ...filtersOf(given),
    sort_field: field,
    sort_direction: direction === "asc" ? ("ASC" as const) : ("DESC" as const),
    limit: size,
    offset: (Math.max(given.page ?? 1, 1) - 1) * size,
  };
}

/** How many filters an address has. */
export const countOf = (given: Filters) => Object.keys(filtersOf(given)).length;
