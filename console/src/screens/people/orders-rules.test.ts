import { expect, test } from "vitest";
import { amountOf, periodOf, sent } from "./orders-rules";

test("the sum of an order is exact to the kopeck", () => {
  expect(amountOf([{ product: "Болт", quantity: 3, price: 0.1 }])).toBe(0.3);
  expect(
    amountOf([
      { product: "Болт", quantity: 10_000, price: 1_000_000 },
      { product: "Гайка", quantity: 1, price: 19.99 },
    ]),
  ).toBe(10_000_000_019.99);
});

test("a line that is not filled in counts nothing; numbers are sent as numbers", () => {
  expect(amountOf([{ product: "", quantity: "", price: "" }])).toBe(0);
  expect(sent([{ product: " Болт ", quantity: "2", price: "0.5" }])).toEqual([
    { product: "Болт", quantity: 2, price: 0.5 },
  ]);
});

test("a period of days goes from its first to its last moment in the zone of the browser", () => {
  const { created_from, created_to } = periodOf("2026-11-01", "2026-11-01");
  expect(new Date(created_to ?? "").getTime() - new Date(created_from ?? "").getTime()).toBe(86_400_000 - 1);
  expect(periodOf(undefined, undefined)).toEqual({});
});
