import { expect, test } from "vitest";
import { countOf, filtersOf, pageOf } from "./query";

test("what the API does not know is left out", () => {
  expect(filtersOf({ status: "lost", severity: "high", overdue: false })).toEqual({ severity: "high" });
  expect(pageOf({ sort: "title", order: "asc", page: -2, size: 5000 })).toMatchObject({
    sort_field: "created_at",
    offset: 0,
    limit: 100,
  });
});

test("every filter of the address is asked for by the API's name", () => {
  const given = { site: "s", status: "new", assignee: "a", reporter: "r", overdue: true, number: 7 };
  const days = { from: "2026-01-01", to: "2026-02-01" };
  expect(filtersOf({ ...given, ...days })).toEqual({
    site_id: "s",
    status: "new",
    assignee_id: "a",
    reporter_id: "r",
    overdue: true,
    number: 7,
    due_from: "2026-01-01",
    due_to: "2026-02-01",
  });
  expect(countOf({ ...given, ...days })).toBe(8);
  expect(countOf({})).toBe(0);
});

test("a page is an offset", () => {
  expect(pageOf({ page: 3, size: 50, sort: "due_date", order: "asc" })).toEqual({
    sort_field: "due_date",
    sort_direction: "ASC",
    limit: 50,
    offset: 100,
  });
});
