import { afterEach, expect, test, vi } from "vitest";
import { isTried, outcomeOf } from "./outcome";

afterEach(() => {
  vi.useRealTimers(); // other files run in the same place
});

test.each([
  ["pending", 3, false],
  ["pending", 4, true],
  ["failed", 4, true],
  ["success", 4, true],
] as const)("%s after %i attempts is tried again: %s", (status, attempts, tried) =>
  expect(isTried({ status, attempts }, 3)).toBe(tried),
);

test("a delivery is asked for until it was tried", async () => {
  vi.useFakeTimers();
  const answers = [1, 1, 2].map((attempts) => ({ status: "pending" as const, attempts }));
  const found = outcomeOf(async () => answers.shift() ?? { status: "failed", attempts: 9 }, 1);
  await vi.runAllTimersAsync();
  expect(await found).toEqual({ status: "pending", attempts: 2 });
});
