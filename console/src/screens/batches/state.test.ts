import { expect, test } from "vitest";
import { readList as read } from "./routes";
import { changedBy, filtersOf, hasFilters, queryOf } from "./state";

test("an empty address asks for the batches of the latest days", () => {
  expect(queryOf({})).toEqual({
    with_products: false,
    sort_field: "batch_date",
    sort_direction: "DESC",
    limit: 25,
    offset: 0,
  });
  expect(hasFilters({ page: 3 })).toBe(false);
});

test("what the address says is asked for", () => {
  const search = read({ is_closed: "false", shift: "2", sort_field: "batch_date", sort_direction: "ASC", page: "3" });
  expect(queryOf(search)).toEqual({
    with_products: false,
    is_closed: false,
    shift: "2",
    sort_field: "batch_date",
    sort_direction: "ASC",
    limit: 25,
    offset: 50,
  });
});

test("a period of one day is asked for as that day", () => {
  expect(filtersOf({ batch_date_from: "2026-01-01", batch_date_to: "2026-01-01" })).toEqual({
    batch_date: "2026-01-01",
  });
  expect(filtersOf({ batch_date_from: "2026-01-01" })).toEqual({ batch_date_from: "2026-01-01" });
});

test("whether the shift is running is a filter one way only", () => {
  expect(filtersOf(read({ running: "true", shift: "2" }))).toEqual({ running: true, shift: "2" });
  expect(hasFilters(read({ running: "false" }))).toBe(false);
});

test("nonsense in the address does not reach the API", () => {
  const search = read({ with_products: false, sort_field: "password", limit: 5000, page: -2, is_closed: "perhaps" });
  expect(queryOf(search)).toEqual({
    with_products: false,
    sort_field: "batch_date",
    sort_direction: "DESC",
    limit: 100,
    offset: 0,
  });
});

test("another filter begins on the first page", () => {
  expect(changedBy({ page: 4, shift: "1" }, { shift: "2" })).toEqual({ shift: "2" });
  expect(changedBy({ page: 4, shift: "1" }, { shift: undefined })).toEqual({});
});
