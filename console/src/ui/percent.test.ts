import { expect, test } from "vitest";
import { percentOf } from "./percent";

test("a percentage is rounded, not cut", () => {
  expect(percentOf(5, 28)).toBe(17.9);
  expect(percentOf(1, 3)).toBe(33.3);
  expect(percentOf(6, 5)).toBe(120);
});

test("it is 100 only when all is done, and 0 only when nothing is", () => {
  expect(percentOf(99_999, 100_000)).toBe(99.9);
  expect(percentOf(100_000, 100_000)).toBe(100);
  expect(percentOf(1, 100_000)).toBe(0.1);
  expect(percentOf(0, 5)).toBe(0);
  expect(percentOf(0, 0)).toBe(0);
});
