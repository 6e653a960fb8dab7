import { expect, test } from "vitest";
import { dataOf, type LoggedEvent, stepsOf } from "./history";

const event = (id: string, name: string, data: Record<string, unknown> = {}): LoggedEvent => ({
  id,
  name,
  data,
  occurred_at: "2026-11-29T09:00:00Z",
  sent_at: null,
});

test("products that were added one after the other are one step", () => {
  const events = [
    event("5", "batch.closed"),
    event("4", "batch.product_added"),
    event("3", "batch.product_added"),
    event("2", "batch.product_removed"),
    event("1", "batch.product_added"),
  ];
  expect(stepsOf(events).map((step) => [step.id, step.kind, step.events.length])).toEqual([
    ["5", "batch.closed", 1],
    ["4", "batch.product_added", 2],
    ["2", "batch.product_removed", 1],
    ["1", "batch.product_added", 1],
  ]);
});

test("closing twice is two steps", () => {
  expect(stepsOf([event("2", "batch.report_generated"), event("1", "batch.report_generated")])).toHaveLength(2);
});

test("only texts and numbers are shown of the data", () => {
  const one = event("1", "x", { code: "A", count: 3, list: [1] });
  expect([dataOf(one, "code"), dataOf(one, "count"), dataOf(one, "list"), dataOf(one, "none")]).toEqual([
    "A",
    3,
    undefined,
    undefined,
  ]);
});
