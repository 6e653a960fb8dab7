import dayjs from "dayjs";
import { expect, test } from "vitest";
import { expected, lastDays, paceOf, passed, type RunningBatch, rangeOf, runningAt, share, troubles } from "./rules";

const shift = { start: "2026-03-01T08:00:00Z", end: "2026-03-01T16:00:00Z" };
const batch = (planned: number | null, range = shift): RunningBatch => ({
  uuid: "b",
  batch_number: 1,
  batch_date: "2026-03-01",
  nomenclature: "x",
  team: "x",
  is_closed: false,
  planned_quantity: planned,
  products_total: 0,
  aggregated_total: 0,
  shift_time_range: range,
});
const total = (planned: number | null, made: number) => ({
  batches: 1,
  open_batches: 1,
  planned,
  made_of_planned: made,
  products: made,
  aggregated: 0,
  aggregation_rate: 0,
});

test("two weeks end today", () => {
  expect(lastDays(dayjs("2026-03-05T23:59"))).toEqual({ from: "2026-02-20", to: "2026-03-05" });
});

test("the part of a shift that has passed lies between nothing and all", () => {
  expect(passed(shift, new Date("2026-03-01T10:00:00Z"))).toBe(0.25);
  expect(passed(shift, new Date("2026-03-01T07:00:00Z"))).toBe(0);
  expect(passed(shift, new Date("2026-03-02T07:00:00Z"))).toBe(1);
});

test("even work makes of each plan what its own shift has passed of", () => {
  const short = { start: "2026-03-01T09:00:00Z", end: "2026-03-01T11:00:00Z" };
  const at = new Date("2026-03-01T10:00:00Z");
  expect(expected([batch(40), batch(10, short), batch(null)], at)).toBe(15);
  expect(expected([batch(null)], at)).toBeUndefined();
});

test("a twentieth of the plan to this side or that is on schedule", () => {
  expect(paceOf(total(100, 45), 50)).toEqual({ is: "even", by: -5 });
  expect(paceOf(total(100, 44), 50)).toEqual({ is: "behind", by: 6 });
  expect(paceOf(total(100, 56), 50)).toEqual({ is: "ahead", by: 6 });
  expect(paceOf(total(4, 1), 2)).toEqual({ is: "even", by: -1 });
  expect(paceOf(total(100, 101), 50)).toEqual({ is: "done", by: 51 });
  expect(paceOf(total(null, 5), undefined)).toBeUndefined();
});

test("a share is of something, and at most all of it", () => {
  expect(share(1, 4)).toBe(25);
  expect(share(5, 4)).toBe(100);
  expect(share(1, 0)).toBe(0);
  expect(share(1, null)).toBe(0);
});

test("behind a number are the batches of its work centre and shift", () => {
  expect(runningAt()).toEqual({ running: true });
  expect(runningAt("w", "2")).toEqual({ running: true, work_center_id: "w", shift: "2" });
  expect(runningAt("w", undefined, true)).toEqual({ running: true, work_center_id: "w", is_closed: false });
});

test("a shift goes from its first start to its last end", () => {
  const later = { start: "2026-03-01T10:00:00Z", end: "2026-03-01T20:00:00Z" };
  const range = rangeOf({ shift: "1", total: total(null, 0), batches: [batch(1, later), batch(1)] });
  expect(range).toEqual({ start: shift.start, end: later.end });
});

test("trouble is counted as far as one may see it", () => {
  const none = { failed_imports: null, overdue_defects: null, webhooks: null, failed_tasks: null };
  expect(troubles(none)).toBeUndefined();
  expect(
    troubles({
      ...none,
      webhooks: { disabled: 1, failing: 2, items: [] },
      failed_tasks: { total: 3, at_least: false, items: [] },
    }),
  ).toBe(6);
});
