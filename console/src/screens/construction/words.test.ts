import { expect, test } from "vitest";
import { steps } from "./words";

test("steps are those the API allows; what goes forward comes first", () => {
  const found = steps({ status: "fixed", allowed_moves: ["reopened", "verified", "rejected"], can_assign: false });
  expect(found).toEqual([
    { to: "verified", asks: false },
    { to: "reopened", asks: true },
    { to: "rejected", asks: true },
  ]);
});

test("who may assign takes a new defect to the assigned ones by a name", () => {
  const found = steps({ status: "new", allowed_moves: ["rejected"], can_assign: true });
  expect(found[0]).toEqual({ to: "assigned", asks: true });
});

test("assigning is no step where a plain one leads there, or where it is already", () => {
  const back = steps({ status: "in_progress", allowed_moves: ["assigned"], can_assign: true });
  expect(back).toEqual([{ to: "assigned", asks: false }]);
  expect(steps({ status: "assigned", allowed_moves: [], can_assign: true })).toEqual([]);
});

test("who may do nothing is offered nothing", () => {
  expect(steps({ status: "new", allowed_moves: [], can_assign: false })).toEqual([]);
});
