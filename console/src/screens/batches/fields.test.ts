import { expect, test } from "vitest";
import { blank, type Fields, problemsOf } from "./fields";

const NOW = new Date("2026-11-29T09:41:00Z");
const full: Fields = {
  ...blank(NOW),
  batch_number: 1001,
  nomenclature: "M8",
  ekn_code: "E-1",
  work_center_id: "0b0e8400-e29b-41d4-a716-446655440000",
  shift: "1",
  team: "A",
  task_description: "make",
};

test("a full form has no problems, with and without a plan", () => {
  expect(problemsOf(full)).toEqual({});
  expect(problemsOf({ ...full, planned_quantity: 10 })).toEqual({});
});

test("everything but the plan has to be filled in, blanks do not count", () => {
  expect(problemsOf({ ...full, team: "  ", batch_number: "", work_center_id: null })).toEqual({
    team: "required",
    batch_number: "required",
    work_center_id: "required",
  });
});

test("a shift ends after it began, numbers are above zero", () => {
  expect(problemsOf({ ...full, shift_end: full.shift_start })).toEqual({ shift_end: "endAfterStart" });
  expect(problemsOf({ ...full, planned_quantity: 0, batch_number: 0 })).toEqual({
    planned_quantity: "positive",
    batch_number: "positive",
  });
});

test("more than the API takes is refused, not changed", () => {
  expect(problemsOf({ ...full, batch_number: 1e15, nomenclature: "ю".repeat(200) })).toEqual({});
  expect(
    problemsOf({
      ...full,
      batch_number: "9".repeat(20),
      planned_quantity: 1_000_001,
      nomenclature: "ю".repeat(201),
      task_description: "x".repeat(10_001),
    }),
  ).toEqual({
    batch_number: "tooLarge",
    planned_quantity: "tooLarge",
    nomenclature: "tooLong",
    task_description: "tooLong",
  });
});

test("a new batch is of today and lasts a shift", () => {
  expect(blank(NOW).shift_start).toBe("2026-11-29T09:00:00.000Z");
  expect(blank(NOW).shift_end).toBe("2026-11-29T17:00:00.000Z");
});
