import { expect, test } from "vitest";
import { sharesOf } from "./progress";

const batch = { products_total: 10, aggregated_total: 5, planned_quantity: null as number | null };

test("without a plan the products that are there are the whole", () => {
  expect(sharesOf(batch)).toEqual({ aggregated: 50, added: 50 });
});

test("the plan is the whole until there are more products than planned", () => {
  expect(sharesOf({ ...batch, planned_quantity: 20 })).toEqual({ aggregated: 25, added: 25 });
  expect(sharesOf({ ...batch, planned_quantity: 5 })).toEqual({ aggregated: 50, added: 50 });
});

test("an empty batch has done nothing", () => {
  expect(sharesOf({ products_total: 0, aggregated_total: 0, planned_quantity: null })).toEqual({
    aggregated: 0,
    added: 0,
  });
});
