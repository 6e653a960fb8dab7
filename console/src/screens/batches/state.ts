/** The request of the list, from the search parameters. */
import type { paths } from "../../api/schema";
import type { Sort } from "../../ui/table";
import type { readList } from "./routes";

export type ListSearch = ReturnType<typeof readList>;
export type ListQuery = NonNullable<paths["/api/batches"]["get"]["parameters"]["query"]>;
type SortField = NonNullable<ListQuery["sort_field"]>;

export const SIZE = 25;
export const SORTS: readonly SortField[] = [
  "batch_number",
  "batch_date",
  "shift",
  "team",
  "is_closed",
  "created_at",
  "updated_at",
];
const FILTERS = ["is_closed", "batch_number", "work_center_id", "shift"] as const;
const DAYS = ["batch_date", "batch_date_from", "batch_date_to"] as const;
type Filter = (typeof FILTERS)[number] | (typeof DAYS)[number] | "running";

/** The filters; a period of one day is sent as that day, which has an index. */
export function filtersOf(search: ListSearch) {
  const from = search.batch_date ?? search.batch_date_from;
  const to = search.batch_date ?? search.batch_date_to;
  const days = from && from === to ? { batch_date: from } : { batch_date_from: from, batch_date_to: to };
  const rest = Object.fromEntries(FILTERS.map((name) => [name, search[name]]));
  const running = search.running || undefined; // the opposite is no filter
  return withoutMissing({ ...rest, ...days, running }) as Pick<ListQuery, Filter>;
}

export const hasFilters = (search: ListSearch) => Object.keys(filtersOf(search)).length > 0;

/** The latest day first, unless the address says otherwise. */
export function sortOf(search: ListSearch): Sort & { readonly field: SortField } {
  const field = SORTS.find((one) => one === search.sort_field) ?? "batch_date";
  return { field, direction: search.sort_direction === "ASC" ? "asc" : "desc" };
}

export function pageOf(search: { readonly page?: number; readonly limit?: number }) {
  const size = Math.min(100, Math.max(1, Math.trunc(search.limit ?? SIZE)));
  return { page: Math.max(1, Math.trunc(search.page ?? 1)), size };
}

/** The request that a list in this state sends. */
export function queryOf(search: ListSearch): ListQuery {
  const { field, direction } = sortOf(search);
  const { page, size } = pageOf(search);
  return {
    ...filtersOf(search),
    with_products: false,
    sort_field: field,
    sort_direction: direction === "asc" ? "ASC" : "DESC",
    limit: size,
    offset: (page - 1) * size,
  };
}

/** The state after a change of filters or sorting: on the first page again. */
export const changedBy = (search: ListSearch, change: ListSearch): ListSearch =>
  withoutMissing({ ...search, page: undefined, ...change }) as ListSearch;

function withoutMissing(values: Record<string, unknown>) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}
